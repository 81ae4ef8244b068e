"""Moderation: what waits for a verdict, the verdicts, taking them back, and trying a failed clip again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, selectinload

from testimonials.domain.lifecycle import MediaStatus, ReviewStatus, advance
from testimonials.errors import Conflict, Invalid, NotFound
from testimonials.jobs import KINDS, enqueue, newest_job
from testimonials.models import Campaign, Job, Testimonial
from testimonials.models.base import now
from testimonials.models.job import JobState
from testimonials.runtime import Runtime
from testimonials.services.processing import Standing, standing
from testimonials.services.submissions import queue_processing

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What a list is narrowed to. `cursor` is the token of the last testimonial of the page before."""

    media: str | None = None
    review: str | None = None
    campaign: str | None = None
    tag: str | None = None
    cursor: str | None = None


@dataclass(frozen=True)
class Page:
    testimonials: list[Testimonial]
    next_cursor: str | None


@dataclass(frozen=True)
class Detail:
    """One testimonial with the job that says whether it plays, and how all work on it stands."""

    testimonial: Testimonial
    job: Job | None
    standing: list[Standing]


def listing(runtime: Runtime, workspace_id: str, wanted: Filter, *, limit: int = PAGE) -> Page:
    """Submitted testimonials, newest first, a page at a time by key."""
    with runtime.db.read() as session:
        query = _submitted(workspace_id).order_by(Testimonial.id.desc()).limit(limit + 1)
        query = _narrowed(session, query, workspace_id, wanted)
        found = list(
            session.scalars(
                query.options(
                    selectinload(Testimonial.assets),
                    selectinload(Testimonial.campaign),
                    selectinload(Testimonial.captions),
                )
            )
        )
    more = len(found) > limit
    return Page(found[:limit], found[limit - 1].token if more else None)


def counts(runtime: Runtime, workspace_id: str) -> dict[str, int]:
    """How many testimonials have each verdict."""
    with runtime.db.read() as session:
        query = (
            select(Testimonial.review, func.count())
            .where(Testimonial.workspace_id == workspace_id, Testimonial.submitted_at.is_not(None))
            .where(Testimonial.archived_at.is_(None))
            .group_by(Testimonial.review)
        )
        found: dict[str, int] = dict(session.execute(query).all())
    return {status.value: found.get(status.value, 0) for status in ReviewStatus}


def read(runtime: Runtime, workspace_id: str, token: str) -> Detail:
    """One testimonial of this workspace, with its newest job."""
    with runtime.db.read() as session:
        testimonial = _one(session, workspace_id, token)
        return Detail(testimonial, newest_job(session, testimonial.id), standing(session, testimonial.id))


def approve(runtime: Runtime, workspace_id: str, token: str) -> Testimonial:
    """It may be shown. A clip that failed has nothing to show."""

    def act(testimonial: Testimonial) -> None:
        if testimonial.media == MediaStatus.FAILED:
            raise Conflict("This video could not be prepared, so there is nothing to show.", code="wrong_state")
        _judge(testimonial, ReviewStatus.APPROVED)

    return _change(runtime, workspace_id, token, act)


def reject(runtime: Runtime, workspace_id: str, token: str, *, reason: str) -> Testimonial:
    """It will not be shown. The reason stays inside the team."""

    def act(testimonial: Testimonial) -> None:
        _judge(testimonial, ReviewStatus.REJECTED)
        testimonial.reject_reason = reason[:300]

    return _change(runtime, workspace_id, token, act)


def reopen(runtime: Runtime, workspace_id: str, token: str) -> Testimonial:
    """Take the verdict back."""
    return _change(runtime, workspace_id, token, lambda testimonial: _judge(testimonial, ReviewStatus.PENDING))


def archive(runtime: Runtime, workspace_id: str, token: str) -> Testimonial:
    """Put it away: no surface shows it any more, nothing is deleted."""

    def act(testimonial: Testimonial) -> None:
        testimonial.archived_at = testimonial.archived_at or now()

    return _change(runtime, workspace_id, token, act)


