"""Experiments: who saw which arm, and what came of it. Shares by the day, for reports."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
INDEXES = (
    ("ix_visits_day", "visits", ["day"]),
    ("ix_conversions_when", "conversions", ["workspace_id", "created_at"]),
    ("ix_event_hours_widget", "event_hours", ["widget_id", "hour"]),
    ("ix_shares_when", "shares", ["created_at"]),
)


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete="CASCADE")


def _numbers(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "experiments",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("widget_id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("layout_a", sa.String(16), nullable=False),
        sa.Column("layout_b", sa.String(16), nullable=False),
        sa.Column("expected_percent", sa.Float(), nullable=False),
        sa.Column("smallest_points", sa.Float(), nullable=False),
        sa.Column("planned_each", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("started_at", TIME),
        sa.Column("ended_at", TIME),
        sa.Column("created_at", TIME, nullable=False),
        _reference("experiments", "workspace_id", "workspaces"),
        _reference("experiments", "widget_id", "widgets"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experiments")),
    )
    op.create_index("ix_experiments_widget", "experiments", ["widget_id", "state"])
    op.create_index(op.f("ix_experiments_workspace_id"), "experiments", ["workspace_id"])
    op.create_table(
        "exposures",
        sa.Column("experiment_id", sa.String(32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("visitor", sa.String(64), nullable=False),
        sa.Column("arm", sa.String(1), nullable=False),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in ("converted", "played")),
        _reference("exposures", "experiment_id", "experiments"),
        sa.PrimaryKeyConstraint("experiment_id", "day", "visitor", name=op.f("pk_exposures")),
    )
    op.create_table(
        "experiment_days",
        sa.Column("experiment_id", sa.String(32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("arm", sa.String(1), nullable=False),
        *_numbers("visitors", "conversions", "plays", "shares"),
        _reference("experiment_days", "experiment_id", "experiments"),
        sa.PrimaryKeyConstraint("experiment_id", "day", "arm", name=op.f("pk_experiment_days")),
    )
    op.create_table(
        "share_days",
        sa.Column("testimonial_id", sa.String(32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("network", sa.String(16), nullable=False),
        sa.Column("place", sa.String(16), nullable=False),
        sa.Column("sharer", sa.String(12), nullable=False),
        sa.Column("workspace_id", sa.String(32), nullable=False),
        *_numbers("shares", "visits", "plays", "clicks"),
        _reference("share_days", "testimonial_id", "testimonials"),
        _reference("share_days", "workspace_id", "workspaces"),
        sa.PrimaryKeyConstraint("testimonial_id", "day", "network", "place", "sharer", name=op.f("pk_share_days")),
    )
    op.create_index("ix_share_days_workspace", "share_days", ["workspace_id", "day"])
    op.create_table(
        "rolled_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_rolled_days")),
    )
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)


def downgrade() -> None:
    for name, table, _ in INDEXES:
        op.drop_index(name, table)
    for table in ("rolled_days", "share_days", "experiment_days", "exposures", "experiments"):
        op.drop_table(table)
