"""What the pipeline made of a clip: renditions and posters, each one immutable object."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from testimonials.models.base import Base, created_column, id_column


class AssetKind(StrEnum):
    VIDEO = "video"
    POSTER = "poster"
    CANDIDATE = "candidate"
    SHARE_IMAGE = "share_image"
    STORYBOARD = "storyboard"
    STORYBOARD_INDEX = "storyboard_index"
    PREVIEW = "preview"
    CAPTIONS = "captions"
    SOCIAL = "social"


class Asset(Base):
    """`file` is its public name inside `/media/{token}/`; it changes with every attempt, so it can be cached for good.

    `label` tells those of a kind apart: a candidate's number, a language, a social format. Texts are 0 pixels wide.
    """

    __tablename__ = "assets"
    __table_args__ = (Index("ix_assets_testimonial_file", "testimonial_id", "file", unique=True),)

    id: Mapped[str] = id_column()
    testimonial_id: Mapped[str] = mapped_column(ForeignKey("testimonials.id", ondelete="CASCADE"))
    kind: Mapped[AssetKind] = mapped_column(String(16))
    label: Mapped[str] = mapped_column(String(20), default="")
    file: Mapped[str] = mapped_column(String(80))
    key: Mapped[str] = mapped_column(String(200))
    content_type: Mapped[str] = mapped_column(String(40))
    width: Mapped[int]
    height: Mapped[int]
    codec: Mapped[str] = mapped_column(String(16), default="")
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = created_column()

    @property
    def media_type(self) -> str:
        """The type as a `<source>` names it. Only AV1 says its codec, because not every browser can play it."""
        if self.codec != "av1":
            return self.content_type
        # Main profile, 8 bits; the level follows from the size. Source: AV1 in ISOBMFF 1.2, section 5.
        level = "08" if self.width * self.height > 1280 * 720 else "05"
        return f'video/mp4; codecs="av01.0.{level}M.08"'
