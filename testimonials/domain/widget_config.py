"""What a widget can be set to, and the snippet that puts it on a page."""

from __future__ import annotations

from html import escape

from testimonials.errors import Invalid

LAYOUTS: dict[str, str] = {"wall": "Wall", "carousel": "Carousel", "single": "Single", "list": "List"}
DEFAULT_SHARE = ["native", "x", "linkedin", "whatsapp", "copy"]
# Room kept free on the host page until the widget fills it, so that nothing jumps. Pixels, by layout.
RESERVED_HEIGHT = {"wall": 720, "carousel": 520, "single": 520, "list": 720}


def check_layout(layout: str) -> str:
    """The layout, if we know it."""
    if layout not in LAYOUTS:
        raise Invalid(f"Layouts are {', '.join(LAYOUTS)}.", code="unknown_layout")
    return layout


def embed_snippet(base_url: str, token: str, layout: str) -> str:
    """The lines a business pastes into its page."""
    height = RESERVED_HEIGHT[layout]
    return (
        f'<script src="{escape(base_url)}/widget/v1.js" async></script>\n'
        f'<testimonial-widget src="{escape(base_url)}/widget/{escape(token)}"'
        f' style="display:block;min-height:{height}px"></testimonial-widget>'
    )
