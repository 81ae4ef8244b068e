"""What a widget answers: its feed, a fragment that needs no script, and a page to be framed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import brotli
from flask import Flask, Response, current_app, render_template, request
from flask.blueprints import BlueprintSetupState

from testimonials.domain.widget_config import feed_address
from testimonials.errors import NotFound
from testimonials.front import put_before
from testimonials.http import cached, open_to_all_origins, runtime
from testimonials.services import widgets
from widgets import drawn
from widgets import feed as feeds
from widgets.front import FEED_SECONDS, Front
from widgets.kept import Kept, KeptFeeds
from widgets.routes import blueprint

EXTENSION = "kept_feeds"
STATIC = Path(__file__).parent / "static"
FILE_SECONDS = 3600


@blueprint.record_once
def _install(state: BlueprintSetupState) -> None:
    feeds = KeptFeeds(state.app.extensions["testimonials"])
    state.app.extensions[EXTENSION] = feeds
    put_before(cast(Flask, state.app), lambda inner: Front(inner, feeds))


@blueprint.get("/widget/<token>.json")
def feed(token: str) -> Response:
    """Answered by `front` wherever there is one; here for addresses in the pages, and for who asks in vain."""
    kept = _kept(token)
    return open_to_all_origins(cached(kept.body, "application/json", seconds=FEED_SECONDS, brotli=kept.packed))


@blueprint.get("/widget/<token>/draft/<packed>.json")
def draft_feed(token: str, packed: str) -> Response:
    """What the builder shows of changes that nobody has saved. Signed, and for the builder alone."""
    asked = {name: request.args.get(name, "") for name in ("expires", "signature")}
    feed = feeds.draft_feed(runtime(), widgets.drafted(runtime(), token, packed, **asked))
    response = Response(feed.body, content_type="application/json; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return open_to_all_origins(response)


@blueprint.get("/widget/<token>.html")
def fragment(token: str) -> Response:
    """The wall as markup for another page, complete without a script: for server-side includes."""
    body = _page(token, "fragment", lambda: render_template("widget/fragment.html", wall=_wall(token)))
    return open_to_all_origins(_cached_page(body))


@blueprint.get("/widget/<token>.css")
def theme_sheet(token: str) -> Response:
    """The look chosen in the console, for the fragment: the element itself needs none."""
    body = drawn.theme(_kept(token).feed.content).encode()
    response = open_to_all_origins(cached(body, "text/css; charset=utf-8", seconds=FEED_SECONDS))
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@blueprint.get("/widget/<token>")
def iframe(token: str) -> Response:
    """A page of its own for those who want nothing of ours on theirs. Any site may frame it."""
    body = _page(token, "iframe", lambda: render_template("widget/iframe.html", wall=_wall(token)))
    response = _cached_page(body)
    ours = " ".join(dict.fromkeys(["'self'", *_origins()]))
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src {ours}; style-src {ours}; img-src {ours}; media-src {ours}; connect-src {ours};"
        " base-uri 'none'; form-action 'none'; frame-ancestors *"
    )
    return response


@blueprint.get("/widget/plain.css")
def plain_sheet() -> Response:
    return _file("plain.css", "text/css; charset=utf-8")


@blueprint.get("/widget/frame.js")
def frame_script() -> Response:
    """For the page that frames ours: gives the frame its height."""
    return _file("frame.js", "text/javascript; charset=utf-8")


@blueprint.get("/widget/framed.js")
def framed_script() -> Response:
    """For our own page inside the frame."""
    return _file("framed.js", "text/javascript; charset=utf-8")


def _wall(token: str) -> drawn.Wall:
    settings = runtime().settings
    pointer = feed_address(settings.feed_url, token)
    return drawn.wall(_kept(token).feed.content, base=settings.base_url, token=token, pointer=pointer)


def _page(token: str, name: str, render: Callable[[], str]) -> bytes:
    """Rendered once a change, like the feed it is made of."""
    pages = _kept(token).pages
    if name not in pages:
        pages[name] = render().encode()
    return pages[name]


def _cached_page(body: bytes) -> Response:
    packed = brotli.compress(body, quality=5) if request.accept_encodings["br"] > 0 else None
    return cached(body, "text/html; charset=utf-8", seconds=FEED_SECONDS, brotli=packed)


def _origins() -> list[str]:
    settings = runtime().settings
    parts = [urlsplit(address) for address in (settings.base_url, settings.feed_url) if address]
    return [f"{part.scheme}://{part.netloc}" for part in parts]


def _file(name: str, content_type: str) -> Response:
    response = open_to_all_origins(cached(_read(name), content_type, seconds=FILE_SECONDS))
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@cache
def _read(name: str) -> bytes:
    return (STATIC / name).read_bytes()


def _kept(token: str) -> Kept:
    feeds: KeptFeeds = current_app.extensions[EXTENSION]
    kept = feeds.get(token)
    if kept is None:
        raise NotFound("There is no such widget.", code="unknown_widget")
    return kept
