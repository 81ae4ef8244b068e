"""What host pages load: the script, the feed, and a page for those who embed by iframe."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import brotli
from flask import Blueprint, Response, render_template

from testimonials.errors import NotFound
from testimonials.http import cached, open_to_all_origins, runtime
from widgets.feed import render_feed

blueprint = Blueprint("widgets", __name__)

CONVERSION = Path(__file__).parent / "src" / "conversion.js"
SCRIPT = Path(__file__).parent / "static" / "v1" / "v1.js"
FEED_SECONDS = 10  # a withdrawal has to be off every wall within seconds
SCRIPT_SECONDS = 3600


@blueprint.get("/widget/v1.js")
def script() -> Response:
    plain, packed = _script()
    response = cached(plain, "text/javascript; charset=utf-8", seconds=SCRIPT_SECONDS, brotli=packed)
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return open_to_all_origins(response)


@blueprint.get("/widget/conversion.js")
def conversion_script() -> Response:
    """For the business's own pages: it reports what came of a share."""
    response = cached(CONVERSION.read_bytes(), "text/javascript; charset=utf-8", seconds=SCRIPT_SECONDS)
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return open_to_all_origins(response)


@blueprint.get("/widget/<token>.json")
def feed(token: str) -> Response:
    body = _feed(token)
    packed = brotli.compress(body, quality=5) if len(body) > 1000 else None
    return open_to_all_origins(cached(body, "application/json; charset=utf-8", seconds=FEED_SECONDS, brotli=packed))


@blueprint.get("/widget/<token>")
def iframe(token: str) -> Response:
    """A page of its own for those who cannot run a script on theirs. Any site may frame it."""
    _feed(token)
    response = Response(render_template("widget/iframe.html", token=token))
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self';"
        " base-uri 'none'; form-action 'none'; frame-ancestors *"
    )
    return response


def _feed(token: str) -> bytes:
    body = render_feed(runtime(), token)
    if body is None:
        raise NotFound("There is no such widget.", code="unknown_widget")
    return body


@cache
def _script() -> tuple[bytes, bytes]:
    return SCRIPT.read_bytes(), SCRIPT.with_suffix(".js.br").read_bytes()
