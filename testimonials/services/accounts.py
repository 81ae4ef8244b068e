"""Who may come in: members with passwords, links that sign in once, and bearer tokens for machines."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select, update
from sqlalchemy.orm import joinedload

from testimonials.db import Transaction
from testimonials.domain.roles import ROLES
from testimonials.errors import Conflict, Invalid, NotFound, RateLimited, Unauthorized
from testimonials.models import ApiToken, LoginLink, Member, SignIn, SignInMisses, Workspace
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.security import address_hash, network_of, token_hash

MIN_PASSWORD = 10
SIGN_IN_DAYS = 14
LINK_HOURS = 24
TRIES_BEFORE_PAUSE = 5

_hasher = PasswordHasher()
# Checked where there is no such member, so that the time of an answer does not tell who has an account.
_NOBODY = _hasher.hash(secrets.token_urlsafe(16))


@dataclass(frozen=True)
class Person:
    """Who is asking, for the length of a request."""

    member_id: str
    email: str
    name: str
    role: str
    workspace_id: str
    workspace_name: str
    has_password: bool


def ensure_owner(runtime: Runtime, *, email: str, workspace: str) -> str:
    """The id of the first owner; the first call makes workspace and owner, however many processes start at once."""
    with runtime.db.exclusive() as transaction:
        found = transaction.scalar(select(Member.id).where(Member.role == "owner").order_by(Member.id).limit(1))
        if found is not None:
            return found
        tenant = Workspace(name=workspace)
        transaction.add(tenant)
        transaction.flush()
        owner = Member(workspace_id=tenant.id, email=email.strip().lower(), role="owner")
        transaction.add(owner)
        transaction.flush()
        return owner.id


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
        return workspace.id


def first_workspace(runtime: Runtime) -> str | None:
    """The oldest workspace, which the command line works on when none is named."""
    with runtime.db.read() as session:
        return session.scalar(select(Workspace.id).order_by(Workspace.id).limit(1))


def add_member(runtime: Runtime, workspace_id: str, *, email: str, role: str, name: str = "") -> str:
    """A new member, who comes in by a sign-in link and sets a password then. Returns the member's id."""
    if role not in ROLES:
        raise Invalid(f"Roles are {', '.join(ROLES)}.", code="unknown_role")
    address = email.strip().lower()
    if "@" not in address:
        raise Invalid("That is not an e-mail address.", code="bad_email")
    with runtime.db.transaction() as transaction:
        if transaction.scalar(select(Member.id).where(Member.email == address)):
            raise Conflict("There is a member with this e-mail address already.", code="email_taken")
        member = Member(workspace_id=workspace_id, email=address, role=role, name=name)
        transaction.add(member)
        transaction.flush()
        return member.id


def sign_in_link(runtime: Runtime, member_id: str) -> str:
    """A link that signs this member in once, within a day."""
    token = secrets.token_urlsafe(24)
    with runtime.db.transaction() as transaction:
        transaction.add(
            LoginLink(
                token_hash=token_hash(token),
                member_id=member_id,
                expires_at=now() + timedelta(hours=LINK_HOURS),
            )
        )
    return f"{runtime.settings.base_url}/sign-in/{token}"


def owner_id(runtime: Runtime, workspace_id: str) -> str | None:
    """The first owner of a workspace."""
    with runtime.db.read() as session:
        query = select(Member.id).where(Member.workspace_id == workspace_id, Member.role == "owner")
        return session.scalar(query.order_by(Member.id).limit(1))


def use_link(runtime: Runtime, token: str) -> str:
    """Sign in by a link. It works once; what comes back goes into the browser's cookie."""
    fresh = (
        LoginLink.token_hash == token_hash(token),
        LoginLink.used_at.is_(None),
        LoginLink.expires_at > now(),
    )
    with runtime.db.transaction() as transaction:
        used = update(LoginLink).where(*fresh).values(used_at=now()).returning(LoginLink.member_id)
        member_id = transaction.scalar(used)
        if member_id is None:
            raise NotFound("This sign-in link was used before or has expired. Ask for a new one.", code="link_used")
        return _remember(transaction, member_id)


