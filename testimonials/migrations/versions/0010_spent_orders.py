"""Orders of invited customers who have erased everything: a keyed hash, so that they are not invited again."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("invitations", sa.Column("spent_reference", sa.String(64), nullable=False, server_default=""))
    op.create_index("ix_invitations_order", "invitations", ["campaign_id", "order_reference"])
    op.create_index("ix_invitations_spent", "invitations", ["campaign_id", "spent_reference"])


def downgrade() -> None:
    op.drop_index("ix_invitations_spent", table_name="invitations")
    op.drop_index("ix_invitations_order", table_name="invitations")
    op.drop_column("invitations", "spent_reference")
