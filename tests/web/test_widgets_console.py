"""The builder of a widget: what it saves and refuses, the preview that counts nothing, and the ways onto a page."""

from __future__ import annotations

import dataclasses
import re

import pytest
from flask import Flask

from testimonials.domain.sharing import NETWORKS
from testimonials.domain.widget_config import LAYOUTS
from testimonials.models import EventHour, Widget
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.services import campaigns, widgets
from tests.conftest import Someone
from tests.month import shown

NAUGHTY = '"><img src=x onerror=alert(1)> \u202e {{7*7}} <script>alert(1)</script>'
FORM = {"name": "Front page", "layout": "carousel", "radius": "14"}


@pytest.fixture
def wall(runtime: Runtime, owner: Someone) -> Widget:
    return widgets.create(runtime, owner.workspace_id, name="Home")


def _now(runtime: Runtime, owner: Someone, wall: Widget) -> Widget:
    return widgets.read(runtime, owner.workspace_id, wall.token).widget


def test_what_the_builder_saves(runtime: Runtime, owner: Someone, wall: Widget) -> None:
    campaigns.create(runtime, owner.workspace_id, slug="autumn", name="Autumn")
    page = owner.client.get(f"/console/widgets/{wall.token}").text
    for layout in LAYOUTS:
        assert f'name="layout" value="{layout}"' in page
    for network in NETWORKS:
        assert f'name="share" value="{network}"' in page
    form = {
        **FORM,
        "campaigns": ["autumn"],
        "share": ["copy", "whatsapp", "x"],
        "own_accent": "on",
        "accent": "#aa3311",
        "surface": "#ffffff",
        "radius": "4",
    }
    assert owner.client.post(f"/console/widgets/{wall.token}", data=form).status_code == 303
    found = _now(runtime, owner, wall)
    assert (found.name, found.layout, found.share) == ("Front page", "carousel", ["copy", "whatsapp", "x"])
    assert found.theme == {"accent": "#aa3311", "radius": "4px"}
    assert found.campaign_ids == [campaigns.read(runtime, owner.workspace_id, "autumn").id]
    places = {"place-copy": "3", "place-whatsapp": "1", "place-x": "2"}
    owner.client.post(f"/console/widgets/{wall.token}", data={**form, **places})
    assert _now(runtime, owner, wall).share == ["whatsapp", "x", "copy"], "without a script, by the numbers beside them"
    owner.client.post(f"/console/widgets/{wall.token}", data=FORM)
    assert (_now(runtime, owner, wall).share, _now(runtime, owner, wall).theme) == ([], {})
    feed = owner.client.get(f"/widget/{wall.token}.json").json
    if "layout" in feed:  # a pointer elsewhere otherwise
        assert (feed["layout"], feed["share"]) == ("carousel", [])


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"layout": "moon"}, "layout"),
        ({"share": ["x", "moon"]}, "share"),
        ({"campaigns": ["not-mine"]}, "campaigns"),
        ({"own_accent": "on", "accent": "red;}body{display:none"}, "theme"),
        ({"radius": "99"}, "theme"),
        ({"radius": NAUGHTY}, "theme"),
    ],
)
def test_what_it_refuses(runtime: Runtime, owner: Someone, wall: Widget, wrong: dict[str, object], field: str) -> None:
    path = f"/console/widgets/{wall.token}"
    answer = owner.client.post(path, data={**FORM, **wrong}, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert field in answer.json["errors"]
    assert _now(runtime, owner, wall).layout == "wall", "nothing of it is kept"


def test_names_are_only_words_and_a_widget_is_deleted(runtime: Runtime, owner: Someone, wall: Widget) -> None:
    path = f"/console/widgets/{wall.token}"
    assert owner.client.post(path, data={**FORM, "name": NAUGHTY}).status_code == 303
    refused = owner.client.post(path, data={**FORM, "name": NAUGHTY, "layout": "moon", "share": NAUGHTY})
    assert refused.status_code == 422, "the page again, with what is wrong beside its field"
    for text in (refused.text, owner.client.get(path).text, owner.client.get("/console/widgets").text):
        assert "<img src=x" not in text
        assert "<script>alert" not in text
        assert "{{7*7}}" in text
    assert owner.client.post(f"{path}/delete").status_code == 303
    assert owner.client.get(path).status_code == 404
    assert owner.client.get(f"/widget/{wall.token}.json").status_code == 404


def test_the_preview_may_read_and_not_report(app: Flask, runtime: Runtime, owner: Someone, wall: Widget) -> None:
    shown(runtime, owner.workspace_id, "Maya")
    answer = owner.client.get(f"/console/widgets/{wall.token}/preview?scheme=dark")
    policy = answer.headers["Content-Security-Policy"]
    assert f"connect-src {runtime.settings.base_url}/widget/" in policy, "feeds, and no beacons"
    assert "frame-ancestors 'self'" in policy
    assert '<html lang="en" class="dark">' in answer.text
    assert 'class="light"' in owner.client.get(f"/console/widgets/{wall.token}/preview?scheme=x").text
    assert "frame-src 'self'" in owner.client.get(f"/console/widgets/{wall.token}").headers["Content-Security-Policy"]


def test_the_snippet_names_the_cdn_where_feeds_are_served_from_one(
    app: Flask, runtime: Runtime, owner: Someone, wall: Widget
) -> None:
    paths = ("/console/widgets", f"/console/widgets/{wall.token}")
    pointer = f"https://cdn.example/feeds/{wall.token}/current.json"
    for path in paths:
        assert pointer not in owner.client.get(path).text
    settings = dataclasses.replace(runtime.settings, feed_url="https://cdn.example/feeds")
    app.extensions["testimonials"] = dataclasses.replace(runtime, settings=settings)
    for path in paths:
        assert f"feed=&#34;{pointer}&#34;" in owner.client.get(path).text
    assert pointer in owner.client.get("/api/v1/widgets", headers=owner.bearer).json["items"][0]["snippet"]


def test_whether_it_is_installed_is_known_by_its_beacons(runtime: Runtime, owner: Someone, wall: Widget) -> None:
    assert "Not seen on a page yet" in owner.client.get(f"/console/widgets/{wall.token}").text
    maya = shown(runtime, owner.workspace_id, "Maya")
    hour = now().replace(minute=0, second=0, microsecond=0)
    with runtime.db.transaction() as transaction:
        transaction.add(EventHour(testimonial_id=maya.id, widget_id=wall.id, type="impression", hour=hour, count=1))
    assert "On your site" in owner.client.get("/console/widgets").text
    assert "On your site, seen" in owner.client.get(f"/console/widgets/{wall.token}").text
    api = owner.client.get(f"/api/v1/widgets/{wall.token}", headers=owner.bearer).json
    assert api["seen_at"] is not None


def test_the_lines_for_a_page(runtime: Runtime, owner: Someone, wall: Widget) -> None:
    page = owner.client.get(f"/console/widgets/{wall.token}").text
    address = f"{runtime.settings.base_url}/widget/{wall.token}"
    for line in (
        f"&lt;testimonial-widget src=&#34;{address}&#34;",
        "&lt;iframe src=",
        f"{address}.html",
        "useEffect",
        "&lt;a href=",
    ):
        assert line in page, line
    assert len(re.findall('data-copy="Code copied"', page)) == 11, "eight ways, one of them in four pieces"
    for key in ("html", "wordpress", "shopify", "webflow", "react", "link", "iframe", "server"):
        assert f'data-way="{key}"' in page, key


def test_the_api_changes_and_deletes(runtime: Runtime, owner: Someone, stranger: Someone, wall: Widget) -> None:
    path = f"/api/v1/widgets/{wall.token}"
    changed = owner.client.patch(path, json={"share": ["x"], "theme": {"accent": "#112233"}}, headers=owner.bearer)
    assert changed.status_code == 200, changed.text
    assert (changed.json["share"], changed.json["theme"], changed.json["layout"]) == (
        ["x"],
        {"accent": "#112233"},
        "wall",
    )
    for wrong in (
        {"token": "mine"},
        {"share": "moon"},
        {"share": [7]},
        {"theme": "x"},
        {"campaigns": [7]},
        {"layout": 7},
    ):
        assert owner.client.patch(path, json=wrong, headers=owner.bearer).status_code == 422, wrong
    for method in ("get", "patch", "delete"):
        answer = getattr(stranger.client, method)(path, json={}, headers=stranger.bearer)
        assert answer.status_code == 404, method
    assert owner.client.delete(path, headers=owner.bearer).status_code == 204
    assert owner.client.get(path, headers=owner.bearer).status_code == 404
