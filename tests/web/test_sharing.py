"""Showing and sharing: share page, short links, networks, media ranges, beacons."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from testimonials.models import Event, Share
from testimonials.runtime import Runtime
from testimonials.services import analytics
from tests import acts, clips
from tests.conftest import Nudges, Someone

pytestmark = pytest.mark.media


@pytest.fixture
def public(runtime: Runtime, nudges: Nudges, customer: FlaskClient, owner: Someone) -> dict[str, Any]:
    """A testimonial on show, as the API gives it."""
    token = acts.hand_in(customer, clips.webm(1))["token"]
    acts.work(runtime, nudges.sent[-1][1])
    return customer.post(f"/api/v1/testimonials/{token}/approve", headers=owner.bearer).json


@pytest.fixture
def hidden(customer: FlaskClient, owner: Someone) -> str:
    return acts.hand_in(customer, clips.webm(1))["token"]


def test_the_share_page_carries_what_previews_read(customer: FlaskClient, public: dict[str, Any]) -> None:
    page = customer.get(f"/t/{public['token']}").text
    for name in ("og:title", "og:description", "og:url", "og:image", "og:image:width", "og:video", "og:type"):
        assert f'property="{name}"' in page
    assert "Nobody noticed we were one short." in page
    assert public["renditions"][0]["url"] in page


def test_a_network_is_reached_through_a_short_link(
    customer: FlaskClient, runtime: Runtime, public: dict[str, Any]
) -> None:
    answer = customer.get(f"/t/{public['token']}/share/x?place=widget")
    target = urlsplit(answer.headers["Location"])
    assert (answer.status_code, target.netloc) == (303, "x.com")
    link = parse_qs(target.query)["url"][0]
    followed = customer.get(urlsplit(link).path)
    assert urlsplit(followed.headers["Location"]).path == f"/t/{public['token']}"
    customer.head(urlsplit(link).path)
    with runtime.db.read() as session:
        share = session.scalars(select(Share)).one()
    assert (share.network, share.place, share.hits) == ("x", "widget", 1), "a HEAD is no hit"
    customer.head(f"/t/{public['token']}/share/x")
    with runtime.db.read() as session:
        assert len(list(session.scalars(select(Share)))) == 1, "nor is it an act of sharing"


def test_without_consent_to_social_networks_none_is_offered(
    customer: FlaskClient, runtime: Runtime, nudges: Nudges, owner: Someone
) -> None:
    token = acts.hand_in(customer, clips.webm(1), consent=["website"])["token"]
    acts.work(runtime, nudges.sent[-1][1])
    customer.post(f"/api/v1/testimonials/{token}/approve", headers=owner.bearer)
    assert "LinkedIn" not in customer.get(f"/t/{token}").text
    assert customer.get(f"/t/{token}/share/linkedin").status_code == 404
    assert customer.post(f"/t/{token}/shares", data=json.dumps({"network": "copy"})).status_code == 201
    widget = owner.client.post("/api/v1/widgets", json={"name": "Home"}, headers=owner.bearer).json["token"]
    assert customer.get(f"/widget/{widget}.json").json["items"][0]["social"] is False


def test_shares_know_what_brought_the_sharer(customer: FlaskClient, runtime: Runtime, public: dict[str, Any]) -> None:
    path = f"/t/{public['token']}/shares"
    first = customer.post(path, data=json.dumps({"network": "copy"})).json["url"].rsplit("/", 1)[1]
    customer.post(path, data=json.dumps({"network": "copy", "place": "page", "via": first}))
    with runtime.db.read() as session:
        parent, child = session.scalars(select(Share).order_by(Share.id))
    assert child.parent_id == parent.id


@pytest.mark.parametrize("body", [{"network": "myspace"}, {"network": "copy", "place": "moon"}, {}, [], "x"])
def test_shares_that_make_no_sense_are_refused(customer: FlaskClient, public: dict[str, Any], body: Any) -> None:
    assert customer.post(f"/t/{public['token']}/shares", data=json.dumps(body)).status_code in (400, 422)


def test_what_is_not_public_cannot_be_shared(customer: FlaskClient, hidden: str) -> None:
    assert customer.get(f"/t/{hidden}").status_code == 404
    assert customer.get(f"/t/{hidden}/share/x").status_code == 404
    assert customer.post(f"/t/{hidden}/shares", data=json.dumps({"network": "copy"})).status_code == 404


@pytest.mark.parametrize(
    ("asked", "status", "start", "stop"),
    [("bytes=0-9", 206, 0, 10), ("bytes=100-", 206, 100, None), ("bytes=-5", 206, -5, None), ("", 200, 0, None)],
)
def test_players_get_the_ranges_they_ask_for(
    customer: FlaskClient,
    runtime: Runtime,
    public: dict[str, Any],
    asked: str,
    status: int,
    start: int,
    stop: int | None,
) -> None:
    url = public["renditions"][0]["url"].removeprefix(runtime.settings.base_url)
    whole = customer.get(url).data
    answer = customer.get(url, headers={"Range": asked} if asked else {})
    assert (answer.status_code, answer.data) == (status, whole[start:stop])
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Content-Type"] == "video/mp4"
    assert "immutable" in answer.headers["Cache-Control"]


def test_ranges_beyond_the_end_are_refused(customer: FlaskClient, runtime: Runtime, public: dict[str, Any]) -> None:
    url = public["renditions"][0]["url"].removeprefix(runtime.settings.base_url)
    assert customer.get(url, headers={"Range": "bytes=99999999-"}).status_code == 416
    etag = customer.get(url).headers["ETag"]
    assert customer.get(url, headers={"If-None-Match": etag}).status_code == 304
    refused = customer.get(url, headers={"Range": "bytes=99999999-"})
    assert refused.headers["Content-Range"].startswith("bytes */")
    assert "immutable" not in refused.headers.get("Cache-Control", "")
    for date_or_other in ('"other"', "Wed, 01 Jan 2025 00:00:00 GMT"):
        assert customer.get(url, headers={"Range": "bytes=0-1", "If-Range": date_or_other}).status_code == 200
    assert customer.get(url, headers={"Range": "bytes=0-1,4-5"}).status_code == 200


def test_signed_links_expire_and_fit_one_file(
    customer: FlaskClient, runtime: Runtime, nudges: Nudges, owner: Someone, hidden: str
) -> None:
    acts.work(runtime, nudges.sent[-1][1])
    seen = customer.get(f"/api/v1/testimonials/{hidden}", headers=owner.bearer).json
    video, poster = (seen["renditions"][0]["url"], seen["poster"]["url"])
    assert customer.get(video).status_code == customer.get(poster).status_code == 200
    assert customer.get(video).headers["Cache-Control"] == "private, no-store"
    swapped = video.partition("?")[0] + "?" + poster.partition("?")[2]
    for forged in (
        swapped,
        video[:-1],
        video.replace("expires=", "expires=9"),
        video.replace("expires=", "expires=" + "9" * 5000),
        video.partition("?")[0] + "?expires=1&signature=x",
    ):
        assert customer.get(forged).status_code == 404


def beacon(**values: Any) -> dict[str, Any]:
    return {"id": "0123456789abcdef-1", "type": "play", "testimonial": "", "widget": None, **values}


def test_events_count_once_and_only_for_what_is_public(
    customer: FlaskClient, runtime: Runtime, public: dict[str, Any], hidden: str
) -> None:
    events = [
        beacon(testimonial=public["token"]),
        beacon(testimonial=hidden, id="0123456789abcdef-2"),
        beacon(testimonial=public["token"], id="0123456789abcdef-3", type="quartile", value=50),
    ]
    for _ in range(2):
        assert (
            customer.post("/events", data=json.dumps({"events": events}), content_type="text/plain").status_code == 204
        )
    with runtime.db.read() as session:
        found = list(session.scalars(select(Event)))
    assert sorted(each.type for each in found) == ["play", "quartile"]
    assert analytics.totals(runtime, [found[0].testimonial_id])[found[0].testimonial_id]["play"] == 1


@pytest.mark.parametrize(
    "body",
    [
        "", "[]", "{}", '{"events": []}', '{"events": {}}', '{"events": [1]}', json.dumps({"events": [beacon(type="hack")]}),
        json.dumps({"events": [beacon(id="short")]}), json.dumps({"events": [beacon(type="quartile", value=30)]}),
        json.dumps({"events": [beacon(testimonial=5)]}), json.dumps({"events": [beacon()] * 101}),
    ],
)  # fmt: skip
def test_malformed_beacons_are_refused(customer: FlaskClient, owner: Someone, body: str) -> None:
    answer = customer.post("/events", data=body, content_type="text/plain")
    assert answer.status_code == 400
    assert answer.json["code"] in ("bad_events", "bad_json")


def test_beacons_have_a_size(customer: FlaskClient, owner: Someone) -> None:
    assert customer.post("/events", data="x" * 65_537, content_type="text/plain").status_code == 413


def test_unknown_widgets_are_said(customer: FlaskClient, owner: Someone) -> None:
    assert customer.get("/widget/guess.json").status_code == 404
    assert customer.get("/widget/guess").status_code == 404


def test_the_script_comes_packed_and_is_open_to_all(customer: FlaskClient) -> None:
    answer = customer.get("/widget/v1.js", headers={"Accept-Encoding": "br"})
    assert (answer.status_code, answer.headers["Content-Encoding"]) == (200, "br")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert customer.get("/widget/v1.js").headers.get("Content-Encoding") is None
