"""Background work: who may start it, how a worker takes it, and how it ends.

The row is the truth and the broker message a nudge: a row whose message was lost is sent again by `reconcile`, a
message that arrives twice fails to claim. A claim is one conditional UPDATE that takes a lease and raises the fence
number; whoever writes with an older fence writes nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from testimonials.db import Database, Transaction
from testimonials.domain.lifecycle import MediaStatus
from testimonials.errors import LeaseLost
from testimonials.models import Job, Testimonial
from testimonials.models.base import now
from testimonials.models.job import ALIVE_SECONDS, UNFINISHED, JobState, WorkerHeartbeat


@dataclass(frozen=True)
class Kind:
    """What holds for all jobs of a name. The lowest `priority` of a queue goes first: something to play before the rest."""

    queue: str
    priority: int
    shows_clip: bool = False
    """Whether the clip is ready, or failed, as this job is."""


PROCESS_TESTIMONIAL = "testimonials.process"
RENDER_REST = "testimonials.renditions"
WRITE_CAPTIONS = "testimonials.captions"
RENDER_SOCIAL = "testimonials.social"
TRIM = "testimonials.trim"
MAKE_PICTURES = "testimonials.pictures"
KINDS = {
    PROCESS_TESTIMONIAL: Kind("media", 0, shows_clip=True),
    RENDER_SOCIAL: Kind("media", 1),  # somebody waits for it
    TRIM: Kind("media", 1),  # the clip of before plays on meanwhile, and if this fails
    WRITE_CAPTIONS: Kind("media", 2),
    RENDER_REST: Kind("media", 3),
    MAKE_PICTURES: Kind("small", 0),
}
FORMAT = 2
"""The shape of jobs and of what their stages leave behind; raised when a worker of the version before would misread it."""
BACKOFF_SECONDS = (5, 30, 120)
RENUDGE_SECONDS = 300
IDLE_RENUDGE_SECONDS = 30
NUDGES_A_ROUND = 100
CLAIMS_A_MESSAGE = 20

Nudge = Callable[[str, str], bool]
"""Tells the broker `(task name, job id)`, and whether it heard. Never raises: the row is there, and `recover` goes on."""


@dataclass(frozen=True)
class Claim:
    """The right to work on a job, as long as its lease is renewed and nobody has a higher fence."""

    job_id: str
    name: str
    testimonial_id: str
    fence: int
    attempt: int
    last_attempt: bool
    waited_seconds: float = 0.0
    arguments: dict[str, Any] = field(default_factory=dict)


def enqueue(
    transaction: Transaction,
    nudge: Nudge,
    *,
    name: str,
    testimonial_id: str,
    max_attempts: int,
    arguments: dict[str, Any] | None = None,
) -> Job:
    """Write the job beside whatever made it necessary; the broker hears of it after the commit."""
    job = Job(
        name=name,
        testimonial_id=testimonial_id,
        max_attempts=max_attempts,
        arguments=arguments or {},
        priority=KINDS[name].priority,
        format=FORMAT,
    )
    transaction.add(job)
    transaction.flush()
    transaction.after_commit(partial(nudge, name, job.id))
    return job


def cancel(transaction: Transaction, testimonial_id: str) -> None:
    """End what is queued or running for a testimonial. Whoever works on it finds its lease lost at the next renewal."""
    unfinished = Job.state.in_(UNFINISHED)
    transaction.execute(
        update(Job)
        .where(Job.testimonial_id == testimonial_id, unfinished)
        .values(state=JobState.CANCELED, fence=Job.fence + 1, finished_at=now())
    )


def due(db: Database, queue: str) -> list[str]:
    """The ids of what a message of a queue may start, most urgent first.

    A message is a permit to do one job; which one, the rows decide. Brokers know no priorities that all of them share.
    """
    names = [name for name, kind in KINDS.items() if kind.queue == queue]
    with db.read() as session:
        query = select(Job.id).where(_claimable(now()), Job.name.in_(names), Job.format == FORMAT)
        return list(session.scalars(query.order_by(Job.priority, Job.id).limit(CLAIMS_A_MESSAGE)))


def refuse_foreign(db: Database, queue: str) -> int:
    """Say of jobs in a shape that this version does not know that they wait for a worker of another one."""
    names = [name for name, kind in KINDS.items() if kind.queue == queue]
    with db.transaction() as transaction:
        foreign = and_(Job.state == JobState.QUEUED, Job.format != FORMAT, Job.name.in_(names))
        unsaid = or_(Job.failure.is_(None), Job.failure != "other_version")
        said = update(Job).where(foreign, unsaid).values(failure="other_version").returning(Job.id)
        return len(transaction.execute(said).all())


def claim(db: Database, job_id: str, *, worker: str, lease_seconds: int) -> Claim | None:
    """Take the job, or None where somebody else holds it, it is done, or its time has not come.

    The attempt is counted before any work, so that an input that kills its worker runs out of attempts.
    """
    moment = now()
    taken = (
        update(Job)
        .where(Job.id == job_id, _claimable(moment), Job.format == FORMAT)
        .values(
            state=JobState.RUNNING,
            fence=Job.fence + 1,
            attempts=Job.attempts + 1,
            worker=worker,
            stage="claimed",
            percent=0,
            timings={},
            lease_until=moment + timedelta(seconds=lease_seconds),
            nudged_at=None,
        )
        .returning(
            Job.name, Job.testimonial_id, Job.fence, Job.attempts, Job.max_attempts, Job.run_after, Job.arguments
        )
    )
    with db.transaction() as transaction:
        row = transaction.execute(taken).one_or_none()
        if row is None:
            return None
        _show(transaction, row.name, row.testimonial_id, MediaStatus.PROCESSING)
        return Claim(
            job_id,
            row.name,
            row.testimonial_id,
            row.fence,
            row.attempts,
            row.attempts >= row.max_attempts,
            max(0.0, (moment - row.run_after).total_seconds()),
            row.arguments,
        )


def renew(
    db: Database, held: Claim, *, stage: str, percent: int, lease_seconds: int, timings: dict[str, float] | None = None
) -> None:
    """Hold the lease longer and say how far the work is. Raises LeaseLost where the job was taken over or erased."""
    values: dict[str, Any] = {"stage": stage, "percent": percent}
    values["lease_until"] = now() + timedelta(seconds=lease_seconds)
    if timings is not None:
        values["timings"] = timings
    with db.transaction() as transaction:
        _update_held(transaction, held, values)


def finish(transaction: Transaction, held: Claim, timings: dict[str, float] | None = None) -> None:
    """Done. In the same transaction as what the work made, so that both are true or neither is."""
    values: dict[str, Any] = {"state": JobState.DONE, "stage": "done", "percent": 100, "failure": None}
    _update_held(transaction, held, values | {"finished_at": now(), "timings": timings or {}})


def fail(db: Database, held: Claim, *, failure: str, detail: str) -> None:
    """The end of the road for this input, until somebody asks for another try."""
    with db.transaction() as transaction:
        values = {"state": JobState.FAILED, "failure": failure, "detail": detail[:2000], "finished_at": now()}
        _update_held(transaction, held, values)
        _show(transaction, held.name, held.testimonial_id, MediaStatus.FAILED, failure)


def try_again(db: Database, held: Claim, *, failure: str, detail: str) -> None:
    """Back into the queue after a pause that grows, or failed where the attempts are used up."""
    if held.last_attempt:
        fail(db, held, failure=failure, detail=detail)
        return
    pause = BACKOFF_SECONDS[min(held.attempt, len(BACKOFF_SECONDS)) - 1] * random.uniform(0.75, 1.25)  # noqa: S311
    with db.transaction() as transaction:
        values = {
            "state": JobState.QUEUED,
            "failure": failure,
            "detail": detail[:2000],
            "run_after": now() + timedelta(seconds=pause),
            "nudged_at": None,
        }
        _update_held(transaction, held, values)
        _show(transaction, held.name, held.testimonial_id, MediaStatus.UPLOADED)


def release(db: Database, held: Claim) -> None:
    """The worker is going away: back into the queue at once, and the attempt does not count."""
    with db.transaction() as transaction:
        values = {"state": JobState.QUEUED, "attempts": Job.attempts - 1, "run_after": now(), "nudged_at": None}
        _update_held(transaction, held, values)
        _show(transaction, held.name, held.testimonial_id, MediaStatus.UPLOADED)


def recover(db: Database, nudge: Nudge) -> int:
    """Nudge for jobs that are due, and give up those whose worker died at the last attempt. Returns how many.

    A job that was nudged for waits for its turn: it is sent again only after some minutes, or a backlog would multiply.
    Where a living worker has nothing to do, its messages must have got lost, with a broker or a worker that was killed.
    The first nudge that is not heard ends the round, because the broker is away for the others too.
    """
    moment = now()
    dead = and_(Job.state == JobState.RUNNING, Job.lease_until < moment)
    with db.transaction() as transaction:
        lost = transaction.execute(
            update(Job)
            .where(dead, Job.attempts >= Job.max_attempts)
            .values(state=JobState.FAILED, failure="worker_lost", fence=Job.fence + 1, finished_at=moment)
            .returning(Job.name, Job.testimonial_id)
        ).all()
        for row in lost:
            _show(transaction, row.name, row.testimonial_id, MediaStatus.FAILED, "worker_lost")
        idle = and_(Job.name.in_(_idle_names(transaction, moment)), _nudged_before(moment, IDLE_RENUDGE_SECONDS))
        silent = or_(Job.nudged_at.is_(None), _nudged_before(moment, RENUDGE_SECONDS), idle)
        # Jobs of another format are for their own version's workers to nudge for: here the message would be used up.
        mine = and_(Job.name.in_(KINDS), Job.format == FORMAT)
        query = select(Job.name, Job.id).where(_claimable(moment), silent, mine)
        query = query.order_by(Job.priority, Job.id).limit(NUDGES_A_ROUND)
        waiting = transaction.execute(query).all()
    heard = []
    for name, job_id in waiting:
        if not nudge(name, job_id):
            break
        heard.append(job_id)
    with db.transaction() as transaction:
        transaction.execute(update(Job).where(Job.id.in_(heard)).values(nudged_at=moment))
    return len(lost) + len(heard)


def newest_job(session: Session, testimonial_id: str) -> Job | None:
    """The job that says whether there is something to play."""
    query = select(Job).where(Job.testimonial_id == testimonial_id, Job.name == PROCESS_TESTIMONIAL)
    return session.scalar(query.order_by(Job.id.desc()).limit(1))


def _idle_names(session: Session, moment: datetime) -> list[str]:
    """The jobs that a living worker could do at once, because its lane does nothing."""
    recent = WorkerHeartbeat.seen_at > moment - timedelta(seconds=ALIVE_SECONDS)
    alive = set(session.scalars(select(WorkerHeartbeat.lane).where(recent)))
    working = select(Job.name).where(Job.state == JobState.RUNNING, Job.lease_until >= moment).distinct()
    busy = {KINDS[name].queue for name in session.scalars(working) if name in KINDS}
    return [name for name, kind in KINDS.items() if kind.queue in alive - busy]


def _nudged_before(moment: datetime, seconds: int) -> ColumnElement[bool]:
    return Job.nudged_at < moment - timedelta(seconds=seconds)


def _update_held(transaction: Transaction, held: Claim, values: dict[str, Any]) -> None:
    mine = and_(Job.id == held.job_id, Job.fence == held.fence, Job.state == JobState.RUNNING)
    if transaction.execute(update(Job).where(mine).values(**values)).rowcount != 1:  # type: ignore[attr-defined]
        raise LeaseLost


def _claimable(moment: datetime) -> ColumnElement[bool]:
    """Queued and due, or left by a worker whose lease ran out; with an attempt to spare."""
    waiting = and_(Job.state == JobState.QUEUED, Job.run_after <= moment)
    abandoned = and_(Job.state == JobState.RUNNING, Job.lease_until < moment)
    return and_(or_(waiting, abandoned), Job.attempts < Job.max_attempts)


def _show(
    transaction: Transaction, name: str, testimonial_id: str, media: MediaStatus, failure: str | None = None
) -> None:
    """What the job means for the clip; nothing where it only adds to one that plays already."""
    if KINDS[name].shows_clip:
        transaction.execute(
            update(Testimonial).where(Testimonial.id == testimonial_id).values(media=media, failure=failure)
        )
