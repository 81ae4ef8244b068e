"""Beacons: plain-text JSON from any origin, answered with 204 once the events are stored."""

from __future__ import annotations

from functools import partial
from typing import cast

from flask import Blueprint, Flask, Response, current_app, request
from flask.blueprints import BlueprintSetupState

from testimonials.analytics.batches import Batches
from testimonials.analytics.front import MAX_BYTES, EventsFront
from testimonials.domain.events import ReportedEvent, parse_batch
from testimonials.front import put_before
from testimonials.http import json_body, open_to_all_origins
from testimonials.models.base import now
from testimonials.services import analytics

blueprint = Blueprint("analytics", __name__)
EXTENSION = "event_batches"


@blueprint.record_once
def _install(state: BlueprintSetupState) -> None:
    app = cast(Flask, state.app)
    batches = Batches(partial(analytics.record, app.extensions["testimonials"]))
    app.extensions[EXTENSION] = batches
    put_before(app, lambda inner: EventsFront(inner, app.extensions["limits"], batches))


# What `front` lets through: OPTIONS, and beacons that are to be refused.
@blueprint.route("/events", methods=["POST", "OPTIONS"], provide_automatic_options=False)
def events() -> Response:
    if request.method == "POST":
        request.max_content_length = MAX_BYTES
        batches = cast(Batches[ReportedEvent], current_app.extensions[EXTENSION])
        origin = request.headers.get("Origin", "")
        batches.add(parse_batch(json_body(force=True), arrived_at=now(), origin=origin))
    return open_to_all_origins(Response(status=204), methods="POST, OPTIONS", headers="Content-Type")
