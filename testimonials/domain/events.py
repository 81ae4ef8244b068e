"""What a widget, share page or collect page may report. Clients are never trusted: unknown words and odd shapes are refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from testimonials.errors import BadRequest

TYPES = ("impression", "play", "quartile", "complete", "share", "click")
STEPS = ("opened", "chosen", "asked", "allowed", "started", "taken", "made", "form", "sent")
"""Of the collect page. Opened: in view for a second. Chosen: a way. Made: there is something to send. Form: who said it. Between
them, for those who record: asked for the camera or microphone, allowed it, started, taken."""
MAX_BATCH = 100
OLDEST = timedelta(hours=24)
"""A page that was offline may report so late."""
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")
_ORIGIN = re.compile(r"https?://([a-z0-9.\[\]:_-]{1,255})")
_LONGEST_TIME = 40


@dataclass(frozen=True)
class ReportedEvent:
    """One act of a visitor. `key` is chosen by the client and makes a repeated report harmless; `happened_at` is when we
    believe it to have been, never in the future."""

    key: str
    type: str
    testimonial: str
    widget: str | None
    value: int | None
    happened_at: datetime
    host: str = ""
    """Of the page that reported it, as its browser says; empty where it does not."""


def parse_batch(body: dict[str, Any], *, arrived_at: datetime, origin: str = "") -> list[ReportedEvent]:
    """The events of one beacon. Raises BadRequest where any of them is malformed.

    `origin` is the header of that name.
    `sent` is what the visitor's clock said when the beacon left, which shows by how much that clock is wrong.
    """
    events = body.get("events")
    if not isinstance(events, list) or not 0 < len(events) <= MAX_BATCH:
        raise BadRequest(f"Send 1 to {MAX_BATCH} events.", code="bad_events")
    sent_at = _time(body.get("sent"), "A beacon's `sent` is a time.") or arrived_at
    host = host_of(origin)
    return [_parse(event, sent_at, arrived_at, host) for event in events]


def host_of(origin: str) -> str:
    """`shop.example` or `localhost:8000` of an Origin header; empty for anything else."""
    found = _ORIGIN.fullmatch(origin.lower())
    return found[1] if found else ""


def _parse(event: Any, sent_at: datetime, arrived_at: datetime, host: str) -> ReportedEvent:
    if not isinstance(event, dict):
        raise BadRequest("An event is an object.", code="bad_events")
    key, kind, testimonial, widget = (event.get(name) for name in ("id", "type", "testimonial", "widget"))
    value = event.get("value")
    if kind not in TYPES or not (isinstance(key, str) and _ID.fullmatch(key)):
        raise BadRequest("An event needs an id and a known type.", code="bad_events")
    if not isinstance(testimonial, str) or not _TOKEN.fullmatch(testimonial) or not _is_widget(widget):
        raise BadRequest("An event names its testimonial, and its widget if there is one.", code="bad_events")
    if kind == "quartile" and value not in (25, 50, 75):
        raise BadRequest("A quartile is 25, 50 or 75.", code="bad_events")
    quarter = int(value) if kind == "quartile" and value else None
    said = _time(event.get("at"), "An event's `at` is a time.") or sent_at
    return ReportedEvent(key, kind, testimonial, widget, quarter, believed(said, sent_at, arrived_at), host)


def parse_steps(body: dict[str, Any]) -> list[str]:
    """The steps of one beacon of the collect page, each once. Raises BadRequest for anything else."""
    steps = body.get("steps")
    if not isinstance(steps, list) or not steps or any(each not in STEPS for each in steps if isinstance(each, str)):
        raise BadRequest(f"Steps are {', '.join(STEPS)}.", code="bad_steps")
    if not all(isinstance(each, str) for each in steps) or len(set(steps)) < len(steps):
        raise BadRequest("Name each step once.", code="bad_steps")
    return steps


def believed(said: datetime, sent_at: datetime, arrived_at: datetime) -> datetime:
    """When an event was, by how long before the sending it was. What cannot be true was when it arrived."""
    age = sent_at - said
    return arrived_at - age if timedelta(0) <= age <= OLDEST else arrived_at


def _time(value: Any, sentence: str) -> datetime | None:
    if value is None:
        return None
    if isinstance(value, str) and len(value) <= _LONGEST_TIME:
        try:
            found = datetime.fromisoformat(value)
            return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            pass
    raise BadRequest(sentence, code="bad_events")


def _is_widget(value: Any) -> bool:
    return value is None or (isinstance(value, str) and _TOKEN.fullmatch(value) is not None)
