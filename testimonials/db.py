"""The database: one engine, explicit transactions, and acts that wait for the commit.

SQLite runs in WAL mode with foreign keys on. Transactions that write begin IMMEDIATE, because a read transaction that
turns into a write fails at once with "database is locked" instead of waiting its turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

BUSY_TIMEOUT_MS = 15_000
# Any number will do, as long as nobody else in the same database uses it.
_ADVISORY_LOCK = 7_426_001


class Database:
    """Hands out sessions. One instance a process; safe between threads, not across a fork."""

    def __init__(self, url: str) -> None:
        self.engine = _sqlite_engine(url) if url.startswith("sqlite") else _server_engine(url)
        # SQLite's transactions are snapshots anyway.
        snapshot: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._reading = self.engine if url.startswith("sqlite") else self.engine.execution_options(**snapshot)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for reading. Nothing is written; objects stay usable after it is closed.

        All its queries see one moment: a testimonial is never shown with the files of before and the jobs of after.
        """
        with Session(self._reading, expire_on_commit=False, autoflush=False) as session:
            yield session

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A session that commits at the end of the block and rolls back on any error.

        What was given to `after_commit` runs once the commit has gone through, outside the transaction.
        """
        engine = self.engine.execution_options(writes=True)
        with Transaction(engine, expire_on_commit=False) as session, session.begin():
            yield session
        for act in session.acts:
            act()

    @contextmanager
    def exclusive(self) -> Iterator[Transaction]:
        """A transaction that no other process has at the same time. For set-up, never for requests."""
        with self.transaction() as transaction:
            lock(transaction)
            yield transaction

    def ping(self) -> None:
        """Raise where the database does not answer."""
        with self.engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        self.engine.dispose()


def dialect_of(session: Session) -> str:
    """`postgresql` or `sqlite`."""
    return session.get_bind().dialect.name


def lock(session: Session) -> None:
    """One at a time until the end of the transaction. On SQLite, BEGIN IMMEDIATE has done it already."""
    if dialect_of(session) == "postgresql":
        session.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))


def insert_into(session: Session, table: Any) -> Any:
    """An INSERT that can say `on_conflict_…`, which each of our databases spells in a class of its own."""
    insert = postgresql_insert if dialect_of(session) == "postgresql" else sqlite_insert
    return insert(table)


class Transaction(Session):
    """A session with a list of acts that happen after its commit, and never if it rolls back."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.acts: list[Callable[[], object]] = []

    def after_commit(self, act: Callable[[], object]) -> None:
        self.acts.append(act)


def _server_engine(url: str) -> Engine:
    return create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=60, connect_args={"connect_timeout": 5})


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # The driver's own transaction handling would begin too late for IMMEDIATE; we say BEGIN ourselves.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_TIMEOUT_MS}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
