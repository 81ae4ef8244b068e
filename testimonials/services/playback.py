"""Finding the file behind a media link, and deciding who may have it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select

from testimonials.errors import NotFound
from testimonials.models import Asset, Testimonial
from testimonials.models.asset import AssetKind
from testimonials.runtime import Runtime
from testimonials.security import signature_holds, signed_query


@dataclass(frozen=True)
class MediaFile:
    """A file that may be handed out. `public` decides whether others may keep a copy."""

    key: str
    content_type: str
    size_bytes: int
    etag: str
    public: bool


NARROW = "(max-width: 48rem)"


@dataclass(frozen=True)
class Source:
    """A `<source>`; `media` is a condition, empty for all screens."""

    src: str
    type: str
    media: str = ""


@dataclass(frozen=True)
class Track:
    """A `<track>` of captions."""

    src: str
    language: str


@dataclass(frozen=True)
class Player:
    """`largest` is the H.264 file that anybody can play, None while there is nothing to play."""

    sources: list[Source]
    tracks: list[Track]
    tall: bool
    largest: Asset | None


def find(runtime: Runtime, token: str, file: str, *, expires: str, signature: str) -> MediaFile:
    """The file, if the testimonial is public or the link carries a signature that holds. Anything else is NotFound."""
    with runtime.db.read() as session:
        query = select(Asset, Testimonial).join(Testimonial, Testimonial.id == Asset.testimonial_id)
        row = session.execute(query.where(Testimonial.token == token, Asset.file == file)).one_or_none()
    if row is None:
        raise NotFound
    asset, testimonial = row
    if not testimonial.public and not signature_holds(
        runtime.settings.secret_key, media_path(token, file), expires, signature
    ):
        raise NotFound
    return MediaFile(asset.key, asset.content_type, asset.size_bytes, asset.id, testimonial.public)


def stream(runtime: Runtime, media: MediaFile, start: int, length: int) -> Iterator[bytes]:
    """The bytes of a file, or a part of them."""
    return runtime.storage.open(media.key, start, length)


def media_path(token: str, file: str) -> str:
    return f"/media/{token}/{file}"


def player(runtime: Runtime, testimonial: Testimonial) -> Player:
    """What a `<video>` on a page of ours holds: the second size for narrow screens, the largest for all others."""
    h264 = [asset for asset in testimonial.renditions if asset.codec != "av1"]
    wide = [asset for asset in testimonial.renditions if h264 and asset.height == h264[0].height]
    sources = [Source(media_url(runtime, testimonial, asset), asset.media_type, NARROW) for asset in h264[1:2]]
    sources += [Source(media_url(runtime, testimonial, asset), asset.media_type) for asset in wide]
    tracks = [
        Track(media_url(runtime, testimonial, asset), asset.label)
        for asset in testimonial.assets_of(AssetKind.CAPTIONS)
        if asset.content_type == "text/vtt"
    ]
    tall = bool(h264) and h264[0].height > h264[0].width
    return Player(sources, tracks, tall, h264[0] if h264 else None)


def media_url(runtime: Runtime, testimonial: Testimonial, asset: Asset) -> str:
    """The address of a file. While the testimonial is not public, it carries a signature for those who were given it."""
    path = media_path(testimonial.token, asset.file)
    address = runtime.settings.base_url + path
    return address if testimonial.public else f"{address}?{signed_query(runtime.settings.secret_key, path)}"
