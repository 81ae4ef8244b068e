"""The work of a workspace: its jobs, what failed, and the room that its files take. What an owner sees of operations."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from testimonials.domain.failures import failure
from testimonials.jobs import KINDS
from testimonials.models import Asset, AuditEntry, Chunk, Job, Testimonial, Upload
from testimonials.models.job import UNFINISHED, JobState
from testimonials.runtime import Runtime
from testimonials.services.processing import Standing, standing

PAGE = 20
MOST_COUNTED = 1000
MOST_MEASURED = 10_000
"""Testimonials whose files are added up, the newest first: no page waits for a sum over everything."""
VIEWS: dict[str, tuple[JobState, ...]] = {
    "failed": (JobState.FAILED,),
    "working": UNFINISHED,
    "all": tuple(JobState),
}
EXPORT = "export"
"""The act under which an export or a backup of a workspace stands in the audit log."""


@dataclass(frozen=True)
class Work:
    """A job of the workspace. `standing` says in words why it is where it is; `may_retry` where trying again can help and
    nobody has yet."""

    token: str
    name: str
    standing: Standing
    may_retry: bool


@dataclass(frozen=True)
class Page:
    """Work, the newest first. `next` is where the following page begins, empty on the last."""

    works: list[Work]
    next: str


@dataclass(frozen=True)
class Figures:
    """Jobs by state, each counted up to `MOST_COUNTED`; bytes of originals and of what was made of them, for the newest
    `MOST_MEASURED` testimonials; `all_measured` where those are all. `export` is the last one in the audit log."""

    queued: int
    running: int
    failed: int
    original_bytes: int
    made_bytes: int
    all_measured: bool
    export: AuditEntry | None


def page(runtime: Runtime, workspace_id: str, view: str, *, before: str = "") -> Page:
    """Jobs of a view (a key of `VIEWS`), or those before the id of one."""
    query = (
        select(Job, Testimonial.token, Testimonial.name)
        .join(Testimonial, Testimonial.id == Job.testimonial_id)
        .where(Testimonial.workspace_id == workspace_id, Job.state.in_(VIEWS[view]))
    )
    if before:
        query = query.where(Job.id < before)
    with runtime.db.read() as session:
        rows = session.execute(query.order_by(Job.id.desc()).limit(PAGE + 1)).all()
        works = [_work(session, job, token, name) for job, token, name in rows[:PAGE]]
    return Page(works, works[-1].standing.job.id if len(rows) > PAGE else "")


def figures(runtime: Runtime, workspace_id: str) -> Figures:
    """The numbers at the top of the page."""
    with runtime.db.read() as session:
        counts = {state: _count(session, workspace_id, state) for state in (*UNFINISHED, JobState.FAILED)}
        newest = select(Testimonial.id).where(Testimonial.workspace_id == workspace_id)
        measured = newest.order_by(Testimonial.id.desc()).limit(MOST_MEASURED).subquery()
        here = select(measured.c.id)
        made = session.scalar(select(func.sum(Asset.size_bytes)).where(Asset.testimonial_id.in_(here)))
        chunks = select(func.sum(Chunk.size_bytes)).join(Upload, Upload.id == Chunk.upload_id)
        original = session.scalar(chunks.where(Upload.testimonial_id.in_(here)))
        counted = session.scalar(select(func.count()).select_from(measured)) or 0
        exports = select(AuditEntry).where(AuditEntry.workspace_id == workspace_id, AuditEntry.act == EXPORT)
        export = session.scalar(exports.order_by(AuditEntry.number.desc()).limit(1))
    return Figures(
        queued=counts[JobState.QUEUED],
        running=counts[JobState.RUNNING],
        failed=counts[JobState.FAILED],
        original_bytes=int(original or 0),
        made_bytes=int(made or 0),
        all_measured=counted < MOST_MEASURED,
        export=export,
    )


def _count(session: Session, workspace_id: str, state: JobState) -> int:
    jobs = select(Job.id).join(Testimonial, Testimonial.id == Job.testimonial_id)
    some = jobs.where(Testimonial.workspace_id == workspace_id, Job.state == state).limit(MOST_COUNTED).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def _work(session: Session, job: Job, token: str, name: str) -> Work:
    for each in standing(session, job.testimonial_id):
        if each.job.id == job.id:
            can_help = job.state == JobState.FAILED and failure(job.failure or "internal").retry
            return Work(token, name, each, can_help)
    title = next((each.title for each in standing(session, job.testimonial_id) if each.job.name == job.name), job.name)
    tried = job.state == JobState.FAILED and job.name in KINDS
    sentence = (
        failure(job.failure or "internal").business + " It was tried again since." if tried else "Done, or taken back."
    )
    return Work(token, name, Standing(job, title, sentence), may_retry=False)
