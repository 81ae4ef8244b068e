"""Counting what visitors did, and reading the counts back. Raw events are kept for a while, counts by the hour for good."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select

from testimonials.db import Transaction, insert_into
from testimonials.domain.events import ReportedEvent
from testimonials.models import Event, EventHour, Share, Testimonial, Widget
from testimonials.models.base import now
from testimonials.models.testimonial import PUBLIC
from testimonials.runtime import Runtime

KEEP_DAYS = 30
"""How long raw events stay; they only serve to count a repeated beacon once."""
EXPIRE_A_ROUND = 5000


def record(runtime: Runtime, reported: list[ReportedEvent]) -> int:
    """Store what is about a public testimonial, each event once. Returns how many were new."""
    with runtime.db.transaction() as transaction:
        tokens = {event.testimonial for event in reported}
        shown = select(Testimonial.token, Testimonial.id, Testimonial.workspace_id)
        known = {row.token: row for row in transaction.execute(shown.where(Testimonial.token.in_(tokens), PUBLIC))}
        named = {event.widget for event in reported if event.widget}
        walls = select(Widget.token, Widget.id, Widget.workspace_id).where(Widget.token.in_(named))
        widgets = {row.token: row for row in transaction.execute(walls)}
        rows = [
            {
                "key": event.key,
                "type": event.type,
                "testimonial_id": known[event.testimonial].id,
                "widget_id": _widget_id(widgets.get(event.widget or ""), known[event.testimonial].workspace_id),
                "value": event.value,
                "created_at": now(),
            }
            for event in reported
            if event.testimonial in known
        ]
        if not rows:
            return 0
        once = insert_into(transaction, Event).on_conflict_do_nothing(index_elements=[Event.key])
        fresh = transaction.execute(
            once.returning(Event.testimonial_id, Event.widget_id, Event.type, Event.value), rows
        ).all()
        _count(transaction, fresh)
        return len(fresh)


def totals(runtime: Runtime, testimonial_ids: list[str]) -> dict[str, dict[str, int]]:
    """Impressions, plays, quartiles and completes by testimonial id, and the shares, hits and visits of its short links."""
    found: dict[str, dict[str, int]] = {each: {} for each in testimonial_ids}
    with runtime.db.read() as session:
        events = (
            select(EventHour.testimonial_id, EventHour.type, func.sum(EventHour.count))
            .where(EventHour.testimonial_id.in_(testimonial_ids))
            .group_by(EventHour.testimonial_id, EventHour.type)
        )
        for testimonial_id, kind, count in session.execute(events):
            found[testimonial_id][kind] = int(count)
        links = (
            select(Share.testimonial_id, func.count(), func.sum(Share.hits), func.sum(Share.visits))
            .where(Share.testimonial_id.in_(testimonial_ids))
            .group_by(Share.testimonial_id)
        )
        for testimonial_id, count, hits, visits in session.execute(links):
            found[testimonial_id] |= {"share": count, "hit": int(hits or 0), "visit": int(visits or 0)}
    return found


def expire(runtime: Runtime) -> int:
    """Delete raw events that have served. Returns how many; the rest of a long queue waits for the next round."""
    with runtime.db.transaction() as transaction:
        old = select(Event.id).where(Event.created_at < now() - timedelta(days=KEEP_DAYS)).limit(EXPIRE_A_ROUND)
        ids = list(transaction.scalars(old))
        if ids:
            transaction.execute(delete(Event).where(Event.id.in_(ids)))
        return len(ids)


def _count(transaction: Transaction, fresh: Any) -> None:
    hour = now().replace(minute=0, second=0, microsecond=0)
    counted = Counter((row.testimonial_id, row.widget_id or "", _name(row.type, row.value)) for row in fresh)
    if not counted:
        return
    rows = [
        {"testimonial_id": testimonial_id, "widget_id": widget_id, "type": kind, "hour": hour, "count": count}
        # In one order for everybody, so that two batches never wait for each other in a circle.
        for (testimonial_id, widget_id, kind), count in sorted(counted.items())
    ]
    more = insert_into(transaction, EventHour)
    keys = [EventHour.testimonial_id, EventHour.type, EventHour.hour, EventHour.widget_id]
    transaction.execute(
        more.on_conflict_do_update(index_elements=keys, set_={"count": EventHour.count + more.excluded.count}), rows
    )


def _name(kind: str, value: int | None) -> str:
    return f"{kind}{value}" if kind == "quartile" else kind


def _widget_id(widget: Any, workspace_id: str) -> str | None:
    """The widget, if it belongs to whom the testimonial belongs to: nobody counts under another's wall."""
    return widget.id if widget is not None and widget.workspace_id == workspace_id else None
