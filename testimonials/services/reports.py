"""What sharing brought in a period: by day, network, place, kind of sharer and testimonial.

Days that are over are read from their sums (`ShareDay`); the last two, whose visits may still play and click, from the rows
themselves. So a report costs by its days and not by its visits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, Subquery, func, literal, select, union_all
from sqlalchemy.orm import Session, aliased

from testimonials.db import Transaction, dialect_of, insert_into
from testimonials.domain.periods import Period
from testimonials.models import Conversion, RolledDay, Share, ShareDay, Testimonial, Visit
from testimonials.models.ledger import ConversionState
from testimonials.runtime import Runtime
from testimonials.services import groupings
from testimonials.services.days import day_of, sum_up
from testimonials.services.groupings import (
    BEGIN,
    DAY,
    END,
    FIRST,
    LAST,
    LIVE,
    SINCE,
    SPLIT,
    WORKSPACE,
    in_both,
    one_day,
    unindexed,
)

MAX_TESTIMONIALS = 20
MAX_ROWS = 50_000
COUNTED = ("shares", "visits", "plays", "clicks")
SUMMED = (*COUNTED, "first", "last")


@dataclass(frozen=True)
class Totals:
    """`shares` were made in the period; visits, plays and clicks happened in it, through shares of any age. `first` and `last`
    are approved conversions whose first or last touch this was."""

    shares: int = 0
    visits: int = 0
    plays: int = 0
    clicks: int = 0
    first: int = 0
    last: int = 0


@dataclass(frozen=True)
class Line:
    """One row of a list. `name` is the customer's where it is about a testimonial, `key` then its token."""

    key: str
    totals: Totals
    name: str = ""


@dataclass(frozen=True)
class Report:
    """All of it. Lists are in order of visits; `by_day` has every day of both periods."""

    totals: Totals
    before: Totals
    by_day: dict[date, Totals]
    networks: list[Line]
    places: list[Line]
    sharers: list[Line]
    testimonials: list[Line]


def sharing(runtime: Runtime, workspace_id: str, period: Period) -> Report:
    """The report of a workspace."""
    by_day = dict.fromkeys(period.before.days + period.days, Totals())
    lists: dict[str, list[Line]] = {key: [] for key in _LISTS}
    with runtime.db.read() as session:
        told, dialect = asked(session, workspace_id, period), dialect_of(session)
        for summed_by, day, key, *sums in session.execute(_grouped(dialect), told):
            if summed_by == DAY:
                by_day[day] = _totals(sums[0::2] if day >= period.first else sums[1::2])
            elif any(sums[0::2]):
                lists[summed_by].append(Line(key, _totals(sums[0::2])))
        named = session.execute(_most_visited(dialect), told)
        testimonials = [Line(token, _totals(sums), name) for token, name, *sums in named]
    for lines in lists.values():
        lines.sort(key=lambda each: (-each.totals.visits, -each.totals.shares, each.key))
    return Report(
        totals=_sum(by_day[day] for day in period.days),
        before=_sum(by_day[day] for day in period.before.days),
        by_day=by_day,
        networks=lists["network"],
        places=lists["place"],
        sharers=lists["sharer"],
        testimonials=testimonials,
    )


def rows(runtime: Runtime, workspace_id: str, period: Period) -> Iterator[tuple[Any, ...]]:
    """Everything for a spreadsheet: day, token, name, network, place, sharer, then the fields of `Totals`."""
    with runtime.db.read() as session:
        told = asked(session, workspace_id, period)
        yield from (tuple(row) for row in session.execute(_all_rows(dialect_of(session)), told))


def shared_testimonials(runtime: Runtime, workspace_id: str) -> list[tuple[str, str, int]]:
    """Token, name and visits of those whose shares brought the most, for a list to choose from."""
    visits = func.sum(Share.visits)
    query = (
        select(Testimonial.token, Testimonial.name, visits)
        .join(Share, Share.testimonial_id == Testimonial.id)
        .where(Testimonial.workspace_id == workspace_id)
        .group_by(Testimonial.id)
        .order_by(visits.desc(), Testimonial.id.desc())
        .limit(50)
    )
    with runtime.db.read() as session:
        return [(token, name, int(number or 0)) for token, name, number in session.execute(query)]


def roll_up(runtime: Runtime) -> int:
    """Sum up days that are over and final. Returns how many; the rest of a long history waits for the next round."""
    return sum_up(runtime, RolledDay, (Share.created_at,), _write)


def _write(transaction: Transaction, day: date) -> None:
    live = _live(dialect_of(transaction), whole=True)
    keys = [live.c[name] for name in _KEYS]
    summed = select(*keys, *(func.sum(live.c[name]) for name in COUNTED)).group_by(*keys)
    summed = summed.params(one_day(day))
    transaction.execute(insert_into(transaction, ShareDay).from_select([*_KEYS, *COUNTED], summed))


_KEYS = ("testimonial_id", "day", "network", "place", "sharer", "workspace_id")
_LISTS = ("network", "place", "sharer")


def asked(session: Session, workspace_id: str, period: Period) -> dict[str, Any]:
    """What statements over `sharing_facts` are told."""
    return groupings.asked(session, workspace_id, period, RolledDay, Share.created_at)


