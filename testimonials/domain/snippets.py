"""The ways a widget gets onto a page: lines to copy, and the steps for each kind of site."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from testimonials.domain.widget_config import RESERVED_HEIGHT, embed_snippet

WORDS = "What our customers say"
FRAME_HEIGHT = 640
"""Pixels of an iframe whose layout floats above a page and reserves none itself."""


@dataclass(frozen=True)
class Piece:
    """Lines to copy. `label` tells pieces of one way apart."""

    label: str
    lines: str


@dataclass(frozen=True)
class Way:
    """One way onto a page: where it is the right one, the steps, and what to copy."""

    key: str
    label: str
    note: str
    steps: tuple[str, ...]
    pieces: tuple[Piece, ...]


def ways(base_url: str, token: str, layout: str, *, feed_url: str = "") -> list[Way]:
    """All ways for one widget, the most common first."""
    address = f"{base_url}/widget/{token}"
    script = embed_snippet(base_url, token, layout, feed_url=feed_url)
    react = _react(base_url, address, layout, feed_url, token)
    return [*_on_builders(script), _in_react(react), *_without_script(address, layout), _on_server(base_url, token)]


def _on_builders(script: str) -> list[Way]:
    return [
        Way(
            "html",
            "HTML",
            "Any site whose pages you write yourself.",
            ("Paste the lines where the testimonials are to stand.", "Publish the page and open it once."),
            (Piece("HTML", script),),
        ),
        Way(
            "wordpress",
            "WordPress",
            "The block editor. Your role has to be allowed to use unfiltered HTML: administrator, or editor on a single site.",
            (
                "Edit the page, press + and choose the block “Custom HTML”.",
                "Paste the lines into the block. “Preview” in its toolbar may stay empty.",
                "Update the page and open it once. Empty the cache of your cache plugin if it does not show.",
            ),
            (Piece("WordPress", script),),
        ),
        Way(
            "shopify",
            "Shopify",
            "As a section that you can put onto any page of the theme.",
            (
                "Online Store → Themes → … → Edit code.",
                "Under “sections”, add a section “testimonials.liquid” and replace all that is in it by the lines. Save.",
                "Customize → Add section → Testimonials, move it to its place, save, and open the page once.",
            ),
            (Piece("Shopify", _liquid(script)),),
        ),
        Way(
            "webflow",
            "Webflow",
            "Sites with a plan that allows custom code.",
            (
                "In the Designer, press A and drag “Code Embed” to its place.",
                "Paste the lines, then “Save & Close”. The Designer itself shows a placeholder.",
                "Publish, and open the page once.",
            ),
            (Piece("Webflow", script),),
        ),
    ]


def _in_react(component: str) -> Way:
    return Way(
        "react",
        "React",
        "React, Next.js and the like, in TypeScript. The script is loaded once, however often the component is shown.",
        (
            "Save the lines as Testimonials.tsx.",
            "Put <Testimonials /> where they are to stand. In Next.js, the first line stays: “use client”.",
        ),
        (Piece("React", component),),
    )


def _without_script(address: str, layout: str) -> list[Way]:
    return [
        Way(
            "link",
            "Plain link",
            "Mails, and places that take nothing else. It opens a page with all of them.",
            ("Paste the line into your text; the words between the tags are yours to change.",),
            (Piece("Plain link", f'<a href="{escape(address)}">{WORDS}</a>'),),
        ),
        Way(
            "iframe",
            "Iframe",
            "Pages that take no scripts. Font and colors are not those of your page then.",
            ("Paste the line.", "Change the height to what suits your page; what does not fit scrolls."),
            (Piece("Iframe", _frame(address, layout)),),
        ),
    ]


def _on_server(base_url: str, token: str) -> Way:
    fragment = f"{base_url}/widget/{token}.html"
    return Way(
        "server",
        "On the server",
        "Your server puts it into its page: it is there without JavaScript, and for search engines.",
        (
            "Choose what your server speaks: an include of nginx or Apache, PHP, or a shell.",
            "Keep a copy for a minute, not longer: what a customer takes back must go.",
        ),
        (
            Piece("SSI", f'<!--#include virtual="/testimonials/{token}.html" -->'),
            Piece("nginx, for SSI", _nginx(base_url)),
            Piece("PHP", f"<?php echo @file_get_contents('{fragment}'); ?>"),
            Piece("Shell", f"curl -fsS {fragment} -o testimonials.html"),
        ),
    )


def _liquid(script: str) -> str:
    schema = '{% schema %}\n{ "name": "Testimonials", "settings": [], "presets": [{ "name": "Testimonials" }] }\n{% endschema %}'
    return f'<div class="page-width">\n{script}\n</div>\n{schema}'


def _frame(address: str, layout: str) -> str:
    height = RESERVED_HEIGHT.get(layout, FRAME_HEIGHT) or FRAME_HEIGHT
    return (
        f'<iframe src="{escape(address)}" title="{WORDS}" width="100%" height="{height}" loading="lazy"'
        ' allow="web-share; fullscreen" style="border:0"></iframe>'
    )


def _react(base_url: str, address: str, layout: str, feed_url: str, token: str) -> str:
    height = RESERVED_HEIGHT.get(layout, FRAME_HEIGHT)
    room = f'style={{{{ display: "block", minHeight: {height} }}}}' if height else 'height="auto"'
    feed = f' feed="{feed_url}/{token}/current.json"' if feed_url else ""
    return f'''"use client";
import {{ createElement, useEffect, type CSSProperties, type ReactElement }} from "react";

const SCRIPT = "{base_url}/widget/v1.js";

type WidgetProps = {{ src: string; feed?: string; height?: "auto"; style?: CSSProperties }};

function Widget(props: WidgetProps): ReactElement {{
  return createElement("testimonial-widget", props);
}}

export function Testimonials(): ReactElement {{
  useEffect(() => {{
    if (document.querySelector(`script[src="${{SCRIPT}}"]`)) return;
    document.head.append(Object.assign(document.createElement("script"), {{ src: SCRIPT, async: true }}));
  }}, []);
  return <Widget src="{address}"{feed} {room} />;
}}'''


def _nginx(base_url: str) -> str:
    return f"ssi on;\nlocation /testimonials/ {{\n  proxy_pass {base_url}/widget/;\n  proxy_ssl_server_name on;\n}}"
