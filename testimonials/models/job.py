"""Work to be done in the background. The row is the truth; a broker message only says that there is one."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from testimonials.models.base import Base, Json, UtcTime, created_column, id_column


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELED = "canceled"


UNFINISHED = (JobState.QUEUED, JobState.RUNNING)
ALIVE_SECONDS = 30
"""A worker that has not been seen for so long is taken for dead; it says that it is alive every 5 s."""


class Job(Base):
    """A worker that claims it counts an attempt, takes a lease, and writes only under the fence number it was given.

    `format` is the shape of the work: a worker of another version leaves alone what it would misread. `timings` are the
    seconds that each stage of the newest attempt took, in order.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_due", "state", "run_after"),
        Index("ix_jobs_turn", "state", "priority", "id"),
        Index("ix_jobs_lease", "state", "lease_until"),
    )

    id: Mapped[str] = id_column()
    name: Mapped[str] = mapped_column(String(40))
    testimonial_id: Mapped[str] = mapped_column(ForeignKey("testimonials.id", ondelete="CASCADE"), index=True)
    arguments: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    format: Mapped[int]
    priority: Mapped[int] = mapped_column(default=0)
    state: Mapped[JobState] = mapped_column(String(16), default=JobState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int]
    fence: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str] = mapped_column(String(120), default="")
    stage: Mapped[str] = mapped_column(String(20), default="")
    percent: Mapped[int] = mapped_column(default=0)
    timings: Mapped[dict[str, float]] = mapped_column(Json, default=dict)
    failure: Mapped[str | None] = mapped_column(String(40))
    detail: Mapped[str] = mapped_column(String(2000), default="")
    run_after: Mapped[datetime] = created_column()
    nudged_at: Mapped[datetime | None] = mapped_column(UtcTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcTime)
    created_at: Mapped[datetime] = created_column()
    finished_at: Mapped[datetime | None] = mapped_column(UtcTime)


class WorkerHeartbeat(Base):
    """A worker that is alive says so every few seconds."""

    __tablename__ = "worker_heartbeats"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    version: Mapped[str] = mapped_column(String(20))
    lane: Mapped[str] = mapped_column(String(20))
    slots: Mapped[int]
    sandbox: Mapped[str] = mapped_column(String(20))
    ffmpeg: Mapped[str] = mapped_column(String(60))
    seen_at: Mapped[datetime] = created_column()
