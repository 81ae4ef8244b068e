"""How the work on a testimonial stands, in rows and in a sentence: what somebody wants to know who asks why it is stuck."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from testimonials.domain.failures import failure
from testimonials.jobs import KINDS
from testimonials.models import Job, WorkerHeartbeat
from testimonials.models.base import now
from testimonials.models.job import ALIVE_SECONDS, UNFINISHED, JobState

TITLES = {
    "testimonials.process": "First playable version",
    "testimonials.renditions": "Other sizes, storyboard and preview",
    "testimonials.captions": "Captions",
    "testimonials.trim": "Shortened version",
    "testimonials.social": "Clip for networks",
    "testimonials.pictures": "Poster",
}


@dataclass(frozen=True)
class Standing:
    """A job, what it makes, and why it is where it is."""

    job: Job
    title: str
    sentence: str


def standing(session: Session, testimonial_id: str) -> list[Standing]:
    """The newest job of each kind, in the order in which they were asked for."""
    newest: dict[tuple[str, str], Job] = {}
    for job in session.scalars(select(Job).where(Job.testimonial_id == testimonial_id).order_by(Job.id)):
        newest[job.name, str(job.arguments.get("format", ""))] = job
    moment = now()
    return [
        Standing(job, TITLES[job.name], _sentence(session, job, moment))
        for job in newest.values()
        if job.state != JobState.CANCELED
    ]


def _sentence(session: Session, job: Job, moment: datetime) -> str:
    if job.state == JobState.DONE:
        return f"Done in {_seconds(sum(job.timings.values()) - job.timings.get('waiting', 0))}."
    if job.state == JobState.FAILED:
        return failure(job.failure or "internal").business
    if job.state == JobState.RUNNING:
        return _running(job, moment)
    if job.failure == "other_version":
        return failure("other_version").business
    if job.run_after > moment:
        why = failure(job.failure).business if job.failure else ""
        return f"{why} It tries again in {_seconds((job.run_after - moment).total_seconds())}.".strip()
    return _waiting(session, job, moment)


def _running(job: Job, moment: datetime) -> str:
    if job.lease_until is not None and job.lease_until < moment:
        return "The worker that had it went away. Another one takes it over in a moment."
    spent = job.timings.get(job.stage)
    return f"{job.stage.capitalize()}, {job.percent} %" + (f", for {_seconds(spent)}." if spent else ".")


def _waiting(session: Session, job: Job, moment: datetime) -> str:
    queue = KINDS[job.name].queue
    recent = WorkerHeartbeat.seen_at > moment - timedelta(seconds=ALIVE_SECONDS)
    if session.scalar(select(WorkerHeartbeat.name).where(WorkerHeartbeat.lane == queue, recent).limit(1)) is None:
        return "No worker is running. Start `testimonials serve`, or `testimonials worker`."
    names = [name for name, kind in KINDS.items() if kind.queue == queue]
    sooner = (Job.priority < job.priority) | ((Job.priority == job.priority) & (Job.id < job.id))
    unfinished = Job.state.in_(UNFINISHED)
    ahead = session.scalar(select(func.count()).select_from(Job).where(unfinished, Job.name.in_(names), sooner)) or 0
    return f"Waits for its turn, behind {ahead} other job{'' if ahead == 1 else 's'}." if ahead else "Next in line."


def _seconds(value: float) -> str:
    return f"{value:.1f} s" if value < 10 else f"{value:.0f} s" if value < 120 else f"{value / 60:.0f} min"
