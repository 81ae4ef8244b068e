"""A feed that is kept, without the detour through Flask. An unknown token goes on to it and gets its error there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.http import parse_accept_header, parse_etags

from widgets.kept import Kept, KeptFeeds

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

FEED_SECONDS = 10  # a withdrawal has to be off every wall within seconds
START, END = "/widget/", ".json"
HEADERS = [
    ("Content-Type", "application/json; charset=utf-8"),
    ("Cache-Control", f"public, max-age={FEED_SECONDS}"),
    ("Vary", "Accept-Encoding"),
    ("Access-Control-Allow-Origin", "*"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
]


class Front:
    """A WSGI application around another one."""

    def __init__(self, inner: WSGIApplication, feeds: KeptFeeds) -> None:
        self._inner = inner
        self._feeds = feeds

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path: str = environ["PATH_INFO"]
        if path.endswith(END) and path.startswith(START) and environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            token = path[len(START) : -len(END)]
            kept = self._feeds.get(token) if "/" not in token and "\0" not in token else None
            if kept is not None:
                return _answer(kept, environ, start_response)
        return self._inner(environ, start_response)


def _answer(kept: Kept, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    packed = kept.packed if _takes_brotli(environ.get("HTTP_ACCEPT_ENCODING", "")) else None
    body = packed or kept.body
    etag = f"{kept.etag}-br" if packed else kept.etag
    headers = [*HEADERS, ("ETag", f'"{etag}"')]
    if _has(environ.get("HTTP_IF_NONE_MATCH", ""), etag):
        start_response("304 Not Modified", headers)
        return []
    if packed:
        headers.append(("Content-Encoding", "br"))
    headers.append(("Content-Length", str(len(body))))
    start_response("200 OK", headers)
    return [body] if environ["REQUEST_METHOD"] == "GET" else []


def _takes_brotli(accepted: str) -> bool:
    return "br" in accepted and parse_accept_header(accepted)["br"] > 0


def _has(given: str, etag: str) -> bool:
    return bool(given) and parse_etags(given).contains_weak(etag)
