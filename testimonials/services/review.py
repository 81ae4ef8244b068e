"""Reading what was handed in: the list with its filters and its search, one testimonial, and trying a failed clip again."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session, selectinload

from testimonials.domain.collecting import Kind
from testimonials.domain.lifecycle import MediaStatus, ReviewStatus, advance
from testimonials.domain.search import Term
from testimonials.errors import Conflict, Invalid, NotFound
from testimonials.jobs import KINDS, enqueue, newest_job
from testimonials.models import Campaign, Job, Tag, Tagging, Testimonial
from testimonials.models.job import JobState
from testimonials.models.testimonial import TROUBLE
from testimonials.runtime import Runtime
from testimonials.services import search
from testimonials.services.processing import Standing, standing
from testimonials.services.submissions import queue_processing

PAGE = 50
MOST_COUNTED = 99


class Capped(int):
    """A number that was counted up to a hundred and not further: a hundred or a million, it says `99+`."""

    def __str__(self) -> str:
        return f"{MOST_COUNTED}+" if self > MOST_COUNTED else super().__repr__()


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What a list is narrowed to. `cursor` is the token of the last testimonial of the page before.

    `review` may also be `archived`; without it all verdicts are meant. `assignee` is a member's id, `trouble` asks for clips
    that failed or were found odd, `query` for words.
    """

    media: str | None = None
    review: str | None = None
    campaign: str | None = None
    kind: str | None = None
    rating: int | None = None
    language: str | None = None
    tag: str | None = None
    assignee: str | None = None
    trouble: bool = False
    query: str | None = None
    cursor: str | None = None

    @property
    def narrow(self) -> bool:
        """Whether it asks for more than a verdict."""
        return any(getattr(self, each.name) for each in fields(self) if each.name not in ("review", "cursor"))

    @property
    def narrow_besides_words(self) -> bool:
        """Whether it asks for more than words, in whatever state."""
        return bool(self.review) or replace(self, query=None).narrow


@dataclass(frozen=True)
class Page:
    """`terms` are what the search looked for."""

    testimonials: list[Testimonial]
    next_cursor: str | None
    terms: list[Term]


@dataclass(frozen=True)
class Detail:
    """One testimonial with the job that says whether it plays, and how all work on it stands."""

    testimonial: Testimonial
    job: Job | None
    standing: list[Standing]


def listing(runtime: Runtime, workspace_id: str, wanted: Filter, *, limit: int = PAGE) -> Page:
    """Submitted testimonials, newest first, a page at a time by key."""
    found_terms = search.wanted(wanted.query) if wanted.query else []
    with runtime.db.read() as session:
        query = _narrowed(session, _submitted(workspace_id, wanted.review), workspace_id, wanted)
        after = _after(session, workspace_id, wanted.cursor)
        if found_terms:
            narrow = wanted.narrow_besides_words
            query = search.matching(session, query, workspace_id, found_terms, after=after, narrow=narrow)
        else:
            query = query.order_by(Testimonial.id.desc())
            query = query if after is None else query.where(Testimonial.id < after)
        found = list(session.scalars(query.limit(limit + 1).options(*_with_all())))
    more = len(found) > limit
    return Page(found[:limit], found[limit - 1].token if more else None, found_terms)


def counts(runtime: Runtime, workspace_id: str) -> dict[str, Capped]:
    """How many testimonials have each verdict, and how many are archived; nothing is counted past a hundred."""
    with runtime.db.read() as session:
        found = session.execute(_counting(), {"workspace": workspace_id}).one()
    return {name: Capped(number) for name, number in found._mapping.items()}


def read(runtime: Runtime, workspace_id: str, token: str) -> Detail:
    """One testimonial of this workspace, with its newest job."""
    with runtime.db.read() as session:
        testimonial = one(session, workspace_id, token)
        return Detail(testimonial, newest_job(session, testimonial.id), standing(session, testimonial.id))


