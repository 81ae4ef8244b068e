"""How figures read on a page."""

from __future__ import annotations

from datetime import datetime

from testimonials.i18n import LANGUAGES
from testimonials.models.base import now


def clock(seconds: float) -> str:
    """41.7 → `0:41`."""
    whole = int(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def language_name(code: str) -> str:
    """A language by its own name; the code itself where we do not know it."""
    return LANGUAGES.get(code.partition("-")[0], code)


def ago(moment: datetime) -> str:
    """How long ago, in as few words as a list has room for."""
    seconds = (now() - moment).total_seconds()
    if seconds < 90:
        return "now"
    for limit, size, unit in ((5400, 60, "min"), (129600, 3600, "h"), (float("inf"), 86400, "d")):
        if seconds < limit:
            return f"{round(seconds / size)} {unit}"
    raise AssertionError("unreachable")
