"""Background work: who may start it, how a worker takes it, and how it ends.

The row is the truth and the broker message a nudge: a row whose message was lost is sent again by `reconcile`, a
message that arrives twice fails to claim. A claim is one conditional UPDATE that takes a lease and raises the fence
number; whoever writes with an older fence writes nothing.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from celery import Celery
from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from testimonials.db import Database, Transaction
from testimonials.domain.lifecycle import MediaStatus
from testimonials.errors import LeaseLost
from testimonials.models import Job, Testimonial
from testimonials.models.base import now
from testimonials.models.job import JobState
from testimonials.settings import Settings

log = logging.getLogger(__name__)

PROCESS_TESTIMONIAL = "testimonials.process"
QUEUES = {PROCESS_TESTIMONIAL: "media"}
BACKOFF_SECONDS = (5, 30, 120)
RENUDGE_SECONDS = 300
NUDGES_A_ROUND = 100

Nudge = Callable[[str, str], bool]
"""Tells the broker `(task name, job id)`, and whether it heard. Never raises: the row is there, and `recover` goes on."""


@dataclass(frozen=True)
class Claim:
    """The right to work on a job, as long as its lease is renewed and nobody has a higher fence."""

    job_id: str
    testimonial_id: str
    fence: int
    attempt: int
    last_attempt: bool


def enqueue(transaction: Transaction, nudge: Nudge, *, name: str, testimonial_id: str, max_attempts: int) -> Job:
    """Write the job beside whatever made it necessary; the broker hears of it after the commit."""
    job = Job(name=name, testimonial_id=testimonial_id, max_attempts=max_attempts)
    transaction.add(job)
    transaction.flush()
    transaction.after_commit(partial(nudge, name, job.id))
    return job


def claim(db: Database, job_id: str, *, worker: str, lease_seconds: int) -> Claim | None:
    """Take the job, or None where somebody else holds it, it is done, or its time has not come.

    The attempt is counted before any work, so that an input that kills its worker runs out of attempts.
    """
    moment = now()
    due = and_(Job.state == JobState.QUEUED, Job.run_after <= moment)
    abandoned = and_(Job.state == JobState.RUNNING, Job.lease_until < moment)
    taken = (
        update(Job)
        .where(Job.id == job_id, or_(due, abandoned), Job.attempts < Job.max_attempts)
        .values(
            state=JobState.RUNNING,
            fence=Job.fence + 1,
            attempts=Job.attempts + 1,
            worker=worker,
            stage="claimed",
            percent=0,
            lease_until=moment + timedelta(seconds=lease_seconds),
            nudged_at=None,
        )
        .returning(Job.testimonial_id, Job.fence, Job.attempts, Job.max_attempts)
    )
    with db.transaction() as transaction:
        row = transaction.execute(taken).one_or_none()
        if row is None:
            return None
        _set_media(transaction, row.testimonial_id, MediaStatus.PROCESSING)
        return Claim(job_id, row.testimonial_id, row.fence, row.attempts, row.attempts >= row.max_attempts)


def renew(db: Database, held: Claim, *, stage: str, percent: int, lease_seconds: int) -> None:
    """Hold the lease longer and say how far the work is. Raises LeaseLost where the job was taken over or erased."""
    values = {"stage": stage, "percent": percent, "lease_until": now() + timedelta(seconds=lease_seconds)}
    with db.transaction() as transaction:
        _update_held(transaction, held, values)


def finish(transaction: Transaction, held: Claim) -> None:
    """Done. In the same transaction as what the work made, so that both are true or neither is."""
    _update_held(
        transaction,
        held,
        {"state": JobState.DONE, "stage": "done", "percent": 100, "finished_at": now(), "failure": None},
    )


def fail(db: Database, held: Claim, *, failure: str, detail: str) -> None:
    """The end of the road for this input, until somebody asks for another try."""
    with db.transaction() as transaction:
        values = {"state": JobState.FAILED, "failure": failure, "detail": detail[:2000], "finished_at": now()}
        _update_held(transaction, held, values)
        _set_media(transaction, held.testimonial_id, MediaStatus.FAILED, failure)


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
        _set_media(transaction, held.testimonial_id, MediaStatus.UPLOADED)


def release(db: Database, held: Claim) -> None:
    """The worker is going away: back into the queue at once, and the attempt does not count."""
    with db.transaction() as transaction:
        values = {"state": JobState.QUEUED, "attempts": Job.attempts - 1, "run_after": now(), "nudged_at": None}
        _update_held(transaction, held, values)
        _set_media(transaction, held.testimonial_id, MediaStatus.UPLOADED)


def recover(db: Database, nudge: Nudge) -> int:
    """Nudge for jobs that are due, and give up those whose worker died at the last attempt. Returns how many.

    A job that was nudged for waits for its turn: it is sent again only after some minutes, or a backlog would multiply.
    The first nudge that is not heard ends the round, because the broker is away for the others too.
    """
    moment = now()
    dead = and_(Job.state == JobState.RUNNING, Job.lease_until < moment)
    due = and_(Job.state == JobState.QUEUED, Job.run_after <= moment)
    with db.transaction() as transaction:
        lost = transaction.execute(
            update(Job)
            .where(dead, Job.attempts >= Job.max_attempts)
            .values(state=JobState.FAILED, failure="worker_lost", fence=Job.fence + 1, finished_at=moment)
            .returning(Job.testimonial_id)
        ).all()
        for row in lost:
            _set_media(transaction, row.testimonial_id, MediaStatus.FAILED, "worker_lost")
        silent = or_(Job.nudged_at.is_(None), Job.nudged_at < moment - timedelta(seconds=RENUDGE_SECONDS))
        query = select(Job.name, Job.id).where(or_(due, dead), silent).order_by(Job.id).limit(NUDGES_A_ROUND)
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
    """The job that says how the processing of a testimonial stands."""
    return session.scalar(select(Job).where(Job.testimonial_id == testimonial_id).order_by(Job.id.desc()).limit(1))


def make_celery(settings: Settings, *, socket_timeout: float = 10) -> Celery:
    """The Celery app both sides use: the web to send names, the worker to register tasks under them.

    `socket_timeout` is how many seconds a broker that accepts but does not answer may cost.
    """
    app = Celery("testimonials", set_as_current=False)
    app.conf.update(
        broker_url="filesystem://localhost//" if settings.embedded_broker else settings.broker_url,
        broker_transport_options=_transport_options(settings, socket_timeout),
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=3,
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=False,  # the lease brings a lost job back; a rejected message would only race with it
        task_default_queue="media",
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_soft_shutdown_timeout=5,
    )
    return app


def celery_nudge(app: Celery) -> Nudge:
    """A nudge through Celery. A broker that is down costs the caller nothing, a silent one its socket time-out."""

    def nudge(name: str, job_id: str) -> bool:
        try:
            app.send_task(name, args=[job_id], queue=QUEUES[name], retry=False)
            return True
        except Exception:  # every transport raises its own kinds; none may fail a customer's submit
            log.warning("the broker could not be told of job %s; reconcile will send it again", job_id, exc_info=True)
            return False

    return nudge


def _transport_options(settings: Settings, socket_timeout: float) -> dict[str, Any]:
    if not settings.embedded_broker:
        return {
            "visibility_timeout": 3600,
            "socket_connect_timeout": 2,
            "socket_timeout": socket_timeout,
            "max_retries": 0,
        }
    folder = Path(unquote(urlsplit(settings.broker_url).path))
    inbox, control = folder / "messages", folder / "control"
    for each in (inbox, control):
        each.mkdir(parents=True, exist_ok=True)
    return {
        "data_folder_in": str(inbox),
        "data_folder_out": str(inbox),
        "control_folder": str(control),
        "polling_interval": 0.2,
    }


def _update_held(transaction: Transaction, held: Claim, values: dict[str, Any]) -> None:
    mine = and_(Job.id == held.job_id, Job.fence == held.fence, Job.state == JobState.RUNNING)
    if transaction.execute(update(Job).where(mine).values(**values)).rowcount != 1:  # type: ignore[attr-defined]
        raise LeaseLost


def _set_media(transaction: Transaction, testimonial_id: str, media: MediaStatus, failure: str | None = None) -> None:
    transaction.execute(
        update(Testimonial).where(Testimonial.id == testimonial_id).values(media=media, failure=failure)
    )
