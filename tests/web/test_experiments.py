"""Experiments: halves without cookies, counted once a day, nothing told too early, nothing kept that tells who was there."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from testimonials.domain import experiments as statistics
from testimonials.domain.experiments import Arm
from testimonials.models import Conversion, Experiment, ExperimentDay, Exposure, Widget, Workspace
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.services import experiments, widgets
from testimonials.upkeep.maintenance import reconcile
from tests.conftest import Someone
from tests.month import shared, shown
from tests.readers import BOTS, FIREFOX, Reader


@pytest.fixture
def wall(runtime: Runtime, owner: Someone) -> Widget:
    return widgets.create(runtime, owner.workspace_id, name="Home")


def _running(runtime: Runtime, owner: Someone, wall: Widget, **more: object) -> str:
    made = experiments.create(runtime, owner.workspace_id, widget=wall.token, name="Wall or none", **more)  # type: ignore[arg-type]
    experiments.start(runtime, owner.workspace_id, made.id)
    return made.id


def _ask(reader: Reader, wall: Widget, **body: object) -> object:
    sent = {"json": body} if body else {}
    answer = reader.client.post(f"/widget/{wall.token}/arm", headers=reader.headers, **sent)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    return answer.json


def _conversion_token(runtime: Runtime, owner: Someone) -> str:
    with runtime.db.read() as session:
        return session.get_one(Workspace, owner.workspace_id).conversion_token


def test_readers_are_split_and_stay_where_they_are(
    app: Flask, runtime: Runtime, owner: Someone, stranger: Someone, wall: Widget
) -> None:
    assert experiments.address_for(runtime, wall) is None
    assert _ask(Reader(app, "192.0.2.1"), wall) == {"arm": None, "layout": None, "show": True}
    made = _running(runtime, owner, wall)
    assert experiments.address_for(runtime, wall) == f"{runtime.settings.base_url}/widget/{wall.token}/arm"
    told = {number: _ask(Reader(app, f"192.0.2.{number}"), wall) for number in range(1, 31)}
    assert {told[number]["arm"] for number in told} == {"a", "b"}  # type: ignore[index]
    assert all(each["show"] == (each["arm"] == "b") for each in told.values())  # type: ignore[index]
    for number, before in told.items():
        assert _ask(Reader(app, f"192.0.2.{number}"), wall) == before
    with runtime.db.read() as session:
        assert session.scalar(select(func.count()).select_from(Exposure)) == 30, "each once"
    untouched = {"arm": None, "layout": None, "show": True}
    assert _ask(Reader(app, "198.51.100.1", **{"Sec-GPC": "1"}), wall) == untouched
    for agent in BOTS:
        assert _ask(Reader(app, "198.51.100.2", agent), wall) == untouched
    ours = {"Referer": f"{runtime.settings.base_url}/console/widgets/{wall.token}/preview"}
    assert _ask(Reader(app, "198.51.100.3", **ours), wall) == untouched, "a look in the console"
    with runtime.db.read() as session:
        assert session.scalar(select(func.count()).select_from(Exposure)) == 30
    reader = Reader(app, "192.0.2.1")
    assert reader.client.post("/widget/guess/arm", headers=reader.headers).status_code == 404
    assert reader.client.options(f"/widget/{wall.token}/arm").status_code == 204
    assert reader.get(f"/widget/{wall.token}/arm").status_code == 405
    for body, status in (({"act": "moon"}, 400), ({"act": "play", "arm": "a" * 2000}, 413)):
        assert reader.client.post(f"/widget/{wall.token}/arm", json=body).status_code == status
    experiments.stop(runtime, owner.workspace_id, made)
    assert _ask(Reader(app, "192.0.2.200"), wall) == untouched, "feeds may be read for a while after the end"
    assert experiments.address_for(runtime, wall) is None


def test_layouts_are_told_and_what_comes_of_them_is_joined(
    app: Flask, runtime: Runtime, owner: Someone, stranger: Someone, wall: Widget
) -> None:
    made = _running(runtime, owner, wall, kind="layout", layout_a="wall", layout_b="carousel")
    buyer = Reader(app, "192.0.2.1")
    told = _ask(buyer, wall)
    assert told["layout"] == {"a": "wall", "b": "carousel"}[told["arm"]]  # type: ignore[index]
    address = f"/conversions/{_conversion_token(runtime, owner)}"
    for _ in range(2):
        assert buyer.client.post(address, json={"key": "o1"}, headers=buyer.headers).status_code == 204, (
            "without a share"
        )
    outsider = Reader(app, "192.0.2.2")
    assert outsider.client.post(address, json={"key": "o2"}, headers=outsider.headers).status_code == 422
    other_browser = Reader(app, "192.0.2.1", FIREFOX)
    assert other_browser.client.post(address, json={"key": "o3"}, headers=other_browser.headers).status_code == 422
    theirs = f"/conversions/{_conversion_token(runtime, stranger)}"
    assert buyer.client.post(theirs, json={"key": "o4"}, headers=buyer.headers).status_code == 422
    assert (
        buyer.client.post(f"/widget/{wall.token}/arm", json={"act": "play"}, headers=buyer.headers).status_code == 204
    )
    maya = shown(runtime, owner.workspace_id, "Maya")
    with runtime.db.read() as session:
        hashes = list(session.scalars(select(Exposure.visitor)))
        assert session.scalar(select(func.count()).select_from(Conversion)) == 0, "no share, so nothing in that queue"
    shared(runtime, maya, place="widget", sharer_hash=hashes[0])
    totals = experiments.read(runtime, owner.workspace_id, made).arms[told["arm"]]  # type: ignore[index]
    assert vars(totals) == {"visitors": 1, "conversions": 1, "plays": 1, "shares": 1}
    pixel = Reader(app, "192.0.2.7")
    told = _ask(pixel, wall)
    pixel.get(f"{address}.gif?key=o9")
    assert sum(each.conversions for each in experiments.read(runtime, owner.workspace_id, made).arms.values()) == 2


def test_a_day_that_is_over_is_summed_and_forgotten(app: Flask, runtime: Runtime, owner: Someone, wall: Widget) -> None:
    made = _running(runtime, owner, wall)
    for number in range(1, 9):
        _ask(Reader(app, f"192.0.2.{number}"), wall)
    before = experiments.read(runtime, owner.workspace_id, made).arms
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Exposure).values(day=now().date() - timedelta(days=1)))
    reconcile(runtime)
    with runtime.db.read() as session:
        assert session.scalar(select(func.count()).select_from(Exposure)) == 0, (
            "nobody can be told from another any more"
        )
        assert session.scalar(select(func.sum(ExperimentDay.visitors))) == 8
    assert experiments.read(runtime, owner.workspace_id, made).arms == before
    _ask(Reader(app, "192.0.2.1"), wall)
    assert sum(each.visitors for each in experiments.read(runtime, owner.workspace_id, made).arms.values()) == 9


def test_what_makes_no_experiment_is_refused(owner: Someone, stranger: Someone, wall: Widget) -> None:
    page, form = "/console/experiments", _form(wall)
    for wrong in (
        {"name": ""},
        {"widget": "guess"},
        {"kind": "moon"},
        {"expected_percent": "nan"},
        {"smallest_points": "0"},
        {"kind": "layout", "layout_a": "wall", "layout_b": "wall"},
    ):
        assert owner.client.post(page, data={**form, **wrong}).status_code == 422, wrong
    assert stranger.client.post(page, data=form).status_code == 422, "somebody else's widget is none to choose"
    address = owner.client.post(page, data={**form, "expected_percent": "10,0"}).headers["Location"]
    assert owner.client.post(f"{address}/start").status_code == 303
    assert owner.client.post(f"{address}/start").status_code == 409
    twin = owner.client.post(page, data=form).headers["Location"]
    refused = owner.client.post(f"{twin}/start")
    assert refused.status_code == 409
    assert "runs already" in refused.text
    assert owner.client.post(f"/console/widgets/{wall.token}/delete").status_code == 409


def _form(wall: Widget) -> dict[str, str]:
    return {
        "name": "Wall?",
        "widget": wall.token,
        "kind": "presence",
        "expected_percent": "10",
        "smallest_points": "20",
    }


def test_nothing_is_told_before_its_number_is_there(
    runtime: Runtime, owner: Someone, stranger: Someone, wall: Widget
) -> None:
    address = owner.client.post("/console/experiments", data=_form(wall)).headers["Location"]
    made = address.rsplit("/", 1)[1]
    owner.client.post(f"{address}/start")
    _days(runtime, made, (30, 3), (30, 28))
    assert experiments.settle(runtime) == 0
    text = owner.client.get(address).text
    assert "Too early to say: about " in text
    assert "more visitors are needed" in text
    assert "28" not in _numbers_of(text), "what the halves did is not on the page"
    api = owner.client.get(f"/api/v1/experiments/{made}", headers=owner.bearer).json
    assert api["difference"] is None
    assert api["arms"]["b"] == {"visitors": 30}
    _days(runtime, made, (100, 10), (100, 40))
    assert experiments.settle(runtime) == 1
    assert experiments.address_for(runtime, wall) is None
    assert "until midnight" in owner.client.get(address).text
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Experiment).values(ended_at=now() - timedelta(days=1)))
    text = owner.client.get(address).text
    assert "The widget brings " in text
    assert "percentage points more." in text
    assert text.count('role="img"') == 1
    api = owner.client.get(f"/api/v1/experiments/{made}", headers=owner.bearer).json
    assert api["answered"]
    assert api["arms"]["b"]["conversions"] == 40
    assert api["difference"]["lower"] > 0
    assert stranger.client.get(f"/api/v1/experiments/{made}", headers=stranger.bearer).status_code == 404
    assert owner.client.post(f"{address}/delete").status_code == 303
    assert owner.client.get(address).status_code == 404


def _days(runtime: Runtime, made: str, a: tuple[int, int], b: tuple[int, int]) -> None:
    with runtime.db.transaction() as transaction:
        for arm, (visitors, conversions) in (("a", a), ("b", b)):
            row = ExperimentDay(
                experiment_id=made,
                day=now().date() - timedelta(days=1),
                arm=arm,
                visitors=visitors,
                conversions=conversions,
            )
            row.plays = row.shares = 0
            transaction.merge(row)


def _numbers_of(text: str) -> list[str]:
    return text[text.index('class="arms"') : text.index("Looking before")].replace("<", " ").replace(">", " ").split()


def test_stopped_early_is_no_answer_and_the_api_does_all_of_it(owner: Someone, stranger: Someone, wall: Widget) -> None:
    def call(method: str, path: str = "", who: Someone = owner, **body: object) -> object:
        sent = {"json": body} if body else {}
        return getattr(who.client, method)(f"/api/v1/experiments{path}", headers=who.bearer, **sent)

    made = call("post", widget=wall.token, name="A or B", kind="layout", layout_a="wall", layout_b="list")
    assert made.status_code == 201  # type: ignore[attr-defined]
    path = f"/{made.json['id']}"  # type: ignore[attr-defined]
    for wrong in (
        {"name": 7},
        {"smallest_points": "1"},
        {"moon": 1},
        {"widget": None},
        {"layout_a": "moon", "kind": "layout"},
    ):
        answer = call("post", **{"widget": wall.token, "name": "x", **wrong})
        assert answer.status_code == 422, wrong  # type: ignore[attr-defined]
    assert call("post", f"{path}/start").json["state"] == "running"  # type: ignore[attr-defined]
    assert call("delete", path).status_code == 409  # type: ignore[attr-defined]
    for method, end in (("get", ""), ("post", "/start"), ("post", "/stop"), ("delete", "")):
        assert call(method, f"{path}{end}", stranger).status_code == 404  # type: ignore[attr-defined]
    assert call("get", who=stranger).json["items"] == []  # type: ignore[attr-defined]
    stopped = call("post", f"{path}/stop").json  # type: ignore[attr-defined]
    assert (stopped["state"], stopped["answered"]) == ("stopped", False)
    page = owner.client.get(f"/console/experiments{path}").text
    assert "That is no answer." in page
    assert call("post", f"{path}/stop").status_code == 409  # type: ignore[attr-defined]
    assert call("delete", path).status_code == 204  # type: ignore[attr-defined]


def _simulated(difference: float, chance: random.Random) -> bool:
    """A whole experiment as it runs here: readers with hashes come until both halves are full; then it is read once."""
    each = statistics.planned(10, 8)
    seen = {"a": [0, 0], "b": [0, 0]}
    while min(seen["a"][0], seen["b"][0]) < each:
        arm = statistics.arm_of("e", f"{chance.getrandbits(128):x}")
        rate = 0.1 + (difference if arm == "b" else 0)
        seen[arm][0] += 1
        seen[arm][1] += chance.random() < rate
    return statistics.compare(Arm(*seen["a"]), Arm(*seen["b"])).told


def test_two_equal_walls_alarm_rarely_and_a_true_difference_is_found() -> None:
    chance = random.Random(20261125)
    alarms = sum(_simulated(0.0, chance) for _ in range(600)) / 600
    found = sum(_simulated(0.08, chance) for _ in range(200)) / 200
    assert 0.03 <= alarms <= 0.075
    assert found >= 0.74
