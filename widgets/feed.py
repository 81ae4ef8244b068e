"""The feed of a widget: public testimonials as bytes. No Flask, so that a worker can render it into storage too."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from testimonials.models import Asset, Testimonial, Widget
from testimonials.models.asset import AssetKind
from testimonials.models.widget import shown_on
from testimonials.runtime import Runtime

MAX_ITEMS = 60


def render_feed(runtime: Runtime, token: str) -> bytes | None:
    """The feed as JSON, newest testimonial first; None where there is no such widget."""
    with runtime.db.read() as session:
        widget = session.scalar(select(Widget).where(Widget.token == token))
        if widget is None:
            return None
        query = shown_on(widget).options(selectinload(Testimonial.assets)).limit(MAX_ITEMS)
        testimonials = list(session.scalars(query))
    base = runtime.settings.base_url
    feed = {
        "version": 1,
        "layout": widget.layout,
        "theme": widget.theme,
        "share": widget.share,
        "items": [_entry(base, testimonial) for testimonial in testimonials],
        "links": {
            "share": f"{base}/t/{{token}}/share/{{network}}?place=widget",
            "shares": f"{base}/t/{{token}}/shares",
            "events": f"{base}/events",
        },
    }
    return json.dumps(feed, ensure_ascii=False, separators=(",", ":")).encode()


def _entry(base: str, testimonial: Testimonial) -> dict[str, Any]:
    poster = testimonial.poster
    return {
        "token": testimonial.token,
        "kind": testimonial.kind,
        "author": {
            "name": testimonial.name,
            "title": testimonial.title,
            "company": testimonial.company,
            "verified": testimonial.verified or None,
        },
        "rating": testimonial.rating,
        "quote": testimonial.text,
        "duration_seconds": testimonial.duration_seconds,
        "poster": poster and _picture(base, testimonial, poster),
        "sources": [
            {
                "src": _address(base, testimonial, rendition),
                "type": rendition.media_type,
                "width": rendition.width,
                "height": rendition.height,
            }
            for rendition in testimonial.renditions
        ],
        "captions": [
            {"src": _address(base, testimonial, asset), "language": asset.label}
            for asset in testimonial.assets_of(AssetKind.CAPTIONS)
            if asset.content_type == "text/vtt"
        ],
        "share_url": f"{base}/t/{testimonial.token}",
        "social": testimonial.allows_social,
        "disclosure": testimonial.terms.get("incentive") or None,
    }


def _picture(base: str, testimonial: Testimonial, poster: Asset) -> dict[str, Any]:
    """`src` is a JPEG for everybody; `srcset` are WebP in several widths, which every browser since 2020 can show."""
    webp = [asset for asset in testimonial.assets_of(AssetKind.POSTER) if asset.content_type == "image/webp"]
    return {
        "src": _address(base, testimonial, poster),
        "srcset": ", ".join(f"{_address(base, testimonial, asset)} {asset.width}w" for asset in webp),
        "width": poster.width,
        "height": poster.height,
    }


def _address(base: str, testimonial: Testimonial, asset: Asset) -> str:
    return f"{base}/media/{testimonial.token}/{asset.file}"
