"""Feeds of widgets in storage, for a CDN to serve: how far each workspace is written, and what is to be purged."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TIME = sa.DateTime(timezone=True)
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "publications",
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("published", sa.BigInteger(), nullable=False),
        sa.Column("started_at", TIME),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_publications_workspace_id_workspaces"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("pk_publications")),
    )
    op.create_table(
        "published_feeds",
        sa.Column("widget_token", sa.String(43), nullable=False),
        sa.Column("file", sa.String(80), nullable=False),
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("testimonials", JSON, nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("widget_token", "file", name=op.f("pk_published_feeds")),
    )
    op.create_index("ix_published_feeds_workspace", "published_feeds", ["workspace_id"])
    op.create_table(
        "purges",
        sa.Column("id", BIG, nullable=False),
        sa.Column("addresses", JSON, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("run_after", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purges")),
    )
    op.create_index("ix_purges_due", "purges", ["run_after"])
    # Every workspace that shows something is due to be written, should a place for it be set.
    op.execute(
        "INSERT INTO publications (workspace_id, revision, published) SELECT DISTINCT workspace_id, 1, 0 FROM widgets"
    )


def downgrade() -> None:
    for table in ("purges", "published_feeds", "publications"):
        op.drop_table(table)
