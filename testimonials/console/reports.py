"""Reports: collecting, deciding, watching and sharing as pictures, the numbers of each beside it, and all of them as CSV."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Callable, Iterator
from typing import Any

from flask import Response, render_template, request, url_for

from testimonials.console import pictures
from testimonials.console.blueprint import blueprint
from testimonials.console.sharing import asked_period, inert, network_label
from testimonials.domain.periods import CHOICES, DEFAULT_DAYS, Period, latest
from testimonials.domain.roles import LOOK
from testimonials.domain.sharing import NETWORKS
from testimonials.domain.waiting import Wait, in_words
from testimonials.errors import Invalid, NotFound
from testimonials.http import runtime
from testimonials.models.base import now
from testimonials.services import overview
from testimonials.services.accounts import Person
from testimonials.services.overview import MEASURES, Line, Narrow, Overview
from testimonials.sessions import requires

FUNNEL = {
    "opened": "Opened the page",
    "chosen": "Chose a way",
    "made": "Had something to send",
    "form": "Came to the last screen",
    "sent": "Sent it",
}
CAMERA = {
    "asked": "Were asked for camera or microphone",
    "allowed": "Allowed it",
    "started": "Started recording",
    "taken": "Finished a take",
}
WATCHED = {
    "play": "Pressed play",
    "quartile25": "Watched 25 %",
    "quartile50": "Watched 50 %",
    "quartile75": "Watched 75 %",
    "complete": "Watched all",
}
TRENDS = {
    "play": "Plays",
    "impression": "Times shown",
    "opened": "Page opened",
    "received": "Received",
    "shares": "Shares",
    "visits": "Visits from shares",
    "conversions": "Conversions",
}
SHARED = {"shares": "Shares", "visits": "Visits", "conversions": "Converted"}
LISTS: dict[str, dict[str, str]] = {
    "campaigns": {"opened": "Opened", "received": "Received", "play": "Plays", **SHARED},
    "testimonials": {"impression": "Shown", "play": "Plays", "complete": "To the end", **SHARED},
    "widgets": {"impression": "Shown", "play": "Plays", "complete": "To the end", "click": "Clicks"},
    "networks": SHARED,
}
NARROWING = {"campaign": "campaigns", "widget": "widgets", "testimonial": "testimonials", "network": "networks"}
SHARE_PAGES = "Share pages and players"


@blueprint.get("/reports")
@requires(LOOK)
def reports_page(person: Person) -> str:
    try:
        period, error = asked_period(), None
    except Invalid as refused:
        period, error = latest(DEFAULT_DAYS, now().date()), refused
    narrow = _narrow()
    report = overview.overview(runtime(), person.workspace_id, period, narrow)
    measure = request.args.get("of", "play")
    measure = measure if measure in TRENDS else "play"
    today = now().date()
    return render_template(
        "console/reports.html",
        period=period,
        days=period.length if period == latest(period.length, today) and period.length in CHOICES else None,
        choices=CHOICES,
        today=today,
        error=error,
        asked=request.args,
        report=report,
        total=report.total,
        narrow=_given(narrow),
        named=_named(report),
        shown=_shown(narrow),
        measure=measure,
        trends_of=TRENDS,
        lists=LISTS,
        narrowing={name: kind for kind, name in NARROWING.items()},
        label=_label,
        icons={name: network.icon for name, network in NETWORKS.items()},
        in_words=in_words,
        address=_address(period, narrow),
        **_pictures(report, period, measure),
    )


@blueprint.get("/reports/<name>.csv")
@requires(LOOK)
def report_csv(person: Person, name: str) -> Response:
    """One table of the page, narrowed as the page is; lists in full."""
    if name not in EXPORTS:
        raise NotFound("There is no such table.", code="unknown_table")
    period, narrow = asked_period(), _narrow()
    most = overview.MOST_EXPORTED
    report = overview.overview(runtime(), person.workspace_id, period, narrow, most=most)
    out = io.StringIO()
    lines = csv.writer(out)
    for row in EXPORTS[name](report, period):
        lines.writerow([inert(cell) for cell in row])
    response = Response("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-{period.first}-{period.last}.csv"'
    return response


def _by_step(steps: dict[str, str]) -> Callable[[Overview, Period], Iterator[tuple[Any, ...]]]:
    def rows(report: Overview, _period: Period) -> Iterator[tuple[Any, ...]]:
        yield "step", "name", "number", "number_before"
        for step, words in steps.items():
            yield step, words, report.total.now(step), report.total.before(step)

    return rows


def _by_week(report: Overview, _period: Period) -> Iterator[tuple[Any, ...]]:
    yield "week_from", "approved", "median_seconds", "p90_seconds"
    for week in report.weeks:
        yield week.week, week.number, _whole(week.median_seconds), _whole(week.most_seconds)


def _whole(seconds: float | None) -> int | str:
    return "" if seconds is None else round(seconds)


def _by_day(report: Overview, period: Period) -> Iterator[tuple[Any, ...]]:
    yield "day", *MEASURES
    for day in period.days:
        yield day, *(report.by_day[day][name] for name in MEASURES)


def _by_line(name: str) -> Callable[[Overview, Period], Iterator[tuple[Any, ...]]]:
    def rows(report: Overview, _period: Period) -> Iterator[tuple[Any, ...]]:
        yield "key", "name", *MEASURES, *(f"{measure}_before" for measure in MEASURES)
        for line in getattr(report, name):
            counts = (*map(line.now, MEASURES), *map(line.before, MEASURES))
            yield line.key, _label(name, line), *counts

    return rows


EXPORTS: dict[str, Callable[[Overview, Period], Iterator[tuple[Any, ...]]]] = {
    "collecting": _by_step({**FUNNEL, **CAMERA}),
    "approval": _by_week,
    "watching": _by_step(WATCHED),
    "days": _by_day,
    **{name: _by_line(name) for name in LISTS},
}


def _narrow() -> Narrow:
    given = {name: request.args.get(name, "") for name in NARROWING}
    given["network"] = given["network"] if given["network"] in NETWORKS else ""
    return Narrow(**given)


def _given(narrow: Narrow) -> dict[str, str]:
    return {name: getattr(narrow, name) for name in NARROWING if getattr(narrow, name)}


def _named(report: Overview) -> list[tuple[str, str]]:
    """What it is narrowed to, in words."""
    return [(name, network_label(value) if name == "network" else value) for name, value in report.names.items()]


def _shown(narrow: Narrow) -> dict[str, bool]:
    """Which parts can say something of what is asked for."""
    alone = not (narrow.widget or narrow.testimonial or narrow.network)
    return {"collecting": alone, "watching": not narrow.network, "sharing": not narrow.widget}


def _label(name: str, line: Line) -> str:
    if name == "networks":
        return network_label(line.key)
    return line.name or SHARE_PAGES


def _address(period: Period, narrow: Narrow) -> Callable[..., str]:
    """Addresses of this report with changes; None takes something away."""

    def address(endpoint: str = "console.reports_page", **changes: Any) -> str:
        values = {"from": str(period.first), "to": str(period.last), **_given(narrow), **changes}
        return url_for(endpoint, **{name: value for name, value in values.items() if value})

    return address


def _pictures(report: Overview, period: Period, measure: str) -> dict[str, Any]:
    total = report.total
    sizes = (("wide-only", pictures.WIDE), ("narrow-only", pictures.NARROW))
    now_days, before_days = ([report.by_day[day][measure] for day in each.days] for each in (period, period.before))
    watched, watched_before = ([of(step) for step in WATCHED] for of in (total.now, total.before))
    steps = [(words, total.now(step), total.before(step)) for step, words in FUNNEL.items()]
    return {
        "steps": steps,
        "funnel": pictures.funnel([number for _, number, _ in steps]),
        "lost": _lost(steps),
        "camera": [(words, total.now(step), total.before(step)) for step, words in CAMERA.items()],
        "trends": [(name, pictures.trend(period.days, now_days, before_days, width)) for name, width in sizes],
        "curves": [(name, pictures.curve(watched, watched_before, width)) for name, width in sizes],
        "watched": [(words, total.now(step), total.before(step)) for step, words in WATCHED.items()],
        "weeks": [(name, pictures.weeks(report.weeks, width)) for name, width in sizes],
        "waited": _waited(report.wait, report.wait_before),
        "bar": pictures.bar,
    }


def _lost(steps: list[tuple[str, int, int]]) -> tuple[str, str, int] | None:
    """Between which steps most give up, and how many of a hundred of those who came so far."""
    pairs = [(one, two) for one, two in itertools.pairwise(steps) if one[1] > two[1]]
    if not pairs:
        return None
    one, two = max(pairs, key=lambda pair: pair[0][1] - pair[1][1])
    return one[0], two[0], round(100 * (one[1] - two[1]) / one[1])


def _waited(wait: Wait, before: Wait) -> dict[str, str]:
    return {
        "median": in_words(wait.median_seconds),
        "most": in_words(wait.most_seconds),
        "before": in_words(before.median_seconds) if before.number else "",
    }
