"""The feed of a widget: public testimonials as data and as bytes. No Flask, so that it can be written into storage too."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from testimonials.domain.widget_config import call_address
from testimonials.models import Asset, Publication, Testimonial, Widget
from testimonials.models.asset import AssetKind
from testimonials.models.widget import rated_on, shown_on
from testimonials.runtime import Runtime
from testimonials.services import experiments

MAX_ITEMS = 60
TALL = "9x16"
"""The label of the clip that phones hand to other apps."""


@dataclass(frozen=True)
class Feed:
    """`content` is what becomes JSON. It shows at least what the workspace had changed up to `revision`."""

    content: dict[str, Any]
    revision: int

    @property
    def body(self) -> bytes:
        """The JSON in UTF-8, the same bytes for the same content."""
        return json.dumps(self.content, ensure_ascii=False, separators=(",", ":")).encode()

    @property
    def tokens(self) -> list[str]:
        """Whom it shows."""
        return [item["token"] for item in self.content["items"]]


def read_feed(runtime: Runtime, token: str) -> Feed | None:
    """The feed of a widget as it is kept; None where there is no such widget."""
    with runtime.db.read() as session:
        widget = session.scalar(select(Widget).where(Widget.token == token))
        return _feed(runtime, session, widget) if widget else None


def draft_feed(runtime: Runtime, widget: Widget) -> Feed:
    """The feed of a widget that nobody has kept: what the builder shows before it is saved. It takes part in no experiment."""
    with runtime.db.read() as session:
        feed = _feed(runtime, session, widget)
    feed.content.get("experiment", {}).pop("address", None)
    return feed


def _feed(runtime: Runtime, session: Session, widget: Widget) -> Feed:
    # Read first: what is committed in between is shown early, and never missed.
    revision = session.scalar(select(Publication.revision).where(Publication.workspace_id == widget.workspace_id))
    testimonials = shown_on(session, widget, MAX_ITEMS, selectinload(Testimonial.assets))
    summary = _summary(session, widget)
    base = runtime.settings.base_url
    content = {
        "version": 1,
        "layout": widget.layout,
        "theme": widget.theme,
        "share": widget.share,
        "summary": summary,
        "items": [_entry(base, testimonial) for testimonial in testimonials],
        "links": {
            "share": f"{base}/t/{{token}}/share/{{network}}?place=widget",
            "shares": f"{base}/t/{{token}}/shares",
            "embed": f"{base}/t/{{token}}/player",
            "events": f"{base}/events",
        },
    }
    experiment = experiments.address_for(runtime, widget)
    if experiment:
        content["experiment"] = {"address": experiment}
    if widget.call:
        content["call"] = {"label": widget.call["label"], "url": call_address(widget.call)}
        # The part of that name draws it: the script has no byte to spare to ask for another one.
        content.setdefault("experiment", {})
    return Feed(content, revision or 0)


def revision_of(runtime: Runtime, token: str) -> int:
    """How often what this widget's workspace shows has changed; a feed of an older revision is out of date."""
    with runtime.db.read() as session:
        query = select(Publication.revision).join(Widget, Widget.workspace_id == Publication.workspace_id)
        return session.scalar(query.where(Widget.token == token)) or 0


def addresses_in(content: dict[str, Any]) -> list[str]:
    """Where a feed's pages, pictures and clips can be fetched: what a CDN may hold of it."""
    found: list[str] = []
    for item in content["items"]:
        poster, file = item.get("poster") or {}, item.get("file") or {}
        srcset = [part.split()[0] for part in poster.get("srcset", "").split(", ") if part]
        parts = [*item["sources"], *item["captions"]]
        found += [
            item["share_url"],
            poster.get("src", ""),
            *srcset,
            *(part["src"] for part in parts),
            file.get("src", ""),
        ]
    return [address for address in found if address]


def _summary(session: Session, widget: Widget) -> dict[str, Any]:
    """Over all of its campaigns, not only over what fits or what a filter leaves: nobody picks the ratings that count."""
    shown = rated_on(widget).with_only_columns(
        func.count().label("count"),
        func.count(Testimonial.rating).label("rated"),
        func.avg(Testimonial.rating).label("mean"),
    )
    row = session.execute(shown).one()
    return {"count": row.count, "rated": row.rated, "average": round(float(row.mean), 2) if row.rated else None}


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
        "quote": testimonial.shown_words,
        "language": testimonial.language,
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
        "file": _file(base, testimonial),
        "share_url": f"{base}/t/{testimonial.token}",
        "social": testimonial.allows_social,
        "disclosure": testimonial.disclosure or None,
    }


def _file(base: str, testimonial: Testimonial) -> dict[str, Any] | None:
    """The upright clip, ready to be handed to another app; only where the customer allows social networks."""
    tall = [asset for asset in testimonial.assets_of(AssetKind.SOCIAL) if asset.label == TALL]
    if not tall or not testimonial.allows_social:
        return None
    clip = tall[-1]
    return {"src": _address(base, testimonial, clip), "type": clip.content_type, "size_bytes": clip.size_bytes}


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
