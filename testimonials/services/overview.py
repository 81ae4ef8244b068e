"""What the Reports page shows: collecting, deciding, watching and sharing in a period, beside as many days before it.

Everything is counted once by the day, and by campaign, widget, testimonial and network; each line has both periods.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import CompoundSelect, Subquery, bindparam, false, select
from sqlalchemy.orm import Session

from testimonials.db import dialect_of
from testimonials.domain import waiting
from testimonials.domain.events import STEPS
from testimonials.domain.periods import Period
from testimonials.domain.waiting import Wait
from testimonials.errors import NotFound
from testimonials.models import Campaign, Testimonial, Widget
from testimonials.runtime import Runtime
from testimonials.services import report_days, reports
from testimonials.services.groupings import DAY, in_both, unindexed
from testimonials.services.report_days import WAIT

EVENTS = ("impression", "play", "quartile25", "quartile50", "quartile75", "complete", "click")
SHARING = {"shares": "shares", "visits": "visits", "last": "conversions"}
"""Columns of the share ledger, and what they are called here. A conversion belongs to its last touch."""
MEASURES = (*STEPS, "received", "approved", "rejected", *EVENTS, *SHARING.values())
MOST_LINES = 20
MOST_EXPORTED = 50_000
MOST_CHOICES = 200
Counts = dict[str, tuple[int, int]]
"""By measure: in the period, and before it."""


@dataclass(frozen=True, kw_only=True)
class Narrow:
    """What a report is narrowed to: a campaign's link, tokens of a widget and a testimonial, a network. Empty: not narrowed."""

    campaign: str = ""
    widget: str = ""
    testimonial: str = ""
    network: str = ""


@dataclass(frozen=True)
class Line:
    """One row of a list. `key` is what `Narrow` takes; `name` is empty for share pages among widgets."""

    key: str
    name: str
    counts: Counts

    def now(self, measure: str) -> int:
        return self.counts.get(measure, (0, 0))[0]

    def before(self, measure: str) -> int:
        return self.counts.get(measure, (0, 0))[1]


@dataclass(frozen=True)
class Overview:
    """`by_day` has every day of both periods; `names` those of what it is narrowed to. Waits are of approvals."""

    total: Line
    by_day: dict[date, Mapping[str, int]]
    weeks: list[Wait]
    wait: Wait
    wait_before: Wait
    campaigns: list[Line] = field(default_factory=list)
    widgets: list[Line] = field(default_factory=list)
    testimonials: list[Line] = field(default_factory=list)
    networks: list[Line] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """What it can be narrowed to: `campaign` and `widget`, each as `(key, name)`."""


def overview(
    runtime: Runtime, workspace_id: str, period: Period, narrow: Narrow, *, most: int = MOST_LINES
) -> Overview:
    """The report. Raises NotFound where it is narrowed to what is not there."""
    with runtime.db.read() as session:
        ids, names = _resolved(session, workspace_id, narrow)
        facts = _counted(session, workspace_id, period, ids)
        total = {name: (_whole(facts, period, name), _whole(facts, period.before, name)) for name in MEASURES}
        now, before = ({day: facts.waits[day] for day in each.days} for each in (period, period.before))
        return Overview(
            total=Line("", "", total),
            by_day=dict(facts.by_day),
            weeks=waiting.waits(now),
            wait=waiting.summed(period.first, waiting.merged(list(now.values()))),
            wait_before=waiting.summed(period.before.first, waiting.merged(list(before.values()))),
            campaigns=_campaigns(session, workspace_id, facts.by["campaign_id"], most),
            widgets=_widgets(session, workspace_id, facts.by["widget_id"], most),
            testimonials=_testimonials(session, facts.by["testimonial_id"], most),
            networks=_lines(facts.by["network"], lambda key: (key, key), ("visits", "shares"), most),
            names=names,
            choices=_choices(session, workspace_id),
        )


def _whole(facts: _Facts, period: Period, measure: str) -> int:
    return sum(facts.by_day[day][measure] for day in period.days)


def _resolved(session: Session, workspace_id: str, narrow: Narrow) -> tuple[dict[str, str], dict[str, str]]:
    """Ids and names of what is asked for."""
    ids, names = {}, {}
    for name, table, column in (
        ("campaign", Campaign, Campaign.slug),
        ("widget", Widget, Widget.token),
        ("testimonial", Testimonial, Testimonial.token),
    ):
        wanted = getattr(narrow, name)
        if wanted:
            mine = (table.workspace_id == workspace_id, column == wanted)
            found = session.execute(select(table.id, table.name).where(*mine)).one_or_none()
            if found is None:
                raise NotFound(f"There is no such {name}.", code=f"unknown_{name}")
            ids[name], names[name] = found
    if narrow.network:
        ids["network"] = names["network"] = narrow.network
    return ids, names


def _choices(session: Session, workspace_id: str) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for name, table, column in (("campaign", Campaign, Campaign.slug), ("widget", Widget, Widget.token)):
        query = select(column, table.name).where(table.workspace_id == workspace_id).order_by(table.name, table.id)
        found[name] = [(key, words) for key, words in session.execute(query.limit(MOST_CHOICES))]
    return found


