"""Search, tags, notes, second opinions, edits of words, and acts that can be undone.

Testimonials that are there already get their tags moved here; `reconcile` fills the search's index, a batch at a time.
"""

import json
import uuid
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TIME = sa.DateTime(timezone=True)
COLUMNS: tuple[sa.Column[Any], ...] = (
    sa.Column("quote", sa.Text(), nullable=False, server_default=""),
    sa.Column("featured", sa.Boolean(), nullable=False, server_default=sa.false()),
    sa.Column("shortened", sa.Boolean(), nullable=False, server_default=sa.false()),
    sa.Column("assignee_id", sa.String(32)),
    sa.Column("approvals", JSON, nullable=False, server_default="[]"),
    sa.Column("indexed_as", sa.SmallInteger(), nullable=False, server_default="0"),
)
INDEXES: dict[str, list[str]] = {
    "ix_testimonials_review": ["workspace_id", "review", "id"],
    "ix_testimonials_kind": ["workspace_id", "kind", "id"],
    "ix_testimonials_rating": ["workspace_id", "rating", "id"],
    "ix_testimonials_language": ["workspace_id", "language", "id"],
    "ix_testimonials_media": ["workspace_id", "media", "id"],
    "ix_testimonials_assignee": ["assignee_id", "id"],
    "ix_testimonials_indexed": ["indexed_as", "id"],
    "ix_testimonials_featured": ["workspace_id", "featured", "id"],
}


def _id() -> sa.Column[Any]:
    return sa.Column("id", sa.String(32), nullable=False)


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete="CASCADE")


def _by() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("member_id", sa.String(32), nullable=False),
        sa.Column("member_name", sa.String(254), nullable=False),
    )


def upgrade() -> None:
    server = op.get_bind().dialect.name == "postgresql"
    for column in COLUMNS:
        op.add_column("testimonials", column._copy())
    for name, columns in INDEXES.items():
        op.create_index(name, "testimonials", columns)
    away = sa.text("archived_at IS NOT NULL")
    op.create_index(
        "ix_testimonials_archived", "testimonials", ["workspace_id", "id"], postgresql_where=away, sqlite_where=away
    )
    trouble = sa.text("media = 'failed' OR notices <> '[]'")
    op.create_index(
        "ix_testimonials_trouble",
        "testimonials",
        ["workspace_id", "id"],
        postgresql_where=trouble,
        sqlite_where=trouble,
    )
    op.create_table(
        "review_rules",
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("two_approvals", sa.Boolean(), nullable=False),
        _reference("review_rules", "workspace_id", "workspaces"),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("pk_review_rules")),
    )
    op.create_table(
        "review_acts",
        _id(),
        sa.Column("workspace_id", sa.String(32), nullable=False),
        *_by(),
        sa.Column("name", sa.String(16), nullable=False),
        sa.Column("changes", JSON, nullable=False),
        sa.Column("mails", JSON, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("undone_at", TIME),
        _reference("review_acts", "workspace_id", "workspaces"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_acts")),
    )
    op.create_index("ix_review_acts_mine", "review_acts", ["workspace_id", "member_id", "id"])
    op.create_table(
        "review_acts_on",
        sa.Column("testimonial_id", sa.String(32), nullable=False),
        sa.Column("act_id", sa.String(32), nullable=False),
        _reference("review_acts_on", "testimonial_id", "testimonials"),
        _reference("review_acts_on", "act_id", "review_acts"),
        sa.PrimaryKeyConstraint("testimonial_id", "act_id", name=op.f("pk_review_acts_on")),
    )
    op.create_table(
        "tags",
        _id(),
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        _reference("tags", "workspace_id", "workspaces"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tags")),
        sa.UniqueConstraint("workspace_id", "name", name=op.f("uq_tags_workspace_id")),
    )
    op.create_table(
        "taggings",
        sa.Column("tag_id", sa.String(32), nullable=False),
        sa.Column("testimonial_id", sa.String(32), nullable=False),
        _reference("taggings", "tag_id", "tags"),
        _reference("taggings", "testimonial_id", "testimonials"),
        sa.PrimaryKeyConstraint("tag_id", "testimonial_id", name=op.f("pk_taggings")),
    )
    op.create_index(op.f("ix_taggings_testimonial_id"), "taggings", ["testimonial_id"])
    _create_words(server)
    _move_tags()


def _create_words(server: bool) -> None:
    for table, columns in {
        "notes": [sa.Column("text", sa.Text(), nullable=False)],
        "text_edits": [
            sa.Column("field", sa.String(32), nullable=False),
            sa.Column("before", sa.Text(), nullable=False),
            sa.Column("after", sa.Text(), nullable=False),
        ],
    }.items():
        op.create_table(
            table,
            _id(),
            sa.Column("testimonial_id", sa.String(32), nullable=False),
            *_by(),
            *columns,
            sa.Column("created_at", TIME, nullable=False),
            _reference(table, "testimonial_id", "testimonials"),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        )
        op.create_index(f"ix_{table}_testimonial", table, ["testimonial_id", "id"])
    op.create_table(
        "search_documents",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("testimonial_id", sa.String(32), nullable=False),
        sa.Column("words", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False),
        _reference("search_documents", "testimonial_id", "testimonials"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_search_documents")),
        sa.UniqueConstraint("testimonial_id", name=op.f("uq_search_documents_testimonial_id")),
    )
    if server:
        op.create_index("ix_search_documents_words", "search_documents", ["words"], postgresql_using="gin")
    else:  # our tokens are letters and digits: this tokenizer takes them as they are
        op.execute(
            "CREATE VIRTUAL TABLE search_index USING fts5(words, content='search_documents', content_rowid='number',"
            " tokenize='ascii', detail='none', prefix='2 3')"
        )


def _move_tags() -> None:
    connection = op.get_bind()
    testimonials = sa.table("testimonials", *map(sa.column, ("id", "workspace_id")), sa.column("tags", JSON))
    tags = sa.table("tags", *map(sa.column, ("id", "workspace_id", "name")))
    taggings = sa.table("taggings", *map(sa.column, ("tag_id", "testimonial_id")))
    known: dict[tuple[str, str], str] = {}
    for row in connection.execute(sa.select(testimonials)).all():
        names = json.loads(row.tags) if isinstance(row.tags, str) else row.tags
        for name in dict.fromkeys(names or []):
            key = (row.workspace_id, name[:40])
            if key not in known:
                known[key] = uuid.uuid4().hex
                connection.execute(tags.insert().values(id=known[key], workspace_id=key[0], name=key[1]))
            connection.execute(taggings.insert().values(tag_id=known[key], testimonial_id=row.id))


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.drop_table("search_index")
    for table in (
        "search_documents", "text_edits", "notes", "taggings", "tags", "review_acts_on", "review_acts", "review_rules",
    ):  # fmt: skip
        op.drop_table(table)
    for name in ("ix_testimonials_trouble", "ix_testimonials_archived", *INDEXES):
        op.drop_index(name, "testimonials")
    for column in reversed(COLUMNS):
        op.drop_column("testimonials", column.name)
