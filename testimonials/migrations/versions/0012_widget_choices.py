"""Widgets: order, filters, pins and a call to action; the hosts whose pages report them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
LISTS = ("tags", "languages", "pins")


def upgrade() -> None:
    op.add_column("widgets", sa.Column("sort", sa.String(16), nullable=False, server_default="featured"))
    op.add_column("widgets", sa.Column("min_rating", sa.SmallInteger()))
    for name in LISTS:
        op.add_column("widgets", sa.Column(name, JSON, nullable=False, server_default="[]"))
    op.add_column("widgets", sa.Column("call", JSON, nullable=False, server_default="{}"))
    op.create_table(
        "widget_places",
        sa.Column("widget_id", sa.String(32), nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["widget_id"], ["widgets.id"], name=op.f("fk_widget_places_widget_id_widgets"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("widget_id", "host", name=op.f("pk_widget_places")),
    )
    op.create_index("ix_widget_places_last", "widget_places", ["last_at"])


def downgrade() -> None:
    op.drop_table("widget_places")
    for name in ("call", *LISTS, "min_rating", "sort"):
        op.drop_column("widgets", name)