class _Facts:
    """Every measure by the day; approvals by the day and the bound of their wait; and both periods by the key of a list."""

    def __init__(self) -> None:
        self.by_day: dict[date, dict[str, int]] = defaultdict(lambda: dict.fromkeys(MEASURES, 0))
        self.waits: dict[date, dict[int, int]] = defaultdict(dict)
        self.by: dict[str, dict[str, Counts]] = defaultdict(dict)

    def add(self, summed_by: str, day: date, key: str, measure: str, counts: tuple[int, int]) -> None:
        waited = measure.startswith(WAIT)
        if waited and summed_by == DAY:
            self.waits[day][int(measure.removeprefix(WAIT))] = sum(counts)
        measure = "approved" if waited else measure
        if measure not in MEASURES:
            return
        if summed_by == DAY:
            self.by_day[day][measure] += sum(counts)
        else:
            held = self.by[summed_by].setdefault(key, {})
            now, before = held.get(measure, (0, 0))
            held[measure] = now + counts[0], before + counts[1]


def _counted(session: Session, workspace_id: str, period: Period, ids: dict[str, str]) -> _Facts:
    """What the three sources say where the report is narrowed to `ids`."""
    facts, dialect, narrowed = _Facts(), dialect_of(session), tuple(sorted(ids))
    known = report_days.asked(session, workspace_id, period) | ids
    for source in ("acts", "events"):
        for summed_by, day, key, measure, now, before in session.execute(_statement(source, dialect, narrowed), known):
            facts.add(summed_by, day, key, measure, (int(now or 0), int(before or 0)))
    shared = reports.asked(session, workspace_id, period) | ids
    for summed_by, day, key, *sums in session.execute(_statement("sharing", dialect, narrowed), shared):
        counts = [int(number or 0) for number in sums]
        for name, now, before in zip(SHARING.values(), counts[0::2], counts[1::2], strict=True):
            facts.add(summed_by, day, key, name, (now, before))
    return facts


@cache
def _statement(source: str, dialect: str, narrowed: tuple[str, ...]) -> CompoundSelect[Any]:
    """A source by all that it knows of. What it does not know of (which widget a share was made on) makes it say nothing where
    the report is narrowed to that."""
    if source == "acts":
        return in_both(_narrowed(dialect, report_days.acts(dialect), narrowed), ("campaign_id",), ("count",), "what")
    if source == "events":
        keys = ("campaign_id", "widget_id", "testimonial_id")
        return in_both(_narrowed(dialect, report_days.events(dialect), narrowed), keys, ("count",), "type")
    sharing = reports.sharing_facts(dialect)
    facts = select(sharing, Testimonial.campaign_id).join(Testimonial, Testimonial.id == sharing.c.testimonial_id)
    keys = ("campaign_id", "testimonial_id", "network")
    return in_both(_narrowed(dialect, facts.subquery(), narrowed), keys, tuple(SHARING))


def _narrowed(dialect: str, facts: Subquery, names: tuple[str, ...]) -> Subquery:
    query = select(facts)
    for name in names:
        column = facts.c.get(name if name == "network" else f"{name}_id")
        query = query.where(false() if column is None else unindexed(dialect, column) == bindparam(name))
    return query.subquery()


def _campaigns(session: Session, workspace_id: str, found: dict[str, Counts], most: int) -> list[Line]:
    query = select(Campaign.id, Campaign.slug, Campaign.name).where(Campaign.workspace_id == workspace_id)
    named = {row.id: (row.slug, row.name) for row in session.execute(query)}
    return _lines(found, named.get, ("received", "opened", "play"), most)


def _widgets(session: Session, workspace_id: str, found: dict[str, Counts], most: int) -> list[Line]:
    query = select(Widget.id, Widget.token, Widget.name).where(Widget.workspace_id == workspace_id)
    named = {row.id: (row.token, row.name) for row in session.execute(query)}
    named[""] = ("", "")
    return _lines(found, lambda key: named.get(key, ("", "A widget that is gone")), ("play", "impression"), most)


def _testimonials(session: Session, found: dict[str, Counts], most: int) -> list[Line]:
    wanted = ("play", "visits", "impression")
    chosen = dict(sorted(found.items(), key=lambda each: _order(each[1], wanted), reverse=True)[:most])
    query = select(Testimonial.id, Testimonial.token, Testimonial.name)
    named: dict[str, tuple[str, str]] = {}
    keys = list(chosen)
    for start in range(0, len(keys), 500):
        rows = session.execute(query.where(Testimonial.id.in_(keys[start : start + 500])))
        named |= {row.id: (row.token, row.name) for row in rows}
    return _lines(chosen, named.get, wanted, most)


def _lines(
    found: dict[str, Counts], named: Callable[[str], tuple[str, str] | None], order: tuple[str, ...], most: int
) -> list[Line]:
    """The largest first. What nobody asked about in either period is left out, as is what is gone."""
    lines = [Line(*names, counts) for key, counts in found.items() if (names := named(key))]
    return sorted(lines, key=lambda each: (_order(each.counts, order), each.name), reverse=True)[:most]


def _order(counts: Counts, names: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(counts.get(name, (0, 0))[0] for name in names)
