"""Feeds as they are served, kept in this process: rendered and packed once a change, not once a request.

What this process changes itself is seen at the next request; what another one changes, a worker or a second web server,
after `LOOK_SECONDS`.
"""

from __future__ import annotations

import hashlib
import threading
import time
from dataclasses import dataclass, field

import brotli

from testimonials.runtime import Runtime
from testimonials.services.publishing import changes_here
from widgets.feed import Feed, read_feed, revision_of

LOOK_SECONDS = 0.5
TRUST_SECONDS = 60
"""So long at most is a feed believed without being made anew, whatever the revision says."""
MOST = 256
PACKED_FROM = 1000


@dataclass
class Kept:
    """A feed ready to be sent. `pages` holds what others made of it, by name, for as long as it is true."""

    feed: Feed
    body: bytes
    packed: bytes | None
    etag: str
    seen: int
    made_at: float
    looked_at: float
    pages: dict[str, bytes] = field(default_factory=dict)


class KeptFeeds:
    """One an app; safe between threads."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._kept: dict[str, Kept] = {}
        self._one_at_a_time = threading.Lock()

    def get(self, token: str) -> Kept | None:
        """The feed of a widget, None where there is no such widget. Unknown tokens are not remembered."""
        kept = self._kept.get(token)
        if kept is None:
            return self._make(token)
        if kept.seen == changes_here():
            if time.monotonic() < kept.looked_at + LOOK_SECONDS:
                return kept
            # One looks, and the others do not wait for that.
            if not self._one_at_a_time.acquire(blocking=False):
                return kept
        else:
            self._one_at_a_time.acquire()
        try:
            return self._looked_after(token, kept)
        finally:
            self._one_at_a_time.release()

    def _looked_after(self, token: str, kept: Kept) -> Kept | None:
        newest = self._kept.get(token, kept)
        seen, moment = changes_here(), time.monotonic()
        if newest is not kept and newest.seen == seen:
            return newest
        young = moment < newest.made_at + TRUST_SECONDS
        if young and newest.feed.revision == revision_of(self._runtime, token):
            newest.seen, newest.looked_at = seen, moment
            return newest
        return self._make(token)

    def _make(self, token: str) -> Kept | None:
        seen, moment = changes_here(), time.monotonic()
        feed = read_feed(self._runtime, token)
        if feed is None:
            self._kept.pop(token, None)
            return None
        body = feed.body
        packed = brotli.compress(body, mode=brotli.MODE_TEXT, quality=9) if len(body) > PACKED_FROM else None
        kept = Kept(feed, body, packed, hashlib.sha256(body).hexdigest()[:32], seen, moment, moment)
        while len(self._kept) >= MOST:
            self._kept.pop(next(iter(self._kept)), None)
        self._kept[token] = kept
        return kept
