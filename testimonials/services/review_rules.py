"""How a workspace reviews: whether two members have to agree before anything is shown."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from testimonials.db import insert_into
from testimonials.domain.roles import MODERATE, ROLES
from testimonials.errors import Conflict
from testimonials.models import Membership, ReviewRules, Testimonial, Upload
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.services import audit

NEEDED = 2


def needs_two(session: Session, workspace_id: str) -> bool:
    """Whether one approval is not enough here."""
    return bool(session.scalar(select(ReviewRules.two_approvals).where(ReviewRules.workspace_id == workspace_id)))


def read(runtime: Runtime, workspace_id: str) -> bool:
    """The same for a page."""
    with runtime.db.read() as session:
        return needs_two(session, workspace_id)


def set_two(runtime: Runtime, workspace_id: str, wanted: bool) -> None:
    """What is on show stays; what is decided from now on follows the new rule."""
    with runtime.db.transaction() as transaction:
        row = insert_into(transaction, ReviewRules).values(workspace_id=workspace_id, two_approvals=wanted)
        said = f"{'two approvals' if wanted else 'one approval'} before anything is shown"
        audit.record(transaction, workspace_id, "change_rules", "workspace", said)
        change = {"two_approvals": wanted}
        transaction.execute(row.on_conflict_do_update(index_elements=[ReviewRules.workspace_id], set_=change))


def reviewers(runtime: Runtime, workspace_id: str) -> dict[str, str]:
    """Who may moderate here: names by id, in the order of the names."""
    with runtime.db.read() as session:
        found = select(Membership).where(Membership.workspace_id == workspace_id).options(joinedload(Membership.member))
        able = [each.member for each in session.scalars(found) if MODERATE in ROLES.get(each.role, frozenset())]
    return {
        each.id: each.name or each.email for each in sorted(able, key=lambda each: (each.name or each.email).lower())
    }


def approved_by(session: Session, testimonial: Testimonial, member_id: str) -> list[dict[str, Any]]:
    """The approvals with this member's added. Raises Conflict `second_person` where it is theirs already, and
    `needs_two` for a token, which is no person."""
    if not member_id:
        sentence = (
            "This workspace wants the approval of two members. A token is not one of them: approve in the console."
        )
        raise Conflict(sentence, code="needs_two")
    given = standing(session, testimonial)
    if any(each["member"] == member_id for each in given):
        raise Conflict("You have approved it already. A second member has to agree.", code="second_person")
    return [*given, {"member": member_id, "at": now().isoformat()}]


def standing(session: Session, testimonial: Testimonial) -> list[dict[str, Any]]:
    """The approvals that still count: of members who may moderate today, for the recording that is there today."""
    sent = select(func.max(Upload.finalized_at)).where(Upload.testimonial_id == testimonial.id)
    newest: datetime | None = session.scalar(sent)
    here = Membership.workspace_id == testimonial.workspace_id
    found = select(Membership.member_id, Membership.role).where(here)
    roles = {row.member_id: row.role for row in session.execute(found)}
    return [
        each
        for each in testimonial.approvals
        if MODERATE in ROLES.get(roles.get(each["member"], ""), frozenset())
        and (newest is None or datetime.fromisoformat(each["at"]) > newest)
    ]
