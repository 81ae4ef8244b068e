"""How figures and addresses look on a page and in print."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

import segno

from testimonials.i18n import LANGUAGES
from testimonials.models.base import now

QR_SCALE = 4
PRINT_SCALE = 20
"""Pixels a module of a PNG: 3 cm in print at 600 dpi."""


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


def qr_svg(url: str) -> str:
    """A QR code as an SVG document, black on white: cameras read that best, whatever the page looks like."""
    return _qr(url, kind="svg", scale=QR_SCALE, border=2, light="#fff", svgclass=None, lineclass=None).decode()


def qr_png(url: str) -> bytes:
    """The same as PNG for print, with the quiet zone of four modules that the standard asks for (ISO/IEC 18004)."""
    return _qr(url, kind="png", scale=PRINT_SCALE, border=4)


def _qr(url: str, **options: Any) -> bytes:
    drawn = io.BytesIO()
    segno.make(url, error="m", micro=False).save(drawn, **options)
    return drawn.getvalue()
