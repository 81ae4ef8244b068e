"""The words of a clip with their times. The files that players load are made from here and stored as assets."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from testimonials.models.base import Base, Json, UtcTime, created_column, id_column


class Captions(Base):
    """`cues` are as `domain.captions.Cue` has them; `confidence` is the recognizer's own, from 0 to 1, None once edited."""

    __tablename__ = "captions"
    __table_args__ = (UniqueConstraint("testimonial_id", "language"),)

    id: Mapped[str] = id_column()
    testimonial_id: Mapped[str] = mapped_column(ForeignKey("testimonials.id", ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(String(16))
    cues: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    engine: Mapped[str] = mapped_column(String(40))
    confidence: Mapped[float | None]
    edited_at: Mapped[datetime | None] = mapped_column(UtcTime)
    created_at: Mapped[datetime] = created_column()
