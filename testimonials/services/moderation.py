"""Moderation: the acts on one or many testimonials, each of which can be undone.

An act locks what it changes, keeps what was there before, and writes both in one row. Undoing it puts back what nobody
has changed since.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from testimonials.db import Transaction
from testimonials.domain.excerpts import excerpt
from testimonials.domain.lifecycle import MediaStatus, ReviewStatus
from testimonials.errors import AppError, Conflict, Invalid, NotFound
from testimonials.models import ActOn, Membership, ReviewAct, Testimonial, TextEdit
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.services import audit, publishing, rejections, review, review_rules, snapshots, tags
from testimonials.services.search import words_of

MOST_AT_ONCE = 100
MOST_REASON = 300


class Act(StrEnum):
    """What can be done. Each word is also its name in the API."""

    APPROVE = "approve"
    REJECT = "reject"
    REOPEN = "reopen"
    ARCHIVE = "archive"
    RESTORE = "restore"
    TAG = "tag"
    UNTAG = "untag"
    RETAG = "retag"
    FEATURE = "feature"
    UNFEATURE = "unfeature"
    ASSIGN = "assign"
    QUOTE = "quote"


BULK_ACTS = tuple(act for act in Act if act not in (Act.QUOTE, Act.RETAG))
"""What can be done to several at once. Words are chosen one by one."""


@dataclass(frozen=True, kw_only=True)
class By:
    """Who acts. A token of the API is nobody."""

    member_id: str = ""
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Change:
    """An act with what it needs: `reason` stays in the team, `message` (where there is one) is mailed to the customer,
    `tags` for the acts on tags, `assignee` a member's id or empty, `words` an excerpt or empty for all of them."""

    act: Act
    reason: str = ""
    message: str = ""
    tags: tuple[str, ...] = ()
    assignee: str = ""
    words: str = ""


@dataclass(frozen=True)
class Outcome:
    """`act_id` undoes it, None where nothing changed. `refused` are tokens with the reason."""

    act_id: str | None
    done: list[Testimonial]
    refused: dict[str, AppError]


@dataclass(frozen=True)
class _Work:
    runtime: Runtime
    transaction: Transaction
    change: Change
    by: By
    two: bool
    mails: list[str]


def perform(runtime: Runtime, workspace_id: str, tokens: list[str], change: Change, by: By = By()) -> Outcome:
    """Do it to each of them that allows it. Raises Invalid `too_many` for more than a hundred at once."""
    if not 1 <= len(tokens) <= MOST_AT_ONCE:
        raise Invalid(f"Choose 1 to {MOST_AT_ONCE} testimonials.", code="too_many")
    refused: dict[str, AppError] = {}
    changes: list[dict[str, Any]] = []
    with runtime.db.transaction() as transaction:
        found = review.some(transaction, workspace_id, tokens, lock=True)
        two = review_rules.needs_two(transaction, workspace_id)
        work = _Work(runtime, transaction, change, by, two, [])
        for testimonial in found:
            before = snapshots.take(testimonial)
            try:
                ACTS[change.act](work, testimonial)
            except AppError as error:
                refused[testimonial.token] = error
                continue
            if changed := snapshots.difference(testimonial, before):
                changes.append(changed)
                audit.record(transaction, workspace_id, change.act.value, f"testimonial:{testimonial.token}")
        for token in set(tokens) - {each.token for each in found}:
            refused[token] = NotFound("There is no such testimonial.", code="unknown_testimonial")
        act_id = _keep(work, workspace_id, changes) if changes else None
    return Outcome(act_id, [each for each in found if each.token not in refused], refused)


def one(runtime: Runtime, workspace_id: str, token: str, change: Change, by: By = By()) -> Outcome:
    """The same for a single one, whose refusal is raised."""
    outcome = perform(runtime, workspace_id, [token], change, by)
    for error in outcome.refused.values():
        raise error
    return outcome


def undo(runtime: Runtime, workspace_id: str, act_id: str, by: By = By()) -> Outcome:
    """Take one's own act back. Raises NotFound for those of others, Conflict `undone` for one that was taken back already;
    what was changed since is refused as `changed_since` and stays as it is."""
    refused: dict[str, AppError] = {}
    with runtime.db.transaction() as transaction:
        act = transaction.get(ReviewAct, act_id, with_for_update=True)
        if act is None or act.workspace_id != workspace_id or act.member_id != by.member_id:
            raise NotFound("There is no such act.", code="unknown_act")
        if act.undone_at is not None:
            raise Conflict("This was undone already.", code="undone")
        held = {change["id"]: change for change in act.changes}
        found = snapshots.locked(transaction, list(held))
        work = _Work(
            runtime, transaction, Change(act=Act(act.name)), by, review_rules.needs_two(transaction, workspace_id), []
        )
        for testimonial in found:
            try:
                _put_back(work, testimonial, held[testimonial.id])
            except AppError as error:
                refused[testimonial.token] = error
                continue
            audit.record(transaction, workspace_id, "undo", f"testimonial:{testimonial.token}", f"of {act.name}")
        act.undone_at = now()
        rejections.take_back(transaction, act.mails)
        publishing.changed(transaction, workspace_id)
        transaction.flush()
    return Outcome(act_id, [each for each in found if each.token not in refused], refused)


