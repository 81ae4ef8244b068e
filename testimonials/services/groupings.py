"""What the statements of reports share. They are long, and building one takes longer than running it; so each is built once in
a process (`functools.cache`, by the name of the dialect), and what is asked for comes in by name, as `asked` gives it."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    Date,
    FromClause,
    bindparam,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from testimonials.domain.periods import Period
from testimonials.services.days import Mark, live_from, span

WORKSPACE: BindParameter[Any] = bindparam("workspace")
FIRST: BindParameter[Any] = bindparam("first")
LIVE: BindParameter[Any] = bindparam("live")
LAST: BindParameter[Any] = bindparam("last")
SPLIT: BindParameter[Any] = bindparam("split")
"""Days. From `LIVE` on they are read as they are; at `SPLIT` begins the period that is asked for, before it the one before."""
BEGIN: BindParameter[Any] = bindparam("begin")
SINCE: BindParameter[Any] = bindparam("since")
END: BindParameter[Any] = bindparam("end")
"""Moments: the beginning of `FIRST` and of `LIVE`, the end of `LAST`."""
DAY = "day"


def asked(session: Session, workspace_id: str, period: Period, mark: Mark, *moments: Any) -> dict[str, Any]:
    """What a statement about a period and the one before it is told. `mark` and `moments` as in `live_from`."""
    first, last = period.before.first, period.last
    live = max(live_from(session, mark, *moments), first)
    (begin, end), (since, _) = span(first, last), span(live, last)
    days = {"first": first, "live": live, "last": last, "split": period.first}
    return {"workspace": workspace_id, **days, "begin": begin, "since": since, "end": end}


def unindexed(dialect: str, column: Any) -> Any:
    """A column to narrow live rows by. SQLite keeps no statistics here, and would walk along an index of all that a workspace or
    a campaign has rather than along the last days: the column is hidden from its indexes."""
    return column if dialect == "postgresql" else func.coalesce(column, "")


def one_day(day: date) -> dict[str, Any]:
    """What the statement that sums up a day is told."""
    since, end = span(day, day)
    return {"live": day, "last": day, "since": since, "end": end}


def in_both(facts: FromClause, keys: tuple[str, ...], counted: tuple[str, ...], *names: str) -> CompoundSelect[Any]:
    """The columns `counted` of `facts` summed by the day and by each of `keys`, `names` staying apart; read once for all.

    A row has: what it was summed by (`DAY` or a key), the day or nothing, the key's value or nothing, the values of `names`, and
    for each sum the one of the period and the one of the period before, nothing being None.
    """
    whole = select(facts).cte("facts").prefix_with("MATERIALIZED")
    apart, new = [whole.c[name] for name in names], whole.c.day >= SPLIT
    sums = [func.sum(whole.c[name]).filter(each) for name in counted for each in (new, ~new)]
    by_day = select(literal(DAY), whole.c.day, literal(""), *apart, *sums).group_by(whole.c.day, *apart)
    by_key = [
        select(literal(key), cast(null(), Date), whole.c[key], *apart, *sums).group_by(whole.c[key], *apart)
        for key in keys
    ]
    return union_all(by_day, *by_key)
