"""What all tables share: ids that sort by birth, and reads that see one moment."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError

from testimonials.db import Database
from testimonials.migrations import upgrade
from testimonials.models import DailySalt
from testimonials.models.base import new_id


def test_ids_are_uuids_that_stay_in_order() -> None:
    before = time.time_ns() // 1_000_000
    ids = [new_id() for _ in range(500)]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)
    for each in map(uuid.UUID, ids):
        assert (each.version, each.variant) == (7, uuid.RFC_4122)
        assert before <= each.int >> 80 <= time.time_ns() // 1_000_000


@pytest.fixture
def db(both: str) -> Iterator[Database]:
    opened = Database(both)
    upgrade(opened)
    yield opened
    opened.close()


def test_a_read_sees_one_moment(db: Database) -> None:
    """What is committed by others between its two queries is not in the second one either."""
    with db.read() as session:
        assert session.scalars(select(DailySalt)).all() == []
        with db.transaction() as transaction:
            transaction.add(DailySalt(day=date(2026, 1, 1), salt="x"))
        assert session.scalars(select(DailySalt)).all() == []
    with db.read() as session:
        assert len(session.scalars(select(DailySalt)).all()) == 1


def test_a_read_writes_nothing_on_a_server(db: Database) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no transactions that only read")
    with db.read() as session, pytest.raises(DBAPIError, match="read-only"):
        session.execute(insert(DailySalt).values(day=date(2026, 1, 1), salt="x"))
    with db.transaction() as transaction:
        transaction.add(DailySalt(day=date(2026, 1, 1), salt="x"))
