"""The authenticator app: no code, no way in; each code once; and what helps when the phone is gone."""

from __future__ import annotations

import re

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from testimonials.models import Member, RecoveryCode, SignIn
from testimonials.runtime import Runtime
from tests.conftest import Someone
from tests.web.accounts.conftest import PASSWORD, Mailbox

OWNER = {"email": "owner@copper.example", "password": PASSWORD}
START = 1_800_000_000.0


class Clock:
    """The time that the house and the phone agree on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = START
        monkeypatch.setattr("testimonials.services.authenticator.time", lambda: self.now)

    def code(self, secret: str, *, steps: int = 0) -> str:
        return pyotp.TOTP(secret).at(int(self.now) + 30 * steps)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def turn_on(client: FlaskClient, clock: Clock) -> tuple[str, list[str]]:
    """The secret, and the recovery codes."""
    page = client.get("/console/account/authenticator").text
    (sealed,) = re.findall(r'name="sealed"[^>]*value="([^"]+)"', page)
    (grouped,) = re.findall(r"<code>([A-Z2-7 ]+)</code>", page)
    secret = grouped.replace(" ", "")
    wrong = client.post("/console/account/authenticator", data={"sealed": sealed, "code": "000000"})
    assert wrong.status_code == 422
    assert grouped in wrong.text, "the phone keeps what it scanned"
    done = client.post("/console/account/authenticator", data={"sealed": sealed, "code": clock.code(secret)})
    assert done.status_code == 200
    clock.now += 60
    return secret, re.findall(r"\b\w{4}-\w{4}-\w{4}-\w{4}\b", done.text)


def begin(app: Flask) -> FlaskClient:
    client = app.test_client()
    assert (
        client.post("/sign-in?next=/console/team", data=OWNER).headers["Location"] == "/sign-in/code?next=/console/team"
    )
    return client


def give(client: FlaskClient, code: str) -> int:
    return client.post("/sign-in/code?next=/console/team", data={"code": code}).status_code


def test_a_password_alone_opens_nothing(app: Flask, owner: Someone, clock: Clock) -> None:
    secret, _ = turn_on(owner.client, clock)
    client = begin(app)
    assert client.get("/console/").status_code == 302
    assert client.get("/api/v1/testimonials").status_code == 401
    with client.session_transaction() as session:
        half = session["sign_in"]
    assert give(client, "000000") == 401
    assert give(client, f" {clock.code(secret)[:3]} {clock.code(secret)[3:]} ") == 303
    assert client.get("/console/").status_code == 200
    with client.session_transaction() as session:
        assert session["sign_in"] != half, "the cookie of the first half is worth nothing"
    thief = app.test_client()
    with thief.session_transaction() as session:
        session["sign_in"] = half
    assert thief.get("/console/").status_code == 302


def test_each_code_counts_once(app: Flask, owner: Someone, clock: Clock) -> None:
    secret, _ = turn_on(owner.client, clock)
    code = clock.code(secret)
    assert give(begin(app), code) == 303
    assert give(begin(app), code) == 401
    assert give(begin(app), clock.code(secret, steps=-1)) == 401, "nor one before it"
    assert give(begin(app), clock.code(secret, steps=1)) == 303, "a phone that is half a minute ahead"
    assert give(begin(app), clock.code(secret, steps=3)) == 401


def test_a_recovery_code_stands_in_once(app: Flask, runtime: Runtime, owner: Someone, clock: Clock) -> None:
    _, codes = turn_on(owner.client, clock)
    assert len(set(codes)) == 10
    assert give(begin(app), codes[0].upper().replace("-", " ")) == 303
    assert give(begin(app), codes[0]) == 401
    assert "9 recovery codes left" in owner.client.get("/console/account").text
    with runtime.db.read() as session:
        kept = str(session.execute(select(RecoveryCode.code_hash)).all())
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)
    fresh = re.findall(r"\b\w{4}-\w{4}-\w{4}-\w{4}\b", owner.client.post("/console/account/recovery-codes").text)
    assert give(begin(app), codes[1]) == 401, "the old ones are worth nothing"
    assert give(begin(app), fresh[1]) == 303


def test_guessing_codes_makes_one_wait(app: Flask, owner: Someone, clock: Clock) -> None:
    secret, _ = turn_on(owner.client, clock)
    client = begin(app)
    assert [give(client, "000000") for _ in range(6)] == [401] * 5 + [429]
    assert give(client, clock.code(secret)) == 429
    here = {"REMOTE_ADDR": "192.0.2.7"}
    other = app.test_client()
    other.post("/sign-in", data=OWNER, environ_base=here)
    code = {"code": clock.code(secret)}
    assert other.post("/sign-in/code", data=code, environ_base=here).status_code == 303, "its owner is elsewhere"


def test_a_mailed_link_asks_for_the_code_too(app: Flask, owner: Someone, clock: Clock, mailbox: Mailbox) -> None:
    secret, _ = turn_on(owner.client, clock)
    assert [mail.subject for mail in mailbox.new()] == ["An authenticator was added"]
    client = app.test_client()
    client.post("/sign-in/link?for=password", data={"email": "owner@copper.example"})
    assert client.post(mailbox.link()).headers["Location"] == "/sign-in/code"
    assert client.get("/password").headers["Location"].startswith("/sign-in")
    assert client.post("/sign-in/code", data={"code": clock.code(secret)}).headers["Location"] == "/password"
    assert client.get("/password").status_code == 200


def test_without_a_first_proof_there_is_nothing_to_add_to(app: Flask, owner: Someone, clock: Clock) -> None:
    secret, _ = turn_on(owner.client, clock)
    assert give(app.test_client(), clock.code(secret)) == 404
    assert give(owner.client, clock.code(secret)) == 404, "who is in has no half-open door"


def test_it_is_turned_off(app: Flask, runtime: Runtime, owner: Someone, clock: Clock) -> None:
    turn_on(owner.client, clock)
    assert owner.client.post("/console/account/authenticator/remove").status_code == 303
    assert app.test_client().post("/sign-in", data=OWNER).headers["Location"] == "/console/"
    with runtime.db.read() as session:
        assert session.scalars(select(RecoveryCode)).all() == []


def test_the_secret_is_not_readable_in_the_database(runtime: Runtime, owner: Someone, clock: Clock) -> None:
    secret, _ = turn_on(owner.client, clock)
    with runtime.db.read() as session:
        kept = session.scalars(select(Member.totp_secret)).one()
        assert session.scalars(select(SignIn.waits_for_code)).all() == [False]
    assert secret not in kept


def test_a_setup_belongs_to_one_person(owner: Someone, viewer: Someone, clock: Clock) -> None:
    """A forged form cannot give somebody a secret that another one knows."""
    page = viewer.client.get("/console/account/authenticator").text
    (sealed,) = re.findall(r'name="sealed"[^>]*value="([^"]+)"', page)
    (grouped,) = re.findall(r"<code>([A-Z2-7 ]+)</code>", page)
    given = {"sealed": sealed, "code": clock.code(grouped.replace(" ", ""))}
    assert owner.client.post("/console/account/authenticator", data=given).status_code == 422
    for nonsense in ("", "x", "é"):
        assert (
            owner.client.post("/console/account/authenticator", data={**given, "sealed": nonsense}).status_code == 422
        )
