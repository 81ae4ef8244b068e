"""The share ledger: visits that shares brought, what came of them, and counts by the hour.

A visitor is a hash under the salt of the day; once the salt is deleted, nobody can be told from another any more.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from testimonials.models.base import Base, BigId, UtcTime, created_column, id_column


class Visit(Base):
    """One visitor of one share page on one day, through one share or none. `nonce` is that of the page: a beacon sent twice
    counts once."""

    __tablename__ = "visits"
    __table_args__ = (
        Index("ix_visits_once", "testimonial_id", "visitor", "day", "share_id", unique=True),
        Index("ix_visits_share", "share_id", "day"),
        Index("ix_visits_day", "day"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    testimonial_id: Mapped[str] = mapped_column(ForeignKey("testimonials.id", ondelete="CASCADE"))
    share_id: Mapped[str | None] = mapped_column(ForeignKey("shares.id", ondelete="SET NULL"))
    nonce: Mapped[str] = mapped_column(String(64), unique=True)
    visitor: Mapped[str] = mapped_column(String(64))
    day: Mapped[date] = mapped_column(Date)
    played: Mapped[bool] = mapped_column(default=False)
    clicked: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = created_column()


class ConversionState(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


class Conversion(Base):
    """Something a business counts as success. `first_share_id` is the share that brought this customer first, `last_share_id`
    the one before the conversion. `key` makes a repeated report harmless; `body_hash` tells a repetition from a mistake."""

    __tablename__ = "conversions"
    __table_args__ = (
        UniqueConstraint("workspace_id", "key"),
        Index("ix_conversions_when", "workspace_id", "created_at"),
    )

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(120))
    body_hash: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(12))
    state: Mapped[ConversionState] = mapped_column(String(12))
    first_share_id: Mapped[str | None] = mapped_column(ForeignKey("shares.id", ondelete="SET NULL"), index=True)
    last_share_id: Mapped[str | None] = mapped_column(ForeignKey("shares.id", ondelete="SET NULL"), index=True)
    value_cents: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3), default="")
    order_reference: Mapped[str] = mapped_column(String(120), default="")
    created_at: Mapped[datetime] = created_column()


class EventHour(Base):
    """How many events of a type there were in an hour. `widget_id` is empty for share pages; quartiles are named by their
    number, as `quartile25`."""

    __tablename__ = "event_hours"
    __table_args__ = (Index("ix_event_hours_widget", "widget_id", "hour"), Index("ix_event_hours_hour", "hour"))

    testimonial_id: Mapped[str] = mapped_column(ForeignKey("testimonials.id", ondelete="CASCADE"), primary_key=True)
    type: Mapped[str] = mapped_column(String(16), primary_key=True)
    hour: Mapped[datetime] = mapped_column(UtcTime, primary_key=True)
    widget_id: Mapped[str] = mapped_column(String(32), primary_key=True, default="")
    count: Mapped[int] = mapped_column(BigInteger)


class ShareDay(Base):
    """What shares of one kind did on a day that is over: how many were made, and what the visits of that day were."""

    __tablename__ = "share_days"
    __table_args__ = (Index("ix_share_days_workspace", "workspace_id", "day"),)

    testimonial_id: Mapped[str] = mapped_column(ForeignKey("testimonials.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    network: Mapped[str] = mapped_column(String(16), primary_key=True)
    place: Mapped[str] = mapped_column(String(16), primary_key=True)
    sharer: Mapped[str] = mapped_column(String(12), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    shares: Mapped[int] = mapped_column(default=0)
    visits: Mapped[int] = mapped_column(default=0)
    plays: Mapped[int] = mapped_column(default=0)
    clicks: Mapped[int] = mapped_column(default=0)


class RolledDay(Base):
    """A day whose shares and visits are in `ShareDay`; those of later days are read as they are."""

    __tablename__ = "rolled_days"

    day: Mapped[date] = mapped_column(Date, primary_key=True)


class DailySalt(Base):
    """The salt of one day's visitors. Yesterday's is deleted."""

    __tablename__ = "daily_salts"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    salt: Mapped[str] = mapped_column(String(64))
