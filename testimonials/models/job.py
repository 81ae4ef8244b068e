"""Work to be done in the background. The row is the truth; a broker message only says that there is one."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from testimonials.models.base import Base, UtcTime, created_column, id_column


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Job(Base):
    """A worker that claims it counts an attempt, takes a lease, and writes only under the fence number it was given."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_due", "state", "run_after"),
        Index("ix_jobs_lease", "state", "lease_until"),
    )

    id: Mapped[str] = id_column()
    name: Mapped[str] = mapped_column(String(40))
    testimonial_id: Mapped[str] = mapped_column(ForeignKey("testimonials.id", ondelete="CASCADE"), index=True)
    state: Mapped[JobState] = mapped_column(String(16), default=JobState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int]
    fence: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str] = mapped_column(String(120), default="")
    stage: Mapped[str] = mapped_column(String(20), default="")
    percent: Mapped[int] = mapped_column(default=0)
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
    sandbox: Mapped[str] = mapped_column(String(20))
    ffmpeg: Mapped[str] = mapped_column(String(60))
    seen_at: Mapped[datetime] = created_column()
