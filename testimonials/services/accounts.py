"""Who is asking: members of workspaces and the browsers they signed in with, and bearer tokens for machines."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from testimonials.db import Transaction
from testimonials.domain.roles import ROLES
from testimonials.errors import Conflict, Invalid, Unauthorized
from testimonials.models import ApiToken, LoginLink, Member, Membership, SignIn, Workspace
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.security import public_handle, token_hash
from testimonials.services import audit, member_mails, passwords, sign_ins
from testimonials.services.sign_ins import Browser

LINK_HOURS = 24
USED_MINUTES = 10
"""How exactly the last use of an API token is kept."""
_NOBODY = Browser()


@dataclass(frozen=True)
class Place:
    """A workspace of a person, for the switcher. `handle` names it in a form."""

    handle: str
    name: str
    is_here: bool


@dataclass(frozen=True)
class Person:
    """Who is asking, for the length of a request. `role` is the one in the workspace that their browser looks at;
    `proved_at` is when they last gave a password, a code or a passkey."""

    member_id: str
    email: str
    name: str
    role: str
    workspace_id: str
    workspace_name: str
    has_password: bool
    proved_at: datetime | None = None
    places: tuple[Place, ...] = ()


@dataclass(frozen=True)
class Permit:
    """What a bearer token opens, and what its role may do there."""

    workspace_id: str
    role: str
    token_id: str = ""


def ensure_owner(runtime: Runtime, *, email: str, workspace: str) -> str:
    """The id of the first owner; the first call makes workspace and owner, however many processes start at once."""
    with runtime.db.exclusive() as transaction:
        first = select(Membership.member_id).where(Membership.role == "owner").order_by(Membership.created_at).limit(1)
        found = transaction.scalar(first)
        if found is not None:
            return found
        tenant = Workspace(name=workspace)
        transaction.add(tenant)
        transaction.flush()
        audit.record(transaction, tenant.id, "create_workspace", "")
        return _add(transaction, tenant.id, same_email(email), "owner", "").id


def has_password(runtime: Runtime, member_id: str) -> bool:
    """Whether this member can come in without a link."""
    with runtime.db.read() as session:
        return session.scalar(select(Member.password_hash).where(Member.id == member_id)) is not None


def create_workspace(runtime: Runtime, *, name: str) -> str:
    """A new tenant. Returns its id."""
    with runtime.db.transaction() as transaction:
        workspace = Workspace(name=name)
        transaction.add(workspace)
        transaction.flush()
        audit.record(transaction, workspace.id, "create_workspace", "")
        return workspace.id


def first_workspace(runtime: Runtime) -> str | None:
    """The oldest workspace, which the command line works on when none is named."""
    with runtime.db.read() as session:
        return session.scalar(select(Workspace.id).order_by(Workspace.id).limit(1))


def add_member(runtime: Runtime, workspace_id: str, *, email: str, role: str, name: str = "") -> str:
    """A new member, added by whoever runs the server, who comes in by a sign-in link and sets a password then.

    Somebody who is in another workspace already joins this one too. Returns the member's id.
    """
    if role not in ROLES:
        raise Invalid(f"Roles are {', '.join(ROLES)}.", code="unknown_role")
    address = same_email(email)
    if "@" not in address:
        raise Invalid("That is not an e-mail address.", code="bad_email")
    with runtime.db.transaction() as transaction:
        member = transaction.scalar(select(Member).where(Member.email == address))
        if member is None:
            return _add(transaction, workspace_id, address, role, name).id
        here = (Membership.member_id == member.id, Membership.workspace_id == workspace_id)
        if transaction.scalar(select(Membership.id).where(*here)):
            raise Conflict("There is a member with this e-mail address already.", code="email_taken")
        transaction.add(Membership(member_id=member.id, workspace_id=workspace_id, role=role))
        audit.record(transaction, workspace_id, "add_member", audit.member(member.id), f"as {role}")
        return member.id


def same_email(email: str) -> str:
    """The form in which addresses of members are kept."""
    return email.strip().lower()


def sign_in_link(runtime: Runtime, member_id: str) -> str:
    """A link that signs this member in once, within a day, made by whoever runs the server: it asks for no further proof,
    so that a lost phone locks nobody out."""
    with runtime.db.transaction() as transaction:
        started = transaction.get_one(Member, member_id).workspace_id
        audit.record(transaction, started, "make_sign_in_link", audit.member(member_id))
        return write_link(runtime, transaction, member_id, way="operator")


def write_link(runtime: Runtime, transaction: Transaction, member_id: str, *, way: str, hours: int = LINK_HOURS) -> str:
    """The same in a transaction that does more. `way` is one of LoginLink's."""
    token = secrets.token_urlsafe(24)
    lasts = timedelta(hours=hours)
    transaction.add(LoginLink(token_hash=token_hash(token), member_id=member_id, way=way, expires_at=now() + lasts))
    return f"{runtime.settings.base_url}/sign-in/{token}"