def retry(runtime: Runtime, workspace_id: str, token: str) -> Testimonial:
    """Do again what failed, with fresh attempts: the clip itself, or what was to be added to it. The source was kept."""
    with runtime.db.transaction() as transaction:
        testimonial = one(transaction, workspace_id, token, lock=True)
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


def one(session: Session, workspace_id: str, token: str, *, lock: bool = False) -> Testimonial:
    """A testimonial with all that belongs to it. Raises NotFound for those of others and for drafts."""
    found = some(session, workspace_id, [token], lock=lock)
    if not found:
        raise NotFound("There is no such testimonial.", code="unknown_testimonial")
    return found[0]


def some(session: Session, workspace_id: str, tokens: list[str], *, lock: bool = False) -> list[Testimonial]:
    """Those of these that there are. Locked in one order for everybody."""
    query = select(Testimonial).where(Testimonial.workspace_id == workspace_id, Testimonial.token.in_(tokens))
    query = query.where(Testimonial.submitted_at.is_not(None)).order_by(Testimonial.id).options(*_with_all())
    return list(session.scalars(query.with_for_update(of=Testimonial) if lock else query))


def _with_all() -> tuple[Any, ...]:
    return (
        selectinload(Testimonial.assets),
        selectinload(Testimonial.campaign),
        selectinload(Testimonial.captions),
    )


def _submitted(workspace_id: Any, review: str | None) -> Select[Testimonial]:
    query = select(Testimonial).where(Testimonial.workspace_id == workspace_id, Testimonial.submitted_at.is_not(None))
    if review == "archived":
        return query.where(Testimonial.archived_at.is_not(None))
    query = query.where(Testimonial.archived_at.is_(None))
    return query.where(Testimonial.review == _known(ReviewStatus, review)) if review else query


@cache
def _counting() -> Select[Any]:
    """Every page of the console asks this, and building it takes longer than running it."""
    numbers = []
    for name in (*ReviewStatus, "archived"):
        newest = _submitted(bindparam("workspace"), name).with_only_columns(Testimonial.id)
        newest = newest.order_by(Testimonial.id.desc()).limit(MOST_COUNTED + 1)
        numbers.append(select(func.count()).select_from(newest.subquery()).scalar_subquery().label(str(name)))
    return select(*numbers)


def _narrowed(session: Session, query: Select[Testimonial], workspace_id: str, wanted: Filter) -> Select[Testimonial]:
    """Campaigns and tags are looked up first: with an id the database knows which index to walk."""
    if wanted.media:
        query = query.where(Testimonial.media == _known(MediaStatus, wanted.media))
    if wanted.campaign:
        named = select(Campaign.id).where(Campaign.workspace_id == workspace_id, Campaign.slug == wanted.campaign)
        query = query.where(Testimonial.campaign_id == (session.scalar(named) or ""))
    if wanted.kind:
        query = query.where(Testimonial.kind == _known(Kind, wanted.kind))
    if wanted.rating is not None:
        query = query.where(Testimonial.rating == wanted.rating)
    if wanted.language:
        query = query.where(Testimonial.language == wanted.language)
    if wanted.assignee:
        query = query.where(Testimonial.assignee_id == wanted.assignee)
    if wanted.trouble:
        query = query.where(TROUBLE)
    if wanted.tag:
        tag = session.scalar(select(Tag.id).where(Tag.workspace_id == workspace_id, Tag.name == wanted.tag)) or ""
        query = query.join(Tagging, Tagging.testimonial_id == Testimonial.id).where(Tagging.tag_id == tag)
    return query


def _after(session: Session, workspace_id: str, cursor: str | None) -> str | None:
    if not cursor:
        return None
    known = select(Testimonial.id).where(Testimonial.token == cursor, Testimonial.workspace_id == workspace_id)
    last = session.scalar(known)
    if last is None:
        raise Invalid("This cursor is not known.", code="bad_cursor")
    return last


def _known(states: type[MediaStatus] | type[ReviewStatus] | type[Kind], text: str) -> str:
    if text not in list(states):
        raise Invalid(f"Known states are {', '.join(states)}.", code="unknown_state")
    return text
