"""What a widget can be set to, and the snippet that puts it on a page."""

from __future__ import annotations

from html import escape

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
