"""Schema changes, by Alembic. `upgrade` is safe to run from several processes at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from testimonials.db import Database


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
    return current != head()


def head() -> str:
    """The newest revision."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def _run(db: Database, act: Callable[[Config], None]) -> None:
    with db.exclusive() as transaction:
        act(_config(transaction.connection()))


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
