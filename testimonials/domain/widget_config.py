"""What a widget can be set to, and the snippet that puts it on a page."""

from __future__ import annotations

import re
from html import escape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from testimonials.errors import Invalid

LAYOUTS: dict[str, str] = {
    "wall": "Wall",
    "grid": "Grid",
    "carousel": "Carousel",
    "single": "Single",
    "list": "List",
    "marquee": "Marquee",
    "stories": "Stories",
    "bubble": "Bubble",
    "badge": "Badge",
    "popup": "Popup",
}
FEATURED, NEWEST, RATING, HAND = "featured", "newest", "rating", "hand"
SORTS: dict[str, str] = {
    FEATURED: "Featured first, then the newest",
    NEWEST: "Newest first",
    RATING: "Highest rated first",
    HAND: "Only what you pin, in your order",
}
MAX_RATING = 5
MAX_PINS = 24
MAX_LABEL, MAX_ADDRESS, MAX_UTM = 40, 500, 100
UTM = ("source", "medium", "campaign", "content", "term")
"""What web analytics call where a visitor came from: `utm_source` and so on in an address."""
DEFAULT_SHARE = ["native", "x", "linkedin", "whatsapp", "copy"]
# Room kept free on the host page until the widget fills it, so that nothing jumps. Pixels, by layout. Bubble and popup float
# above the page and take none.
RESERVED_HEIGHT = {
    "wall": 720,
    "grid": 720,
    "carousel": 520,
    "single": 520,
    "list": 720,
    "marquee": 440,
    "stories": 150,
    "bubble": 0,
    "badge": 60,
    "popup": 0,
}


def check_layout(layout: str) -> str:
    """The layout, if we know it."""
    if layout not in LAYOUTS:
        raise Invalid(f"Layouts are {', '.join(LAYOUTS)}.", code="unknown_layout")
    return layout


def feed_address(feed_url: str, token: str) -> str:
    """Where a CDN has the widget's pointer, below the FEED_URL of the settings; "" where there is none."""
    return f"{feed_url}/{token}/current.json" if feed_url else ""


def embed_snippet(base_url: str, token: str, layout: str, *, feed_url: str = "") -> str:
    """The lines a business pastes into its page. With the FEED_URL of the settings, the element reads from there alone."""
    height = RESERVED_HEIGHT[layout]
    room = f'style="display:block;min-height:{height}px"' if height else 'height="auto" style="display:block"'
    pointer = feed_address(feed_url, token)
    feed = f' feed="{escape(pointer)}"' if pointer else ""
    return (
        f'<script src="{escape(base_url)}/widget/v1.js" async></script>\n'
        f'<testimonial-widget src="{escape(base_url)}/widget/{escape(token)}"{feed} {room}></testimonial-widget>'
    )


def check_call(value: Any) -> dict[str, Any]:
    """A call to action `{"label", "url", "utm"}` as it is kept; empty for none. Raises Invalid with a sentence."""
    if not value:
        return {}
    if not isinstance(value, dict) or set(value) - {"label", "url", "utm"}:
        raise Invalid("A call to action has a label, a url and utm.")
    label, url, utm = value.get("label", ""), value.get("url", ""), value.get("utm") or {}
    if not isinstance(label, str) or not isinstance(url, str) or not isinstance(utm, dict):
        raise Invalid("A label and a url are words, utm is an object.")
    label, url = " ".join(label.split()), url.strip()
    if not label and not url:
        return {}
    if not 0 < len(label) <= MAX_LABEL:
        raise Invalid(f"Write on the button, in at most {MAX_LABEL} characters, what it leads to.")
    if not _is_link(url):
        raise Invalid(f"The link begins with https:// and has at most {MAX_ADDRESS} characters.")
    if any(name not in UTM or not isinstance(word, str) or len(word.strip()) > MAX_UTM for name, word in utm.items()):
        raise Invalid(f"UTM parameters are {', '.join(UTM)}, of at most {MAX_UTM} characters each.")
    return {"label": label, "url": url, "utm": {name: utm[name].strip() for name in UTM if utm.get(name, "").strip()}}


def call_address(call: dict[str, Any]) -> str:
    """The link of a call to action, with its UTM parameters in place of those it has."""
    parts = urlsplit(str(call["url"]))
    utm = {f"utm_{name}": word for name, word in call.get("utm", {}).items()}
    kept = [(name, word) for name, word in parse_qsl(parts.query, keep_blank_values=True) if name not in utm]
    query = urlencode([*kept, *utm.items()]) if utm else parts.query
    return urlunsplit(parts._replace(query=query))


def _is_link(url: str) -> bool:
    if len(url) > MAX_ADDRESS or not re.fullmatch(r"https://[^\s\\\"'<>`\x00-\x20\x7f]+", url):
        return False
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and "@" not in parts.netloc and (parts.port or 1) > 0
    except ValueError:
        return False
