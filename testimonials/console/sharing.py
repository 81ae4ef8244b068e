"""What sharing brought: pictures first, the numbers of each beside it, all of them as CSV; and who brought whom."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

from flask import Response, render_template, request, url_for

from testimonials.console import pictures
from testimonials.console.blueprint import blueprint
from testimonials.domain.periods import CHOICES, DEFAULT_DAYS, Period, between, latest
from testimonials.domain.roles import LOOK
from testimonials.domain.sharing import NETWORKS
from testimonials.errors import Invalid
from testimonials.http import runtime
from testimonials.models.base import now
from testimonials.services import conversions, ledger, reports, rewards
from testimonials.services.accounts import Person
from testimonials.services.reports import Report, Totals
from testimonials.sessions import requires

MEASURES = {
    "visits": "Visits",
    "shares": "Shares",
    "plays": "Plays",
    "clicks": "Clicks",
    "last": "Conversions",
}
PLACES = {
    "widget": "A widget on your site",
    "page": "The share page",
    "my": "Their own page",
    "console": "This console",
}
WHO = {"customer": "The customer", "business": "You", "visitor": "A visitor"}
COLUMNS = (
    *("day", "testimonial", "name", "network", "place", "sharer"),
    *("shares", "visits", "plays", "clicks", "conversions_first_touch", "conversions_last_touch"),
)


def network_label(name: str) -> str:
    return NETWORKS[name].label if name in NETWORKS else name


@blueprint.get("/sharing")
@requires(LOOK)
def sharing_page(person: Person) -> str:
    try:
        period, error = asked_period(), None
    except Invalid as refused:
        period, error = latest(DEFAULT_DAYS, now().date()), refused
    report = reports.sharing(runtime(), person.workspace_id, period)
    measure = request.args.get("of", "visits")
    measure = measure if measure in MEASURES else "visits"
    return render_template(
        "console/sharing.html",
        **sharing_tabs(person),
        period=period,
        days=period.length if period == latest(period.length, now().date()) and period.length in CHOICES else None,
        choices=CHOICES,
        today=now().date(),
        error=error,
        asked=request.args,
        report=report,
        measures=MEASURES,
        measure=measure,
        names={"network": network_label, "place": PLACES.get, "sharer": WHO.get},
        icons={name: network.icon for name, network in NETWORKS.items()},
        **_pictures(report, period, measure),
        **_journey(person),
    )


@blueprint.get("/sharing.csv")
@requires(LOOK)
def sharing_csv(person: Person) -> Response:
    """All counts of the period, one line for each day, testimonial, network, place and kind of sharer."""
    period = asked_period()
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(COLUMNS)
    for row in reports.rows(runtime(), person.workspace_id, period):
        lines.writerow([inert(cell) for cell in row])
    response = Response("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    name = f"sharing-{period.first}-{period.last}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def inert(cell: Any) -> Any:
    """A text that a spreadsheet takes for a formula, made one that it does not."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def sharing_tabs(person: Person) -> dict[str, Any]:
    """What waits behind each tab."""
    return {
        "tab_counts": {
            "console.conversions_page": conversions.waiting(runtime(), person.workspace_id),
            "console.rewards_page": rewards.number_waiting(runtime(), person.workspace_id),
        }
    }


def asked_period() -> Period:
    """`?days=` or `?from=&to=`. Raises Invalid for dates that are none."""
    given, today = request.args, now().date()
    if given.get("from") or given.get("to"):
        return between(given.get("from", ""), given.get("to", ""), today)
    days = given.get("days", "")
    return latest(int(days) if days in map(str, CHOICES) else DEFAULT_DAYS, today)


def _pictures(report: Report, period: Period, measure: str) -> dict[str, Any]:
    def of(days: list[date]) -> list[int]:
        return [getattr(report.by_day[day], measure) for day in days]

    steps = [(label, getattr(report.totals, name)) for name, label in _STEPS]
    return {
        "funnel": pictures.funnel([value for _, value in steps]),
        "steps": steps,
        "trends": [
            (name, pictures.trend(period.days, of(period.days), of(period.before.days), width))
            for name, width in (("wide-only", pictures.WIDE), ("narrow-only", pictures.NARROW))
        ],
        "headline": _headline(report.totals),
        "change": _change(report, period),
        "bar": pictures.bar,
    }


_STEPS = (
    ("shares", "Shared it"),
    ("visits", "Came from a share"),
    ("plays", "Pressed play"),
    ("clicks", "Went to your site"),
    ("last", "Converted"),
)


def _headline(totals: Totals) -> str:
    if totals.last:
        return f"{totals.last:,} conversion{_s(totals.last)} came by a share"
    if totals.visits:
        return f"{totals.visits:,} visit{_s(totals.visits)} came by shares"
    if totals.shares:
        return f"{totals.shares:,} share{_s(totals.shares)}, and nobody has come yet"
    return "Sharing"


def _change(report: Report, period: Period) -> dict[str, Any]:
    """The headline's number against the days before."""
    name, label = next(
        (
            (name, label)
            for name, label in (("last", "conversions"), ("visits", "visits"))
            if getattr(report.totals, name)
        ),
        ("shares", "shares"),
    )
    difference = getattr(report.totals, name) - getattr(report.before, name)
    return {"difference": difference, "label": label, "days": period.length}


def _journey(person: Person) -> dict[str, Any]:
    """The tree of one testimonial: the one asked for, else the most visited."""
    choices = reports.shared_testimonials(runtime(), person.workspace_id)
    if not choices:
        return {"journeys": [], "journey": None}
    wanted = request.args.get("tree") or choices[0][0]
    branches = ledger.tree(runtime(), person.workspace_id, wanted)
    name = next((name for token, name, _ in choices if token == wanted), "")
    return {
        "journeys": choices,
        "journey": {
            "token": wanted,
            "name": name or ledger.name_of(runtime(), person.workspace_id, wanted),
            "picture": pictures.tree(branches),
            "lines": pictures.listed(branches),
            "shares": sum(map(pictures.count, branches)),
            "visits": sum(each.reach for each in branches),
            "url": url_for("console.sharing_page", tree=wanted),
        },
    }


def _s(number: int) -> str:
    return "" if number == 1 else "s"
