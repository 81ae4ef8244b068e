"""Coming into a workspace: by an invitation, from one workspace of one's own to another, or by making a new one."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from testimonials.db import Transaction
from testimonials.errors import Conflict, Forbidden, Invalid, NotFound
from testimonials.models import Member, MemberInvitation, Membership, SignIn, Workspace
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.security import token_hash
from testimonials.services import accounts, audit, entry, passwords
from testimonials.services.accounts import Person
from testimonials.services.sign_ins import Browser, Entry

MOST_WORKSPACES = 50
"""Of one person."""


@dataclass(frozen=True)
class Asked:
    """What an invitation says. `is_known` where its address has an account, which then has to sign in to join."""

    workspace: str
    email: str
    role: str
    by: str
    is_known: bool


def read(runtime: Runtime, token: str) -> Asked:
    """Raises NotFound for an invitation that was used, withdrawn, sent again, or has expired."""
    with runtime.db.read() as session:
        invitation = _open_invitation(session, token)
        known = session.scalar(select(Member.id).where(Member.email == invitation.email)) is not None
        return Asked(invitation.workspace.name, invitation.email, invitation.role, invitation.invited_by, known)


def as_somebody_new(runtime: Runtime, token: str, *, name: str, password: str, browser: Browser) -> Entry:
    """Make an account and join. Raises Conflict where the address has an account: it has to sign in."""
    passwords.check(password, read(runtime, token).email)
    hashed = passwords.hashed(password)
    with runtime.db.transaction() as transaction:
        invitation = _open_invitation(transaction, token, lock=True)
        if transaction.scalar(select(Member.id).where(Member.email == invitation.email)):
            raise Conflict("You have an account already. Please sign in to join.", code="sign_in_first")
        member = new_member(transaction, invitation, name=name, verified=invitation.mailed)
        member.password_hash = hashed
        accept(transaction, invitation, member)
        return entry.enter(transaction, member, browser, way="invitation")


def as_member(runtime: Runtime, token: str, person: Person, cookie: str) -> None:
    """Join with the account that is signed in, and look at that workspace now. Raises Forbidden for somebody else's."""
    with runtime.db.transaction() as transaction:
        invitation = _open_invitation(transaction, token, lock=True)
        if invitation.email != person.email:
            raise Forbidden(f"This invitation is for {invitation.email}. Please sign in as them.", code="not_yours")
        accept(transaction, invitation, transaction.get_one(Member, person.member_id))
        _look_at(transaction, cookie, invitation.workspace_id)


def new_member(transaction: Transaction, invitation: MemberInvitation, *, name: str, verified: bool) -> Member:
    """An account for the address that an invitation names."""
    member = Member(
        workspace_id=invitation.workspace_id,
        email=invitation.email,
        name=" ".join(name.split())[:120],
        verified_at=now() if verified else None,
    )
    transaction.add(member)
    transaction.flush()
    return member


def accept(transaction: Transaction, invitation: MemberInvitation, member: Member) -> None:
    """Use an invitation up."""
    here = (Membership.member_id == member.id, Membership.workspace_id == invitation.workspace_id)
    if transaction.scalar(select(Membership.id).where(*here)) is None:
        given = {"workspace_id": invitation.workspace_id, "role": invitation.role}
        transaction.add(Membership(member_id=member.id, **given))
        mine = audit.member(member.id)
        audit.record(transaction, invitation.workspace_id, "join_workspace", mine, f"as {invitation.role}", who=mine)
    transaction.delete(invitation)
    transaction.flush()


def look_at(runtime: Runtime, person: Person, cookie: str, handle: str) -> None:
    """Turn this browser to another workspace of the person. Raises NotFound for one that they are not in."""
    with runtime.db.transaction() as transaction:
        found = transaction.scalars(select(Membership).where(Membership.member_id == person.member_id)).all()
        wanted = next((each for each in found if accounts.place_handle(runtime, each) == handle), None)
        if wanted is None:
            raise NotFound("You are not in this workspace.", code="no_workspace")
        start = update(Member).where(Member.id == person.member_id)
        transaction.execute(start.values(workspace_id=wanted.workspace_id))
        _look_at(transaction, cookie, wanted.workspace_id)


def create_workspace(runtime: Runtime, person: Person, cookie: str, name: str) -> None:
    """A new workspace that the person owns, and looks at from now on."""
    wanted = " ".join(name.split())
    if not 1 <= len(wanted) <= 120:
        sentence = "Give it a name of up to 120 characters."
        raise Invalid(sentence, fields={"name": [sentence]})
    if len(person.places) >= MOST_WORKSPACES:
        raise Conflict("You are in many workspaces already. Leave one first.", code="too_many_workspaces")
    with runtime.db.transaction() as transaction:
        workspace = Workspace(name=wanted)
        transaction.add(workspace)
        transaction.flush()
        transaction.add(Membership(member_id=person.member_id, workspace_id=workspace.id, role="owner"))
        audit.record(transaction, workspace.id, "create_workspace", "")
        _look_at(transaction, cookie, workspace.id)


def _look_at(transaction: Transaction, cookie: str, workspace_id: str) -> None:
    mine = SignIn.token_hash == token_hash(cookie)
    transaction.execute(update(SignIn).where(mine).values(workspace_id=workspace_id))


def _open_invitation(session: Session, token: str, *, lock: bool = False) -> MemberInvitation:
    """With `lock`, of two that come at once the second finds it used."""
    wanted = (MemberInvitation.token_hash == token_hash(token), MemberInvitation.expires_at > now())
    query = select(MemberInvitation).where(*wanted).options(joinedload(MemberInvitation.workspace))
    found = session.scalar(query.with_for_update(of=MemberInvitation) if lock else query)
    if found is None:
        sentence = "This invitation was used or withdrawn, or has expired. Ask for a new one."
        raise NotFound(sentence, code="no_invitation")
    return found
