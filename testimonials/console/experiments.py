"""Experiments: a widget against none, or layout against layout; made, started, watched and stopped here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from testimonials.console.blueprint import blueprint
from testimonials.console.conversions import how_to
from testimonials.console.sharing import sharing_tabs
from testimonials.domain import experiments as statistics
from testimonials.domain.roles import EDIT, LOOK
from testimonials.domain.widget_config import LAYOUTS
from testimonials.errors import AppError, NotFound
from testimonials.http import runtime
from testimonials.models.base import now
from testimonials.models.experiment import ExperimentState
from testimonials.runtime import Runtime
from testimonials.services import conversions, experiments, widgets
from testimonials.services.accounts import Person
from testimonials.services.experiments import Standing
from testimonials.sessions import confirm, may, requires

STATES = {
    ExperimentState.DRAFT: "Not started",
    ExperimentState.RUNNING: "Running",
    ExperimentState.FULL: "Finished",
    ExperimentState.STOPPED: "Stopped early",
}
FIELDS = ("name", "widget", "kind", "layout_a", "layout_b", "expected_percent", "smallest_points")
FRESH = {
    "name": "",
    "widget": "",
    "kind": "presence",
    "layout_a": "wall",
    "layout_b": "carousel",
    "expected_percent": "3",
    "smallest_points": "1",
}
ACTS: dict[str, Callable[[Runtime, str, str], object]] = {
    "start": experiments.start,
    "stop": experiments.stop,
    "delete": experiments.remove,
}
INTERVAL_WIDTH = 640


@blueprint.get("/experiments")
@requires(LOOK)
def experiments_page(person: Person) -> str:
    return _page(person, FRESH)


@blueprint.post("/experiments")
@requires(EDIT)
def create_experiment(person: Person) -> AnyResponse | tuple[str, int]:
    confirm()
    given = {name: request.form.get(name, "").strip() for name in FIELDS}
    numbers = {name: _number(given[name]) for name in ("expected_percent", "smallest_points")}
    try:
        made = experiments.create(runtime(), person.workspace_id, **{**given, **numbers})  # type: ignore[arg-type]
    except AppError as error:
        faults = {name: " ".join(each) for name, each in error.fields.items()}
        if error.code == "unknown_widget":
            faults = {"widget": "Choose one of your widgets."}
        return _page(person, given, faults=faults, error=error.detail), 422
    return redirect(url_for("console.experiment_page", experiment_id=made.id), 303)


@blueprint.get("/experiments/<experiment_id>")
@requires(LOOK)
def experiment_page(person: Person, experiment_id: str) -> str:
    return _one(person, experiment_id)


@blueprint.post("/experiments/<experiment_id>/<act>")
@requires(EDIT)
def act_on_experiment(person: Person, experiment_id: str, act: str) -> AnyResponse | tuple[str, int]:
    """start, stop, or delete."""
    confirm()
    experiments.read(runtime(), person.workspace_id, experiment_id)
    if act not in ACTS:
        raise NotFound("There is nothing here.")
    try:
        ACTS[act](runtime(), person.workspace_id, experiment_id)
    except AppError as error:
        return _one(person, experiment_id, error=error.detail), error.status
    if act == "delete":
        return redirect(url_for("console.experiments_page"), 303)
    return redirect(url_for("console.experiment_page", experiment_id=experiment_id), 303)


def names(standing: Standing) -> tuple[str, str]:
    """How its arms are called, each as the beginning of a sentence."""
    experiment = standing.experiment
    if experiment.kind == "presence":
        return "Your page without it", "The widget"
    return tuple(LAYOUTS.get(each, each) for each in (experiment.layout_a, experiment.layout_b))  # type: ignore[return-value]


def words(standing: Standing) -> str:
    """What can be said about it now."""
    experiment, (a, b) = standing.experiment, (standing.arms[arm].as_arm for arm in statistics.ARMS)
    name_a, name_b = names(standing)
    if experiment.state == ExperimentState.DRAFT:
        return f"It needs {2 * experiment.planned_each:,} visitors."
    if experiment.state == ExperimentState.STOPPED:
        return statistics.early_words(a, b, experiment.planned_each)
    if not standing.answered:
        return statistics.waiting_words(a, b, experiment.planned_each)
    return statistics.verdict(a, b, name_a=name_a, name_b=name_b, smallest_points=experiment.smallest_points)


def _page(person: Person, draft: dict[str, str], *, faults: dict[str, str] | None = None, error: str = "") -> str:
    found = experiments.listing(runtime(), person.workspace_id)
    return render_template(
        "console/experiments.html",
        **sharing_tabs(person),
        experiments=[(each, words(each), STATES[each.experiment.state]) for each in found],
        widgets=widgets.listing(runtime(), person.workspace_id),
        kinds=statistics.KINDS,
        layouts=LAYOUTS,
        draft=draft,
        faults=faults or {},
        error=error,
        examples=[
            (rate, points, statistics.planned(rate, points)) for rate, points in ((1, 0.5), (3, 1), (3, 2), (10, 3))
        ],
        may_edit=may(person, EDIT),
    )


def _one(person: Person, experiment_id: str, error: str = "") -> str:
    standing = experiments.read(runtime(), person.workspace_id, experiment_id)
    experiment = standing.experiment
    ended = experiment.state in (ExperimentState.FULL, ExperimentState.STOPPED)
    reporting = conversions.reporting(runtime(), person.workspace_id)
    snippet = how_to(runtime().settings.base_url, reporting.token)["everywhere"]
    return render_template(
        "console/experiment.html",
        **sharing_tabs(person),
        standing=standing,
        experiment=experiment,
        state=STATES[experiment.state],
        names=dict(zip(statistics.ARMS, names(standing), strict=True)),
        words=words(standing),
        told=standing.answered or experiment.state == ExperimentState.STOPPED,
        ended=ended,
        interval=_interval(standing) if standing.answered or experiment.state == ExperimentState.STOPPED else None,
        pace=_pace(standing),
        error=error,
        snippet=snippet.replace(" async>", " data-experiment async>"),
        thanks=how_to(runtime().settings.base_url, reporting.token)["thanks"],
        may_edit=may(person, EDIT),
    )


def _pace(standing: Standing) -> str:
    """How long it will take, once a day of it is known."""
    experiment, arms = standing.experiment, standing.arms
    if experiment.state != ExperimentState.RUNNING or experiment.started_at is None:
        return ""
    days = (now() - experiment.started_at).total_seconds() / 86400
    seen = sum(each.visitors for each in arms.values())
    if days < 1 or not seen:
        return ""
    missing = statistics.still_needed(arms["a"].as_arm, arms["b"].as_arm, experiment.planned_each)
    left = round(missing / (seen / days))
    return f"At the pace so far, {left:,} more days." if left > 1 else "At the pace so far, about a day more."


def _interval(standing: Standing) -> dict[str, Any]:
    """The interval of the difference on a line with zero on it."""
    found = statistics.compare(standing.arms["a"].as_arm, standing.arms["b"].as_arm)
    reach = max(abs(found.lower), abs(found.upper), 0.005) * 1.15

    def at(value: float) -> float:
        return round(INTERVAL_WIDTH / 2 * (1 + value / reach), 1)

    return {
        "width": INTERVAL_WIDTH,
        "zero": at(0),
        "lower": at(found.lower),
        "upper": at(found.upper),
        "value": at(found.value),
        "said": [statistics.points(each) for each in (found.lower, found.value, found.upper)],
    }


def _number(text: str) -> float:
    """As it was typed, with a comma or a point; what is no number is out of every range."""
    try:
        return float(text.replace(",", ".")) if len(text) < 10 else -1.0
    except ValueError:
        return -1.0
