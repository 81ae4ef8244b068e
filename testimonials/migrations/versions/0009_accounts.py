"""Members of several workspaces, invitations to them, and more ways to sign in.

A member becomes a person, and what they may do in a workspace a membership of its own. Nobody is signed out, and every
password, link and API token goes on working. The addresses of those who are here count as theirs: until now only whoever
runs the server could add one.
"""

import uuid
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
COLUMNS: tuple[tuple[str, sa.Column[Any]], ...] = (
    ("members", sa.Column("verified_at", TIME)),
    ("members", sa.Column("totp_secret", sa.String(200), nullable=False, server_default="")),
    ("members", sa.Column("totp_step", sa.BigInteger(), nullable=False, server_default="0")),
    ("sign_ins", sa.Column("workspace_id", sa.String(32))),
    ("sign_ins", sa.Column("way", sa.String(16), nullable=False, server_default="link")),
    ("sign_ins", sa.Column("agent", sa.String(200), nullable=False, server_default="")),
    ("sign_ins", sa.Column("network", sa.String(60), nullable=False, server_default="")),
    ("sign_ins", sa.Column("waits_for_code", sa.Boolean(), nullable=False, server_default=sa.false())),
    ("sign_ins", sa.Column("seen_at", TIME)),
    ("sign_ins", sa.Column("proved_at", TIME)),
    ("login_links", sa.Column("way", sa.String(16), nullable=False, server_default="operator")),
    ("api_tokens", sa.Column("role", sa.String(16), nullable=False, server_default="owner")),
    ("api_tokens", sa.Column("made_by", sa.String(120), nullable=False, server_default="")),
    ("api_tokens", sa.Column("used_at", TIME)),
)
TABLES = ("spent_proofs", "identities", "passkeys", "recovery_codes", "member_invitations", "memberships")


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete="CASCADE")


def _id(name: str = "id", *, length: int = 32) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length), nullable=False)


def upgrade() -> None:
    for table, column in COLUMNS:
        op.add_column(table, column._copy())
    op.create_table(
        "memberships",
        _id(),
        _id("member_id"),
        _id("workspace_id"),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        _reference("memberships", "member_id", "members"),
        _reference("memberships", "workspace_id", "workspaces"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memberships")),
        sa.UniqueConstraint("member_id", "workspace_id", name=op.f("uq_memberships_member_id")),
    )
    op.create_index(op.f("ix_memberships_workspace_id"), "memberships", ["workspace_id"])
    op.create_table(
        "member_invitations",
        _id(),
        _id("workspace_id"),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("mailed", sa.Boolean(), nullable=False),
        sa.Column("invited_by", sa.String(120), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        _reference("member_invitations", "workspace_id", "workspaces"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_invitations")),
        sa.UniqueConstraint("workspace_id", "email", name=op.f("uq_member_invitations_workspace_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_member_invitations_token_hash")),
    )
    op.create_index(op.f("ix_member_invitations_email"), "member_invitations", ["email"])
    op.create_table(
        "recovery_codes",
        _id("member_id"),
        _id("code_hash", length=64),
        _reference("recovery_codes", "member_id", "members"),
        sa.PrimaryKeyConstraint("member_id", "code_hash", name=op.f("pk_recovery_codes")),
    )
    op.create_table(
        "passkeys",
        _id(),
        _id("member_id"),
        sa.Column("credential_id", sa.String(1400), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("used_at", TIME),
        _reference("passkeys", "member_id", "members"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkeys_credential_id")),
    )
    op.create_index(op.f("ix_passkeys_member_id"), "passkeys", ["member_id"])
    op.create_table(
        "identities",
        _id(),
        _id("member_id"),
        sa.Column("issuer", sa.String(300), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        _reference("identities", "member_id", "members"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identities")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_identities_issuer")),
    )
    op.create_index(op.f("ix_identities_member_id"), "identities", ["member_id"])
    op.create_table(
        "spent_proofs",
        _id("proof_hash", length=64),
        sa.Column("expires_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("proof_hash", name=op.f("pk_spent_proofs")),
    )
    _move_roles()
    op.execute("UPDATE members SET verified_at = created_at")
    op.execute("UPDATE sign_ins SET seen_at = CURRENT_TIMESTAMP")
    op.drop_column("members", "role")


def _move_roles() -> None:
    members = sa.table("members", *(sa.column(name) for name in ("id", "workspace_id", "role")), sa.column("created_at", TIME))
    names = ("id", "member_id", "workspace_id", "role")
    memberships = sa.table("memberships", *(sa.column(name) for name in names), sa.column("created_at", TIME))
    rows = [
        dict(zip((*names, "created_at"), (uuid.uuid4().hex, *row), strict=True))
        for row in op.get_bind().execute(sa.select(members)).all()
    ]
    if rows:
        op.bulk_insert(memberships, rows)


def downgrade() -> None:
    # What was less than a sign-in or less than every right would become all of it below: it ends instead.
    op.execute("DELETE FROM sign_ins WHERE waits_for_code")
    op.execute("DELETE FROM api_tokens WHERE role <> 'owner'")
    op.add_column("members", sa.Column("role", sa.String(16), nullable=False, server_default="viewer"))
    op.execute(
        "UPDATE members SET role = coalesce((SELECT m.role FROM memberships m WHERE m.member_id = members.id"
        " AND m.workspace_id = members.workspace_id), 'viewer')"
    )
    for table in TABLES:
        op.drop_table(table)
    for table, column in reversed(COLUMNS):
        op.drop_column(table, column.name)
