"""The audit log: entries in a chain for each workspace, and its head. Neither can be changed or deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

REFUSALS = {
    "audit_entries_no_update": ("BEFORE UPDATE ON audit_entries", ""),
    "audit_entries_no_delete": ("BEFORE DELETE ON audit_entries", ""),
    "audit_heads_count_up": ("BEFORE UPDATE ON audit_heads", "NEW.number <> OLD.number + 1"),
    "audit_heads_no_delete": ("BEFORE DELETE ON audit_heads", ""),
}


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(60), nullable=False),
        sa.Column("act", sa.String(60), nullable=False),
        sa.Column("object", sa.String(120), nullable=False),
        sa.Column("detail", sa.String(200), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "number", name="pk_audit_entries"),
    )
    for name in ("who", "act", "object", "at"):
        op.create_index(f"ix_audit_entries_{name}", "audit_entries", ["workspace_id", name, "number"])
    op.create_table(
        "audit_heads",
        sa.Column("workspace_id", sa.String(32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", name="pk_audit_heads"),
    )
    # From here on a workspace without a head is one whose head was taken away.
    op.execute("INSERT INTO audit_heads (workspace_id, number, hash) SELECT id, 0, '' FROM workspaces")
    server = op.get_bind().dialect.name == "postgresql"
    if server:
        op.execute(
            "CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$"
        )
        for table in ("audit_entries", "audit_heads"):
            op.execute(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION audit_refuse()"
            )
    for name, (when, only) in REFUSALS.items():
        guard = f"WHEN ({only})" if only else ""
        act = "EXECUTE FUNCTION audit_refuse()" if server else "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
        op.execute(f"CREATE TRIGGER {name} {when} FOR EACH ROW {guard} {act}")


def downgrade() -> None:
    op.drop_table("audit_heads")
    op.drop_table("audit_entries")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_refuse()")
