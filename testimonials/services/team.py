"""The people of a workspace: who is in, who is invited, what each may do. Whoever acts is always at hand as `by`."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import joinedload

from testimonials.db import Transaction
from testimonials.domain.mail import deliverable
from testimonials.domain.roles import MAY_GIVE, ROLES
from testimonials.errors import Conflict, Forbidden, Invalid, NotFound
from testimonials.models import ApiToken, Member, MemberInvitation, Membership, Passkey, SignIn
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.security import public_handle, token_hash
from testimonials.services import accounts, audit, member_mails, outbox
from testimonials.services.accounts import Person

INVITATION_DAYS = 7
MOST_INVITATIONS = 200
"""Open ones of a workspace: nobody's console is a way to mail the world."""


@dataclass(frozen=True)
class Colleague:
    """A member as the Team page shows them. `strong` says that a password alone does not open their account."""

    handle: str
    member_id: str
    name: str
    email: str
    role: str
    strong: bool
    seen_at: datetime | None
    is_me: bool


@dataclass(frozen=True)
class Invited:
    """Somebody who was invited and has not joined yet."""

    handle: str
    email: str
    role: str
    by: str
    expired: bool
    mine_to_change: bool


@dataclass(frozen=True)
class Sent:
    """An invitation that was made. `link` is there, this once, where no mail could be sent."""

    email: str
    link: str | None


def people(runtime: Runtime, by: Person) -> list[Colleague]:
    """The members of the workspace: owners first, then by name."""
    with runtime.db.read() as session:
        query = select(Membership).where(Membership.workspace_id == by.workspace_id)
        found = session.scalars(query.options(joinedload(Membership.member))).all()
        ids = [each.member_id for each in found]
        last = select(SignIn.member_id, func.max(SignIn.seen_at)).where(SignIn.member_id.in_(ids))
        seen = {row[0]: row[1] for row in session.execute(last.group_by(SignIn.member_id)).all()}
        keys = set(session.scalars(select(Passkey.member_id).where(Passkey.member_id.in_(ids))))
    order = list(ROLES)
    listed = [
        Colleague(
            handle=_handle(runtime, each),
            member_id=each.member_id,
            name=each.member.name or each.member.email,
            email=each.member.email,
            role=each.role,
            strong=bool(each.member.totp_secret) or each.member_id in keys,
            seen_at=seen.get(each.member_id),
            is_me=each.member_id == by.member_id,
        )
        for each in found
    ]
    return sorted(listed, key=lambda each: (order.index(each.role), each.name.lower()))


def invited(runtime: Runtime, by: Person) -> list[Invited]:
    """Who has not joined yet, the newest first."""
    with runtime.db.read() as session:
        query = select(MemberInvitation).where(MemberInvitation.workspace_id == by.workspace_id)
        found = session.scalars(query.order_by(MemberInvitation.created_at.desc())).all()
    return [
        Invited(
            handle=_invitation_handle(runtime, each),
            email=each.email,
            role=each.role,
            by=each.invited_by,
            expired=each.expires_at <= now(),
            mine_to_change=each.role in MAY_GIVE[by.role],
        )
        for each in found
    ]


def invite(runtime: Runtime, by: Person, *, email: str, role: str) -> Sent:
    """Ask somebody in. Who is asked again gets a new link, and the old one ends. Raises Forbidden for a role that `by` may
    not give, Conflict for who is in already, Invalid for what is no address."""
    if role not in MAY_GIVE[by.role]:
        raise Forbidden("Your role may not invite somebody with that role.", code="role_above")
    address = accounts.same_email(email)
    if deliverable(address) is None:
        sentence = "That is not an e-mail address."
        raise Invalid(sentence, code="bad_email", fields={"email": [sentence]})
    with runtime.db.transaction() as transaction:
        here = (Membership.workspace_id == by.workspace_id, Member.email == address)
        if transaction.scalar(select(Membership.id).join(Member).where(*here)):
            raise Conflict("They are in this workspace already.", code="email_taken")
        query = select(MemberInvitation).where(MemberInvitation.workspace_id == by.workspace_id)
        found = transaction.scalar(query.where(MemberInvitation.email == address))
        if found is not None and found.role not in MAY_GIVE[by.role]:
            raise Forbidden("Somebody with another role has invited them already.", code="role_above")
        if found is None:
            _check_room(transaction, by.workspace_id)
            found = MemberInvitation(workspace_id=by.workspace_id, email=address)
            transaction.add(found)
        found.role = role
        return _send(runtime, transaction, by, found)


def resend(runtime: Runtime, by: Person, handle: str) -> Sent:
    """A new link for somebody who was invited; the old one ends."""
    with runtime.db.transaction() as transaction:
        return _send(runtime, transaction, by, _invitation(runtime, transaction, by, handle))


def revoke(runtime: Runtime, by: Person, handle: str) -> None:
    """Withdraw an invitation: its link ends."""
    with runtime.db.transaction() as transaction:
        transaction.delete(_invitation(runtime, transaction, by, handle))


def change_role(runtime: Runtime, by: Person, handle: str, role: str) -> None:
    """Give a member another role, at once. A workspace keeps an owner."""
    if role not in ROLES:
        raise Invalid(f"Roles are {', '.join(ROLES)}.", code="unknown_role")
    with runtime.db.transaction() as transaction:
        membership = _membership(runtime, transaction, by.workspace_id, handle)
        if membership.role == "owner" and role != "owner":
            _keep_an_owner(transaction, membership)
        audit.record(
            transaction,
            by.workspace_id,
            "change_role",
            audit.member(membership.member_id),
            f"from {membership.role} to {role}",
        )
        membership.role = role
        _end_invitations(transaction, by.workspace_id, membership.member_id, MAY_GIVE[role])


