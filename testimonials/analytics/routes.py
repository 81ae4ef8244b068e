"""Beacons: plain-text JSON from any origin, answered with 204 once the events are stored."""

from __future__ import annotations

from flask import Blueprint, Response, request

from testimonials.domain.events import parse_batch
from testimonials.http import json_body, open_to_all_origins, runtime
from testimonials.services import analytics

blueprint = Blueprint("analytics", __name__)
MAX_BYTES = 64 * 1024


@blueprint.route("/events", methods=["POST", "OPTIONS"], provide_automatic_options=False)
def events() -> Response:
    if request.method == "POST":
        request.max_content_length = MAX_BYTES
        analytics.record(runtime(), parse_batch(json_body(force=True)))
    return open_to_all_origins(Response(status=204), methods="POST, OPTIONS", headers="Content-Type")