def retag(runtime: Runtime, workspace_id: str, token: str, tags: list[str]) -> Testimonial:
    """Replace its tags. At most 20 of at most 40 characters."""
    clean = list(dict.fromkeys(tag.strip() for tag in tags if tag.strip()))
    if len(clean) > 20 or any(len(tag) > 40 for tag in clean):
        raise Invalid("At most 20 tags of at most 40 characters.", code="bad_tags")

    def act(testimonial: Testimonial) -> None:
        testimonial.tags = clean

    return _change(runtime, workspace_id, token, act)


def retry(runtime: Runtime, workspace_id: str, token: str) -> Testimonial:
    """Do again what failed, with fresh attempts: the clip itself, or what was to be added to it. The source was kept."""
    with runtime.db.transaction() as transaction:
        testimonial = _one(transaction, workspace_id, token, lock=True)
        if testimonial.media == MediaStatus.FAILED:
            testimonial.media = advance(MediaStatus.FAILED, MediaStatus.UPLOADED)
            testimonial.failure = None
            queue_processing(runtime, transaction, testimonial.id)
            return testimonial
        failed = [each.job for each in standing(transaction, testimonial.id) if each.job.state == JobState.FAILED]
        failed = [job for job in failed if not KINDS[job.name].shows_clip]
        if not failed:
            raise Conflict("Nothing has failed here that could be tried again.", code="wrong_state")
        for job in failed:
            enqueue(
                transaction,
                runtime.nudge,
                name=job.name,
                testimonial_id=testimonial.id,
                max_attempts=runtime.settings.job_max_attempts,
                arguments=job.arguments,
            )
    return testimonial


def _judge(testimonial: Testimonial, verdict: ReviewStatus) -> None:
    testimonial.review = verdict
    testimonial.reviewed_at = None if verdict is ReviewStatus.PENDING else now()
    testimonial.reject_reason = ""


def _change(runtime: Runtime, workspace_id: str, token: str, act: Callable[[Testimonial], None]) -> Testimonial:
    with runtime.db.transaction() as transaction:
        testimonial = _one(transaction, workspace_id, token, lock=True)
        act(testimonial)
        transaction.flush()
    return testimonial


def _submitted(workspace_id: str) -> Select[Testimonial]:
    return select(Testimonial).where(
        Testimonial.workspace_id == workspace_id,
        Testimonial.submitted_at.is_not(None),
        Testimonial.archived_at.is_(None),
    )


def _narrowed(session: Session, query: Select[Testimonial], workspace_id: str, wanted: Filter) -> Select[Testimonial]:
    if wanted.media:
        query = query.where(Testimonial.media == _known(MediaStatus, wanted.media))
    if wanted.review:
        query = query.where(Testimonial.review == _known(ReviewStatus, wanted.review))
    if wanted.campaign:
        query = query.join(Campaign).where(Campaign.slug == wanted.campaign)
    if wanted.tag:
        query = query.where(_has_tag(session, wanted.tag))
    if wanted.cursor:
        last = session.scalar(
            select(Testimonial.id).where(Testimonial.token == wanted.cursor, Testimonial.workspace_id == workspace_id)
        )
        if last is None:
            raise Invalid("This cursor is not known.", code="bad_cursor")
        query = query.where(Testimonial.id < last)
    return query


def _has_tag(session: Session, tag: str) -> ColumnElement[bool]:
    """Whether the JSON list of tags holds this one; each database has its own word for it."""
    if session.get_bind().dialect.name == "postgresql":
        return type_coerce(Testimonial.tags, JSONB).contains([tag])
    tags = func.json_each(Testimonial.tags).table_valued("value")
    return select(tags.c.value).where(tags.c.value == tag).exists()


def _known(states: type[MediaStatus] | type[ReviewStatus], text: str) -> str:
    if text not in list(states):
        raise Invalid(f"Known states are {', '.join(states)}.", code="unknown_state")
    return text


def _one(session: Session, workspace_id: str, token: str, *, lock: bool = False) -> Testimonial:
    query = select(Testimonial).where(Testimonial.workspace_id == workspace_id, Testimonial.token == token)
    query = query.where(Testimonial.submitted_at.is_not(None))
    query = query.options(
        selectinload(Testimonial.assets), selectinload(Testimonial.campaign), selectinload(Testimonial.captions)
    )
    testimonial = session.scalar(query.with_for_update(of=Testimonial) if lock else query)
    if testimonial is None:
        raise NotFound("There is no such testimonial.", code="unknown_testimonial")
    return testimonial
