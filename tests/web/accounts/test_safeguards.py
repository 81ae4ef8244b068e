"""What a second reading found: pauses that hit the wrong people, changes nobody was told of, keys that outlive their owner."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text, update

from testimonials import migrations
from testimonials.db import Database
from testimonials.models import SignInMisses
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.services import accounts, backoff
from tests.conftest import Someone
from tests.web.accounts.conftest import PASSWORD, Mailbox
from tests.web.accounts.test_team import handle_of


def wrong(app: Flask, number: int) -> int:
    given = {"email": f"a{number}@copper.example", "password": "x"}
    return app.test_client().post("/sign-in", data=given).status_code


def test_asking_for_a_link_stops_nobodys_password(app: Flask, owner: Someone, mailbox: Mailbox) -> None:
    """An office's slips are far from its limit for passwords, though past the one for links."""
    assert {wrong(app, number) for number in range(25)} == {401}
    asked = app.test_client().post("/sign-in/link", data={"email": "nora@copper.example"})
    assert asked.status_code == 200
    given = {"email": "owner@copper.example", "password": PASSWORD}
    assert app.test_client().post("/sign-in", data=given).status_code == 303


def test_misses_of_a_busy_office_do_not_add_up(app: Flask, runtime: Runtime, owner: Someone) -> None:
    """With some every day there is never a day without one."""
    for number in range(50):
        wrong(app, number)
    with runtime.db.transaction() as transaction:
        transaction.execute(update(SignInMisses).values(seen_at=now() - timedelta(hours=20)))
    assert {wrong(app, 100 + number) for number in range(30)} == {401}


def test_within_the_hour_they_do(runtime: Runtime) -> None:
    counts = backoff.places(runtime, "nora@copper.example", "192.0.2.9")
    for _ in range(4):
        backoff.missed(runtime, counts)
    with runtime.db.transaction() as transaction:
        transaction.execute(update(SignInMisses).values(seen_at=now() - timedelta(hours=1)))
    assert not backoff.is_paused(runtime, counts)
    backoff.missed(runtime, counts)
    assert backoff.is_paused(runtime, counts)
    with runtime.db.read() as session:
        near = next(key for key, free in counts.items() if free == backoff.NEAR)
        assert session.scalar(select(SignInMisses.misses).where(SignInMisses.address_hash == near)) == 5


def test_a_new_password_is_told_by_mail(owner: Someone, mailbox: Mailbox) -> None:
    assert owner.client.post("/password", data={"password": "a quiet river at dawn"}).status_code == 303
    (mail,) = mailbox.new()
    assert (mail.recipient, mail.subject) == ("owner@copper.example", "Your password was changed")


def test_removing_an_owner_reminds_of_the_tokens(
    owner: Someone, runtime: Runtime, join: Callable[[str], FlaskClient]
) -> None:
    for role, reminded in (("editor", False), ("owner", True)):
        join(role)
        if role == "owner":
            accounts.add_token(runtime, owner.workspace_id, name="shop")
        email = f"{role}{int(reminded)}@copper.example"
        path = f"/console/team/members/{handle_of(runtime, owner, email)}/remove"
        page = owner.client.post(path, follow_redirects=True).text
        assert "They are out of the workspace" in page
        assert ("API tokens that they kept still work" in page) is reminded


def test_the_way_back_makes_nothing_stronger(tmp_path: Path) -> None:
    """The version before knows neither codes nor roles of tokens: half a sign-in would be a whole one there."""
    db = Database(f"sqlite:///{tmp_path}/back.db")
    migrations.upgrade(db)
    with db.transaction() as transaction:
        run = transaction.connection().exec_driver_sql
        run(
            "INSERT INTO workspaces (id, name, conversion_token, attribution_days, created_at)"
            " VALUES ('w','C','c',30,'2026-01-05 10:00:00')"
        )
        run(
            "INSERT INTO members (id, workspace_id, email, name, created_at)"
            " VALUES ('a','w','a@c.example','','2026-01-05 10:00:00')"
        )
        for waits in (0, 1):
            run(
                "INSERT INTO sign_ins (token_hash, member_id, expires_at, created_at, waits_for_code)"
                f" VALUES ('s{waits}','a','2999-01-05 10:00:00','2026-01-05 10:00:00',{waits})"
            )
        for role in ("owner", "viewer"):
            run(
                "INSERT INTO api_tokens (id, workspace_id, name, token_hash, role, created_at)"
                f" VALUES ('{role}','w','x','{role}','{role}','2026-01-05 10:00:00')"
            )
    migrations.downgrade(db, "0008")
    with db.read() as session:
        assert session.execute(text("SELECT token_hash FROM sign_ins")).scalars().all() == ["s0"]
        assert session.execute(text("SELECT id FROM api_tokens")).scalars().all() == ["owner"]
    db.close()
