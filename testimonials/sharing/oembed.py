"""oEmbed 1.0: the answer for one testimonial, within the room that the asking page has. Source: oembed.com."""

from __future__ import annotations

from html import escape
from typing import Any

from testimonials.services.showing import File, Showing

OEmbed = dict[str, Any]
WIDTH, HEIGHT = 640, 360
QUOTE_SIZE = (480, 240)
CACHE_SECONDS = 600
ALLOWED = "fullscreen; picture-in-picture; web-share"


def embed(shown: Showing, max_width: int | None, max_height: int | None) -> OEmbed:
    """`video` where there is one, `photo` for a photo, else `rich`. Sizes keep their shape and never grow."""
    if shown.video:
        size = _within(_shape(shown.video), max_width, max_height)
        return _common(shown, "video") | _frame(shown, *size) | _thumbnail(shown)
    if shown.kind == "photo" and shown.poster:
        width, height = _within((shown.poster.width, shown.poster.height), max_width, max_height)
        return _common(shown, "photo") | {"url": shown.poster.url, "width": width, "height": height}
    width, height = min(QUOTE_SIZE[0], max_width or QUOTE_SIZE[0]), min(QUOTE_SIZE[1], max_height or QUOTE_SIZE[1])
    return _common(shown, "rich") | _frame(shown, width, height) | _thumbnail(shown)


def _shape(video: File) -> tuple[int, int]:
    """Clips stand upright or lie; an upright one is as high as a lying one is wide."""
    if video.height > video.width:
        return round(WIDTH * video.width / video.height), WIDTH
    return WIDTH, max(1, round(WIDTH * video.height / video.width))


def _within(size: tuple[int, int], max_width: int | None, max_height: int | None) -> tuple[int, int]:
    width, height = size
    scale = min(1.0, (max_width or width) / width, (max_height or height) / height)
    return max(1, int(width * scale)), max(1, int(height * scale))


def _common(shown: Showing, kind: str) -> OEmbed:
    return {
        "version": "1.0",
        "type": kind,
        "title": shown.title,
        "author_name": shown.author,
        "provider_name": shown.workspace_name,
        "provider_url": shown.url,
        "cache_age": CACHE_SECONDS,
    }


def embed_code(shown: Showing, code: str) -> str:
    """HTML for any page: the player, counted for the share of this code."""
    frame = _frame(shown, *(_shape(shown.video) if shown.video else QUOTE_SIZE), via=code)
    return str(frame["html"])


def _frame(shown: Showing, width: int, height: int, via: str = "") -> OEmbed:
    address = f"{shown.player_url}?via={via}" if via else shown.player_url
    html = (
        f'<iframe src="{escape(address)}" width="{width}" height="{height}" title="{escape(shown.title)}"'
        f' style="border:0" loading="lazy" allow="{ALLOWED}" allowfullscreen></iframe>'
    )
    return {"html": html, "width": width, "height": height}


def _thumbnail(shown: Showing) -> OEmbed:
    if shown.image is None:
        return {}
    sizes = {"thumbnail_width": shown.image.width, "thumbnail_height": shown.image.height}
    return {"thumbnail_url": shown.image.url, **sizes}
