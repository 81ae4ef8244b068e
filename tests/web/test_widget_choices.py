"""What a widget shows: order, filters, pins, a call to action; drafts for the preview; and the hosts that report it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from testimonials.domain.widget_config import MAX_PINS
from testimonials.models import Testimonial, Widget, WidgetPlace
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.services import campaigns, placement, publishing, tags, widgets
from tests.conftest import Someone
from tests.month import shown
from widgets.feed import read_feed

PEOPLE = {"Ada": (3, "en", False), "Bo": (5, "de", False), "Cy": (None, "en", True), "Di": (4, "ar", False)}
NAUGHTY = '"><img src=x onerror=alert(1)> <script>alert(1)</script>'


@pytest.fixture
def wall(runtime: Runtime, owner: Someone) -> Widget:
    return widgets.create(runtime, owner.workspace_id, name="Home")


@pytest.fixture
def people(runtime: Runtime, owner: Someone) -> dict[str, Testimonial]:
    """Ada, Bo, Cy and Di, the newest last. Cy is featured; Ada and Di carry "shop"."""
    found = {
        name: shown(runtime, owner.workspace_id, name, rating=rating, language=language, featured=featured)
        for name, (rating, language, featured) in PEOPLE.items()
    }
    with runtime.db.transaction() as transaction:
        for name in ("Ada", "Di"):
            tags.put(transaction, transaction.get_one(Testimonial, found[name].id), ["shop"])
    return found


def _names(runtime: Runtime, wall: Widget) -> str:
    feed = read_feed(runtime, wall.token)
    assert feed is not None
    return " ".join(item["author"]["name"] for item in feed.content["items"])


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({}, "Cy Di Bo Ada"),
        ({"sort": "newest"}, "Di Cy Bo Ada"),
        ({"sort": "rating"}, "Bo Di Ada Cy"),
        ({"sort": "hand"}, ""),
        ({"tags": ["shop"]}, "Di Ada"),
        ({"tags": ["shop", "none such"]}, "Di Ada"),
        ({"tags": ["none such"]}, ""),
        ({"min_rating": 4}, "Di Bo"),
        ({"languages": ["en", "ar"], "sort": "newest"}, "Di Cy Ada"),
        ({"languages": ["en"], "tags": ["shop"], "min_rating": 3}, "Ada"),
    ],
)
def test_order_and_filters(
    runtime: Runtime, owner: Someone, wall: Widget, people: dict[str, Testimonial], changes: dict[str, Any], names: str
) -> None:
    assert len(people) == 4
    widgets.edit(runtime, owner.workspace_id, wall.token, changes)
    assert _names(runtime, wall) == names
    feed = read_feed(runtime, wall.token)
    assert feed is not None
    assert feed.content["summary"] == {"count": 4, "rated": 3, "average": 4.0}, "no filter picks the ratings that count"


def test_several_campaigns(runtime: Runtime, owner: Someone, wall: Widget) -> None:
    ids = {}
    for slug in ("north", "south", "west"):
        ids[slug] = campaigns.create(runtime, owner.workspace_id, slug=slug, name=slug).id
        shown(runtime, owner.workspace_id, slug.title(), campaign_id=ids[slug])
    widgets.edit(runtime, owner.workspace_id, wall.token, {"campaigns": ["north", "west"]})
    assert _names(runtime, wall) == "West North"


def test_pins_come_first_and_what_is_taken_back_vanishes(
    runtime: Runtime, owner: Someone, wall: Widget, people: dict[str, Testimonial]
) -> None:
    pins = [people[name].token for name in ("Ada", "Cy")]
    widgets.edit(runtime, owner.workspace_id, wall.token, {"pins": pins, "languages": ["de", "ar"]})
    assert _names(runtime, wall) == "Ada Cy Di Bo", "whatever the filters say, and once each"
    widgets.edit(runtime, owner.workspace_id, wall.token, {"pins": pins[::-1], "sort": "hand"})
    assert _names(runtime, wall) == "Cy Ada"
    before = owner.client.get(f"/widget/{wall.token}.json").text
    for gone in ({"consent_status": "withdrawn"}, {"review": "pending"}, {"archived_at": now()}):
        with runtime.db.transaction() as transaction:
            transaction.execute(update(Testimonial).where(Testimonial.id == people["Cy"].id).values(**gone))
            publishing.changed(transaction, owner.workspace_id)
        assert _names(runtime, wall) == "Ada"
        assert people["Cy"].token not in owner.client.get(f"/widget/{wall.token}.json").text
        assert people["Cy"].token not in owner.client.get(f"/widget/{wall.token}.html").text
        back = {"consent_status": "granted", "review": "approved", "archived_at": None}
        with runtime.db.transaction() as transaction:
            transaction.execute(update(Testimonial).where(Testimonial.id == people["Cy"].id).values(**back))
            publishing.changed(transaction, owner.workspace_id)
    assert owner.client.get(f"/widget/{wall.token}.json").text == before


def test_the_form_saves_them_and_shows_them_again(
    runtime: Runtime, owner: Someone, wall: Widget, people: dict[str, Testimonial]
) -> None:
    ada, bo = people["Ada"].token, people["Bo"].token
    form = {
        "name": "Home",
        "layout": "grid",
        "radius": "14",
        "sort": "rating",
        "tags": ["shop"],
        "min_rating": "3",
        "languages": ["en"],
        "pins": [ada, bo],
        f"pin-{ada}": "2",
        f"pin-{bo}": "1",
        "call_label": " Book  a tune-up ",
        "call_url": "https://spoke.example/book?ref=1&utm_source=old#now",
        "utm_source": "wall",
        "utm_campaign": "späti & co",
    }
    path = f"/console/widgets/{wall.token}"
    assert owner.client.post(path, data=form).status_code == 303
    api = owner.client.get(f"/api/v1/widgets/{wall.token}", headers=owner.bearer).json
    assert (api["sort"], api["tags"], api["min_rating"], api["languages"], api["pins"]) == (
        *("rating", ["shop"], 3, ["en"]),
        [bo, ada],
    )
    address = "https://spoke.example/book?ref=1&utm_source=wall&utm_campaign=sp%C3%A4ti+%26+co#now"
    feed = owner.client.get(f"/widget/{wall.token}.json").json
    assert feed["call"] == {"label": "Book a tune-up", "url": address}
    drawn = owner.client.get(f"/widget/{wall.token}.html").text
    assert f'href="{address.replace("&", "&amp;")}" target="_top">Book a tune-up</a>' in drawn
    page = owner.client.get(path).text
    assert f'name="pins" value="{bo}" checked' in page
    assert page.index(f'value="{bo}" checked') < page.index(f'value="{ada}" checked')
    assert 'value="spoke' not in page
    assert 'value="https://spoke.example/book?ref=1&amp;utm_source=old#now"' in page
    cleared = owner.client.patch(f"/api/v1/widgets/{wall.token}", json={"call": None}, headers=owner.bearer).json
    assert cleared["call"] is None
    assert "call" not in owner.client.get(f"/widget/{wall.token}.json").json


@pytest.mark.parametrize(
    "wrong",
    [
        {"sort": "moon"},
        {"sort": 7},
        {"min_rating": 0},
        {"min_rating": 6},
        {"min_rating": True},
        {"min_rating": "5"},
        {"languages": ["xx"]},
        {"languages": "en"},
        {"tags": ["x" * 41]},
        {"tags": [7]},
        {"pins": ["not-there"]},
        {"pins": [str(number) for number in range(MAX_PINS + 1)]},
        {"pins": "x"},
        {"call": {"label": "Go", "url": "http://spoke.example"}},
        {"call": {"label": "Go", "url": "javascript:alert(1)"}},
        {"call": {"label": "Go", "url": "https://user:pass@spoke.example"}},
        {"call": {"label": "Go", "url": 'https://spoke.example/"><script>'}},
        {"call": {"label": "Go", "url": "https://"}},
        {"call": {"label": "Go", "url": "https://spoke.example:99999"}},
        {"call": {"label": "Go", "url": "https://spoke.example/" + "x" * 500}},
        {"call": {"label": "", "url": "https://spoke.example"}},
        {"call": {"label": "x" * 41, "url": "https://spoke.example"}},
        {"call": {"label": "Go", "url": "https://spoke.example", "utm": {"moon": "x"}}},
        {"call": {"label": "Go", "url": "https://spoke.example", "utm": {"source": "x" * 101}}},
        {"call": "go"},
    ],
)
def test_what_is_refused(runtime: Runtime, owner: Someone, wall: Widget, wrong: dict[str, Any]) -> None:
    answer = owner.client.patch(f"/api/v1/widgets/{wall.token}", json=wrong, headers=owner.bearer)
    assert answer.status_code == 422, answer.text
    assert list(answer.json["errors"]) == list(wrong)
    kept = widgets.read(runtime, owner.workspace_id, wall.token).widget
    assert (kept.sort, kept.tags, kept.min_rating, kept.languages, kept.pins, kept.call) == (
        *("featured", [], None, []),
        *([], {}),
    )


def test_hostile_words_are_only_words(runtime: Runtime, owner: Someone, wall: Widget) -> None:
    evil = shown(runtime, owner.workspace_id, NAUGHTY, text=NAUGHTY)
    path = f"/console/widgets/{wall.token}"
    form = {"name": "Home", "layout": "wall", "radius": "14", "pins": [evil.token], "tags": [NAUGHTY[:40]]}
    form |= {"call_label": NAUGHTY[:40], "call_url": "https://spoke.example/", "utm_source": NAUGHTY}
    assert owner.client.post(path, data=form).status_code == 303
    refused = owner.client.post(path, data={**form, "sort": NAUGHTY, "call_url": NAUGHTY, "min_rating": NAUGHTY})
    assert refused.status_code == 422
    drawn = owner.client.get(f"/widget/{wall.token}.html").text
    for text in (refused.text, owner.client.get(path).text, drawn):
        assert "<img src=x" not in text
        assert "<script>alert" not in text
    assert "&lt;img src=x" in drawn


def test_testimonials_of_others_cannot_be_pinned_or_found(
    runtime: Runtime, owner: Someone, stranger: Someone, wall: Widget, people: dict[str, Testimonial]
) -> None:
    campaigns.create(runtime, stranger.workspace_id, slug="theirs", name="Theirs")
    theirs = shown(runtime, stranger.workspace_id, "Zoe")
    path = f"/api/v1/widgets/{wall.token}"
    assert owner.client.patch(path, json={"pins": [theirs.token]}, headers=owner.bearer).status_code == 422
    hidden = shown(runtime, owner.workspace_id, "Eve", consent_status="withdrawn")
    found = owner.client.get(f"/console/widgets/{wall.token}/choices").json["items"]
    assert [each["name"] for each in found] == ["Di", "Cy", "Bo", "Ada"]
    assert hidden.token not in json.dumps(found)
    for path in ("choices", "draft"):
        method = stranger.client.get if path == "choices" else stranger.client.post
        assert method(f"/console/widgets/{wall.token}/{path}").status_code == 404, path


def test_a_draft_shows_what_is_not_saved_and_only_as_it_was_signed(
    runtime: Runtime, owner: Someone, customer: FlaskClient, wall: Widget, people: dict[str, Testimonial]
) -> None:
    form = {"name": "", "layout": "wall", "radius": "14", "sort": "hand", "pins": [people["Bo"].token]}
    answer = owner.client.post(f"/console/widgets/{wall.token}/draft", data=form)
    assert answer.status_code == 200, answer.text
    address = answer.get_json()["feed"].removeprefix(runtime.settings.base_url)
    feed = customer.get(address)
    assert [item["author"]["name"] for item in feed.get_json()["items"]] == ["Bo"]
    assert feed.headers["Cache-Control"] == "no-store"
    assert _names(runtime, wall) == "Cy Di Bo Ada", "nothing is kept"
    other = widgets.create(runtime, owner.workspace_id, name="Other").token
    for wrong in (address.replace(wall.token, other), address[:-1] + ("0" if address[-1] != "0" else "1")):
        assert customer.get(wrong).status_code == 404
    assert customer.get(address.split("?")[0]).status_code == 404
    with runtime.db.transaction() as transaction:
        gone = update(Testimonial).where(Testimonial.id == people["Bo"].id)
        transaction.execute(gone.values(consent_status="withdrawn"))
    assert customer.get(address).get_json()["items"] == [], "a draft shows what the public may see, and nothing else"


def _beacon(client: FlaskClient, wall: Widget, person: Testimonial, number: int, origin: str) -> None:
    event = {"id": f"event-number-{number:08}", "type": "impression", "testimonial": person.token, "widget": wall.token}
    headers = {"Origin": origin} if origin else {}
    assert client.post("/events", data=json.dumps({"events": [event]}), headers=headers).status_code == 204


def test_hosts_are_known_by_their_beacons(
    runtime: Runtime, owner: Someone, customer: FlaskClient, wall: Widget, people: dict[str, Testimonial]
) -> None:
    page = f"/console/widgets/{wall.token}"
    assert "No page has reported this widget yet" in owner.client.get(page).text
    origins = (
        "https://Shop.example",
        "https://shop.example",
        "http://localhost:8000",
        "null",
        "",
        f"https://{NAUGHTY}",
    )
    for number, origin in enumerate(origins):
        _beacon(customer, wall, people["Ada"], number, origin)
    places = owner.client.get(f"/api/v1/widgets/{wall.token}", headers=owner.bearer).json["places"]
    assert sorted(each["host"] for each in places) == ["localhost:8000", "shop.example"]
    text = owner.client.get(page).text
    assert "shop.example</th>" in text
    assert "No page has reported" not in text
    for number in range(100, 100 + placement.MOST_HOSTS + 5):
        _beacon(customer, wall, people["Ada"], number, f"https://{number}.example")
    with runtime.db.read() as session:
        held = list(session.scalars(select(WidgetPlace).where(WidgetPlace.widget_id == wall.id)))
    assert len(held) == placement.MOST_HOSTS, "whoever makes up hosts fills no table"
    with runtime.db.transaction() as transaction:
        transaction.execute(update(WidgetPlace).values(last_at=now().replace(year=2020)))
        placement.forget(transaction)
    assert owner.client.get(f"/api/v1/widgets/{wall.token}", headers=owner.bearer).json["places"] == []
