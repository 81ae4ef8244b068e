"""An upload is a list of immutable chunk objects; its offset is where the last chunk ends."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from testimonials.models.base import Base, BigId, UtcTime, created_column, id_column, token_column


class Upload(Base):
    """`length_bytes` is None while the recording still runs. `tus_metadata` is the client's header, kept to be
    handed back as the protocol asks; what it says of names and types is hearsay. `network_hash` is where it was
    started, salted, so that open uploads can be counted. A testimonial may have several uploads: its segments, joined in the
    order of `position`."""

    __tablename__ = "uploads"

    id: Mapped[str] = id_column()
    token: Mapped[str] = token_column()
    testimonial_id: Mapped[str] = mapped_column(ForeignKey("testimonials.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    offset_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    length_bytes: Mapped[int | None] = mapped_column(BigInteger)
    tus_metadata: Mapped[str] = mapped_column(String(2000), default="")
    network_hash: Mapped[str] = mapped_column(String(64), default="")
    expires_at: Mapped[datetime] = mapped_column(UtcTime)
    finalized_at: Mapped[datetime | None] = mapped_column(UtcTime)
    created_at: Mapped[datetime] = created_column()

    chunks: Mapped[list[Chunk]] = relationship(order_by="Chunk.offset_bytes", cascade="all, delete-orphan")

    __table_args__ = (
        Index("ix_uploads_idle", "finalized_at", "expires_at"),
        Index("ix_uploads_network", "network_hash", "finalized_at"),
    )


class Chunk(Base):
    """The body of one PATCH. Unique by upload and offset, so that two senders cannot both win."""

    __tablename__ = "chunks"
    __table_args__ = (UniqueConstraint("upload_id", "offset_bytes"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    upload_id: Mapped[str] = mapped_column(ForeignKey("uploads.id", ondelete="CASCADE"))
    offset_bytes: Mapped[int] = mapped_column(BigInteger)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    key: Mapped[str] = mapped_column(String(200))
