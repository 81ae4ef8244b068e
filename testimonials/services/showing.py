"""What the world may know of a testimonial: one view of it for search engines, previews, embeds and feeds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from testimonials.domain.captions import transcript
from testimonials.errors import NotFound
from testimonials.models import Asset, Campaign, Testimonial, Widget
from testimonials.models.asset import AssetKind
from testimonials.models.testimonial import PUBLIC
from testimonials.models.widget import shown_on
from testimonials.runtime import Runtime
from testimonials.services import playback
from testimonials.services.captions import stored_cues
from testimonials.services.playback import Track, media_url

MAX_SITEMAP = 50_000
"""Addresses in one sitemap. Source: sitemaps.org protocol 0.9."""
MAX_FEED = 60
NEXT = 4


@dataclass(frozen=True)
class File:
    """A public file of a testimonial; sizes in pixels, texts and sound have none."""

    url: str
    content_type: str
    width: int
    height: int
    size_bytes: int


@dataclass(frozen=True)
class Showing:
    """A public testimonial in words and addresses. `image` is the share image, else the poster; `thumbnails` are all sizes of the
    poster in all its types, smallest first."""

    token: str
    kind: str
    title: str
    description: str
    author: str
    workspace_name: str
    url: str
    player_url: str
    published_at: datetime
    language: str
    rating: int | None
    duration_seconds: float | None
    image: File | None
    poster: File | None
    thumbnails: tuple[File, ...]
    video: File | None
    captions: tuple[Track, ...]
    transcript: str


def public_testimonial(runtime: Runtime, token: str) -> Testimonial:
    """A testimonial that the world may see, with all that a page of it needs. Anything else is NotFound."""
    with runtime.db.read() as session:
        testimonial = session.scalar(_whole(select(Testimonial).where(Testimonial.token == token, PUBLIC)))
    if testimonial is None:
        raise NotFound("This testimonial is not on show.", code="unknown_testimonial")
    return testimonial


def showing(runtime: Runtime, token: str) -> Showing:
    """The view of one. Raises NotFound for what is not public."""
    return describe(runtime, public_testimonial(runtime, token))


def next_to(runtime: Runtime, testimonial: Testimonial, count: int = NEXT) -> list[Showing]:
    """What else the same business shows: of the same campaign first, from where this one stands to the oldest, then from the
    newest; then whatever else it has. Each is found by an index, from a place on, and none reads more than it gives."""
    of_campaign = Testimonial.campaign_id == testimonial.campaign_id
    of_business = Testimonial.workspace_id == testimonial.workspace_id
    found: dict[str, Testimonial] = {}
    with runtime.db.read() as session:
        for among in (of_campaign & (Testimonial.id < testimonial.id), of_campaign, of_business):
            if len(found) < count:
                query = select(Testimonial).where(among, PUBLIC).order_by(Testimonial.id.desc()).limit(2 * count)
                found.update((each.id, each) for each in session.scalars(_whole(query)) if each.id not in found)
                found.pop(testimonial.id, None)
    return [describe(runtime, each) for each in list(found.values())[:count]]


def instead(runtime: Runtime, token: str) -> tuple[Testimonial, list[Showing]] | None:
    """For who followed a link to what is not on show any more: whose it was, and what they show now. None where we do not know
    of it, or no longer."""
    with runtime.db.read() as session:
        testimonial = session.scalar(_whole(select(Testimonial).where(Testimonial.token == token)))
    return (testimonial, next_to(runtime, testimonial)) if testimonial else None


def all_showings(runtime: Runtime) -> Iterator[Showing]:
    """All that search engines may index, newest first."""
    with runtime.db.read() as session:
        query = _whole(select(Testimonial).where(PUBLIC).order_by(Testimonial.id.desc()).limit(MAX_SITEMAP))
        for testimonial in session.scalars(query.execution_options(yield_per=500)):
            yield describe(runtime, testimonial)


def on_widget(runtime: Runtime, token: str) -> tuple[str, list[Showing]]:
    """The name of a widget and what it shows. Raises NotFound for an unknown one."""
    with runtime.db.read() as session:
        widget = session.scalar(select(Widget).where(Widget.token == token))
        if widget is None:
            raise NotFound("There is no such widget.", code="unknown_widget")
        found = shown_on(session, widget, MAX_FEED, *_all_of_it())
    return widget.name, [describe(runtime, testimonial) for testimonial in found]


def describe(runtime: Runtime, testimonial: Testimonial) -> Showing:
    """The view of a testimonial whose assets, captions, campaign and workspace are loaded."""
    workspace = testimonial.campaign.workspace.name
    base = runtime.settings.base_url
    spoken = next(iter(testimonial.captions), None)
    said = transcript(stored_cues(spoken)) if spoken else ""
    title = f"{testimonial.name} about {workspace}"
    poster, share_image = testimonial.poster, testimonial.asset_of(AssetKind.SHARE_IMAGE)
    video = next((asset for asset in testimonial.renditions if asset.codec != "av1"), None)
    return Showing(
        token=testimonial.token,
        kind=str(testimonial.kind),
        title=title,
        description=testimonial.shown_words or _first_words(said) or title,
        author=testimonial.name,
        workspace_name=workspace,
        url=f"{base}/t/{testimonial.token}",
        player_url=f"{base}/t/{testimonial.token}/player",
        published_at=testimonial.reviewed_at or testimonial.submitted_at or testimonial.created_at,
        language=testimonial.language,
        rating=testimonial.rating,
        duration_seconds=testimonial.duration_seconds,
        image=_file(runtime, testimonial, share_image or poster),
        poster=_file(runtime, testimonial, poster),
        thumbnails=tuple(
            File(
                media_url(runtime, testimonial, asset), asset.content_type, asset.width, asset.height, asset.size_bytes
            )
            for asset in reversed(testimonial.assets_of(AssetKind.POSTER))
        ),
        video=_file(runtime, testimonial, video),
        captions=tuple(playback.player(runtime, testimonial).tracks),
        transcript=said,
    )


def _whole(query: Select[Testimonial]) -> Select[Testimonial]:
    """With all that `describe` reads."""
    return query.options(*_all_of_it())


def _all_of_it() -> tuple[ExecutableOption, ...]:
    return (
        selectinload(Testimonial.assets),
        selectinload(Testimonial.captions),
        joinedload(Testimonial.campaign).joinedload(Campaign.workspace),
    )


def _file(runtime: Runtime, testimonial: Testimonial, asset: Asset | None) -> File | None:
    if asset is None:
        return None
    url = media_url(runtime, testimonial, asset)
    return File(url, asset.content_type, asset.width, asset.height, asset.size_bytes)


def _first_words(text: str, length: int = 200) -> str:
    if len(text) <= length:
        return text
    return text[:length].rsplit(" ", 1)[0] + "…"
