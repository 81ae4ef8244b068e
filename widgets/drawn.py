"""A feed as a page is to draw it: what a script would decide, decided here. No markup; the templates have that."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from testimonials.domain.sharing import NETWORKS

FIRST = 12
"""Cards in sight at once. The others wait behind "Show more", so that a page does not fetch sixty posters."""
WIDEST_CLIP = 1280
# What needs a script to be what it is stands as the nearest thing that does not.
LAYOUTS = {
    "grid": "grid",
    "list": "list",
    "single": "single",
    "carousel": "carousel",
    "marquee": "carousel",
    "stories": "carousel",
    "badge": "badge",
    "bubble": "badge",
    "popup": "badge",
}
SHAPES = {"tall": 3 / 4, "square": 1.0, "classic": 4 / 3, "": 16 / 9}
_THEME_NAME = re.compile(r"[a-z-]{1,30}")
_THEME_VALUE = re.compile(r"[#A-Za-z0-9(),.%/ -]{1,80}")


@dataclass(frozen=True)
class Wall:
    """`sheets` are style sheets by address, `pointer` where the feed is when somebody else serves it, `call` the business's
    own link, `{"label", "url"}`."""

    address: str
    pointer: str
    sheets: list[str]
    layout: str
    summary: dict[str, Any]
    call: dict[str, str] | None
    first: list[dict[str, Any]]
    rest: list[dict[str, Any]]

    @property
    def all(self) -> list[dict[str, Any]]:
        return self.first + self.rest


def wall(content: dict[str, Any], *, base: str, token: str, pointer: str) -> Wall:
    """The wall of a feed's content."""
    layout = LAYOUTS.get(content["layout"], "wall")
    items = [] if layout == "badge" else [_item(content, item) for item in content["items"]]
    if content["layout"] == "single":
        items = items[:1]
    first = len(items) if layout == "carousel" else FIRST
    address = f"{base}/widget/{token}"
    sheets = [f"{base}/widget/v1.css", f"{base}/widget/plain.css"]
    if theme(content):
        sheets.append(f"{address}.css")
    return Wall(address, pointer, sheets, layout, content["summary"], content.get("call"), items[:first], items[first:])


def theme(content: dict[str, Any]) -> str:
    """The look chosen in the console as a style sheet; what is no plain value is left out."""
    chosen = {name: str(value) for name, value in content["theme"].items()}
    lines = [
        f"--theme-{name}:{value}"
        for name, value in chosen.items()
        if _THEME_NAME.fullmatch(name) and _THEME_VALUE.fullmatch(value)
    ]
    return f".root{{{';'.join(lines)}}}" if lines else ""


def _item(content: dict[str, Any], item: dict[str, Any]) -> dict[str, Any]:
    author, poster = item["author"], item["poster"]
    looked_at = poster and (item["sources"] or item["kind"] == "photo")
    fits = [source for source in item["sources"] if source["width"] <= WIDEST_CLIP]
    names = [name for name in content["share"] if name in NETWORKS and NETWORKS[name].target]
    return {
        **item,
        "role": ", ".join(part for part in (author["title"], author["company"]) if part),
        "shape": _shape(poster) if looked_at else None,
        "sources": fits or item["sources"][-1:],
        "networks": [
            {
                "label": NETWORKS[name].label,
                "href": f"{item['share_url']}/share/{name}?{urlencode({'place': 'widget'})}",
            }
            for name in names
            if item["social"] or not NETWORKS[name].social
        ],
    }


def _shape(poster: dict[str, Any]) -> str:
    """The name of the nearest shape. Only names: a number would have to stand in a style attribute."""
    ratio = (poster["width"] / poster["height"]) if poster["height"] else 16 / 9
    return min(SHAPES, key=lambda name: abs(SHAPES[name] - ratio)) or "wide"
