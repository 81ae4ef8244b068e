"""Beacons: what is forged is refused or corrected, what is acknowledged is stored, and nothing counts twice."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from testimonials.analytics.batches import MOST, Batches
from testimonials.domain.events import ReportedEvent, parse_batch
from testimonials.errors import BadRequest
from testimonials.models import Event, EventHour, Widget, Workspace
from testimonials.models.base import now
from testimonials.runtime import Runtime

NOON = datetime(2026, 11, 25, 12, 30, tzinfo=UTC)


def event(testimonial: str, number: int = 0, **more: Any) -> dict[str, Any]:
    return {"id": f"event-{number:016d}", "type": "play", "testimonial": testimonial, **more}


def send(client: FlaskClient, *events: Any, **more: Any) -> Any:
    return client.post("/events", data=json.dumps({"events": list(events), **more}), content_type="text/plain")


def counted(runtime: Runtime) -> dict[datetime, int]:
    with runtime.db.read() as session:
        query = select(EventHour.hour, func.sum(EventHour.count)).group_by(EventHour.hour)
        return {hour: int(number) for hour, number in session.execute(query)}


def stored(runtime: Runtime) -> int:
    with runtime.db.read() as session:
        return session.scalar(select(func.count()).select_from(Event)) or 0


def test_a_beacon_is_answered_once_its_events_are_stored(customer: FlaskClient, runtime: Runtime, shown: str) -> None:
    answer = send(customer, event(shown, 1), event(shown, 2))
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in answer.headers
    assert stored(runtime) == sum(counted(runtime).values()) == 2


def test_a_repeated_event_counts_once(customer: FlaskClient, runtime: Runtime, shown: str) -> None:
    for _ in range(3):
        assert send(customer, event(shown, 1), event(shown, 1)).status_code == 204
    assert stored(runtime) == sum(counted(runtime).values()) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "short"}, {"id": 7}, {"id": "x" * 65}, {"type": "purchase"}, {"type": ["play"]}, {"type": None},
        {"testimonial": None}, {"testimonial": {"a": 1}}, {"testimonial": "a\0b"}, {"testimonial": "\ud800"},
        {"testimonial": ""}, {"widget": 7}, {"widget": "w" * 65}, {"type": "quartile"}, {"type": "quartile", "value": 99},
        {"type": "quartile", "value": "25"}, {"at": 12}, {"at": "yesterday"}, {"at": "9" * 41}, {"at": []},
    ],
)  # fmt: skip
def test_what_is_malformed_is_refused_whole(
    customer: FlaskClient, runtime: Runtime, shown: str, wrong: dict[str, Any]
) -> None:
    answer = send(customer, event(shown, 1), event(shown, 2) | wrong)
    assert answer.status_code == 400
    assert answer.json["code"] in ("bad_events", "bad_text")
    assert stored(runtime) == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400), (b"[]", 400), (b"{", 400), (b'{"events": {}}', 400), (b'{"events": []}', 400), (b'{"events": [7]}', 400),
        (b"[" * 60_000, 400), (b'{"events":[' + b'{"a":' * 9000, 400), (b"\xff\xfe\x00", 400),
        (b'{"events":[], "sent": 3}', 400), (b"x" * (64 * 1024 + 1), 413),
        (json.dumps({"events": [event("t", n) for n in range(101)]}).encode(), 400),
    ],
)  # fmt: skip
def test_bodies_that_are_none(customer: FlaskClient, runtime: Runtime, shown: str, body: bytes, status: int) -> None:
    answer = customer.post("/events", data=body, content_type="text/plain")
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert stored(runtime) == 0


def test_unknown_testimonials_and_foreign_widgets_count_nowhere(
    customer: FlaskClient, runtime: Runtime, shown: str
) -> None:
    with runtime.db.transaction() as transaction:
        stranger = Workspace(name="Somebody else")
        transaction.add(stranger)
        transaction.flush()
        theirs = Widget(workspace_id=stranger.id, name="Theirs", share=[])
        transaction.add(theirs)
    beacon = [event("nobody", 1), event(shown, 2, widget=theirs.token), event(shown, 3, widget="nowhere")]
    assert send(customer, *beacon).status_code == 204
    with runtime.db.read() as session:
        assert [row.widget_id for row in session.scalars(select(Event))] == [None, None]


@pytest.mark.parametrize(
    ("at", "sent", "believed"),
    [
        (None, None, NOON),
        (NOON - timedelta(hours=3), NOON, NOON - timedelta(hours=3)),
        (NOON - timedelta(hours=3), None, NOON - timedelta(hours=3)),
        # A clock that is two days fast, and says so itself.
        (NOON + timedelta(hours=46), NOON + timedelta(hours=48), NOON - timedelta(hours=2)),
        # The future, the distant past, and times at the ends of the calendar.
        (NOON + timedelta(hours=1), None, NOON),
        (NOON, NOON - timedelta(hours=1), NOON),
        (NOON - timedelta(hours=25), NOON, NOON),
        (datetime(1, 1, 1, tzinfo=UTC), None, NOON),
        (datetime(9999, 12, 31, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC), NOON),
    ],
)
def test_times_are_believed_only_where_they_can_be(
    at: datetime | None, sent: datetime | None, believed: datetime
) -> None:
    body: dict[str, Any] = {"events": [event("t", at=at.isoformat()) if at else event("t")]}
    if sent:
        body["sent"] = sent.isoformat()
    (found,) = parse_batch(body, arrived_at=NOON)
    assert found.happened_at == believed


@pytest.mark.parametrize("edge", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_outside_the_calendar_is_refused(edge: str) -> None:
    with pytest.raises(BadRequest):
        parse_batch({"events": [event("t", at=edge)]}, arrived_at=NOON)


def test_events_that_waited_offline_count_in_their_hour(customer: FlaskClient, runtime: Runtime, shown: str) -> None:
    moment = now()
    earlier = moment - timedelta(hours=5)
    send(customer, event(shown, 1, at=earlier.isoformat()), event(shown, 2), sent=moment.isoformat())
    hours = {each.replace(minute=0, second=0, microsecond=0) for each in (earlier, moment)}
    assert set(counted(runtime)) == hours


def test_beacons_that_come_together_are_stored_together() -> None:
    """While the first is being stored, the others gather; each is answered after the commit that holds its own."""
    begun, go_on, commits = threading.Event(), threading.Event(), []

    def store(events: list[ReportedEvent]) -> None:
        commits.append([each.key for each in events])
        if len(commits) == 1:
            begun.set()
            go_on.wait(10)

    batches = Batches(store)
    senders = [threading.Thread(target=batches.add, args=([reported(number)],)) for number in range(30)]
    senders[0].start()
    begun.wait(10)
    for sender in senders[1:]:
        sender.start()
    while len(batches._queue) < 29:
        pass
    go_on.set()
    for sender in senders:
        sender.join(10)
        assert not sender.is_alive()
    assert [len(each) for each in commits] == [1, 29]


def test_one_that_cannot_be_stored_takes_no_other_along() -> None:
    kept: list[str] = []

    def store(events: list[ReportedEvent]) -> None:
        if any(each.key == "bad" for each in events):
            raise ValueError("no")
        kept.extend(each.key for each in events)

    batches, failed = Batches(store), []

    def add(key: str) -> None:
        try:
            for number in range(20):
                batches.add([reported(number, key)])
        except ValueError:
            failed.append(key)

    senders = [threading.Thread(target=add, args=(key,)) for key in ("good", "fine", "bad", "well")]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(10)
        assert not sender.is_alive()
    assert failed == ["bad"]
    assert sorted(set(kept)) == ["fine", "good", "well"] and len(kept) == 60


def test_a_batch_has_an_end() -> None:
    sizes: list[int] = []
    batches = Batches(lambda events: sizes.append(len(events)))
    batches.add([reported(number) for number in range(MOST + 1)])
    assert sizes == [MOST + 1], "one beacon is never cut"


def reported(number: int, key: str = "") -> ReportedEvent:
    return ReportedEvent(key or f"k{number}", "play", "t", None, None, NOON)
