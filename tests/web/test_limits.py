"""Who knocks too often waits; nobody else does. A Redis that is away takes no door down."""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from testimonials import limits
from testimonials.app import create_app
from testimonials.domain.uploads import CROWD
from testimonials.errors import RateLimited
from testimonials.limits import DOORS, RULES, Limiter
from testimonials.models import Upload
from testimonials.runtime import Runtime
from testimonials.services import uploads
from testimonials.services.campaigns import create as create_campaign
from testimonials.settings import Settings
from tests.acts import DETAILS, TUS, hand_in, metadata, patch, start
from tests.conftest import Someone
from tests.servers.redis import RedisServer

pytestmark = pytest.mark.usefixtures("owner")
House = Callable[..., FlaskClient]
HERE, THERE = "203.0.113.5", "203.0.113.6"


@pytest.fixture
def house(runtime: Runtime) -> House:
    """A house with other limits than the usual ones; its client comes from `HERE`."""

    def build(**changed: int) -> FlaskClient:
        settings = dataclasses.replace(runtime.settings, **changed)
        app = create_app(runtime=dataclasses.replace(runtime, settings=settings))
        client = app.test_client()
        client.environ_base["REMOTE_ADDR"] = HERE
        return client

    return build


def create(client: FlaskClient, campaign: str = "spring", address: str = HERE, length: int = 5) -> Any:
    headers = {**TUS, "Upload-Length": str(length), "Upload-Metadata": metadata(campaign=campaign)}
    return client.post("/uploads", headers=headers, environ_base={"REMOTE_ADDR": address})


def assert_told_to_wait(answer: Any, code: str = "rate_limited") -> None:
    assert (answer.status_code, answer.json["code"], answer.json["permanent"]) == (429, code, False)
    assert answer.content_type == "application/problem+json"
    assert 1 <= int(answer.headers["Retry-After"]) <= 3600


def test_every_door_of_the_table_is_one(app: Flask) -> None:
    assert set(DOORS) <= set(app.view_functions)
    assert set(DOORS.values()) | {"uploads"} == set(RULES)


def test_uploads_of_one_network(house: House) -> None:
    client = house(limit_uploads=3)
    assert [create(client).status_code for _ in range(3)] == [201, 201, 201]
    refused = create(client)
    assert_told_to_wait(refused)
    assert refused.headers["Tus-Resumable"] == "1.0.0"
    assert refused.headers["Access-Control-Allow-Origin"] == "*"
    assert "Retry-After" in refused.headers["Access-Control-Expose-Headers"]
    assert create(client, address=THERE).status_code == 201


def test_a_household_on_ipv6_is_one_network(house: House) -> None:
    client = house(limit_uploads=1)
    assert create(client, address="2001:db8:1:2::5").status_code == 201
    assert create(client, address="2001:db8:1:2:ffff::9").status_code == 429
    assert create(client, address="2001:db8:1:3::5").status_code == 201


def test_a_campaign_takes_more_than_a_network_but_not_everything(
    house: House, runtime: Runtime, owner: Someone
) -> None:
    create_campaign(runtime, owner.workspace_id, slug="autumn", name="Autumn")
    client = house(limit_uploads=1)
    addresses = [f"198.51.100.{number}" for number in range(CROWD + 1)]
    answers = [create(client, address=address) for address in addresses]
    assert [answer.status_code for answer in answers] == [201] * CROWD + [429]
    assert create(client, campaign="autumn", address="198.51.100.200").status_code == 201


def test_open_uploads_of_one_network(house: House, runtime: Runtime) -> None:
    client = house(limit_open_uploads=2)
    first, second = (start(client, length=5) for _ in range(2))
    assert_told_to_wait(create(client), "too_many_open_uploads")
    assert create(client, address=THERE).status_code == 201
    assert client.delete(first, headers=TUS).status_code == 204
    assert create(client).status_code == 201
    patch(client, second, b"01234")
    assert create(client).status_code == 429, "complete is not handed in"
    body = {**DETAILS, "upload": second.rsplit("/", 1)[1]}
    assert client.post("/c/spring/submissions", json=body).status_code == 201
    assert create(client).status_code == 201
    with runtime.db.read() as session:
        hashes = {row.network_hash for row in session.query(Upload)}
    assert HERE not in hashes and all(len(each) == 64 for each in hashes if each), "the address itself is not kept"


