"""The first start, also when several processes have the same idea."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from testimonials.db import Database
from testimonials.models import Member, Workspace
from testimonials.runtime import Runtime
from testimonials.settings import Settings
from testimonials.storage.memory import MemoryStorage
from testimonials.upkeep.setup import prepare, way_in


@pytest.fixture
def fresh(both: str, settings: Settings) -> Iterator[Runtime]:
    db = Database(both)
    yield Runtime(replace(settings, database_url=both), db, MemoryStorage(), lambda *_: True)
    db.close()


def test_processes_that_start_together_make_one_workspace(fresh: Runtime) -> None:
    with ThreadPoolExecutor(6) as pool:
        owners = set(pool.map(lambda _: prepare(fresh), range(6)))
    assert len(owners) == 1
    with fresh.db.read() as session:
        assert session.scalar(select(func.count()).select_from(Workspace)) == 1
        assert session.scalar(select(func.count()).select_from(Member)) == 1


def test_logs_hold_a_link_only_while_there_is_no_other_way_in(runtime: Runtime) -> None:
    from testimonials.services import accounts

    owner = prepare(runtime)
    assert "/sign-in/" in way_in(runtime, owner)
    accounts.set_password(runtime, owner, "a long enough password")
    assert way_in(runtime, owner).endswith("/console/")
