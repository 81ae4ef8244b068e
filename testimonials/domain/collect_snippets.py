"""What a business puts on its site so that visitors find the page that asks: a button, or the page itself in a frame."""

from __future__ import annotations

from html import escape

from testimonials.domain.color import brand_pair, hex_color

_BUTTON = (
    '<a href="{url}" target="_blank" rel="noopener" style="display:inline-block;padding:12px 20px;border-radius:10px;'
    'background:{ground};color:{ink};font:600 16px/1.3 system-ui,sans-serif;text-decoration:none">{words}</a>'
)
_FRAME = (
    '<iframe src="{url}" title="{words}" allow="camera; microphone; fullscreen; clipboard-write"'
    ' style="width:100%;height:760px;border:0"></iframe>'
)


def button(url: str, words: str, color: str) -> str:
    """A link that looks like a button, in the campaign's color and one that can be read on it. It opens in a new tab."""
    ground, ink = brand_pair(color)
    return _BUTTON.format(url=escape(url), words=escape(words), ground=hex_color(ground), ink=hex_color(ink))


def frame(url: str, words: str) -> str:
    """The page in a frame that may ask for the camera. Only sites that the campaign names can show it."""
    return _FRAME.format(url=escape(url), words=escape(words))
