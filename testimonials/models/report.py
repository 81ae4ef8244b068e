"""What reports are read from: steps of the collect page by the hour, and sums of days that are over."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from testimonials.models.base import Base, UtcTime


class CollectHour(Base):
    """How many pages of a campaign reached a step (`domain.events.STEPS`) in an hour. Nobody can be told from another."""

    __tablename__ = "collect_hours"
    __table_args__ = (Index("ix_collect_hours_hour", "hour"),)

    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"), primary_key=True)
    step: Mapped[str] = mapped_column(String(16), primary_key=True)
    hour: Mapped[datetime] = mapped_column(UtcTime, primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)


class EventDay(Base):
    """The sums of `EventHour` of a day that is over, with all that a report can be narrowed to."""

    __tablename__ = "event_days"
    __table_args__ = (Index("ix_event_days_workspace", "workspace_id", "day"),)

    testimonial_id: Mapped[str] = mapped_column(ForeignKey("testimonials.id", ondelete="CASCADE"), primary_key=True)
    type: Mapped[str] = mapped_column(String(16), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    widget_id: Mapped[str] = mapped_column(String(32), primary_key=True, default="")
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"))
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    count: Mapped[int] = mapped_column(BigInteger)


class CampaignDay(Base):
    """What a campaign's day came to: steps of its page; `received`; `rejected`; and approvals by how long they took, as `wait7`
    (`domain.waiting`). Days are those of the act."""

    __tablename__ = "campaign_days"
    __table_args__ = (Index("ix_campaign_days_workspace", "workspace_id", "day"),)

    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"), primary_key=True)
    what: Mapped[str] = mapped_column(String(16), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    count: Mapped[int] = mapped_column(BigInteger)


class CountedDay(Base):
    """A day that is in `EventDay` and `CampaignDay`; later ones are read as they are."""

    __tablename__ = "counted_days"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
