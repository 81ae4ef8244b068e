"""One act of sharing, with the short link that it minted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from testimonials.models.base import Base, created_column, id_column


class Share(Base):
    """`parent_id` is the share that had brought this sharer, `sharer` who it was: visitor, customer or business.

    `hits` counts redirects, which are not visits. `visits`, `plays` and `clicks` are counted from visits, once each.
    """

    __tablename__ = "shares"
    __table_args__ = (Index("ix_shares_when", "created_at"),)

    id: Mapped[str] = id_column()
    code: Mapped[str] = mapped_column(String(32), unique=True)
    testimonial_id: Mapped[str] = mapped_column(ForeignKey("testimonials.id", ondelete="CASCADE"), index=True)
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("shares.id", ondelete="SET NULL"), index=True)
    network: Mapped[str] = mapped_column(String(16))
    place: Mapped[str] = mapped_column(String(16))
    sharer: Mapped[str] = mapped_column(String(12), default="visitor")
    sharer_hash: Mapped[str] = mapped_column(String(64), default="")
    hits: Mapped[int] = mapped_column(default=0)
    visits: Mapped[int] = mapped_column(default=0)
    plays: Mapped[int] = mapped_column(default=0)
    clicks: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = created_column()
