"""Schema changes, by Alembic. `upgrade` is safe to run from several processes at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from testimonials.db import Database

# Any number will do, as long as nobody else in the same database uses it.
_ADVISORY_LOCK = 7_426_001


def upgrade(db: Database, revision: str = "head") -> None:
    """Bring the schema to `revision`."""
    _run(db, lambda config: command.upgrade(config, revision))


def downgrade(db: Database, revision: str) -> None:
    """Take the schema back to `revision` (`base` empties the database)."""
    _run(db, lambda config: command.downgrade(config, revision))


def pending(db: Database) -> bool:
    """Whether the schema is not at the newest revision."""
    with db.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return current != ScriptDirectory.from_config(_config()).get_current_head()


def _run(db: Database, act: Callable[[Config], None]) -> None:
    # On SQLite this begins IMMEDIATE, which is its lock; PostgreSQL has advisory ones.
    with db.engine.execution_options(writes=True).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
        act(_config(connection))


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
