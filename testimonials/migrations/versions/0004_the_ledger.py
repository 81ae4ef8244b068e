"""The share ledger: who shares, whom it brings, what they do, what comes of it; counts by the hour, salts by the day.

Events that were there before the counts by the hour are counted here, once.
"""

import secrets
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TIME = sa.DateTime(timezone=True)
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COLUMNS: tuple[tuple[str, sa.Column[Any]], ...] = (
    ("campaigns", sa.Column("action_label", sa.String(60), nullable=False, server_default="")),
    ("campaigns", sa.Column("action_url", sa.String(2000), nullable=False, server_default="")),
    ("campaigns", sa.Column("share_texts", JSON, nullable=False, server_default="{}")),
    ("shares", sa.Column("sharer", sa.String(12), nullable=False, server_default="visitor")),
    ("shares", sa.Column("sharer_hash", sa.String(64), nullable=False, server_default="")),
    ("shares", sa.Column("visits", sa.Integer(), nullable=False, server_default="0")),
    ("shares", sa.Column("plays", sa.Integer(), nullable=False, server_default="0")),
    ("shares", sa.Column("clicks", sa.Integer(), nullable=False, server_default="0")),
    ("workspaces", sa.Column("conversion_token", sa.String(43), nullable=False, server_default="")),
    ("workspaces", sa.Column("attribution_days", sa.Integer(), nullable=False, server_default="30")),
)


def _reference(table: str, column: str, target: str, **more: Any) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, **{"ondelete": "CASCADE", **more})


def upgrade() -> None:
    for table, column in COLUMNS:
        op.add_column(table, column._copy())
    op.create_index(op.f("ix_shares_parent_id"), "shares", ["parent_id"])
    op.create_table(
        "visits",
        sa.Column("id", BIG, nullable=False),
        sa.Column("testimonial_id", sa.String(32), nullable=False),
        sa.Column("share_id", sa.String(32)),
        sa.Column("nonce", sa.String(64), nullable=False),
        sa.Column("visitor", sa.String(64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("played", sa.Boolean(), nullable=False),
        sa.Column("clicked", sa.Boolean(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        _reference("visits", "testimonial_id", "testimonials"),
        _reference("visits", "share_id", "shares", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
        sa.UniqueConstraint("nonce", name=op.f("uq_visits_nonce")),
    )
    op.create_index("ix_visits_once", "visits", ["testimonial_id", "visitor", "day", "share_id"], unique=True)
    op.create_index("ix_visits_share", "visits", ["share_id", "day"])
    op.create_table(
        "conversions",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("body_hash", sa.String(64), nullable=False),
        sa.Column("source", sa.String(12), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("first_share_id", sa.String(32)),
        sa.Column("last_share_id", sa.String(32)),
        sa.Column("value_cents", sa.BigInteger()),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("order_reference", sa.String(120), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        _reference("conversions", "workspace_id", "workspaces"),
        _reference("conversions", "first_share_id", "shares", ondelete="SET NULL"),
        _reference("conversions", "last_share_id", "shares", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversions")),
        sa.UniqueConstraint("workspace_id", "key", name=op.f("uq_conversions_workspace_id")),
    )
    op.create_index(op.f("ix_conversions_first_share_id"), "conversions", ["first_share_id"])
    op.create_index(op.f("ix_conversions_last_share_id"), "conversions", ["last_share_id"])
    op.create_table(
        "event_hours",
        sa.Column("testimonial_id", sa.String(32), nullable=False),
        sa.Column("widget_id", sa.String(32), nullable=False),
        sa.Column("type", sa.String(16), nullable=False),
        sa.Column("hour", TIME, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        _reference("event_hours", "testimonial_id", "testimonials"),
        sa.PrimaryKeyConstraint("testimonial_id", "type", "hour", "widget_id", name=op.f("pk_event_hours")),
    )
    op.create_table(
        "daily_salts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("salt", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_daily_salts")),
    )
    op.create_table(
        "reward_rules",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("campaign_id", sa.String(32), nullable=False),
        sa.Column("cause", sa.String(16), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("each_at_most", sa.Integer(), nullable=False),
        sa.Column("all_at_most", sa.Integer(), nullable=False),
        sa.Column("promise", sa.String(300), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        _reference("reward_rules", "campaign_id", "campaigns"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reward_rules")),
        sa.UniqueConstraint("campaign_id", "cause", name=op.f("uq_reward_rules_campaign_id")),
    )
    op.create_table(
        "rewards",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("rule_id", sa.String(32), nullable=False),
        sa.Column("testimonial_id", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("doubts", JSON, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("decided_at", TIME),
        _reference("rewards", "workspace_id", "workspaces"),
        _reference("rewards", "rule_id", "reward_rules"),
        _reference("rewards", "testimonial_id", "testimonials"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rewards")),
        sa.UniqueConstraint("rule_id", "testimonial_id", "number", name=op.f("uq_rewards_rule_id")),
    )
    op.create_index("ix_rewards_queue", "rewards", ["workspace_id", "state", "id"])
    op.create_index(op.f("ix_rewards_testimonial_id"), "rewards", ["testimonial_id"])
    op.create_table(
        "coupons",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("rule_id", sa.String(32), nullable=False),
        sa.Column("code", sa.String(80), nullable=False),
        sa.Column("reward_id", sa.String(32)),
        sa.Column("given_at", TIME),
        _reference("coupons", "rule_id", "reward_rules"),
        _reference("coupons", "reward_id", "rewards", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupons")),
        sa.UniqueConstraint("rule_id", "code", name=op.f("uq_coupons_rule_id")),
        sa.UniqueConstraint("reward_id", name=op.f("uq_coupons_reward_id")),
    )
    op.create_index("ix_events_age", "events", ["created_at"])
    _count_by_the_hour()
    workspaces = sa.table("workspaces", sa.column("id"), sa.column("conversion_token"))
    for row in op.get_bind().execute(sa.select(workspaces.c.id)).all():
        values = {"conversion_token": secrets.token_urlsafe(24)}
        op.get_bind().execute(workspaces.update().where(workspaces.c.id == row.id).values(**values))


def _count_by_the_hour() -> None:
    hour = "date_trunc('hour', created_at)" if op.get_bind().dialect.name == "postgresql" else (
        "strftime('%Y-%m-%d %H:00:00.000000', created_at)"
    )
    named = "CASE WHEN type = 'quartile' THEN 'quartile' || coalesce(value, 0) ELSE type END"
    op.execute(
        "INSERT INTO event_hours (testimonial_id, widget_id, type, hour, count) "
        f"SELECT testimonial_id, coalesce(widget_id, ''), {named}, {hour}, count(*) FROM events "
        f"GROUP BY testimonial_id, coalesce(widget_id, ''), {named}, {hour}"
    )


def downgrade() -> None:
    op.drop_index("ix_events_age", "events")
    for table in ("coupons", "rewards", "reward_rules", "daily_salts", "event_hours", "conversions", "visits"):
        op.drop_table(table)
    op.drop_index(op.f("ix_shares_parent_id"), "shares")
    for table, column in reversed(COLUMNS):
        op.drop_column(table, column.name)
