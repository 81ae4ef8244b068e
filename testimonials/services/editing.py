"""What can be changed about a clip without touching the original: its poster, its focus point, clips for networks."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import selectinload

from testimonials.db import Transaction
from testimonials.domain.collecting import Kind
from testimonials.domain.cue_edits import Cut, check_cut
from testimonials.domain.lifecycle import MediaStatus
from testimonials.domain.social import parse
from testimonials.errors import Conflict, Invalid, NotFound
from testimonials.jobs import MAKE_PICTURES, RENDER_SOCIAL, TRIM, cancel, enqueue
from testimonials.models import Job, Testimonial
from testimonials.models.asset import AssetKind
from testimonials.models.job import UNFINISHED
from testimonials.runtime import Runtime
from testimonials.services.captions import refuse_while_trimmed
from testimonials.services.moderation import By

MAX_WAITING_CLIPS = 6


def choose_poster(runtime: Runtime, workspace_id: str, token: str, candidate: str) -> Testimonial:
    """The business chooses one of the frames that are offered, by its label."""
    return _choose(runtime, _of_business(workspace_id, token), candidate)


def choose_poster_as_customer(runtime: Runtime, manage_token: str, candidate: str) -> Testimonial:
    """The customer does, from their own page."""
    return _choose(runtime, Testimonial.manage_token == manage_token, candidate)


def set_focus(runtime: Runtime, workspace_id: str, token: str, x: object, y: object) -> Testimonial:
    """The point that crops keep in view, in parts of the width and the height."""
    with runtime.db.transaction() as transaction:
        testimonial = _ready(transaction, _of_business(workspace_id, token))
        if not (_is_share(x) and _is_share(y)):
            raise Invalid("A focus point is two numbers from 0 to 1.", code="bad_focus")
        testimonial.focus_x, testimonial.focus_y = float(x), float(y)  # type: ignore[arg-type]
        transaction.flush()
    return testimonial


def request_social(runtime: Runtime, workspace_id: str, token: str, options: dict[str, Any]) -> Testimonial:
    """Have a clip for networks made. Only where the customer allows social networks; the newest of a format replaces
    the one before. Raises Invalid `bad_social`, Conflict `no_consent` or `too_many_clips`."""
    with runtime.db.transaction() as transaction:
        testimonial = _ready(transaction, _of_business(workspace_id, token))
        wanted = parse(options)
        if testimonial.kind not in (Kind.VIDEO, Kind.AUDIO):
            raise Conflict("There is nothing to play in it.", code="nothing_to_play")
        if not testimonial.allows_social:
            raise Conflict("The customer has not allowed social networks.", code="no_consent")
        unfinished = Job.state.in_(UNFINISHED)
        query = select(Job).where(Job.testimonial_id == testimonial.id, Job.name == RENDER_SOCIAL, unfinished)
        waiting = list(transaction.scalars(query.limit(MAX_WAITING_CLIPS)))
        if any(job.arguments == options for job in waiting):
            return testimonial  # pressed twice
        if len(waiting) >= MAX_WAITING_CLIPS:
            raise Conflict("Several clips are being made already. Wait for one of them.", code="too_many_clips")
        _enqueue(runtime, transaction, RENDER_SOCIAL, testimonial, options | {"format": wanted.format})
    return testimonial


def request_trim(runtime: Runtime, workspace_id: str, token: str, start: object, end: object, by: By) -> Testimonial:
    """Have the clip made anew between two marks, in seconds of the clip as the customer handed it in. What they sent is kept,
    so that the marks can be moved or taken away at any time.

    Raises Invalid `bad_marks`; Conflict `no_consent`, `nothing_to_play`, `nothing_changed`, or `still_working` while other work
    on the clip is not done.
    """
    with runtime.db.transaction() as transaction:
        testimonial = _ready(transaction, _of_business(workspace_id, token), waits=False)
        if testimonial.kind not in (Kind.VIDEO, Kind.AUDIO) or not testimonial.duration_seconds:
            raise Conflict("There is nothing to play in it.", code="nothing_to_play")
        cut = check_cut(start, end, testimonial.whole_seconds or testimonial.duration_seconds)
        if cut.shortens and "editing" not in testimonial.consent_scopes:
            raise Conflict("The customer has not allowed that it is shortened.", code="no_consent")
        unfinished = select(Job).where(Job.testimonial_id == testimonial.id, Job.state.in_(UNFINISHED))
        jobs = list(transaction.scalars(unfinished))
        if any(job.name != TRIM for job in jobs):
            raise Conflict("The clip is still being prepared. Try again when that is done.", code="still_working")
        if not jobs and cut == Cut(testimonial.cut_start_seconds or 0.0, testimonial.cut_end_seconds):
            raise Conflict("The marks are where they were.", code="nothing_changed")
        cancel(transaction, testimonial.id)
        who = {"member_id": by.member_id, "member_name": by.name}
        _enqueue(runtime, transaction, TRIM, testimonial, {**asdict(cut), "by": who})
    return testimonial


def _choose(runtime: Runtime, which: ColumnElement[bool], candidate: str) -> Testimonial:
    with runtime.db.transaction() as transaction:
        testimonial = _ready(transaction, which)
        if candidate not in {asset.label for asset in testimonial.assets_of(AssetKind.CANDIDATE)}:
            raise Invalid("There is no such frame.", code="unknown_candidate")
        _enqueue(runtime, transaction, MAKE_PICTURES, testimonial, {"candidate": candidate})
    return testimonial


def _enqueue(
    runtime: Runtime, transaction: Transaction, name: str, testimonial: Testimonial, arguments: dict[str, Any]
) -> None:
    attempts = runtime.settings.job_max_attempts
    enqueue(
        transaction,
        runtime.nudge,
        name=name,
        testimonial_id=testimonial.id,
        max_attempts=attempts,
        arguments=arguments,
    )


def _of_business(workspace_id: str, token: str) -> ColumnElement[bool]:
    return (Testimonial.workspace_id == workspace_id) & (Testimonial.token == token)


def _ready(transaction: Transaction, which: ColumnElement[bool], *, waits: bool = True) -> Testimonial:
    query = select(Testimonial).where(which, Testimonial.submitted_at.is_not(None)).with_for_update(of=Testimonial)
    options = (
        selectinload(Testimonial.assets),
        selectinload(Testimonial.campaign),
        selectinload(Testimonial.captions),
    )
    testimonial = transaction.scalar(query.options(*options))
    if testimonial is None:
        raise NotFound("There is no such testimonial.", code="unknown_testimonial")
    if testimonial.media != MediaStatus.READY:
        raise Conflict("The video has to be prepared first.", code="wrong_state")
    if waits:
        refuse_while_trimmed(transaction, testimonial.id)
    return testimonial


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and 0 <= value <= 1
