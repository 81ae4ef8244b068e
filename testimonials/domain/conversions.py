"""Conversions as they are reported: what a business counts as success, and the shares that are said to have led to it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from testimonials.errors import BadRequest, Invalid

MAX_KEY = 120
SOURCES = ("server", "snippet", "pixel")
_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True)
class Touch:
    """A share that brought somebody, and when; without a time it counts as just now."""

    code: str
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Reported:
    """One conversion as it was reported. `key` is the reporter's own, unique in the workspace: an order's number does.
    `value_cents` is in the smallest unit of `currency` (ISO 4217)."""

    key: str
    source: str
    first: Touch | None = None
    last: Touch | None = None
    value_cents: int | None = None
    currency: str = ""
    order_reference: str = ""

    def check(self) -> None:
        """Raises Invalid for what no reporter may say."""
        if self.source not in SOURCES:
            raise Invalid(f"Sources are {', '.join(SOURCES)}.", code="unknown_source")
        if not 0 < len(self.key) <= MAX_KEY:
            raise Invalid(f"A key has 1 to {MAX_KEY} characters.", code="bad_key")
        if len(self.order_reference) > MAX_KEY:
            raise Invalid(f"A reference has at most {MAX_KEY} characters.", code="bad_reference")
        if self.value_cents is not None and not 0 <= self.value_cents < 10**12:
            raise Invalid("A value is a whole number of the currency's smallest unit.", code="bad_value")
        if self.currency and not _CURRENCY.fullmatch(self.currency):
            raise Invalid("A currency is three capital letters, as in EUR.", code="bad_currency")


def parse(body: dict[str, Any], *, source: str) -> Reported:
    """`{"key", "first"?, "last"?, "value"?, "currency"?, "order_reference"?}`; a touch is a code or `{"code", "at"}`."""
    value = body.get("value")
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise BadRequest("A value is a whole number of the currency's smallest unit.", code="bad_value")
    return Reported(
        key=_text(body, "key") or _text(body, "order_reference"),
        source=source,
        first=touch(body.get("first")),
        last=touch(body.get("last")),
        value_cents=value,
        currency=_text(body, "currency"),
        order_reference=_text(body, "order_reference"),
    )


def touch(given: Any) -> Touch | None:
    """A share that brought somebody. Raises BadRequest for a time that is none."""
    if isinstance(given, str):
        return Touch(given) if given else None
    if not isinstance(given, dict) or not isinstance(given.get("code"), str):
        return None
    at = given.get("at")
    try:
        moment = datetime.fromisoformat(at.replace("Z", "+00:00")) if isinstance(at, str) else None
    except ValueError:
        raise BadRequest("A time looks like 2026-11-25T12:00:00Z.", code="bad_time") from None
    if moment is not None and moment.tzinfo is None:
        raise BadRequest("A time needs its zone, as in 2026-11-25T12:00:00Z.", code="bad_time")
    return Touch(given["code"], moment)


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name, "")
    return value if isinstance(value, str) else ""
