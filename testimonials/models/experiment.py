"""Experiments: a widget against none, or one layout against another. Who saw which arm is known for a day only."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from testimonials.models.base import Base, UtcTime, created_column, id_column
from testimonials.models.widget import Widget


class ExperimentState(StrEnum):
    DRAFT = "draft"
    RUNNING = "running"
    FULL = "full"
    """It has its visitors; those of the last day may still convert."""
    STOPPED = "stopped"
    """By a person, before it had them."""


class Experiment(Base):
    """`kind` presence: arm a sees no widget, arm b does. `kind` layout: each arm its own. `planned_each` visitors an arm are
    settled before the start; `ended_at` is when it stopped taking visitors."""

    __tablename__ = "experiments"
    __table_args__ = (Index("ix_experiments_widget", "widget_id", "state"),)

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    widget_id: Mapped[str] = mapped_column(ForeignKey("widgets.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(12))
    layout_a: Mapped[str] = mapped_column(String(16), default="")
    layout_b: Mapped[str] = mapped_column(String(16), default="")
    expected_percent: Mapped[float]
    smallest_points: Mapped[float]
    planned_each: Mapped[int]
    state: Mapped[ExperimentState] = mapped_column(String(12), default=ExperimentState.DRAFT)
    started_at: Mapped[datetime | None] = mapped_column(UtcTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)
    created_at: Mapped[datetime] = created_column()

    widget: Mapped[Widget] = relationship(lazy="joined", innerjoin=True)


class Exposure(Base):
    """A visitor of today in an arm. Deleted with the salt of the day, once it is counted in `ExperimentDay`."""

    __tablename__ = "exposures"

    experiment_id: Mapped[str] = mapped_column(ForeignKey("experiments.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    visitor: Mapped[str] = mapped_column(String(64), primary_key=True)
    arm: Mapped[str] = mapped_column(String(1))
    converted: Mapped[bool] = mapped_column(default=False)
    played: Mapped[bool] = mapped_column(default=False)


class ExperimentDay(Base):
    """The sums of a day that is over."""

    __tablename__ = "experiment_days"

    experiment_id: Mapped[str] = mapped_column(ForeignKey("experiments.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    arm: Mapped[str] = mapped_column(String(1), primary_key=True)
    visitors: Mapped[int] = mapped_column(default=0)
    conversions: Mapped[int] = mapped_column(default=0)
    plays: Mapped[int] = mapped_column(default=0)
    shares: Mapped[int] = mapped_column(default=0)
