"""The API of experiments. Rates by arm are told once an experiment may be read, and not before."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from testimonials.api.representation import rfc3339
from testimonials.api.routes import blueprint, workspace
from testimonials.domain import experiments as statistics
from testimonials.errors import Invalid
from testimonials.http import json_body, runtime
from testimonials.models.experiment import ExperimentState
from testimonials.services import experiments
from testimonials.services.experiments import Standing

TEXTS = ("widget", "name", "kind", "layout_a", "layout_b")
NUMBERS = ("expected_percent", "smallest_points")


@blueprint.get("/experiments")
def list_experiments() -> Response:
    return jsonify(items=[_shown(each) for each in experiments.listing(runtime(), workspace())], next=None)


@blueprint.post("/experiments")
def create_experiment() -> tuple[Response, int]:
    body = {"widget": None, "name": None, **json_body()}
    faults = {name: ["There is no such field."] for name in body if name not in (*TEXTS, *NUMBERS)}
    faults |= {name: ["Give a text."] for name in TEXTS if name in body and not isinstance(body[name], str)}
    for name in NUMBERS:
        if name in body and (isinstance(body[name], bool) or not isinstance(body[name], int | float)):
            faults[name] = ["Give a number."]
    if faults:
        raise Invalid("This experiment cannot be made as it is.", fields=faults)
    made = experiments.create(runtime(), workspace(), **body)
    return jsonify(_shown(experiments.read(runtime(), workspace(), made.id))), 201


@blueprint.get("/experiments/<experiment_id>")
def read_experiment(experiment_id: str) -> Response:
    return jsonify(_shown(experiments.read(runtime(), workspace(), experiment_id)))


@blueprint.post("/experiments/<experiment_id>/start")
def start_experiment(experiment_id: str) -> Response:
    experiments.start(runtime(), workspace(), experiment_id)
    return read_experiment(experiment_id)


@blueprint.post("/experiments/<experiment_id>/stop")
def stop_experiment(experiment_id: str) -> Response:
    experiments.stop(runtime(), workspace(), experiment_id)
    return read_experiment(experiment_id)


@blueprint.delete("/experiments/<experiment_id>")
def delete_experiment(experiment_id: str) -> tuple[str, int]:
    experiments.remove(runtime(), workspace(), experiment_id)
    return "", 204


def _shown(standing: Standing) -> dict[str, Any]:
    experiment = standing.experiment
    told = standing.answered or experiment.state == ExperimentState.STOPPED
    names = ("id", "name", "kind", "state", "expected_percent", "smallest_points", "planned_each")
    arms: dict[str, dict[str, Any]] = {
        arm: vars(totals) if told else {"visitors": totals.visitors} for arm, totals in standing.arms.items()
    }
    found = statistics.compare(standing.arms["a"].as_arm, standing.arms["b"].as_arm)
    return {
        **{name: getattr(experiment, name) for name in names},
        "widget": experiment.widget.token,
        "layout_a": experiment.layout_a or None,
        "layout_b": experiment.layout_b or None,
        "started_at": experiment.started_at and rfc3339(experiment.started_at),
        "ended_at": experiment.ended_at and rfc3339(experiment.ended_at),
        "answered": standing.answered,
        "arms": arms,
        "difference": {"value": found.value, "lower": found.lower, "upper": found.upper} if told else None,
    }
