"""Mail to members about what waits, mail to customers about what is shown; a campaign's sites, redirect and share prompt."""

import sqlalchemy as sa
from typing import Any

from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
UNANNOUNCED = sa.text("announced_at IS NULL AND review = 'approved'")
CAMPAIGN: tuple[sa.Column[Any], ...] = (
    sa.Column("asks_to_share", sa.Boolean(), nullable=False, server_default=sa.true()),
    sa.Column("redirect_url", sa.String(2000), nullable=False, server_default=""),
    sa.Column("sites", JSON, nullable=False, server_default="[]"),
)
MEMBERSHIP: tuple[sa.Column[Any], ...] = (
    sa.Column("waiting_mail", sa.String(8), nullable=False, server_default="daily"),
    sa.Column("next_mail_at", sa.DateTime(timezone=True)),
    sa.Column("told_until", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    for column in CAMPAIGN:
        op.add_column("campaigns", column._copy())
    for column in MEMBERSHIP:
        op.add_column("memberships", column._copy())
    op.execute("UPDATE memberships SET next_mail_at = CURRENT_TIMESTAMP, told_until = CURRENT_TIMESTAMP")
    op.create_index("ix_memberships_mail", "memberships", ["next_mail_at"])
    op.add_column("testimonials", sa.Column("announced_at", sa.DateTime(timezone=True)))
    op.create_index(
        "ix_testimonials_unannounced",
        "testimonials",
        ["reviewed_at"],
        postgresql_where=UNANNOUNCED,
        sqlite_where=UNANNOUNCED,
    )


def downgrade() -> None:
    op.drop_index("ix_testimonials_unannounced", table_name="testimonials")
    op.drop_column("testimonials", "announced_at")
    op.drop_index("ix_memberships_mail", table_name="memberships")
    for column in reversed(MEMBERSHIP):
        op.drop_column("memberships", column.name)
    for column in reversed(CAMPAIGN):
        op.drop_column("campaigns", column.name)
