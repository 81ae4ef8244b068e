"""Consent records. They are only ever added; the newest one of a testimonial counts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from testimonials.domain.lifecycle import ConsentStatus
from testimonials.models.base import Base, Json, created_column, id_column


class Consent(Base):
    """What was agreed to: the exact words, their hash, where it may be shown, and a salted hash of the address.

    `version` counts the campaign's own texts, 0 is the built-in one. `incentive` is what was promised for it, `guardian`
    the name of who agreed for a minor.
    """

    __tablename__ = "consents"
    __table_args__ = (Index("ix_consents_newest", "testimonial_id", "id"),)

    id: Mapped[str] = id_column()
    testimonial_id: Mapped[str] = mapped_column(ForeignKey("testimonials.id", ondelete="CASCADE"))
    status: Mapped[ConsentStatus] = mapped_column(String(16))
    scopes: Mapped[list[str]] = mapped_column(Json, default=list)
    text: Mapped[str] = mapped_column(Text)
    text_hash: Mapped[str] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(default=0)
    language: Mapped[str] = mapped_column(String(16), default="en")
    incentive: Mapped[str] = mapped_column(String(300), default="")
    guardian: Mapped[str] = mapped_column(String(120), default="")
    address_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = created_column()
