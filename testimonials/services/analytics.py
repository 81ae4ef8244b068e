"""Counting what visitors did, and reading the counts back. Raw events are kept for a while, counts by the hour for good."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    String,
    and_,
    bindparam,
    cast,
    delete,
    func,
    join,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from testimonials.domain.events import ReportedEvent
from testimonials.models import Event, EventHour, Share, Testimonial, Widget
from testimonials.models.base import UtcTime, now
from testimonials.models.testimonial import PUBLIC
from testimonials.runtime import Runtime
from testimonials.services import placement

KEEP_DAYS = 30
"""How long raw events stay; they only serve to count a repeated beacon once."""
EXPIRE_A_ROUND = 5000


def record(runtime: Runtime, reported: list[ReportedEvent]) -> int:
    """Store what is about a public testimonial, each event once. Returns how many were new.

    Two statements for any number of events: a wall that many people read reports all the time.
    """
    by_key = {event.key: event for event in reported}
    rows = [[event.key, event.type, event.testimonial, event.widget, event.value] for event in by_key.values()]
    with runtime.db.transaction() as transaction:
        connection = transaction.connection()
        given = {"rows": json.dumps(rows), "moment": now()}
        fresh = connection.execute(_storing(connection.dialect.name), given).all()
        counted = Counter(
            (row.testimonial_id, row.widget_id or "", _name(row.type, row.value), _hour(by_key[row.key].happened_at))
            for row in fresh
        )
        _count(connection, counted)
        seen = {(row.widget_id, by_key[row.key].host) for row in fresh if row.type == "impression" and row.widget_id}
        placement.note(transaction, seen)
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
        placement.forget(transaction)
        return len(ids)


@cache
def _storing(dialect: str) -> Any:
    """The statement that stores a JSON list of `[key, type, testimonial, widget, value]`, as far as each is to be stored.

    The testimonial has to be public, and a widget is named only where it belongs to whom the testimonial belongs to: nobody
    counts under another's wall.
    """
    postgresql = dialect == "postgresql"
    given = bindparam("rows", type_=String)
    unfolded = func.jsonb_array_elements(cast(given, JSONB)) if postgresql else func.json_each(given)
    each = unfolded.table_valued("value").render_derived() if postgresql else unfolded.table_valued("value")

    def part(place: int) -> Any:
        found = each.c.value.op("->>")(place) if postgresql else func.json_extract(each.c.value, f"$[{place}]")
        return type_coerce(found, String)

    moment = bindparam("moment", type_=UtcTime)
    value = cast(part(4), Integer)
    wall = and_(Widget.token == part(3), Widget.workspace_id == Testimonial.workspace_id)
    shown = join(each, Testimonial.__table__, Testimonial.token == part(2)).outerjoin(Widget.__table__, wall)
    # In one order for everybody, so that two batches never wait for each other in a circle.
    chosen = select(part(0).label("key"), part(1), Testimonial.id, Widget.id, value, moment)
    chosen = chosen.select_from(shown).where(PUBLIC).order_by(part(0))
    insert = (postgresql_insert if postgresql else sqlite_insert)(Event)
    names = ["key", "type", "testimonial_id", "widget_id", "value", "created_at"]
    once = insert.from_select(names, chosen).on_conflict_do_nothing(index_elements=[Event.key])
    return once.returning(Event.key, Event.testimonial_id, Event.widget_id, Event.type, Event.value)


def _count(connection: Connection, counted: dict[tuple[str, str, str, datetime], int]) -> None:
    if not counted:
        return
    names = ("testimonial_id", "widget_id", "type", "hour")
    # In one order here too.
    rows = [{**dict(zip(names, key, strict=True)), "count": counted[key]} for key in sorted(counted)]
    connection.execute(_counting(connection.dialect.name), rows)


@cache
def _counting(dialect: str) -> Any:
    more = (postgresql_insert if dialect == "postgresql" else sqlite_insert)(EventHour)
    keys = [EventHour.testimonial_id, EventHour.type, EventHour.hour, EventHour.widget_id]
    return more.on_conflict_do_update(index_elements=keys, set_={"count": EventHour.count + more.excluded.count})


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _name(kind: str, value: int | None) -> str:
    return f"{kind}{value}" if kind == "quartile" else kind