def test_what_has_expired_is_not_open(house: House) -> None:
    client = house(limit_open_uploads=1, upload_expiry_hours=0)
    assert [create(client).status_code for _ in range(3)] == [201] * 3


def test_open_uploads_of_a_campaign(house: House) -> None:
    client = house(limit_open_uploads=1)
    answers = [create(client, address=f"198.51.100.{number}") for number in range(CROWD + 1)]
    assert {answer.status_code for answer in answers[:-1]} == {201}
    assert_told_to_wait(answers[-1], "campaign_busy")


def test_bytes_of_one_network_in_a_day(house: House) -> None:
    client = house(limit_upload_bytes=100)
    path = start(client)
    assert patch(client, path, b"x" * 60).status_code == 204
    assert_told_to_wait(create(client, length=41), "too_many_bytes")
    assert create(client, length=40).status_code == 201
    assert patch(client, path, b"x" * 60, 60).status_code == 204, "what is on its way is not thrown away"
    refused = patch(client, path, b"x", 120)
    assert_told_to_wait(refused, "too_many_bytes")
    assert client.head(path, headers=TUS).headers["Upload-Offset"] == "120"
    assert create(client, length=1).status_code == 429
    assert create(client, address=THERE, length=40).status_code == 201


def test_bytes_count_although_they_were_refused(house: House) -> None:
    client = house(limit_upload_bytes=100)
    path = start(client, length=60)
    wrong = {"Upload-Checksum": "sha1 AAAA"}
    assert patch(client, path, b"x" * 60, **wrong).status_code == 460
    assert patch(client, path, b"x" * 60, **wrong).status_code == 460
    assert_told_to_wait(patch(client, path, b"x" * 60), "too_many_bytes")


