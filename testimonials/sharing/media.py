"""Renditions and posters: fixed types, ranges, validators, and a year of caching for what is public."""

from __future__ import annotations

from flask import Blueprint, Response, request

from testimonials.http import open_to_all_origins, partial, runtime
from testimonials.services import playback

blueprint = Blueprint("media", __name__)


@blueprint.get("/media/<token>/<file>")
def media(token: str, file: str) -> Response:
    given = request.args
    found = playback.find(
        runtime(), token, file, expires=given.get("expires", ""), signature=given.get("signature", "")
    )
    response = partial(
        found.size_bytes,
        found.content_type,
        found.etag,
        lambda start, length: playback.stream(runtime(), found, start, length),
    )
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if found.public else "private, no-store"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    # The name is ours: a word and the file's own ending.
    name = f"testimonial.{found.content_type.partition('/')[2].partition(';')[0]}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"' if "download" in given else "inline"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return open_to_all_origins(response)
