"""Beacons that are as they should be, without the detour through Flask. All others go on to it and are refused there."""

from __future__ import annotations

import json
from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING

from testimonials.analytics.batches import Batches
from testimonials.domain.events import ReportedEvent, parse_batch
from testimonials.errors import AppError
from testimonials.limits import Limiter
from testimonials.models.base import now
from testimonials.security import network_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/events"
MAX_BYTES = 64 * 1024
HEADERS = [("Access-Control-Allow-Origin", "*"), ("X-Content-Type-Options", "nosniff")]


class EventsFront:
    """A WSGI application around another one."""

    def __init__(self, inner: WSGIApplication, limiter: Limiter, batches: Batches[ReportedEvent]) -> None:
        self._inner = inner
        self._limiter = limiter
        self._batches = batches

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == PATH and environ["REQUEST_METHOD"] == "POST":
            size = environ.get("CONTENT_LENGTH") or ""
            if size.isascii() and size.isdecimal() and len(size) < 9 and int(size) <= MAX_BYTES:
                body = environ["wsgi.input"].read(int(size))
                if self._take(body, environ.get("REMOTE_ADDR") or "unknown", environ.get("HTTP_ORIGIN", "")):
                    start_response("204 No Content", list(HEADERS))
                    return []
                environ["wsgi.input"] = BytesIO(body)
        return self._inner(environ, start_response)

    def _take(self, body: bytes, address: str, origin: str) -> bool:
        """Whether it was counted and stored. A beacon that was refused here is no worse off for being read again."""
        try:
            content = json.loads(body)
            if not isinstance(content, dict):
                return False
            events = parse_batch(content, arrived_at=now(), origin=origin)
            self._limiter.take("events", network_of(address))
        except (AppError, ValueError, RecursionError):
            return False
        self._batches.add(events)
        return True
