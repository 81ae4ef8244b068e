"""Migrations go up and down on both databases, and end where the models are."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from testimonials import migrations
from testimonials.db import Database
from testimonials.models import Base


@pytest.fixture
def empty(both: str):
    db = Database(both)
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
        server = connection.dialect.name == "postgresql"

        def is_modeled(_item: object, name: str | None, kind: str, *_more: object) -> bool:
            """Full text is indexed by each database in its own way: SQLite keeps tables that no model describes."""
            full_text = "search_index" if kind == "table" else "ix_search_documents_words"
            return server or not (name or "").startswith(full_text)

        options = {"compare_type": False, "include_object": is_modeled}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata) == []
