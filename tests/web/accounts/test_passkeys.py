"""Passkeys: an answer counts once, for one purpose, from our own pages, and only when its owner was there."""

from __future__ import annotations

import time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from testimonials.models import Member, Passkey, SignIn
from testimonials.runtime import Runtime
from testimonials.services import accounts, passkeys
from tests.conftest import Someone
from tests.web.accounts.authenticators import PRESENT, Device, text
from tests.web.accounts.conftest import app_at, enter

BASE = "http://localhost:8000"


@pytest.fixture
def house(runtime: Runtime) -> Flask:
    return app_at(runtime, base_url=BASE)


@pytest.fixture
def me(house: Flask, runtime: Runtime, owner: Someone) -> FlaskClient:
    return enter(house, runtime, accounts.owner_id(runtime, owner.workspace_id) or "")


@pytest.fixture
def device(me: FlaskClient) -> Device:
    """A device that is registered."""
    device = Device(BASE, "localhost")
    assert add(me, device) == 200
    return device


def question(client: FlaskClient, path: str = "/sign-in/passkey/question") -> dict[str, Any]:
    answer = client.post(path, json={})
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json
    return found


def add(client: FlaskClient, device: Device) -> int:
    asked = question(client, "/console/account/passkeys/question")
    given = {"credential": device.register(asked), "name": "Phone"}
    return client.post("/console/account/passkeys", json=given).status_code


def sign_in(client: FlaskClient, credential: dict[str, Any]) -> int:
    return client.post("/sign-in/passkey", json={"credential": credential}).status_code


def test_a_passkey_signs_in(house: Flask, me: FlaskClient, device: Device) -> None:
    asked = question(me, "/console/account/passkeys/question")
    chosen = asked["authenticatorSelection"]
    assert (chosen["residentKey"], chosen["userVerification"]) == ("required", "required")
    assert [known["id"] for known in asked["excludeCredentials"]] == [text(device.id)]
    client = house.test_client()
    asked = question(client)
    assert asked["allowCredentials"] == [], "it names nobody"
    answer = client.post("/sign-in/passkey?next=/console/team", json={"credential": device.answer(asked)})
    assert answer.json == {"next": "/console/team"}
    assert "by passkey" in client.get("/console/account").text.lower()


def test_an_answer_counts_once(house: Flask, device: Device) -> None:
    credential = device.answer(question(house.test_client()))
    assert sign_in(house.test_client(), credential) == 200
    assert sign_in(house.test_client(), credential) == 401


def test_what_a_forger_would_send(house: Flask, me: FlaskClient, device: Device, runtime: Runtime) -> None:
    client = house.test_client()
    asked = question(client)
    forged = {
        "another site": Device("https://evil.example", "localhost", id=device.id, key=device.key),
        "another domain": Device(BASE, "evil.example", id=device.id, key=device.key),
        "nobody there": Device(BASE, "localhost", flags=0, id=device.id, key=device.key),
        "not opened": Device(BASE, "localhost", flags=PRESENT, id=device.id, key=device.key),
        "another key": Device(BASE, "localhost", id=device.id),
        "unknown": Device(BASE, "localhost"),
    }
    for name, other in forged.items():
        other.count = 7
        assert sign_in(client, other.answer(asked)) == 401, name
    own = question(me, "/console/account/passkeys/question")
    assert sign_in(client, device.answer(own)) == 401, "a challenge to register is none to sign in"
    assert sign_in(client, device.answer({"challenge": text(b"x" * 48)})) == 401, "a challenge of one's own"
    for broken in ({}, {"id": 5}, {"id": "x", "response": {"clientDataJSON": "%%"}}, {"response": []}):
        assert sign_in(client, broken) == 401, broken
    assert client.post("/sign-in/passkey", json={"credential": "x"}).status_code == 400
    assert sign_in(client, device.answer(asked)) == 200, "and the real one goes through"


def test_a_challenge_expires(house: Flask, device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = question(house.test_client())
    later = time.time() + passkeys.CHALLENGE_SECONDS + 1
    monkeypatch.setattr("testimonials.services.passkeys.time.time", lambda: later)
    assert sign_in(house.test_client(), device.answer(asked)) == 401


def test_a_copied_device_is_noticed(house: Flask, device: Device) -> None:
    """Its counter stays behind."""
    device.count = 10
    assert sign_in(house.test_client(), device.answer(question(house.test_client()))) == 200
    device.count = 5
    assert sign_in(house.test_client(), device.answer(question(house.test_client()))) == 401


def test_it_is_two_proofs_at_once(house: Flask, runtime: Runtime, device: Device) -> None:
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Member).values(totp_secret="set"))
    client = house.test_client()
    assert sign_in(client, device.answer(question(client))) == 200
    assert client.get("/console/").status_code == 200


def test_it_proves_once_more(house: Flask, me: FlaskClient, runtime: Runtime, device: Device, viewer: Someone) -> None:
    with runtime.db.transaction() as transaction:
        transaction.execute(update(SignIn).values(proved_at=None))
    assert me.get("/password").status_code == 303
    with runtime.db.read() as session:
        other = session.scalars(select(Member.id).where(Member.email == "viewer@copper.example")).one()
    theirs = Device(BASE, "localhost")
    assert add(enter(house, runtime, other), theirs) == 200
    path = "/console/prove/passkey?next=/password"
    assert me.post(path, json={"credential": theirs.answer(question(me))}).status_code == 401, "somebody else's"
    assert me.post(path, json={"credential": device.answer(question(me))}).json == {"next": "/password"}
    assert me.get("/password").status_code == 200


def test_it_is_added_by_its_owner_and_removed(
    house: Flask, me: FlaskClient, runtime: Runtime, device: Device, viewer: Someone
) -> None:
    assert add(me, device) == 409, "it is here already"
    away = Device("https://evil.example", "localhost")
    assert add(me, away) == 422
    with runtime.db.read() as session:
        other = session.scalars(select(Member.id).where(Member.email == "viewer@copper.example")).one()
    client = enter(house, runtime, other)
    asked = question(client, "/console/account/passkeys/question")
    stolen = {"credential": Device(BASE, "localhost").register(asked)}
    assert me.post("/console/account/passkeys", json=stolen).status_code == 401, "the question was another person's"
    handle = passkeys.listing(runtime, accounts.owner_id(runtime, viewer.workspace_id) or "")[0].handle
    assert client.post(f"/console/account/passkeys/{handle}/remove").status_code == 404
    assert me.post(f"/console/account/passkeys/{handle}/remove").status_code == 303
    assert sign_in(house.test_client(), device.answer(question(house.test_client()))) == 401
    with runtime.db.read() as session:
        assert session.scalars(select(Passkey)).all() == []


@pytest.mark.parametrize(
    ("base", "possible"),
    [
        ("https://stories.example", True),
        ("http://localhost:8000", True),
        ("http://127.0.0.1:8000", False),
        ("http://stories.example", False),
        ("https://192.0.2.1", False),
    ],
)
def test_they_are_offered_where_browsers_make_them(runtime: Runtime, base: str, possible: bool) -> None:
    app = app_at(runtime, base_url=base)
    assert ("Use a passkey" in app.test_client().get("/sign-in", base_url=base).text) == possible
