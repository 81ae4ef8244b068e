"""The full pipeline: captions, more kinds of files, priorities and timings of jobs, lanes of workers.

Columns are added and dropped one by one, never in a batch: a batch makes a new table and drops the old one, and on SQLite
that would delete every row that hangs on it.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
COLUMNS: tuple[tuple[str, sa.Column[Any]], ...] = (
    ("assets", sa.Column("label", sa.String(20), nullable=False, server_default="")),
    ("campaigns", sa.Column("max_frame_rate", sa.Integer(), nullable=False, server_default="30")),
    ("campaigns", sa.Column("reduce_noise", sa.Boolean(), nullable=False, server_default=sa.false())),
    ("jobs", sa.Column("arguments", JSON, nullable=False, server_default="{}")),
    # What is queued while this runs is of the shape that this version knows.
    ("jobs", sa.Column("format", sa.Integer(), nullable=False, server_default="2")),
    ("jobs", sa.Column("priority", sa.Integer(), nullable=False, server_default="0")),
    ("jobs", sa.Column("timings", JSON, nullable=False, server_default="{}")),
    ("testimonials", sa.Column("trim_start_seconds", sa.Double())),
    ("testimonials", sa.Column("trim_end_seconds", sa.Double())),
    ("testimonials", sa.Column("focus_x", sa.Double())),
    ("testimonials", sa.Column("focus_y", sa.Double())),
    ("testimonials", sa.Column("storyboard", JSON)),
    ("testimonials", sa.Column("notices", JSON, nullable=False, server_default="[]")),
    ("uploads", sa.Column("position", sa.Integer(), nullable=False, server_default="0")),
    ("worker_heartbeats", sa.Column("lane", sa.String(20), nullable=False, server_default="media")),
    ("worker_heartbeats", sa.Column("slots", sa.Integer(), nullable=False, server_default="1")),
)


def upgrade() -> None:
    op.create_table(
        "captions",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("testimonial_id", sa.String(32), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("cues", JSON, nullable=False),
        sa.Column("engine", sa.String(40), nullable=False),
        sa.Column("confidence", sa.Double()),
        sa.Column("edited_at", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["testimonial_id"],
            ["testimonials.id"],
            name=op.f("fk_captions_testimonial_id_testimonials"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_captions")),
        sa.UniqueConstraint("testimonial_id", "language", name=op.f("uq_captions_testimonial_id")),
    )
    for table, column in COLUMNS:
        op.add_column(table, column._copy())
    op.create_index("ix_jobs_turn", "jobs", ["state", "priority", "id"])


def downgrade() -> None:
    op.drop_index("ix_jobs_turn", "jobs")
    for table, column in reversed(COLUMNS):
        op.drop_column(table, column.name)
    op.drop_table("captions")
