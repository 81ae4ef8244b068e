"""The JSON API from outside: driving the whole way, and what strangers get."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from testimonials.api.openapi import OPERATIONS
from testimonials.runtime import Runtime
from tests import acts, clips
from tests.conftest import Nudges, Someone


def call(who: Someone, method: str, path: str, **options: Any) -> Any:
    return who.client.open(f"/api/v1{path}", method=method, headers=who.bearer, **options)


def test_campaigns_and_widgets(owner: Someone) -> None:
    made = call(owner, "POST", "/campaigns", json={"slug": "autumn", "name": "Autumn"})
    assert (made.status_code, made.json["url"]) == (201, "http://127.0.0.1:8000/c/autumn")
    assert call(owner, "POST", "/campaigns", json={"slug": "autumn", "name": "Again"}).json["code"] == "slug_taken"
    widget = call(owner, "POST", "/widgets", json={"name": "Home", "layout": "list", "campaigns": ["autumn"]})
    assert widget.status_code == 201
    assert len(widget.json["token"]) >= 22
    assert {each["slug"] for each in call(owner, "GET", "/campaigns").json["items"]} == {"autumn", "spring"}
    assert len(call(owner, "GET", "/widgets").json["items"]) == 1


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/campaigns", {"slug": "x"}, 422), ("/campaigns", {"slug": "No Spaces", "name": "x"}, 422),
        ("/campaigns", {"slug": "-x", "name": "x"}, 422), ("/campaigns", {"slug": 5, "name": "x"}, 422),
        ("/campaigns", {"slug": "x", "name": "  "}, 422), ("/campaigns", {"slug": "x", "name": "x", "max_seconds": 5}, 422),
        ("/campaigns", {"slug": "x", "name": "x", "brand_color": "red;}"}, 422), ("/campaigns", [], 400),
        ("/widgets", {"name": "x", "layout": "spiral"}, 422), ("/widgets", {"name": "x", "campaigns": ["nobody"]}, 422),
        ("/widgets", {"name": "x", "campaigns": "spring"}, 422), ("/widgets", {}, 422),
    ],
)  # fmt: skip
def test_bad_bodies_are_refused(owner: Someone, path: str, body: Any, status: int) -> None:
    answer = call(owner, "POST", path, json=body)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


@pytest.mark.media
def test_the_whole_way(runtime: Runtime, nudges: Nudges, customer: FlaskClient, owner: Someone) -> None:
    token = acts.hand_in(customer, clips.webm(1))["token"]
    path = f"/testimonials/{token}"
    assert call(owner, "GET", path).json["media"] == "uploaded"
    acts.work(runtime, nudges.sent[-1][1])
    ready = call(owner, "GET", path).json
    assert (ready["media"], ready["review"], ready["public"]) == ("ready", "pending", False)
    media = ready["renditions"][0]["url"].removeprefix(runtime.settings.base_url)
    assert customer.get(media.partition("?")[0]).status_code == 404, "without its signature it does not exist"
    assert customer.get(media).status_code == 200
    approved = call(owner, "POST", f"{path}/approve").json
    assert approved["public"]
    widget = call(owner, "POST", "/widgets", json={"name": "Home"}).json["token"]
    feed = customer.get(f"/widget/{widget}.json")
    assert [each["token"] for each in feed.json["items"]] == [token]
    assert customer.get(f"/widget/{widget}.json", headers={"If-None-Match": feed.headers["ETag"]}).status_code == 304
    public = approved["renditions"][0]["url"].removeprefix(runtime.settings.base_url)
    assert "?" not in public
    for act, public_then in (
        ("reject", False),
        ("approve", True),
        ("reopen", False),
        ("approve", True),
        ("archive", False),
    ):
        assert call(owner, "POST", f"{path}/{act}", json={"reason": "because"}).json["public"] == public_then
        shown = 200 if public_then else 404
        assert customer.get(public).status_code == shown
        assert customer.get(f"/t/{token}").status_code == shown
        assert bool(customer.get(f"/widget/{widget}.json").json["items"]) == public_then


@pytest.mark.media
def test_erasing_leaves_nothing_and_says_what_it_removed(
    runtime: Runtime, nudges: Nudges, customer: FlaskClient, owner: Someone
) -> None:
    token = acts.hand_in(customer, clips.webm(1))["token"]
    acts.work(runtime, nudges.sent[-1][1])
    stored = len(list(runtime.storage.keys("")))
    assert stored > 3, "a chunk, a rendition, posters"
    receipt = call(owner, "DELETE", f"/testimonials/{token}").json["erased"]
    assert (receipt["token"], receipt["objects"], receipt["renditions"]) == (token, stored, 1)
    assert list(runtime.storage.keys("")) == []
    assert call(owner, "GET", f"/testimonials/{token}").status_code == 404


def test_failed_clips_can_be_tried_again(
    runtime: Runtime, nudges: Nudges, customer: FlaskClient, owner: Someone
) -> None:
    path = f"/testimonials/{acts.hand_in(customer, b'no video')['token']}"
    assert call(owner, "POST", f"{path}/retry").json["code"] == "wrong_state"
    acts.work(runtime, nudges.sent[-1][1])
    assert call(owner, "POST", f"{path}/approve").json["code"] == "wrong_state"
    again = call(owner, "POST", f"{path}/retry")
    assert (again.status_code, again.json["media"], again.json["failure"]) == (202, "uploaded", None)
    assert len(nudges.sent) == 2


def test_lists_are_filtered_and_paged(runtime: Runtime, customer: FlaskClient, owner: Someone) -> None:
    tokens = [acts.hand_in(customer, b"x", name=f"N{n}")["token"] for n in range(3)]
    call(owner, "PATCH", f"/testimonials/{tokens[0]}", json={"tags": ["bread", "bread", " fast "]})
    call(owner, "POST", f"/testimonials/{tokens[1]}/reject")

    def listed(query: str) -> list[str]:
        return [each["token"] for each in call(owner, "GET", f"/testimonials?{query}").json["items"]]

    assert listed("") == tokens[::-1]
    assert listed("tag=bread") == listed("tag=fast") == [tokens[0]]
    assert listed("tag=bre") == []
    assert listed("review=rejected") == [tokens[1]]
    assert listed("media=uploaded&review=pending&campaign=spring") == [tokens[2], tokens[0]]
    assert listed(f"cursor={tokens[2]}") == tokens[1::-1]
    for nonsense in ("review=maybe", "media=x", "cursor=guess"):
        assert call(owner, "GET", f"/testimonials?{nonsense}").status_code == 422


def test_pages_follow_each_other(monkeypatch: pytest.MonkeyPatch, customer: FlaskClient, owner: Someone) -> None:
    from testimonials.services import review

    monkeypatch.setattr(review.listing, "__kwdefaults__", {"limit": 2})
    tokens = [acts.hand_in(customer, b"x")["token"] for _ in range(5)]
    found, cursor = [], ""
    for _ in range(3):
        page = call(owner, "GET", f"/testimonials?cursor={cursor}").json
        found += [each["token"] for each in page["items"]]
        cursor = page["next"]
    assert (found, cursor) == (tokens[::-1], None)


@pytest.mark.parametrize(("method", "path", "_summary", "_status"), OPERATIONS)
def test_every_route_refuses_strangers(
    customer: FlaskClient, stranger: Someone, owner: Someone, method: str, path: str, _summary: str, _status: int
) -> None:
    token = acts.hand_in(customer, b"x")["token"]
    # Ids of other kinds have tests of their own with real ones; here they lead nowhere for anybody.
    address = re.sub(r"\{\w+\}", token, path.replace("{slug}", "spring"))
    for headers in ({}, {"Authorization": "Bearer tml_guess"}, {"Authorization": "Basic eA=="}):
        answer = customer.open(f"/api/v1{address}", method=method, json={"tags": []}, headers=headers)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    if "{token}" in path or "{slug}" in path or (address != path and method == "get"):
        assert call(stranger, method, address, json={"tags": []}).status_code == 404
    elif method == "get":
        assert call(stranger, method, address).json["items"] == []
    assert call(owner, "GET", f"/testimonials/{token}").json["review"] == "pending"


def test_the_document_names_every_route(app: Flask, owner: Someone) -> None:
    document = owner.client.get("/api/v1/openapi.json").json
    described = {(method, path) for path, methods in document["paths"].items() for method in methods}
    real = {
        (method.lower(), rule.rule.removeprefix("/api/v1").replace("<", "{").replace(">", "}"))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and rule.endpoint != "api.openapi"
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert described == real


def test_times_are_rfc3339_in_utc(customer: FlaskClient, owner: Someone) -> None:
    token = acts.hand_in(customer, b"x")["token"]
    created = call(owner, "GET", f"/testimonials/{token}").json["created_at"]
    assert created.endswith("Z")
    assert len(created) == 20