def test_bytes_of_a_campaign_in_a_day(house: House) -> None:
    client = house(limit_upload_bytes=10)
    for number in range(CROWD):
        address = {"REMOTE_ADDR": f"198.51.100.{number}"}
        path = create(client, address=address["REMOTE_ADDR"], length=10).headers["Location"]
        headers = {**TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        assert client.patch(path, data=b"x" * 10, headers=headers, environ_base=address).status_code == 204
    assert_told_to_wait(create(client, address=THERE), "campaign_busy")


@pytest.mark.parametrize(
    ("setting", "path", "body"),
    [
        ("limit_submissions", "/c/spring/submissions", {}),
        ("limit_submissions", "/c/spring/handoffs", {}),
        ("limit_submissions", "/my/unknown/video", {}),
        ("limit_events", "/events", {"events": []}),
        ("limit_shares", "/t/unknown/shares", {"network": "copy"}),
    ],
)
def test_the_other_doors(house: House, setting: str, path: str, body: dict[str, Any]) -> None:
    client = house(**{setting: 2})
    assert all(client.post(path, json=body).status_code != 429 for _ in range(2))
    refused = client.post(path, json=body)
    assert_told_to_wait(refused)
    assert client.post(path, json=body, environ_base={"REMOTE_ADDR": THERE}).status_code != 429
    if setting != "limit_submissions":
        assert refused.headers["Access-Control-Allow-Origin"] == "*", "a script elsewhere may read why"
        assert client.options(path).status_code != 429


def test_looking_is_not_limited(house: House) -> None:
    client = house(limit_submissions=1, limit_shares=1, limit_uploads=1)
    assert {client.get("/c/spring").status_code for _ in range(5)} == {200}
    assert {client.head("/t/unknown/share/x").status_code for _ in range(5)} == {204}


def test_a_form_without_script_is_told_in_a_page_of_its_language(house: House) -> None:
    client = house(limit_submissions=1)
    client.post("/c/spring/submissions", data={}, headers={"Accept": "text/html"})
    refused = client.post("/c/spring/submissions", data={}, headers={"Accept": "text/html", "Accept-Language": "en"})
    assert (refused.status_code, refused.mimetype) == (429, "text/html")
    assert "wait a little" in refused.text
    assert int(refused.headers["Retry-After"]) >= 1


def test_zero_takes_a_limit_away(house: House) -> None:
    client = house(limit_uploads=0, limit_open_uploads=0, limit_upload_bytes=0, limit_submissions=0)
    assert {create(client).status_code for _ in range(30)} == {201}
    assert {client.post("/c/spring/handoffs", json={}).status_code for _ in range(30)} == {201}


def test_an_office_does_not_notice_the_defaults(customer: FlaskClient) -> None:
    """Twenty people behind one address, within a minute: each records five segments and hands them in."""
    for _ in range(20):
        for _ in range(5):
            customer.delete(start(customer, length=5), headers=TUS)
        hand_in(customer, b"01234")


@pytest.mark.parametrize(
    ("kind", "earliest", "latest"),
    [("submissions", 3598, 3600), ("events", 1, 120)],  # events are counted in two sums, so their window is rough
)
def test_the_window_moves(
    kind: str, earliest: int, latest: int, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    limiter = Limiter(dataclasses.replace(settings, **{f"limit_{kind}": 2}))
    limiter.take(kind, HERE)
    limiter.take(kind, HERE)
    with pytest.raises(RateLimited) as refused, create_app(settings).test_request_context():
        limiter.take(kind, HERE)
    assert earliest <= (refused.value.retry_after_seconds or 0) <= latest
    later = time.time() + latest + 1
    monkeypatch.setattr(time, "time", lambda: later)
    limiter.take(kind, HERE)


def test_a_start_without_an_address_counts_for_its_campaign_only(runtime: Runtime) -> None:
    few = dataclasses.replace(runtime, settings=dataclasses.replace(runtime.settings, limit_open_uploads=1))
    for _ in range(CROWD):
        uploads.start(few, campaign_slug="spring", length=5)
    with pytest.raises(RateLimited, match="Very many videos"):
        uploads.start(few, campaign_slug="spring", length=5)


@pytest.mark.servers
def test_several_web_processes_count_together_in_redis(
    redis_server: RedisServer, settings: Settings, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "AWAY_SECONDS", 0.2)
    caplog.set_level(logging.WARNING, "testimonials.limits")
    scaled = dataclasses.replace(settings, broker_url=redis_server.url, limit_events=3, limit_upload_bytes=100)
    one, other = Limiter(scaled), Limiter(scaled)
    with create_app(settings).test_request_context():
        for limiter in (one, other, one):
            limiter.take("events", HERE)
        with pytest.raises(RateLimited):
            other.take("events", HERE)
        one.add_bytes(HERE, 100)
        with pytest.raises(RateLimited):
            other.check_bytes(HERE)
        with redis_server.outage():
            for _ in range(3):  # each for itself, and it is said once
                one.take("events", HERE)
                time.sleep(0.25)
            with pytest.raises(RateLimited):
                one.take("events", HERE)
        assert len([record for record in caplog.records if "Redis is away" in record.message]) == 1
        time.sleep(0.25)
        one.take("events", HERE)  # Redis came back, empty
        for _ in range(2):
            other.take("events", HERE)
        with pytest.raises(RateLimited):
            one.take("events", HERE)


@pytest.mark.servers
def test_a_redis_that_hangs_costs_one_short_wait(
    redis_server: RedisServer, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    scaled = dataclasses.replace(runtime.settings, broker_url=redis_server.url)
    client = create_app(runtime=dataclasses.replace(runtime, settings=scaled)).test_client()
    with redis_server.hang():
        started = time.monotonic()
        assert [create(client).status_code for _ in range(10)] == [201] * 10
        assert time.monotonic() - started < 4
