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


class Asset(Base):
    """`file` is its public name inside `/media/{token}/`; it changes with every attempt, so it can be cached for good."""

    __tablename__ = "assets"
    __table_args__ = (Index("ix_assets_testimonial_file", "testimonial_id", "file", unique=True),)

    id: Mapped[str] = id_column()
    testimonial_id: Mapped[str] = mapped_column(ForeignKey("testimonials.id", ondelete="CASCADE"))
    kind: Mapped[AssetKind] = mapped_column(String(16))
    file: Mapped[str] = mapped_column(String(80))
    key: Mapped[str] = mapped_column(String(200))
    content_type: Mapped[str] = mapped_column(String(40))
    width: Mapped[int]
    height: Mapped[int]
    codec: Mapped[str] = mapped_column(String(16), default="")
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = created_column()
