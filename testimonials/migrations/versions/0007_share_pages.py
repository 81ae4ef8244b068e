"""What a share page shows besides its video: the next testimonials of the same campaign."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_testimonials_shown", "testimonials", ["campaign_id", "review", "media", "id"])


def downgrade() -> None:
    op.drop_index("ix_testimonials_shown", table_name="testimonials")
