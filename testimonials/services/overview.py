"""What the Reports page shows: collecting, deciding, watching and sharing in a period, beside as many days before it.

Everything is counted once by the day, and by campaign, widget, testimonial and network; each line has both periods.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Subquery, false, func, select
from sqlalchemy.orm import Session

from testimonials.domain import waiting
from testimonials.domain.events import STEPS
from testimonials.domain.periods import Period
from testimonials.domain.waiting import Wait
from testimonials.errors import NotFound
from testimonials.models import Campaign, Testimonial, Widget
from testimonials.runtime import Runtime
from testimonials.services import report_days, reports
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
        both = Period(period.before.first, period.last)
        facts = _Facts(session, workspace_id, both, period, ids, most)
        by_day, waits = facts.by_day()
        total = {
            name: (sum(by_day[day][name] for day in period.days), sum(by_day[day][name] for day in period.before.days))
            for name in MEASURES
        }
        now, before = ({day: waits[day] for day in each.days} for each in (period, period.before))
        return Overview(
            total=Line("", "", total),
            by_day=dict(by_day),
            weeks=waiting.waits(now),
            wait=waiting.summed(period.first, waiting.merged(list(now.values()))),
            wait_before=waiting.summed(period.before.first, waiting.merged(list(before.values()))),
            campaigns=facts.campaigns(),
            widgets=facts.widgets(),
            testimonials=facts.testimonials(),
            networks=facts.networks(),
            names=names,
            choices=_choices(session, workspace_id),
        )


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
    """The three sources of one report, narrowed. What a source does not know of (which widget a share was made on) makes it
    say nothing where the report is narrowed to that."""

    def __init__(
        self, session: Session, workspace_id: str, both: Period, period: Period, ids: Mapping[str, str], most: int
    ) -> None:
        self._session, self._workspace_id, self._first, self._most = session, workspace_id, period.first, most
        self._ids = ids
        self._acts = self._narrowed(report_days.acts(session, workspace_id, both))
        self._events = self._narrowed(report_days.events(session, workspace_id, both))
        sharing = reports.sharing_facts(session, workspace_id, both)
        self._sharing = self._narrowed(
            select(sharing, Testimonial.campaign_id)
            .join(Testimonial, Testimonial.id == sharing.c.testimonial_id)
            .subquery()
        )

    def by_day(self) -> tuple[dict[date, dict[str, int]], dict[date, dict[int, int]]]:
        """Every measure by the day, and approvals by the bound of their wait."""
        days: dict[date, dict[str, int]] = defaultdict(lambda: dict.fromkeys(MEASURES, 0))
        waits: dict[date, dict[int, int]] = defaultdict(dict)
        for facts, name in ((self._acts, "what"), (self._events, "type")):
            for day, measure, count in self._counted(facts, "day", name):
                waited = measure.startswith(WAIT)
                if waited:
                    waits[reports.day_from(day)][int(measure.removeprefix(WAIT))] = count
                if waited or measure in MEASURES:
                    days[reports.day_from(day)]["approved" if waited else measure] += count
        for day, *counts in self._summed_sharing("day"):
            for name, count in zip(SHARING.values(), counts, strict=True):
                days[reports.day_from(day)][name] += count
        return days, waits

    def campaigns(self) -> list[Line]:
        query = select(Campaign.id, Campaign.slug, Campaign.name).where(Campaign.workspace_id == self._workspace_id)
        named = {row.id: (row.slug, row.name) for row in self._session.execute(query)}
        found = self._by("campaign_id")
        return self._lines(found, named.get, ("received", "opened", "play"))

    def widgets(self) -> list[Line]:
        query = select(Widget.id, Widget.token, Widget.name).where(Widget.workspace_id == self._workspace_id)
        named = {row.id: (row.token, row.name) for row in self._session.execute(query)}
        found: dict[str, Counts] = {}
        self._add(found, self._events, "widget_id", "type")
        named[""] = ("", "")
        return self._lines(found, lambda key: named.get(key, ("", "A widget that is gone")), ("play", "impression"))

    def testimonials(self) -> list[Line]:
        found: dict[str, Counts] = {}
        self._add(found, self._events, "testimonial_id", "type")
        self._add_sharing(found, "testimonial_id")
        wanted = ("play", "visits", "impression")
        chosen = dict(sorted(found.items(), key=lambda each: _order(each[1], wanted), reverse=True)[: self._most])
        query = select(Testimonial.id, Testimonial.token, Testimonial.name)
        named: dict[str, tuple[str, str]] = {}
        keys = list(chosen)
        for start in range(0, len(keys), 500):
            rows = self._session.execute(query.where(Testimonial.id.in_(keys[start : start + 500])))
            named |= {row.id: (row.token, row.name) for row in rows}
        return self._lines(chosen, named.get, wanted)

    def networks(self) -> list[Line]:
        found: dict[str, Counts] = {}
        self._add_sharing(found, "network")
        return self._lines(found, lambda key: (key, key), ("visits", "shares"))

    def _narrowed(self, facts: Subquery) -> Subquery:
        columns = {"campaign": "campaign_id", "widget": "widget_id", "testimonial": "testimonial_id"}
        query = select(facts)
        for name, wanted in self._ids.items():
            column = facts.c.get(columns.get(name, name))
            query = query.where(column == wanted) if column is not None else query.where(false())
        return query.subquery()

    def _counted(self, facts: Subquery, *keys: str) -> Any:
        columns = [facts.c[name] for name in keys]
        found = self._session.execute(select(*columns, func.sum(facts.c["count"])).group_by(*columns))
        return ((*names, int(count)) for *names, count in found)

    def _summed_sharing(self, key: str) -> Any:
        column = self._sharing.c[key]
        sums = [func.sum(self._sharing.c[name]) for name in SHARING]
        found = self._session.execute(select(column, *sums).group_by(column))
        return ((name, *map(int, counts)) for name, *counts in found)

    def _by(self, key: str) -> dict[str, Counts]:
        found: dict[str, Counts] = {}
        self._add(found, self._acts, key, "what")
        self._add(found, self._events, key, "type")
        self._add_sharing(found, key)
        return found

    def _add(self, found: dict[str, Counts], facts: Subquery, key: str, name: str) -> None:
        """Both periods by key and measure."""
        new = facts.c.day >= self._first
        sums = [func.sum(facts.c["count"]).filter(each) for each in (new, ~new)]
        query = select(facts.c[key], facts.c[name], *sums).group_by(facts.c[key], facts.c[name])
        for value, measure, now, before in self._session.execute(query):
            named = "approved" if measure.startswith(WAIT) else measure
            _more(found.setdefault(value, {}), named, now, before)

    def _add_sharing(self, found: dict[str, Counts], key: str) -> None:
        column, new = self._sharing.c[key], self._sharing.c.day >= self._first
        sums = [func.sum(self._sharing.c[name]).filter(each) for name in SHARING for each in (new, ~new)]
        for value, *numbers in self._session.execute(select(column, *sums).group_by(column)):
            for place, name in enumerate(SHARING.values()):
                _more(found.setdefault(value, {}), name, *numbers[2 * place : 2 * place + 2])

    def _lines(
        self,
        found: dict[str, Counts],
        named: Callable[[str], tuple[str, str] | None],
        order: tuple[str, ...],
    ) -> list[Line]:
        """The largest first. What nobody asked about in either period is left out, as is what is gone."""
        lines = [Line(*names, counts) for key, counts in found.items() if (names := named(key))]
        return sorted(lines, key=lambda each: (_order(each.counts, order), each.name), reverse=True)[: self._most]


def _more(counts: Counts, name: str, now: int | None, before: int | None) -> None:
    held = counts.get(name, (0, 0))
    counts[name] = held[0] + int(now or 0), held[1] + int(before or 0)


def _order(counts: Counts, names: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(counts.get(name, (0, 0))[0] for name in names)