def owner_id(runtime: Runtime, workspace_id: str) -> str | None:
    """The first owner of a workspace."""
    with runtime.db.read() as session:
        query = select(Membership.member_id).where(Membership.workspace_id == workspace_id, Membership.role == "owner")
        return session.scalar(query.order_by(Membership.created_at).limit(1))


def set_password(runtime: Runtime, member_id: str, password: str, *, keep: str = "") -> None:
    """Set or change the password; every browser but the one that holds the cookie `keep` is signed out. A change is told
    by mail."""
    with runtime.db.read() as session:
        email = session.get_one(Member, member_id).email
    passwords.check(password, email)
    hashed = passwords.hashed(password)
    with runtime.db.transaction() as transaction:
        member = transaction.get_one(Member, member_id)
        if member.password_hash is not None:
            member_mails.put(runtime, transaction, member, member_mails.changed(runtime, "Your password was changed"))
        member.password_hash = hashed
        sign_ins.end_all(transaction, member_id, keep=keep)


def rename(runtime: Runtime, member_id: str, name: str) -> None:
    """What colleagues see. Empty for the e-mail address."""
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Member).where(Member.id == member_id).values(name=" ".join(name.split())[:120]))


def person(runtime: Runtime, cookie: str, browser: Browser = _NOBODY) -> Person | None:
    """Who holds this cookie, or None where it is unknown, has expired, still waits for a code, or belongs to nobody's
    workspace any more."""
    with runtime.db.read() as session:
        query = select(SignIn, Membership).join(Membership, Membership.member_id == SignIn.member_id)
        query = query.where(*sign_ins.alive(cookie), SignIn.waits_for_code.is_(False)).order_by(Membership.id)
        loaded = query.options(joinedload(SignIn.member), joinedload(Membership.workspace))
        rows = session.execute(loaded).all()
    if not rows:
        return None
    found: SignIn = rows[0][0]
    memberships: list[Membership] = [row[1] for row in rows]
    sign_ins.seen(runtime, found, browser)
    member, here = found.member, _where(found, memberships)
    return Person(
        member.id,
        member.email,
        member.name or member.email,
        here.role,
        here.workspace_id,
        here.workspace.name,
        member.password_hash is not None,
        found.proved_at,
        tuple(
            _place(runtime, each, here) for each in sorted(memberships, key=lambda each: each.workspace.name.lower())
        ),
    )


def place_handle(runtime: Runtime, membership: Membership) -> str:
    """How forms name a person's membership."""
    return public_handle(runtime.settings.secret_key, "membership", membership.id)


def add_token(runtime: Runtime, workspace_id: str, *, name: str, role: str = "owner", made_by: str = "") -> str:
    """A bearer token for the API that may do what its role may. It is shown once; only its hash is kept."""
    if role not in ROLES:
        raise Invalid(f"Roles are {', '.join(ROLES)}.", code="unknown_role")
    token = f"tml_{secrets.token_urlsafe(32)}"
    given = {"name": name, "role": role, "made_by": made_by, "token_hash": token_hash(token)}
    with runtime.db.transaction() as transaction:
        made = ApiToken(workspace_id=workspace_id, **given)
        transaction.add(made)
        transaction.flush()
        audit.record(transaction, workspace_id, "create_token", f"token:{made.id}", f"for {role}s")
    return token


def permit_of_token(runtime: Runtime, token: str) -> Permit:
    """What a bearer token opens."""
    with runtime.db.read() as session:
        found = session.scalar(select(ApiToken).where(ApiToken.token_hash == token_hash(token)))
    if found is None:
        raise Unauthorized("This API token is not known.", code="bad_token")
    if found.used_at is None or found.used_at < now() - timedelta(minutes=USED_MINUTES):
        with runtime.db.transaction() as transaction:
            transaction.execute(update(ApiToken).where(ApiToken.id == found.id).values(used_at=now()))
    return Permit(found.workspace_id, found.role, found.id)


def workspace_of_token(runtime: Runtime, token: str) -> str:
    """The workspace that a bearer token opens."""
    return permit_of_token(runtime, token).workspace_id


def _add(transaction: Transaction, workspace_id: str, email: str, role: str, name: str) -> Member:
    member = Member(workspace_id=workspace_id, email=email, name=name, verified_at=now())
    transaction.add(member)
    transaction.flush()
    transaction.add(Membership(member_id=member.id, workspace_id=workspace_id, role=role))
    audit.record(transaction, workspace_id, "add_member", audit.member(member.id), f"as {role}")
    transaction.flush()
    return member


def _where(found: SignIn, memberships: list[Membership]) -> Membership:
    """The workspace that the browser looks at; where its person is no longer there, where they start; else any."""
    by_workspace = {each.workspace_id: each for each in memberships}
    wanted = (found.workspace_id, found.member.workspace_id)
    return next((by_workspace[each] for each in wanted if each in by_workspace), memberships[0])


def _place(runtime: Runtime, membership: Membership, here: Membership) -> Place:
    return Place(place_handle(runtime, membership), membership.workspace.name, membership.id == here.id)
