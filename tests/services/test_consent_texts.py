"""Versions of consent texts, when several people add one at the same moment."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from testimonials import migrations
from testimonials.db import Database
from testimonials.errors import Conflict
from testimonials.models import ConsentText
from testimonials.runtime import Runtime
from testimonials.services import accounts, campaigns, consent_texts

TEXT = "I agree that my video may be shown where I have allowed it, says number {n}."
AT_ONCE = 8


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def house(request: pytest.FixtureRequest, runtime: Runtime) -> Iterator[Runtime]:
    if request.param == "sqlite":
        yield runtime
        return
    db = Database(request.getfixturevalue("postgres_server").new_database())
    migrations.upgrade(db)
    yield dataclasses.replace(runtime, db=db)
    db.close()


def test_versions_added_at_once_all_get_a_number_of_their_own(house: Runtime) -> None:
    workspace = accounts.create_workspace(house, name="Copper Spoke")
    campaigns.create(house, workspace, slug="spring", name="Spring")
    ready = Barrier(AT_ONCE)

    def add(number: int) -> int | str:
        ready.wait()
        try:
            texts = {"en": TEXT.format(n=number), "de": TEXT.format(n=-number)}
            return consent_texts.add_version(house, workspace, "spring", texts)
        except Conflict as error:
            return error.code

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(add, range(AT_ONCE)))
    assert sorted(map(str, answers)) == sorted(map(str, range(1, AT_ONCE + 1)))
    with house.db.read() as session:
        rows = list(session.scalars(select(ConsentText)))
    assert len({(row.version, row.language) for row in rows}) == len(rows) == 2 * AT_ONCE
    versions = consent_texts.history(house, workspace, "spring")
    assert [each.number for each in versions] == list(range(AT_ONCE, -1, -1))
    assert [each.until for each in versions[1:]] == [each.since for each in versions[:-1]]
