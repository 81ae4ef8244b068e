"""What visitors did: impressions, plays, quartiles, completes, shares, clicks. No person can be told from another."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from testimonials.models.base import Base, BigId, created_column


class Event(Base):
    """`key` is the client's id of the event and unique, so that a repeated beacon counts once."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_testimonial", "testimonial_id", "type"), Index("ix_events_age", "created_at"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    type: Mapped[str] = mapped_column(String(16))
    testimonial_id: Mapped[str] = mapped_column(ForeignKey("testimonials.id", ondelete="CASCADE"))
    widget_id: Mapped[str | None] = mapped_column(ForeignKey("widgets.id", ondelete="SET NULL"))
    value: Mapped[int | None]
    created_at: Mapped[datetime] = created_column()
