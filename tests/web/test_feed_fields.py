"""What a feed tells besides the testimonials' words: the rating of all, the language, the file for apps, the embed address, the
experiment."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from testimonials.app import create_app
from testimonials.models import Widget
from testimonials.runtime import Runtime
from testimonials.services import experiments, widgets
from tests.conftest import Someone
from tests.month import shown as told
from tests.web.on_show import BASE, change, show
from widgets.feed import MAX_ITEMS


@pytest.fixture
def wall(runtime: Runtime, owner: Someone) -> Widget:
    return widgets.create(runtime, owner.workspace_id, name="Home")


def _afresh(runtime: Runtime) -> FlaskClient:
    """Of a web server that has kept no feed yet."""
    return create_app(runtime=runtime).test_client()


def _feed(client: FlaskClient, wall: Widget) -> dict[str, Any]:
    answer = client.get(f"/widget/{wall.token}.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json
    return found


def test_the_average_is_that_of_all_and_not_of_the_newest(
    runtime: Runtime, owner: Someone, customer: FlaskClient, wall: Widget
) -> None:
    assert _feed(customer, wall)["summary"] == {"count": 0, "rated": 0, "average": None}
    for number in range(MAX_ITEMS + 2):
        told(runtime, owner.workspace_id, f"P{number}", rating=(None, 1)[number] if number < 2 else 5)
    told(runtime, owner.workspace_id, "Hidden", rating=1, review="pending")
    told(runtime, owner.workspace_id, "Withdrawn", rating=1, consent_status="withdrawn")
    feed = _feed(_afresh(runtime), wall)
    assert len(feed["items"]) == MAX_ITEMS
    mean = round((1 + 5 * MAX_ITEMS) / (MAX_ITEMS + 1), 2)
    assert feed["summary"] == {"count": MAX_ITEMS + 2, "rated": MAX_ITEMS + 1, "average": mean}


def test_the_language_is_that_of_the_words(
    runtime: Runtime, owner: Someone, customer: FlaskClient, wall: Widget
) -> None:
    for name, language in (("Zoë", "de"), ("نور", "ar")):
        told(runtime, owner.workspace_id, name, language=language)
    items = _feed(customer, wall)["items"]
    assert {item["author"]["name"]: item["language"] for item in items} == {"Zoë": "de", "نور": "ar"}


def test_the_upright_file_is_there_where_the_customer_allows_networks(
    runtime: Runtime, owner: Someone, customer: FlaskClient, wall: Widget
) -> None:
    token = show(customer, runtime)
    (item,) = _feed(customer, wall)["items"]
    src = f"{BASE}/media/{token}/social.mp4"
    assert item["file"] == {"src": src, "type": "video/mp4", "size_bytes": 1000}
    assert item["social"] is True
    change(runtime, token, consent_scopes=["website"])
    (item,) = _feed(_afresh(runtime), wall)["items"]
    assert (item["file"], item["social"]) == (None, False)


def test_the_embed_address_is_a_player_that_others_may_frame(
    runtime: Runtime, owner: Someone, customer: FlaskClient, wall: Widget
) -> None:
    token = show(customer, runtime)
    embed = _feed(customer, wall)["links"]["embed"].replace("{token}", token)
    assert embed == f"{BASE}/t/{token}/player"
    answer = customer.get(embed.removeprefix(BASE))
    assert answer.status_code == 200
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]


def test_an_experiment_is_named_while_it_runs(
    runtime: Runtime, owner: Someone, customer: FlaskClient, wall: Widget
) -> None:
    assert "experiment" not in _feed(customer, wall)
    made = experiments.create(runtime, owner.workspace_id, widget=wall.token, name="Wall or none")
    experiments.start(runtime, owner.workspace_id, made.id)
    assert _feed(customer, wall)["experiment"] == {"address": f"{BASE}/widget/{wall.token}/arm"}
    experiments.stop(runtime, owner.workspace_id, made.id)
    assert "experiment" not in _feed(customer, wall)