@cache
def sharing_facts(dialect: str) -> Subquery:
    """Every count of the period with all that it can be grouped by: `testimonial_id`, `day`, `network`, `place`, `sharer`, and
    the fields of `Totals`."""
    kept = select(
        *(getattr(ShareDay, name) for name in (*_KEYS, *COUNTED)), *_as(("first", "last"), literal(0), literal(0))
    )
    kept = kept.where(ShareDay.workspace_id == WORKSPACE, ShareDay.day.between(FIRST, LAST), ShareDay.day < LIVE)
    live = select(*_live(dialect).c, *_as(("first", "last"), literal(0), literal(0)))
    return union_all(kept, live, *(_touched(dialect, which) for which in ("first", "last"))).subquery()


@cache
def _grouped(dialect: str) -> CompoundSelect[Any]:
    return in_both(sharing_facts(dialect), _LISTS, SUMMED)


@cache
def _most_visited(dialect: str) -> Select[Any]:
    """Token, name and sums of the period."""
    facts = sharing_facts(dialect)
    visits, shares = func.sum(facts.c.visits), func.sum(facts.c.shares)
    most = select(facts.c.testimonial_id, *_sums(facts)).where(facts.c.day >= SPLIT).group_by(facts.c.testimonial_id)
    top = most.order_by(visits.desc(), shares.desc(), facts.c.testimonial_id.desc()).limit(MAX_TESTIMONIALS).subquery()
    query = select(Testimonial.token, Testimonial.name, *(top.c[name] for name in SUMMED))
    query = query.join(top, top.c.testimonial_id == Testimonial.id)
    return query.order_by(top.c.visits.desc(), top.c.shares.desc(), Testimonial.id.desc())


@cache
def _all_rows(dialect: str) -> Select[Any]:
    facts = sharing_facts(dialect)
    keys = [facts.c[name] for name in (DAY, "testimonial_id", *_LISTS)]
    summed = select(*keys, *_sums(facts)).where(facts.c.day >= SPLIT).group_by(*keys).subquery()
    columns = (summed.c[name] for name in (*_LISTS, *SUMMED))
    query = select(summed.c.day, Testimonial.token, Testimonial.name, *columns)
    query = query.join(Testimonial, Testimonial.id == summed.c.testimonial_id)
    return query.order_by(summed.c.day, Testimonial.token, summed.c.network).limit(MAX_ROWS)


def _as(names: tuple[str, ...], *columns: Any) -> list[Any]:
    """Columns under their names: those of a union are known by them."""
    return [column.label(name) for column, name in zip(columns, names, strict=True)]


def _live(dialect: str, *, whole: bool = False) -> Subquery:
    """Shares and visits of the live days as they are, with a row each. Of all workspaces with `whole`."""
    kinds = (Share.network, Share.place, Share.sharer, Testimonial.workspace_id)
    made = select(
        *_as(_KEYS, Share.testimonial_id, day_of(dialect, Share.created_at), *kinds),
        *_as(COUNTED, literal(1), literal(0), literal(0), literal(0)),
    )
    made = made.join(Testimonial, Testimonial.id == Share.testimonial_id)
    made = made.where(Share.created_at >= SINCE, Share.created_at < END)
    acts = (func.count(), func.count().filter(Visit.played), func.count().filter(Visit.clicked))
    came = select(*_as(_KEYS, Share.testimonial_id, Visit.day, *kinds), *_as(COUNTED, literal(0), *acts))
    came = came.join(Share, Share.id == Visit.share_id)
    came = came.join(Testimonial, Testimonial.id == Share.testimonial_id).where(Visit.day.between(LIVE, LAST))
    came = came.group_by(Share.testimonial_id, Visit.day, *kinds)
    if not whole:
        mine = unindexed(dialect, Testimonial.workspace_id) == WORKSPACE
        made, came = made.where(mine), came.where(mine)
    return union_all(made, came).subquery()


def _touched(dialect: str, which: str) -> Any:
    """Approved conversions, at the share that was touched first or last."""
    share = aliased(Share)
    column: ColumnElement[Any] = getattr(Conversion, f"{which}_share_id")
    kinds = (share.network, share.place, share.sharer, Conversion.workspace_id)
    flags = (literal(int(which == "first")), literal(int(which == "last")))
    return (
        select(
            *_as(_KEYS, share.testimonial_id, day_of(dialect, Conversion.created_at), *kinds),
            *_as(COUNTED, *(literal(0) for _ in COUNTED)),
            *_as(("first", "last"), *flags),
        )
        .join(share, share.id == column)
        .where(
            Conversion.workspace_id == WORKSPACE,
            Conversion.state == ConversionState.APPROVED,
            Conversion.created_at >= BEGIN,
            Conversion.created_at < END,
        )
    )


def _sums(facts: Subquery) -> list[Any]:
    return [func.sum(facts.c[name]).label(name) for name in SUMMED]


def _totals(sums: Sequence[int | None]) -> Totals:
    return Totals(*(int(number or 0) for number in sums))


def _sum(each: Iterator[Totals]) -> Totals:
    whole = Totals()
    for part in each:
        whole = replace(whole, **{name: number + getattr(part, name) for name, number in vars(whole).items()})
    return whole
