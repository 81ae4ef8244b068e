"""Editing: where the business cut a clip, captions that can be undone, and how a workspace spells names."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
CUTS = ("cut_start_seconds", "cut_end_seconds", "whole_seconds")


def upgrade() -> None:
    for name in CUTS:
        op.add_column("testimonials", sa.Column(name, sa.Double()))
    op.add_column("captions", sa.Column("outside", JSON, nullable=False, server_default="[]"))
    op.add_column("text_edits", sa.Column("cues_before", JSON))
    op.add_column("text_edits", sa.Column("undoes_id", sa.String(32)))
    op.create_table(
        "glossary_terms",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("term", sa.String(80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_glossary_terms_workspace_id_workspaces"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_glossary_terms")),
        sa.UniqueConstraint("workspace_id", "term", name=op.f("uq_glossary_terms_workspace_id")),
    )


def downgrade() -> None:
    op.drop_table("glossary_terms")
    op.drop_column("text_edits", "undoes_id")
    op.drop_column("text_edits", "cues_before")
    op.drop_column("captions", "outside")
    for name in reversed(CUTS):
        op.drop_column("testimonials", name)
