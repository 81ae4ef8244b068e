"""Counting what visitors did, and reading the counts back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from testimonials.domain.events import ReportedEvent
from testimonials.models import Event, Share, Testimonial, Widget
from testimonials.models.base import now
from testimonials.models.testimonial import PUBLIC
from testimonials.runtime import Runtime


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
        insert = sqlite_insert if transaction.get_bind().dialect.name == "sqlite" else postgresql_insert
        once = insert(Event).on_conflict_do_nothing(index_elements=[Event.key]).returning(Event.id)
        return len(transaction.execute(once, rows).all())


def totals(runtime: Runtime, testimonial_ids: list[str]) -> dict[str, dict[str, int]]:
    """Impressions, plays and completes by testimonial id, and the shares and hits of its short links."""
    found: dict[str, dict[str, int]] = {each: {} for each in testimonial_ids}
    with runtime.db.read() as session:
        events = (
            select(Event.testimonial_id, Event.type, func.count())
            .where(Event.testimonial_id.in_(testimonial_ids))
            .group_by(Event.testimonial_id, Event.type)
        )
        for testimonial_id, kind, count in session.execute(events):
            found[testimonial_id][kind] = count
        links = (
            select(Share.testimonial_id, func.count(), func.sum(Share.hits))
            .where(Share.testimonial_id.in_(testimonial_ids))
            .group_by(Share.testimonial_id)
        )
        for testimonial_id, count, hits in session.execute(links):
            found[testimonial_id] |= {"share": count, "hit": int(hits or 0)}
    return found


def _widget_id(widget: Any, workspace_id: str) -> str | None:
    """The widget, if it belongs to whom the testimonial belongs to: nobody counts under another's wall."""
    return widget.id if widget is not None and widget.workspace_id == workspace_id else None
