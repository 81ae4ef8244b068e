"""From the desk to the phone: what was typed so far goes along, and the desk sees when the phone is done."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from testimonials.models.base import TOKEN_LENGTH, Base, Json, UtcTime, created_column


class Handoff(Base):
    """`fields` are those of the form; `invitation` the token that the page was opened with, or empty. Two secrets: the one in
    the QR code opens the page, the other one, which never leaves the desk, tells it what came of it."""

    __tablename__ = "handoffs"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    watch_hash: Mapped[str] = mapped_column(String(64), unique=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"))
    fields: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    invitation: Mapped[str] = mapped_column(String(TOKEN_LENGTH), default="")
    created_at: Mapped[datetime] = created_column()
    expires_at: Mapped[datetime] = mapped_column(UtcTime)
    opened_at: Mapped[datetime | None] = mapped_column(UtcTime)
    testimonial_id: Mapped[str | None] = mapped_column(ForeignKey("testimonials.id", ondelete="CASCADE"), index=True)