def remove(runtime: Runtime, by: Person, handle: str) -> bool:
    """Take a member out of the workspace. Their browsers that look at it are signed out at once.

    API tokens are the workspace's, and machines depend on them, so they stay. Returns whether there are some that an owner
    who goes may have kept.
    """
    with runtime.db.transaction() as transaction:
        membership = _membership(runtime, transaction, by.workspace_id, handle)
        was_owner = membership.role == "owner"
        gone = audit.member(membership.member_id)
        audit.record(transaction, by.workspace_id, "remove_member", gone, f"was {membership.role}")
        _take_out(transaction, membership)
        query = select(ApiToken.id).where(ApiToken.workspace_id == by.workspace_id).limit(1)
        return was_owner and transaction.scalar(query) is not None


def leave(runtime: Runtime, by: Person) -> None:
    """The same for oneself."""
    with runtime.db.transaction() as transaction:
        mine = (Membership.workspace_id == by.workspace_id, Membership.member_id == by.member_id)
        _take_out(transaction, transaction.scalars(select(Membership).where(*mine)).one())


def _check_room(transaction: Transaction, workspace_id: str) -> None:
    query = select(func.count()).select_from(MemberInvitation).where(MemberInvitation.workspace_id == workspace_id)
    if (transaction.scalar(query) or 0) >= MOST_INVITATIONS:
        raise Conflict("Many invitations are open already. Withdraw some first.", code="too_many_invitations")


def _send(runtime: Runtime, transaction: Transaction, by: Person, invitation: MemberInvitation) -> Sent:
    secret = secrets.token_urlsafe(24)
    invitation.token_hash = token_hash(secret)
    invitation.invited_by, invitation.invited_by_id = by.name[:120], by.member_id
    invitation.expires_at = now() + timedelta(days=INVITATION_DAYS)
    link = f"{runtime.settings.base_url}/join/{secret}"
    letter = member_mails.invitation(
        by.workspace_name, by=by.name, role=invitation.role, link=link, days=INVITATION_DAYS
    )
    invitation.mailed = outbox.put(
        runtime, transaction, letter, workspace_id=by.workspace_id, recipient=invitation.email
    )
    return Sent(invitation.email, None if invitation.mailed else link)


def _take_out(transaction: Transaction, membership: Membership) -> None:
    if membership.role == "owner":
        _keep_an_owner(transaction, membership)
    member_id, workspace_id = membership.member_id, membership.workspace_id
    _end_invitations(transaction, workspace_id, member_id, ())
    transaction.delete(membership)
    transaction.flush()
    query = select(Membership.workspace_id).where(Membership.member_id == member_id).order_by(Membership.id).limit(1)
    other = transaction.scalar(query)
    if other is None:  # nobody's member: we keep nothing of them
        transaction.execute(delete(Member).where(Member.id == member_id))
        return
    start = (Member.id == member_id, Member.workspace_id == workspace_id)
    transaction.execute(update(Member).where(*start).values(workspace_id=other))
    here = (SignIn.member_id == member_id, (SignIn.workspace_id == workspace_id) | SignIn.workspace_id.is_(None))
    transaction.execute(delete(SignIn).where(*here))


def _end_invitations(transaction: Transaction, workspace_id: str, member_id: str, allowed: Collection[str]) -> None:
    """Open ones of a member, but for roles that they may still give: nobody comes back by what they sent to themselves."""
    theirs = (MemberInvitation.workspace_id == workspace_id, MemberInvitation.invited_by_id == member_id)
    transaction.execute(delete(MemberInvitation).where(*theirs, MemberInvitation.role.not_in(allowed)))


def _keep_an_owner(transaction: Transaction, membership: Membership) -> None:
    """Raises Conflict for the last one. The rows are locked, so that two owners cannot demote each other at once."""
    query = select(Membership.id).where(Membership.workspace_id == membership.workspace_id, Membership.role == "owner")
    if len(transaction.scalars(query.with_for_update()).all()) < 2:
        raise Conflict("A workspace needs an owner. Make somebody else one first.", code="last_owner")


def _membership(runtime: Runtime, transaction: Transaction, workspace_id: str, handle: str) -> Membership:
    found = transaction.scalars(select(Membership).where(Membership.workspace_id == workspace_id)).all()
    wanted = next((each for each in found if _handle(runtime, each) == handle), None)
    if wanted is None:
        raise NotFound("There is no such member.", code="no_member")
    return wanted


def _invitation(runtime: Runtime, transaction: Transaction, by: Person, handle: str) -> MemberInvitation:
    query = select(MemberInvitation).where(MemberInvitation.workspace_id == by.workspace_id)
    found = transaction.scalars(query).all()
    wanted = next((each for each in found if _invitation_handle(runtime, each) == handle), None)
    if wanted is None:
        raise NotFound("This invitation was used or withdrawn.", code="no_invitation")
    if wanted.role not in MAY_GIVE[by.role]:
        raise Forbidden("Your role may not change this invitation.", code="role_above")
    return wanted


def _handle(runtime: Runtime, membership: Membership) -> str:
    return accounts.place_handle(runtime, membership)


def _invitation_handle(runtime: Runtime, invitation: MemberInvitation) -> str:
    return public_handle(runtime.settings.secret_key, "invitation", invitation.id)
