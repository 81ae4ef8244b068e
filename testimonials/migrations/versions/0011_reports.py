"""Reports: steps of the collect page by the hour, sums by the day, and when testimonials came and were decided on."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_collect_hours_hour", "collect_hours", ["hour"]),
    ("ix_event_days_workspace", "event_days", ["workspace_id", "day"]),
    ("ix_campaign_days_workspace", "campaign_days", ["workspace_id", "day"]),
    ("ix_event_hours_hour", "event_hours", ["hour"]),
    ("ix_testimonials_submitted", "testimonials", ["submitted_at"]),
    ("ix_testimonials_reviewed", "testimonials", ["reviewed_at"]),
)


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete="CASCADE")


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False)


def _count() -> sa.Column[int]:
    return sa.Column("count", sa.BigInteger(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "collect_hours",
        _text("campaign_id", 32),
        _text("step", 16),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        _count(),
        _reference("collect_hours", "campaign_id", "campaigns"),
        sa.PrimaryKeyConstraint("campaign_id", "step", "hour", name=op.f("pk_collect_hours")),
    )
    op.create_table(
        "event_days",
        _text("testimonial_id", 32),
        _text("type", 16),
        sa.Column("day", sa.Date(), nullable=False),
        _text("widget_id", 32),
        _text("campaign_id", 32),
        _text("workspace_id", 32),
        _count(),
        _reference("event_days", "testimonial_id", "testimonials"),
        _reference("event_days", "campaign_id", "campaigns"),
        _reference("event_days", "workspace_id", "workspaces"),
        sa.PrimaryKeyConstraint("testimonial_id", "type", "day", "widget_id", name=op.f("pk_event_days")),
    )
    op.create_table(
        "campaign_days",
        _text("campaign_id", 32),
        _text("what", 16),
        sa.Column("day", sa.Date(), nullable=False),
        _text("workspace_id", 32),
        _count(),
        _reference("campaign_days", "campaign_id", "campaigns"),
        _reference("campaign_days", "workspace_id", "workspaces"),
        sa.PrimaryKeyConstraint("campaign_id", "what", "day", name=op.f("pk_campaign_days")),
    )
    op.create_table(
        "counted_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_counted_days")),
    )
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)


def downgrade() -> None:
    for name, table, _ in reversed(INDEXES):
        op.drop_index(name, table_name=table)
    for table in ("counted_days", "campaign_days", "event_days", "collect_hours"):
        op.drop_table(table)
