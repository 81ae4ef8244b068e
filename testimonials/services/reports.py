"""What sharing brought in a period: by day, network, place, kind of sharer and testimonial.

Days that are over are read from their sums (`ShareDay`); the last two, whose visits may still play and click, from the rows
themselves. So a report costs by its days and not by its visits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Subquery, func, literal, select, union_all
from sqlalchemy.orm import Session, aliased

from testimonials.db import Transaction, insert_into
from testimonials.domain.periods import Period
from testimonials.models import Conversion, RolledDay, Share, ShareDay, Testimonial, Visit
from testimonials.models.ledger import ConversionState
from testimonials.runtime import Runtime
from testimonials.services.days import day_of, live_from, span, sum_up

MAX_TESTIMONIALS = 20
MAX_ROWS = 50_000
COUNTED = ("shares", "visits", "plays", "clicks")


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
    with runtime.db.read() as session:
        both = sharing_facts(session, workspace_id, Period(period.before.first, period.last))
        by_day = dict.fromkeys(period.before.days + period.days, Totals())
        by_day |= _grouped(session, both, both.c.day)
        facts = sharing_facts(session, workspace_id, period)
        return Report(
            totals=_sum(by_day[day] for day in period.days),
            before=_sum(by_day[day] for day in period.before.days),
            by_day=by_day,
            networks=_lines(_grouped(session, facts, facts.c.network)),
            places=_lines(_grouped(session, facts, facts.c.place)),
            sharers=_lines(_grouped(session, facts, facts.c.sharer)),
            testimonials=_named(session, facts),
        )


def rows(runtime: Runtime, workspace_id: str, period: Period) -> Iterator[tuple[Any, ...]]:
    """Everything for a spreadsheet: day, token, name, network, place, sharer, then the fields of `Totals`."""
    with runtime.db.read() as session:
        facts = sharing_facts(session, workspace_id, period)
        keys = [facts.c[name] for name in ("day", "testimonial_id", "network", "place", "sharer")]
        summed = select(*keys, *_sums(facts)).group_by(*keys).subquery()
        query = select(
            summed.c.day, Testimonial.token, Testimonial.name, *(summed.c[name] for name in summed.c.keys()[2:])
        ).join(Testimonial, Testimonial.id == summed.c.testimonial_id)
        ordered = query.order_by(summed.c.day, Testimonial.token, summed.c.network).limit(MAX_ROWS)
        yield from (tuple(row) for row in session.execute(ordered))


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
    live = _live(transaction, day, day, None)
    keys = [live.c[name] for name in _KEYS]
    summed = select(*keys, *(func.sum(live.c[name]) for name in COUNTED)).group_by(*keys)
    transaction.execute(insert_into(transaction, ShareDay).from_select([*_KEYS, *COUNTED], summed))


_KEYS = ("testimonial_id", "day", "network", "place", "sharer", "workspace_id")


def sharing_facts(session: Session, workspace_id: str, period: Period) -> Subquery:
    """Every count of the period with all that it can be grouped by: `testimonial_id`, `day`, `network`, `place`, `sharer`, and
    the fields of `Totals`."""
    begin = max(live_from(session, RolledDay, Share.created_at), period.first)
    kept = select(
        *(getattr(ShareDay, name) for name in (*_KEYS, *COUNTED)), *_as(("first", "last"), literal(0), literal(0))
    )
    kept = kept.where(ShareDay.workspace_id == workspace_id, ShareDay.day.between(period.first, period.last))
    live = _live(session, begin, period.last, workspace_id)
    fresh = select(*live.c, *_as(("first", "last"), literal(0), literal(0)))
    touches = [_touched(session, workspace_id, period, which) for which in ("first", "last")]
    return union_all(kept.where(ShareDay.day < begin), fresh, *touches).subquery()


def _as(names: tuple[str, ...], *columns: Any) -> list[Any]:
    """Columns under their names: those of a union are known by them."""
    return [column.label(name) for column, name in zip(columns, names, strict=True)]


def _live(session: Session, first: date, last: date, workspace_id: str | None) -> Subquery:
    """Shares and visits of these days as they are, with a row each."""
    begin, end = span(first, last)
    kinds = (Share.network, Share.place, Share.sharer, Testimonial.workspace_id)
    made = select(
        *_as(_KEYS, Share.testimonial_id, day_of(session, Share.created_at), *kinds),
        *_as(COUNTED, literal(1), literal(0), literal(0), literal(0)),
    )
    made = made.join(Testimonial, Testimonial.id == Share.testimonial_id)
    made = made.where(Share.created_at >= begin, Share.created_at < end)
    acts = (func.count(), func.count().filter(Visit.played), func.count().filter(Visit.clicked))
    came = select(*_as(_KEYS, Share.testimonial_id, Visit.day, *kinds), *_as(COUNTED, literal(0), *acts))
    came = came.join(Share, Share.id == Visit.share_id)
    came = came.join(Testimonial, Testimonial.id == Share.testimonial_id).where(Visit.day.between(first, last))
    came = came.group_by(Share.testimonial_id, Visit.day, *kinds)
    if workspace_id is not None:
        made, came = (each.where(Testimonial.workspace_id == workspace_id) for each in (made, came))
    return union_all(made, came).subquery()


def _touched(session: Session, workspace_id: str, period: Period, which: str) -> Any:
    """Approved conversions of the period, at the share that was touched first or last."""
    share = aliased(Share)
    column: ColumnElement[Any] = getattr(Conversion, f"{which}_share_id")
    begin, end = span(period.first, period.last)
    kinds = (share.network, share.place, share.sharer, Conversion.workspace_id)
    flags = (literal(int(which == "first")), literal(int(which == "last")))
    return (
        select(
            *_as(_KEYS, share.testimonial_id, day_of(session, Conversion.created_at), *kinds),
            *_as(COUNTED, *(literal(0) for _ in COUNTED)),
            *_as(("first", "last"), *flags),
        )
        .join(share, share.id == column)
        .where(
            Conversion.workspace_id == workspace_id,
            Conversion.state == ConversionState.APPROVED,
            Conversion.created_at >= begin,
            Conversion.created_at < end,
        )
    )


def _sums(facts: Subquery) -> list[Any]:
    return [func.sum(facts.c[name]).label(name) for name in (*COUNTED, "first", "last")]


def _grouped(session: Session, facts: Subquery, key: ColumnElement[Any]) -> dict[Any, Totals]:
    found = session.execute(select(key, *_sums(facts)).group_by(key))
    return {day_from(value): Totals(*(int(number) for number in numbers)) for value, *numbers in found}


def day_from(value: Any) -> Any:
    """A database without a type for dates gives texts."""
    if isinstance(value, str) and len(value) == 10 and value[4] == value[7] == "-":
        return date.fromisoformat(value)
    return value


def _lines(found: dict[Any, Totals]) -> list[Line]:
    lines = [Line(key, totals) for key, totals in found.items()]
    return sorted(lines, key=lambda each: (-each.totals.visits, -each.totals.shares, each.key))


def _named(session: Session, facts: Subquery) -> list[Line]:
    sums = _sums(facts)
    query = select(facts.c.testimonial_id, *sums).group_by(facts.c.testimonial_id)
    query = query.order_by(func.sum(facts.c.visits).desc(), func.sum(facts.c.shares).desc()).limit(MAX_TESTIMONIALS)
    found = {key: Totals(*(int(number) for number in numbers)) for key, *numbers in session.execute(query)}
    named = select(Testimonial.id, Testimonial.token, Testimonial.name).where(Testimonial.id.in_(found))
    people = {row.id: row for row in session.execute(named)}
    return [Line(people[key].token, totals, people[key].name) for key, totals in found.items() if key in people]


def _sum(each: Iterator[Totals]) -> Totals:
    whole = Totals()
    for part in each:
        whole = replace(whole, **{name: number + getattr(part, name) for name, number in vars(whole).items()})
    return whole
