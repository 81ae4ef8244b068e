"""How often one network may knock at the doors that are open to everybody. Sign-in has a rule of its own.

Counted in windows that move: in memory where there is one web process, in Redis where there are several. A Redis that is
away takes no door down: until it is back, each process counts for itself.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, cast

from flask import Flask, after_this_request, current_app, request
from limits import RateLimitItemPerSecond
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter, RateLimiter, SlidingWindowCounterRateLimiter

from testimonials import i18n
from testimonials.domain.uploads import CROWD
from testimonials.errors import RateLimited
from testimonials.http import client_address, open_to_all_origins, speak
from testimonials.security import network_of
from testimonials.settings import Settings

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")

HOUR, DAY = 3600, 86400
MOST_SECONDS = HOUR  # what is said in Retry-After at most: a client that waits for a day has gone
REDIS_SECONDS = 0.5
AWAY_SECONDS = 30
_SHARED_SCHEMES = ("redis://", "rediss://")
_OPEN_TO_ALL = ("events", "shares")


@dataclass(frozen=True)
class Rule:
    """`setting` names the number that is allowed in `seconds`; 0 allows any number. `rough`: two sums for each network
    instead of a mark for each act, where so many knock that the marks would cost more than what they guard."""

    setting: str
    seconds: int
    rough: bool = False


RULES = {
    "uploads": Rule("limit_uploads", HOUR),
    "submissions": Rule("limit_submissions", HOUR),
    "handoffs": Rule("limit_submissions", HOUR),
    "events": Rule("limit_events", 60, rough=True),
    "shares": Rule("limit_shares", HOUR),
}
# Which door counts as what. Uploads are not here: their campaign stands in a header that only their door reads.
DOORS = {
    "collect.submit": "submissions",
    "mine.put_video": "submissions",
    "collect.begin_handoff": "handoffs",
    "analytics.events": "events",
    "sharing.mint": "shares",
    "sharing.to_network": "shares",
    "analytics.steps": "events",
    "sharing.visit": "events",
    "mine.share": "shares",
    "mine.mint_share": "shares",
    "analytics.from_snippet": "events",
    "analytics.from_picture": "events",
    "analytics.arm": "events",
}


class _Windows:
    """One place where hits are counted. Bytes are a sum in two windows: a mark for each of them would fill the memory."""

    def __init__(self, storage: MemoryStorage | RedisStorage) -> None:
        self.hits = MovingWindowRateLimiter(storage)
        self.sums = SlidingWindowCounterRateLimiter(storage)


class _Bytes(RateLimitItemPerSecond):
    """A sum that is found again whatever amount is allowed."""

    def key_for(self, *identifiers: bytes | str | float) -> str:
        return f"bytes/{'/'.join(map(str, identifiers))}"


class Limiter:
    """Made once for an app. Safe to be used by several threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._own = _Windows(MemoryStorage())
        self._shared: _Windows | None = None
        self._away_until = 0.0
        self._said = False
        if settings.broker_url.startswith(_SHARED_SCHEMES):
            redis = RedisStorage(
                settings.broker_url,
                wrap_exceptions=True,
                socket_timeout=REDIS_SECONDS,
                socket_connect_timeout=REDIS_SECONDS,
            )
            self._shared = _Windows(redis)

    def take(self, kind: str, network: str, campaign: str = "") -> None:
        """Count one act. A campaign may take as much as many networks. Raises RateLimited."""
        rule = RULES[kind]
        allowed = int(getattr(self._settings, rule.setting))
        if not allowed:
            return
        self._hit(RateLimitItemPerSecond(allowed, rule.seconds, kind), network, rough=rule.rough)
        if campaign:
            self._hit(RateLimitItemPerSecond(allowed * CROWD, rule.seconds, kind), f"campaign {campaign}")

    def check_bytes(self, network: str, size: int = 0) -> None:
        """Raises RateLimited where this network has no room for so many bytes today."""
        allowed = self._settings.limit_upload_bytes
        day = _Bytes(allowed, DAY)
        if allowed and not self._ask(lambda windows: windows.sums.test(day, network, cost=max(size, 1))):
            raise _too_much(MOST_SECONDS, code="too_many_bytes")

    def add_bytes(self, network: str, size: int) -> None:
        """Count what has come, also where that is more than is allowed: it has come already."""
        if size and self._settings.limit_upload_bytes:
            self._ask(lambda windows: windows.sums.hit(_Bytes(2**62, DAY), network, cost=size))

    def _hit(self, item: RateLimitItemPerSecond, who: str, *, rough: bool = False) -> None:
        def counter(windows: _Windows) -> RateLimiter:
            return windows.sums if rough else windows.hits

        if self._ask(lambda windows: counter(windows).hit(item, who)):
            return
        stats = self._ask(lambda windows: counter(windows).get_window_stats(item, who))
        raise _too_much(min(max(math.ceil(stats.reset_time - time.time()), 1), MOST_SECONDS))

    def _ask(self, question: Callable[[_Windows], Answer]) -> Answer:
        if self._shared is not None and time.monotonic() >= self._away_until:
            try:
                answer = question(self._shared)
            except StorageError as error:
                self._away_until = time.monotonic() + AWAY_SECONDS
                if not self._said:
                    log.warning("Redis is away (%s); until it is back, this process counts for itself", error)
                self._said = True
            else:
                self._said = False
                return answer
        return question(self._own)


def install(app: Flask, settings: Settings) -> None:
    """Count at every door of the table."""
    app.extensions["limits"] = Limiter(settings)
    app.before_request(_count)


def limiter() -> Limiter:
    """The limiter of the app that answers this request."""
    return cast(Limiter, current_app.extensions["limits"])


def network() -> str:
    """What counts as one client."""
    return network_of(client_address())


def _count() -> None:
    kind = DOORS.get(request.endpoint or "")
    if kind is None or request.method in ("OPTIONS", "HEAD"):
        return
    try:
        limiter().take(kind, network(), (request.view_args or {}).get("slug", ""))
    except RateLimited:
        if kind in _OPEN_TO_ALL:
            after_this_request(open_to_all_origins)
        raise


def _too_much(seconds: int, code: str = "") -> RateLimited:
    speak(i18n.SOURCE)
    sentence = i18n.gettext("That was a lot from one place in a short time. Please wait a little and try again.")
    return RateLimited(sentence, code=code, retry_after_seconds=seconds)