def _put_back(work: _Work, testimonial: Testimonial, change: dict[str, Any]) -> None:
    before, after = change["before"], change["after"]
    if any(snapshots.value(testimonial, name) != value for name, value in after.items()):
        raise Conflict("Somebody changed it since. It stays as it is.", code="changed_since")
    back_on_show = before.get("review") == ReviewStatus.APPROVED
    was = testimonial.quote
    snapshots.put_back(work.transaction, testimonial, before)
    if work.two and back_on_show and len(review_rules.standing(work.transaction, testimonial)) < review_rules.NEEDED:
        snapshots.put_back(work.transaction, testimonial, after)
        raise Conflict("This workspace wants two approvals now. Approve it again.", code="needs_two")
    if testimonial.quote != was:
        _note_edit(work, testimonial, was)


def _keep(work: _Work, workspace_id: str, changes: list[dict[str, Any]]) -> str:
    act = ReviewAct(workspace_id=workspace_id, member_id=work.by.member_id, member_name=work.by.name)
    act.name, act.changes, act.mails = work.change.act, changes, work.mails
    work.transaction.add(act)
    work.transaction.flush()
    work.transaction.add_all([ActOn(testimonial_id=change["id"], act_id=act.id) for change in changes])
    publishing.changed(work.transaction, workspace_id)
    work.transaction.flush()
    return act.id


def _approve(work: _Work, testimonial: Testimonial) -> None:
    if testimonial.media == MediaStatus.FAILED:
        raise Conflict("This video could not be prepared, so there is nothing to show.", code="wrong_state")
    if testimonial.review == ReviewStatus.APPROVED:
        return
    if work.two:
        testimonial.approvals = review_rules.approved_by(work.transaction, testimonial, work.by.member_id)
        if len(testimonial.approvals) < review_rules.NEEDED:
            return
    _judge(testimonial, ReviewStatus.APPROVED)


def _reject(work: _Work, testimonial: Testimonial) -> None:
    first = testimonial.review != ReviewStatus.REJECTED
    if first:
        _judge(testimonial, ReviewStatus.REJECTED)
    testimonial.reject_reason = work.change.reason.strip()[:MOST_REASON]
    testimonial.approvals = []
    if first and work.change.message.strip():
        work.mails.extend(rejections.tell(work.runtime, work.transaction, testimonial, work.change.message))


def _reopen(_: _Work, testimonial: Testimonial) -> None:
    if testimonial.review != ReviewStatus.PENDING:
        _judge(testimonial, ReviewStatus.PENDING)
    testimonial.approvals = []


def _judge(testimonial: Testimonial, verdict: ReviewStatus) -> None:
    testimonial.review = verdict
    testimonial.reviewed_at = None if verdict is ReviewStatus.PENDING else now()
    testimonial.reject_reason = ""


def _archive(_: _Work, testimonial: Testimonial) -> None:
    testimonial.archived_at = testimonial.archived_at or now()


def _restore(_: _Work, testimonial: Testimonial) -> None:
    testimonial.archived_at = None


def _tag(work: _Work, testimonial: Testimonial) -> None:
    tags.put(work.transaction, testimonial, [*testimonial.tags, *work.change.tags])


def _untag(work: _Work, testimonial: Testimonial) -> None:
    tags.put(work.transaction, testimonial, [each for each in testimonial.tags if each not in work.change.tags])


def _retag(work: _Work, testimonial: Testimonial) -> None:
    tags.put(work.transaction, testimonial, list(work.change.tags))


def _feature(work: _Work, testimonial: Testimonial) -> None:
    testimonial.featured = work.change.act is Act.FEATURE


def _assign(work: _Work, testimonial: Testimonial) -> None:
    wanted = work.change.assignee or None
    here = (Membership.member_id == wanted, Membership.workspace_id == testimonial.workspace_id)
    if wanted and work.transaction.scalar(select(Membership.id).where(*here)) is None:
        raise Invalid("There is no such member.", code="unknown_member")
    testimonial.assignee_id = wanted


def _quote(work: _Work, testimonial: Testimonial) -> None:
    before = testimonial.quote
    chosen = excerpt(work.change.words, words_of(testimonial)) if work.change.words.strip() else ""
    testimonial.quote = "" if chosen == " ".join(testimonial.text.split()) else chosen
    if testimonial.quote != before:
        _note_edit(work, testimonial, before)


def _note_edit(work: _Work, testimonial: Testimonial, before: str) -> None:
    edit = TextEdit(testimonial_id=testimonial.id, member_id=work.by.member_id, member_name=work.by.name)
    edit.field, edit.before, edit.after = "quote", before, testimonial.quote
    work.transaction.add(edit)


ACTS: dict[Act, Callable[[_Work, Testimonial], None]] = {
    Act.APPROVE: _approve,
    Act.REJECT: _reject,
    Act.REOPEN: _reopen,
    Act.ARCHIVE: _archive,
    Act.RESTORE: _restore,
    Act.TAG: _tag,
    Act.UNTAG: _untag,
    Act.RETAG: _retag,
    Act.FEATURE: _feature,
    Act.UNFEATURE: _feature,
    Act.ASSIGN: _assign,
    Act.QUOTE: _quote,
}
