"""Both databases, and a shop in one of them: what the search finds has to be the same in both."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from testimonials import migrations
from testimonials.db import Database
from testimonials.runtime import Runtime
from testimonials.settings import Settings
from testimonials.storage.memory import MemoryStorage
from tests.services.shop import Shop


@pytest.fixture(scope="module")
def server_url(request: pytest.FixtureRequest) -> str:
    """One PostgreSQL database for all of these: each test has a workspace of its own in it."""
    url: str = request.getfixturevalue("postgres_server").new_database()
    db = Database(url)
    migrations.upgrade(db)
    db.close()
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def house(request: pytest.FixtureRequest, settings: Settings, migrated: Path) -> Iterator[Runtime]:
    """Both databases: what the search finds has to be the same in both."""
    settings.scratch_dir.mkdir()
    if request.param == "sqlite":
        shutil.copy(migrated, settings.data_dir / "testimonials.db")
        db = Database(settings.database_url)
    else:
        db = Database(request.getfixturevalue("server_url"))
    yield Runtime(settings, db, MemoryStorage(), lambda *_: True)
    db.close()


@pytest.fixture
def shop(house: Runtime) -> Shop:
    return Shop(house)
