"""A house that is in use is updated: who was in stays in, and what opened a door still does. Also the way back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, text

from testimonials import migrations
from testimonials.db import Database
from testimonials.runtime import Runtime
from testimonials.security import token_hash
from testimonials.services import accounts, entry, passwords
from testimonials.services.sign_ins import Browser
from testimonials.settings import Settings
from testimonials.storage.memory import MemoryStorage

PASSWORD = "correct horse battery"
BEFORE = "2026-01-05 10:00:00+00:00"


@pytest.fixture
def used(both: str, settings: Settings) -> Iterator[Runtime]:
    """A house of the version before, with a workspace, two members, a signed-in browser, a link and a token."""
    db = Database(both)
    migrations.upgrade(db, "0008")
    soon = datetime.now(UTC) + timedelta(days=3)
    with db.transaction() as transaction:
        connection = transaction.connection()
        insert(connection, "workspaces", id="w", name="Copper", conversion_token="c", attribution_days=30)
        for name, role, hashed in (("a", "owner", passwords.hashed(PASSWORD)), ("b", "moderator", None)):
            member = {"id": name, "workspace_id": "w", "email": f"{name}@copper.example", "name": "", "role": role}
            insert(connection, "members", **member, password_hash=hashed)
        insert(connection, "sign_ins", token_hash=token_hash("cookie"), member_id="b", expires_at=soon)
        link = {"token_hash": token_hash("link"), "member_id": "b", "expires_at": soon}
        insert(connection, "login_links", created=False, **link)
        insert(connection, "api_tokens", id="t", workspace_id="w", name="shop", token_hash=token_hash("tml_old"))
    yield Runtime(replace(settings, database_url=both), db, MemoryStorage(), lambda *_: True)
    db.close()


def insert(connection: Connection, table: str, *, created: bool = True, **values: object) -> None:
    given = {**values, **({"created_at": datetime.fromisoformat(BEFORE)} if created else {})}
    if connection.dialect.name == "sqlite":  # keeps times without a zone
        given = {name: str(each)[:19] if isinstance(each, datetime) else each for name, each in given.items()}
    names = ", ".join(given)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{name}' for name in given)})"), given)


def test_what_was_there_goes_on_working(used: Runtime) -> None:
    migrations.upgrade(used.db)
    moderator = accounts.person(used, "cookie")
    assert moderator is not None
    assert (moderator.role, moderator.workspace_name, moderator.email) == ("moderator", "Copper", "b@copper.example")
    assert accounts.permit_of_token(used, "tml_old") == accounts.Permit("w", "owner", "t")
    by_password = entry.by_password(used, email="a@copper.example", password=PASSWORD, browser=Browser())
    owner = accounts.person(used, by_password.cookie)
    assert owner is not None
    assert owner.role == "owner"
    assert accounts.person(used, entry.by_link(used, "link", Browser()).cookie) is not None
    assert accounts.owner_id(used, "w") == "a"


def test_addresses_that_the_operator_gave_count_as_proved(used: Runtime) -> None:
    """Or the first mailed link would take everybody's password away."""
    migrations.upgrade(used.db)
    with used.db.transaction() as transaction:
        link = accounts.write_link(used, transaction, "a", way="mail").rsplit("/", 1)[1]
    entry.by_link(used, link, Browser())
    assert accounts.has_password(used, "a")


def test_the_way_back_keeps_roles(used: Runtime) -> None:
    migrations.upgrade(used.db)
    migrations.downgrade(used.db, "0008")
    with used.db.read() as session:
        rows = session.execute(text("SELECT id, role FROM members ORDER BY id")).all()
        assert [tuple(row) for row in rows] == [("a", "owner"), ("b", "moderator")]
        assert session.execute(text("SELECT count(*) FROM sign_ins")).scalar_one() == 1
