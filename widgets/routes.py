"""What host pages load of the element: the script, the parts of it that come on use, and its style sheet."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from flask import Blueprint, Response

from testimonials.errors import NotFound
from testimonials.http import cached, open_to_all_origins

blueprint = Blueprint("widgets", __name__)

CONVERSION = Path(__file__).parent / "src" / "conversion.js"
RELEASED = Path(__file__).parent / "static" / "v1"
JAVASCRIPT, STYLES = "text/javascript; charset=utf-8", "text/css; charset=utf-8"
SCRIPT_SECONDS = 3600
PART_SECONDS = 31536000


@blueprint.get("/widget/v1.js")
def script() -> Response:
    return _released("v1.js", JAVASCRIPT, SCRIPT_SECONDS)


@blueprint.get("/widget/v1.css")
def styles() -> Response:
    """The style sheet of the shadow root and of all layouts, for what the server draws itself."""
    return _released("v1.css", STYLES, SCRIPT_SECONDS)


@blueprint.get("/widget/v1/<file>")
def part(file: str) -> Response:
    """A part of the script. Its name holds the release, so it is kept for good. A script of an earlier release, which a browser
    may keep for an hour after an update, is given the part of now, for now."""
    asked = re.fullmatch(r"([a-z0-9-]+)-[0-9a-f]{8}\.js", file)
    found = _parts().get(asked[1]) if asked else None
    if found is None:
        raise NotFound("The widget has no such part.", code="unknown_part")
    if found != file:
        return _released(found, JAVASCRIPT, SCRIPT_SECONDS)
    response = _released(found, JAVASCRIPT, PART_SECONDS)
    response.headers["Cache-Control"] = f"public, max-age={PART_SECONDS}, immutable"
    return response


@blueprint.get("/widget/conversion.js")
def conversion_script() -> Response:
    """For the business's own pages: it reports what came of a share."""
    return _open(cached(CONVERSION.read_bytes(), JAVASCRIPT, seconds=SCRIPT_SECONDS))


def _released(file: str, content_type: str, seconds: int) -> Response:
    plain, packed = _file(file)
    return _open(cached(plain, content_type, seconds=seconds, brotli=packed))


def _open(response: Response) -> Response:
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return open_to_all_origins(response)


@cache
def _file(name: str) -> tuple[bytes, bytes]:
    return (RELEASED / name).read_bytes(), (RELEASED / f"{name}.br").read_bytes()


@cache
def _parts() -> dict[str, str]:
    """Part → its file."""
    return {path.name[: -len("-12345678.js")]: path.name for path in RELEASED.glob("*-????????.js")}
