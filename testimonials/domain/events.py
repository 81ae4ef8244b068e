"""What a widget or share page may report. The client is never trusted: unknown words and odd shapes are refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from testimonials.errors import BadRequest

TYPES = ("impression", "play", "quartile", "complete", "share", "click")
MAX_BATCH = 100
_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")


@dataclass(frozen=True)
class ReportedEvent:
    """One act of a visitor. `key` is chosen by the client and makes a repeated report harmless."""

    key: str
    type: str
    testimonial: str
    widget: str | None
    value: int | None


def parse_batch(body: dict[str, Any]) -> list[ReportedEvent]:
    """The events of one beacon. Raises BadRequest where any of them is malformed."""
    events = body.get("events")
    if not isinstance(events, list) or not 0 < len(events) <= MAX_BATCH:
        raise BadRequest(f"Send 1 to {MAX_BATCH} events.", code="bad_events")
    return [_parse(event) for event in events]


def _parse(event: Any) -> ReportedEvent:
    if not isinstance(event, dict):
        raise BadRequest("An event is an object.", code="bad_events")
    key, kind, testimonial, widget = (event.get(name) for name in ("id", "type", "testimonial", "widget"))
    value = event.get("value")
    if kind not in TYPES or not (isinstance(key, str) and _ID.fullmatch(key)):
        raise BadRequest("An event needs an id and a known type.", code="bad_events")
    if not isinstance(testimonial, str) or not isinstance(widget, str | None):
        raise BadRequest("An event names its testimonial, and its widget if there is one.", code="bad_events")
    if kind == "quartile" and value not in (25, 50, 75):
        raise BadRequest("A quartile is 25, 50 or 75.", code="bad_events")
    return ReportedEvent(key, kind, testimonial, widget, value if kind == "quartile" else None)
