"""Conversions that pages report: by the snippet, or by a picture for those who run no script. Anybody can call these, so
what they bring waits for the business's approval; its server reports to `/api/v1/conversions` instead."""

from __future__ import annotations

import base64
from typing import Any

from flask import Response, request

from testimonials.analytics.routes import blueprint
from testimonials.domain.conversions import parse
from testimonials.errors import AppError
from testimonials.http import json_body, open_to_all_origins, runtime
from testimonials.services import conversions
from testimonials.visitor import visitor

PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
MAX_BYTES = 4096


@blueprint.route("/conversions/<token>", methods=["POST", "OPTIONS"], provide_automatic_options=False)
def from_snippet(token: str) -> Response:
    if request.method == "POST":
        request.max_content_length = MAX_BYTES
        reported = parse(json_body(force=True), source="snippet")
        conversions.report_by_page(runtime(), token, reported, visitor())
    return open_to_all_origins(Response(status=204), methods="POST, OPTIONS", headers="Content-Type")


@blueprint.get("/conversions/<token>.gif")
def from_picture(token: str) -> Response:
    """`?key=order-7&via=CODE&value=4900&currency=EUR`. Always a picture: a page must not show a broken one."""
    given: dict[str, Any] = dict(request.args)
    try:
        body = {**given, "last": given.get("via"), "value": _whole(given.get("value"))}
        conversions.report_by_page(runtime(), token, parse(body, source="pixel"), visitor())
    except AppError:
        pass
    response = Response(PIXEL, content_type="image/gif")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 13 else None
