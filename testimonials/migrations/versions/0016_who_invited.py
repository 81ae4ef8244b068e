"""Who invited somebody into a workspace, so that the invitation ends with the right to invite."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("member_invitations", sa.Column("invited_by_id", sa.String(32), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("member_invitations", "invited_by_id")