def sign_in(runtime: Runtime, *, email: str, password: str, client: str) -> str:
    """Sign in by password. Wrong address and wrong password sound the same; misses make one wait.

    Five from one network, or fifty from anywhere: a stranger cannot lock a member out of their own account with a few.
    """
    address = email.strip().lower()
    near = address_hash(runtime.settings.secret_key, f"{address} {network_of(client)}")
    anywhere = address_hash(runtime.settings.secret_key, address)
    with runtime.db.read() as session:
        member = session.scalar(select(Member).where(Member.email == address))
        keys = (SignInMisses.address_hash.in_((near, anywhere)), SignInMisses.paused_until > now())
        paused = session.scalar(select(SignInMisses.address_hash).where(*keys))
    if paused is not None:
        raise RateLimited("Too many tries. Please wait a few minutes, or use a sign-in link.", code="locked")
    if not _fits(member, password) or member is None:
        _count_miss(runtime, near, TRIES_BEFORE_PAUSE)
        _count_miss(runtime, anywhere, TRIES_BEFORE_PAUSE * 10)
        raise Unauthorized("E-mail address or password is wrong.", code="wrong_credentials")
    with runtime.db.transaction() as transaction:
        transaction.execute(delete(SignInMisses).where(SignInMisses.address_hash.in_((near, anywhere))))
        return _remember(transaction, member.id)


def set_password(runtime: Runtime, member_id: str, password: str, *, keep: str = "") -> None:
    """Set or change the password; every browser but the one that holds the cookie `keep` is signed out."""
    if len(password) < MIN_PASSWORD:
        raise Invalid(f"A password needs at least {MIN_PASSWORD} characters.", code="weak_password")
    hashed = _hasher.hash(password)
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Member).where(Member.id == member_id).values(password_hash=hashed))
        others = (SignIn.member_id == member_id, SignIn.token_hash != token_hash(keep))
        transaction.execute(delete(SignIn).where(*others))


def forget_expired(runtime: Runtime) -> None:
    """Remove sign-ins, links and misses whose time is over."""
    day_ago = now() - timedelta(days=1)
    with runtime.db.transaction() as transaction:
        transaction.execute(delete(SignIn).where(SignIn.expires_at < now()))
        transaction.execute(delete(LoginLink).where(LoginLink.expires_at < now()))
        transaction.execute(delete(SignInMisses).where(SignInMisses.seen_at < day_ago))


def person(runtime: Runtime, cookie: str) -> Person | None:
    """Who holds this cookie, or None where it is unknown or has expired."""
    with runtime.db.read() as session:
        query = select(SignIn).where(SignIn.token_hash == token_hash(cookie), SignIn.expires_at > now())
        found = session.scalar(query.options(joinedload(SignIn.member).joinedload(Member.workspace)))
    if found is None:
        return None
    member = found.member
    return Person(
        member.id,
        member.email,
        member.name or member.email,
        member.role,
        member.workspace_id,
        member.workspace.name,
        member.password_hash is not None,
    )


def sign_out(runtime: Runtime, cookie: str) -> None:
    """Forget this browser."""
    with runtime.db.transaction() as transaction:
        transaction.execute(delete(SignIn).where(SignIn.token_hash == token_hash(cookie)))


def add_token(runtime: Runtime, workspace_id: str, *, name: str) -> str:
    """A bearer token for the API. It is shown once; only its hash is kept."""
    token = f"tml_{secrets.token_urlsafe(32)}"
    with runtime.db.transaction() as transaction:
        transaction.add(ApiToken(workspace_id=workspace_id, name=name, token_hash=token_hash(token)))
    return token


def workspace_of_token(runtime: Runtime, token: str) -> str:
    """The workspace that a bearer token opens."""
    with runtime.db.read() as session:
        found = session.scalar(select(ApiToken.workspace_id).where(ApiToken.token_hash == token_hash(token)))
    if found is None:
        raise Unauthorized("This API token is not known.", code="bad_token")
    return found


def _fits(member: Member | None, password: str) -> bool:
    try:
        return _hasher.verify((member and member.password_hash) or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False


def _count_miss(runtime: Runtime, key: str, free: int) -> None:
    """From the `free`th miss on, the next try has to wait, longer each time, up to a quarter of an hour."""
    with runtime.db.transaction() as transaction:
        seen = transaction.get(SignInMisses, key, with_for_update=True)
        if seen is None:
            seen = SignInMisses(address_hash=key, misses=0)
            transaction.add(seen)
        seen.misses += 1
        seen.seen_at = now()
        if seen.misses >= free:
            seen.paused_until = now() + timedelta(seconds=min(2 ** min(seen.misses - free, 6) * 15, 900))


def _remember(transaction: Transaction, member_id: str) -> str:
    cookie = secrets.token_urlsafe(32)
    expires = now() + timedelta(days=SIGN_IN_DAYS)
    transaction.add(SignIn(token_hash=token_hash(cookie), member_id=member_id, expires_at=expires))
    return cookie
