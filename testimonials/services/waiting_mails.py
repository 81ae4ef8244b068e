"""Telling members that something new waits for review, as each of them has chosen it for each of their workspaces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, func, or_, select, update
from sqlalchemy.orm import joinedload
from sqlalchemy.sql.elements import ColumnElement

from testimonials import notifications
from testimonials.db import Transaction
from testimonials.domain.collecting import Kind
from testimonials.domain.lifecycle import ReviewStatus
from testimonials.domain.roles import MODERATE, ROLES
from testimonials.domain.waiting_mails import CHOICES, DAILY, OFF, SETTLING, first_mail, next_mail
from testimonials.errors import Invalid
from testimonials.models import Membership, Testimonial
from testimonials.models.base import now
from testimonials.notifications import House, Waiting
from testimonials.runtime import Runtime
from testimonials.services import accounts, member_mails, outbox

MAILS_A_ROUND = 200
MOST_ROWS = 5
MOST_COUNTED = 99
KINDS = {Kind.VIDEO: "a video", Kind.AUDIO: "a voice", Kind.PHOTO: "a photo", Kind.TEXT: "in writing"}
REVIEWERS = tuple(role for role, acts in ROLES.items() if MODERATE in acts)


@dataclass(frozen=True)
class Chosen:
    """What a person has chosen for one of their workspaces. `handle` names it in a form."""

    handle: str
    name: str
    choice: str


def choices(runtime: Runtime, member_id: str) -> list[Chosen]:
    """One for each workspace in which they may review, in the order of the names."""
    with runtime.db.read() as session:
        found = [
            Chosen(accounts.place_handle(runtime, each), each.workspace.name, each.waiting_mail)
            for each in session.scalars(_reviewing(member_id))
        ]
    return sorted(found, key=lambda each: each.name.lower())


def choose(runtime: Runtime, member_id: str, wanted: Mapping[str, str]) -> None:
    """`wanted` are choices by handle; workspaces that are not named stay as they are, and those of others are passed over.

    Raises Invalid for a choice that there is not. Who had none before is told of what comes from now on.
    """
    if any(choice not in CHOICES for choice in wanted.values()):
        raise Invalid(f"Choose one of {', '.join(CHOICES)}.", code="unknown_choice")
    with runtime.db.transaction() as transaction:
        for membership in transaction.scalars(_reviewing(member_id).with_for_update(of=Membership)):
            choice = wanted.get(accounts.place_handle(runtime, membership), membership.waiting_mail)
            if choice != membership.waiting_mail:
                if membership.waiting_mail == OFF:
                    membership.told_until = now()
                membership.waiting_mail = choice
                membership.next_mail_at = first_mail(choice, now())


def write_due(runtime: Runtime) -> int:
    """Write the mails that are due into the outbox, one transaction each. Returns how many."""
    if not outbox.is_on(runtime):
        return 0
    moment = now()
    due = and_(Membership.next_mail_at <= moment, Membership.role.in_(REVIEWERS))
    news = select(Testimonial.id).where(_new(moment)).exists()
    query = select(Membership.id).where(due, or_(Membership.waiting_mail == DAILY, news))
    with runtime.db.read() as session:
        waiting = list(session.scalars(query.order_by(Membership.next_mail_at).limit(MAILS_A_ROUND)))
    return sum(_write_one(runtime, membership_id, moment) for membership_id in waiting)


def _new(moment: datetime) -> ColumnElement[bool]:
    """What waits in a membership's workspace and was handed in since its member was told, until shortly before now."""
    return and_(
        Testimonial.workspace_id == Membership.workspace_id,
        Testimonial.submitted_at > func.coalesce(Membership.told_until, Membership.created_at),
        Testimonial.submitted_at <= moment - SETTLING,
        Testimonial.review == ReviewStatus.PENDING,
        Testimonial.archived_at.is_(None),
    )


def _write_one(runtime: Runtime, membership_id: str, moment: datetime) -> int:
    with runtime.db.transaction() as transaction:
        query = select(Membership).where(Membership.id == membership_id).options(joinedload(Membership.member))
        membership = transaction.scalar(query)
        if membership is None:
            return 0
        news = select(Testimonial).join(Membership, Membership.id == membership_id).where(_new(moment))
        newest = news.order_by(Testimonial.submitted_at.desc(), Testimonial.id.desc()).limit(MOST_COUNTED + 1)
        found = list(transaction.scalars(newest.options(joinedload(Testimonial.campaign))))
        if not _take(transaction, membership, moment) or not found:
            return 0
        letter = notifications.waiting(
            House(name=membership.workspace.name, color=member_mails.COLOR),
            number=str(len(found)) if len(found) <= MOST_COUNTED else f"{MOST_COUNTED}+",
            rows=[
                Waiting(name=each.name, kind=KINDS[Kind(each.kind)], rating=each.rating, campaign=each.campaign.name)
                for each in found[:MOST_ROWS]
            ],
            queue=f"{runtime.settings.base_url}/console/?status=pending",
            settings=f"{runtime.settings.base_url}/console/account#mails",
            others=len(list(transaction.scalars(_reviewing(membership.member_id)))) > 1,
        )
        return int(
            outbox.put(
                runtime,
                transaction,
                letter,
                workspace_id=membership.workspace_id,
                recipient=membership.member.email,
            )
        )


def _take(transaction: Transaction, membership: Membership, moment: datetime) -> bool:
    """Set when the next one is due. False where another worker was first, or the member has chosen otherwise meanwhile."""
    choice = membership.waiting_mail
    mine = (
        update(Membership)
        .where(Membership.id == membership.id, Membership.waiting_mail == choice, Membership.next_mail_at <= moment)
        .values(next_mail_at=next_mail(choice, moment), told_until=moment - SETTLING)
        .returning(Membership.id)
    )
    return transaction.scalar(mine.execution_options(synchronize_session=False)) is not None


def _reviewing(member_id: str) -> Select[Membership]:
    """Their memberships with the right to review, each with its workspace."""
    here = select(Membership).where(Membership.member_id == member_id, Membership.role.in_(REVIEWERS))
    return here.options(joinedload(Membership.workspace))
