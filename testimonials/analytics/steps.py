"""Beacons of the collect page: `{"steps": ["opened"]}` from a page of ours, answered with 204 once they are counted."""

from __future__ import annotations

from functools import partial
from typing import cast

from flask import Flask, Response, current_app, request
from flask.blueprints import BlueprintSetupState

from testimonials.analytics.batches import Batches
from testimonials.analytics.routes import blueprint
from testimonials.domain.events import parse_steps
from testimonials.http import json_body, runtime
from testimonials.services import funnel
from testimonials.visitor import visitor

EXTENSION = "step_batches"
MAX_BYTES = 512


@blueprint.record_once
def _install(state: BlueprintSetupState) -> None:
    app = cast(Flask, state.app)
    app.extensions[EXTENSION] = Batches(partial(funnel.record, app.extensions["testimonials"]))


@blueprint.post("/c/<slug>/steps")
def steps(slug: str) -> Response:
    """`?page=` is the proof that the page was given. Preview bots and prefetches are answered and not counted."""
    request.max_content_length = MAX_BYTES
    reached = parse_steps(json_body(force=True))
    funnel.check_proof(runtime(), slug, request.args.get("page", ""))
    if visitor().counted:
        batches = cast(Batches[tuple[str, str]], current_app.extensions[EXTENSION])
        batches.add([(slug, step) for step in reached])
    return Response(status=204)
