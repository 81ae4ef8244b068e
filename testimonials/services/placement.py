"""Where widgets stand: the hosts whose pages report impressions. A page can say what it likes, so there is a limit, and what
was not heard of for long is forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from testimonials.db import Transaction, insert_into
from testimonials.models import WidgetPlace
from testimonials.models.base import now

MOST_HOSTS = 50
KEEP_DAYS = 90
REMEMBERED = 10_000
_noted: dict[tuple[str, str], datetime] = {}
"""What this process has written in this hour: a busy wall writes once an hour, not once a beacon. Only a hint."""


def note(transaction: Transaction, seen: set[tuple[str, str]]) -> None:
    """Pairs of a widget's id and a host, of impressions that have just been counted. Costs nothing where all are known."""
    hour = now().replace(minute=0, second=0, microsecond=0)
    fresh = {pair for pair in seen if pair[1] and _noted.get(pair) != hour}
    for widget_id, host in sorted(fresh):  # in one order for everybody
        insert = insert_into(transaction, WidgetPlace)
        known = transaction.get(WidgetPlace, (widget_id, host)) is not None
        if not known and _full(transaction, widget_id):
            continue
        row = insert.values(widget_id=widget_id, host=host, first_at=hour, last_at=hour)
        transaction.execute(row.on_conflict_do_update(index_elements=["widget_id", "host"], set_={"last_at": hour}))
    if fresh:
        transaction.after_commit(lambda: _remember(fresh, hour))


def forget(transaction: Transaction) -> None:
    """Hosts that have said nothing for KEEP_DAYS."""
    transaction.execute(delete(WidgetPlace).where(WidgetPlace.last_at < now() - timedelta(days=KEEP_DAYS)))


def _full(transaction: Transaction, widget_id: str) -> bool:
    held = select(func.count()).select_from(WidgetPlace).where(WidgetPlace.widget_id == widget_id)
    return (transaction.scalar(held) or 0) >= MOST_HOSTS


def _remember(fresh: set[tuple[str, str]], hour: datetime) -> None:
    if len(_noted) > REMEMBERED:
        _noted.clear()
    _noted.update(dict.fromkeys(fresh, hour))
