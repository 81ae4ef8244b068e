"""Collecting: ways besides video, invitations, mail, consent texts in versions and languages, going on at another device.

What a campaign asked its customers to agree to becomes version 1 of its texts; where it was ours, it stays ours.
"""

import hashlib
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TIME = sa.DateTime(timezone=True)
BUILT_IN = (
    "I agree that my video, my name and what I say may be shown where I have allowed it."
    " I can take this back at any time."
)
COLUMNS: tuple[tuple[str, sa.Column[Any]], ...] = (
    ("campaigns", sa.Column("language", sa.String(16), nullable=False, server_default="en")),
    ("campaigns", sa.Column("translations", JSON, nullable=False, server_default="{}")),
    ("campaigns", sa.Column("ways", JSON, nullable=False, server_default='["record", "upload", "audio", "photo", "text"]')),
    ("campaigns", sa.Column("one_by_one", sa.Boolean(), nullable=False, server_default=sa.false())),
    ("campaigns", sa.Column("incentive", sa.String(300), nullable=False, server_default="")),
    ("campaigns", sa.Column("asks_guardian", sa.Boolean(), nullable=False, server_default=sa.false())),
    ("campaigns", sa.Column("logo_key", sa.String(200), nullable=False, server_default="")),
    ("consents", sa.Column("version", sa.Integer(), nullable=False, server_default="1")),
    ("consents", sa.Column("language", sa.String(16), nullable=False, server_default="en")),
    ("consents", sa.Column("incentive", sa.String(300), nullable=False, server_default="")),
    ("consents", sa.Column("guardian", sa.String(120), nullable=False, server_default="")),
    ("testimonials", sa.Column("kind", sa.String(8), nullable=False, server_default="video")),
    ("testimonials", sa.Column("verified", sa.String(20), nullable=False, server_default="")),
    ("testimonials", sa.Column("poster_seconds", sa.Double())),
    ("testimonials", sa.Column("terms", JSON, nullable=False, server_default="{}")),
    ("uploads", sa.Column("network_hash", sa.String(64), nullable=False, server_default="")),
)


def _reference(table: str, column: str, target: str, **more: Any) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, **{"ondelete": "CASCADE", **more})


def upgrade() -> None:
    for table, column in COLUMNS:
        op.add_column(table, column._copy())
    op.create_index("ix_uploads_network", "uploads", ["network_hash", "finalized_at"])
    op.create_table(
        "consent_texts",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("campaign_id", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.String(64), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        _reference("consent_texts", "campaign_id", "campaigns"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_texts")),
        sa.UniqueConstraint("campaign_id", "version", "language", name=op.f("uq_consent_texts_campaign_id")),
    )
    op.create_table(
        "invitations",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("token", sa.String(43), nullable=False),
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("campaign_id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("order_reference", sa.String(120), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("opened_at", TIME),
        sa.Column("used_at", TIME),
        sa.Column("mails_sent", sa.Integer(), nullable=False),
        sa.Column("next_mail_at", TIME),
        sa.Column("testimonial_id", sa.String(32)),
        _reference("invitations", "workspace_id", "workspaces"),
        _reference("invitations", "campaign_id", "campaigns"),
        _reference("invitations", "testimonial_id", "testimonials", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("token", name=op.f("uq_invitations_token")),
    )
    op.create_index("ix_invitations_campaign", "invitations", ["campaign_id", "id"])
    op.create_index("ix_invitations_due", "invitations", ["next_mail_at"])
    op.create_index(op.f("ix_invitations_testimonial_id"), "invitations", ["testimonial_id"])
    op.create_table(
        "unsubscribes",
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("address_hash", sa.String(64), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        _reference("unsubscribes", "workspace_id", "workspaces"),
        sa.PrimaryKeyConstraint("workspace_id", "address_hash", name=op.f("pk_unsubscribes")),
    )
    op.create_table(
        "mails",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("testimonial_id", sa.String(32)),
        sa.Column("invitation_id", sa.String(32)),
        sa.Column("recipient", sa.String(254), nullable=False),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("headers", JSON, nullable=False),
        sa.Column("attachment", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("run_after", TIME, nullable=False),
        sa.Column("lease_until", TIME),
        sa.Column("detail", sa.String(300), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("sent_at", TIME),
        _reference("mails", "workspace_id", "workspaces"),
        _reference("mails", "testimonial_id", "testimonials"),
        _reference("mails", "invitation_id", "invitations"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
    )
    op.create_index("ix_mails_due", "mails", ["state", "run_after"])
    op.create_index("ix_mails_recipient", "mails", ["recipient", "created_at"])
    op.create_index(op.f("ix_mails_testimonial_id"), "mails", ["testimonial_id"])
    op.create_index(op.f("ix_mails_invitation_id"), "mails", ["invitation_id"])
    op.create_table(
        "handoffs",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("watch_hash", sa.String(64), nullable=False),
        sa.Column("campaign_id", sa.String(32), nullable=False),
        sa.Column("fields", JSON, nullable=False),
        sa.Column("invitation", sa.String(43), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("opened_at", TIME),
        sa.Column("testimonial_id", sa.String(32)),
        _reference("handoffs", "campaign_id", "campaigns"),
        _reference("handoffs", "testimonial_id", "testimonials"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_handoffs")),
        sa.UniqueConstraint("watch_hash", name=op.f("uq_handoffs_watch_hash")),
    )
    op.create_index(op.f("ix_handoffs_testimonial_id"), "handoffs", ["testimonial_id"])
    _move_texts()
    op.drop_column("campaigns", "consent_text")


def _move_texts() -> None:
    connection = op.get_bind()
    texts = sa.table("consent_texts", *map(sa.column, ("id", "campaign_id", "version", "language", "text", "text_hash", "created_at")))
    campaigns = sa.table("campaigns", sa.column("id"), sa.column("consent_text"), sa.column("created_at", TIME))
    for row in connection.execute(sa.select(campaigns)).all():
        if row.consent_text != BUILT_IN:
            digest = hashlib.sha256(row.consent_text.encode()).hexdigest()
            values = {"id": row.id, "campaign_id": row.id, "version": 1, "language": "en", "created_at": row.created_at}
            connection.execute(texts.insert().values(**values, text=row.consent_text, text_hash=digest))


def downgrade() -> None:
    op.add_column("campaigns", sa.Column("consent_text", sa.Text(), nullable=False, server_default=BUILT_IN))
    for table in ("handoffs", "mails", "unsubscribes", "invitations", "consent_texts"):
        op.drop_table(table)
    op.drop_index("ix_uploads_network", "uploads")
    for table, column in reversed(COLUMNS):
        op.drop_column(table, column.name)
