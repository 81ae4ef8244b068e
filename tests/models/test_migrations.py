"""Migrations go up and down on both databases, and end where the models are."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from testimonials import migrations
from testimonials.db import Database
from testimonials.models import Base


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def empty(request: pytest.FixtureRequest, tmp_path: Path):
    url = (
        f"sqlite:///{tmp_path}/m.db"
        if request.param == "sqlite"
        else request.getfixturevalue("postgres_server").new_database()
    )
    db = Database(url)
    yield db
    db.close()


def test_up_down_and_up_again(empty: Database) -> None:
    assert migrations.pending(empty)
    migrations.upgrade(empty)
    assert not migrations.pending(empty)
    migrations.downgrade(empty, "base")
    assert set(inspect(empty.engine).get_table_names()) <= {"alembic_version"}
    migrations.upgrade(empty)
    migrations.upgrade(empty)


def test_the_schema_is_what_the_models_say(empty: Database) -> None:
    migrations.upgrade(empty)
    with empty.engine.connect() as connection:
        assert (
            compare_metadata(MigrationContext.configure(connection, opts={"compare_type": False}), Base.metadata) == []
        )
