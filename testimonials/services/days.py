"""Days that are over, summed up once, so that a report costs by its days and not by what happened in them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from testimonials.db import Transaction, insert_into
from testimonials.models import CountedDay, RolledDay
from testimonials.models.base import now
from testimonials.runtime import Runtime

LIVE_DAYS = 2
"""The last ones are read as they are: a page of before midnight still plays, and one that was offline reports a day late."""
DAYS_A_ROUND = 100
Mark = type[CountedDay] | type[RolledDay]
"""Where it stands which days are summed up."""


def sum_up(runtime: Runtime, mark: Mark, moments: tuple[Any, ...], write: Callable[[Transaction, date], object]) -> int:
    """`write` the sums of each day that is over and final, once whoever else does the same. Returns how many days; the rest of
    a long history waits for the next round."""
    with runtime.db.read() as session:
        begin, end = live_from(session, mark, *moments), now().date() - timedelta(days=LIVE_DAYS)
    days = [begin + timedelta(days=number) for number in range(min((end - begin).days + 1, DAYS_A_ROUND))]
    for day in days:
        with runtime.db.transaction() as transaction:
            done = insert_into(transaction, mark).values(day=day).on_conflict_do_nothing()
            if transaction.execute(done.returning(mark.day)).one_or_none() is not None:
                write(transaction, day)
    return len(days)


def live_from(session: Session, mark: Mark, *moments: Any) -> date:
    """The first day that is not summed up. Without any that is, the first of the columns `moments`."""
    last: date | None = session.scalar(select(func.max(mark.day)))
    if last is not None:
        return last + timedelta(days=1)
    firsts: list[datetime | None] = [session.scalar(select(func.min(column))) for column in moments]
    live = now().date() - timedelta(days=LIVE_DAYS - 1)
    return min([each.date() for each in firsts if each is not None], default=live)


def day_of(dialect: str, moment: Any) -> Any:
    """The day in UTC, wherever the database thinks it is."""
    if dialect == "postgresql":
        return func.date(func.timezone("UTC", moment))
    return func.date(moment)


def span(first: date, last: date) -> tuple[datetime, datetime]:
    """From the beginning of the first day to before the end of the last."""
    begin, end = (datetime.combine(day, time.min, UTC) for day in (first, last + timedelta(days=1)))
    return begin, end
