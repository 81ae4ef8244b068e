"""Which arm of an experiment a widget's reader is in, and what they did in it. A host page asks without credentials; the
answer is nobody's secret."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, jsonify, request

from testimonials.analytics.routes import blueprint
from testimonials.errors import BadRequest
from testimonials.http import json_body, open_to_all_origins, runtime
from testimonials.services import experiments
from testimonials.services.visitors import Visitor
from testimonials.visitor import visitor

MAX_BYTES = 1024


@blueprint.route("/widget/<token>/arm", methods=["POST", "OPTIONS"], provide_automatic_options=False)
def arm(token: str) -> Response:
    """`{"arm": "a", "layout": "carousel" or null, "show": true}`. The arm is null for who is not counted. With the body
    `{"act": "play"}` it is the reader's first play that is told: 204."""
    response = Response(status=204)
    if request.method == "OPTIONS":
        return open_to_all_origins(response, methods="POST, OPTIONS", headers="Content-Type")
    request.max_content_length = MAX_BYTES
    if request.get_data():
        if json_body(force=True).get("act") != "play":
            raise BadRequest("The act is play, or there is no body.", code="unknown_act")
        experiments.played(runtime(), token, visitor())
    else:
        told = experiments.arm_for(runtime(), token, _who())
        response = jsonify(arm=told.arm, layout=told.layout, show=told.show)
        response.headers["Cache-Control"] = "no-store"
    return open_to_all_origins(response, methods="POST, OPTIONS", headers="Content-Type")


def _who() -> Visitor:
    """The reader; whoever looks at a preview in our own console is nobody's reader."""
    found = visitor()
    ours = f"{runtime().settings.base_url}/console/"
    return replace(found, counted=False) if (request.referrer or "").startswith(ours) else found
