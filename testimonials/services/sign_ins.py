"""Signed-in browsers: how one is remembered, which there are, and how each ends."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from testimonials.db import Transaction, insert_into
from testimonials.domain.agents import browser_name
from testimonials.errors import NotFound, Unauthorized
from testimonials.models import LoginLink, Member, MemberInvitation, SignIn, SpentProof
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.security import coarse_network, public_handle, token_hash
from testimonials.services import audit, backoff

SIGN_IN_DAYS = 30
"""After so long one signs in anew, whatever happened."""
IDLE_DAYS = 7
CODE_MINUTES = 10
"""How long a browser may take for the code of the authenticator."""
SEEN_MINUTES = 5
"""How exactly `seen_at` is kept: a page is no reason to write."""


@dataclass(frozen=True)
class Browser:
    """What a browser says about itself, and the address that it comes from."""

    agent: str = ""
    client: str = ""


@dataclass(frozen=True)
class Entry:
    """What goes into the cookie, and what comes next: a code of the authenticator, a new password, or the console."""

    cookie: str
    waits_for_code: bool = False
    wants_password: bool = False


@dataclass(frozen=True)
class Listed:
    """One browser of a person, as its list shows it."""

    handle: str
    browser: str
    network: str
    way: str
    seen_at: datetime
    created_at: datetime
    is_this: bool


def remember(
    transaction: Transaction,
    member: Member,
    browser: Browser,
    *,
    way: str,
    waits_for_code: bool = False,
    workspace_id: str | None = None,
) -> str:
    """Write a sign-in for this browser. Returns what goes into its cookie."""
    cookie = secrets.token_urlsafe(32)
    where, mine = workspace_id or member.workspace_id, audit.member(member.id)
    audit.record(transaction, where, "first_proof" if waits_for_code else "sign_in", mine, f"by {way}", who=mine)
    lasts = timedelta(minutes=CODE_MINUTES) if waits_for_code else timedelta(days=SIGN_IN_DAYS)
    transaction.add(
        SignIn(
            token_hash=token_hash(cookie),
            member_id=member.id,
            workspace_id=where,
            way=way,
            agent=browser.agent[:200],
            network=coarse_network(browser.client),
            waits_for_code=waits_for_code,
            expires_at=now() + lasts,
            seen_at=now(),
            proved_at=None if waits_for_code else now(),
        )
    )
    return cookie


def alive(cookie: str) -> tuple[ColumnElement[bool], ...]:
    """The conditions under which a cookie stands for a sign-in: neither expired nor idle for long."""
    seen = or_(SignIn.seen_at > now() - timedelta(days=IDLE_DAYS), SignIn.waits_for_code)
    return SignIn.token_hash == token_hash(cookie), SignIn.expires_at > now(), seen


def seen(runtime: Runtime, found: SignIn, browser: Browser) -> None:
    """Keep when and from where a browser was last seen."""
    if found.seen_at is not None and found.seen_at > now() - timedelta(minutes=SEEN_MINUTES):
        return
    values = {"seen_at": now(), "network": coarse_network(browser.client), "agent": browser.agent[:200]}
    with runtime.db.transaction() as transaction:
        transaction.execute(update(SignIn).where(SignIn.token_hash == found.token_hash).values(**values))


def renew(runtime: Runtime, cookie: str) -> str:
    """Its person has just proved who they are: note it, and give the browser another cookie."""
    fresh = secrets.token_urlsafe(32)
    values = {"token_hash": token_hash(fresh), "proved_at": now()}
    with runtime.db.transaction() as transaction:
        query = update(SignIn).where(*alive(cookie), SignIn.waits_for_code.is_(False)).values(**values)
        if transaction.scalar(query.returning(SignIn.token_hash)) is None:
            raise Unauthorized("You were signed out meanwhile. Please sign in again.", code="signed_out")
    return fresh


def listing(runtime: Runtime, member_id: str, cookie: str) -> list[Listed]:
    """The browsers of a person, this one first, then the last seen."""
    with runtime.db.read() as session:
        mine = (SignIn.member_id == member_id, SignIn.expires_at > now(), SignIn.waits_for_code.is_(False))
        idle = SignIn.seen_at > now() - timedelta(days=IDLE_DAYS)
        found = session.scalars(select(SignIn).where(*mine, idle).order_by(SignIn.seen_at.desc())).all()
    own = token_hash(cookie)
    listed = [
        Listed(
            handle=_handle(runtime, each),
            browser=browser_name(each.agent),
            network=each.network,
            way=each.way,
            seen_at=each.seen_at or each.created_at,
            created_at=each.created_at,
            is_this=each.token_hash == own,
        )
        for each in found
    ]
    return sorted(listed, key=lambda each: not each.is_this)


def end(runtime: Runtime, member_id: str, handle: str) -> None:
    """Sign one browser out, from wherever its person is now. Raises NotFound for one that is not theirs."""
    with runtime.db.transaction() as transaction:
        found = transaction.scalars(select(SignIn).where(SignIn.member_id == member_id)).all()
        wanted = next((each for each in found if _handle(runtime, each) == handle), None)
        if wanted is None:
            raise NotFound("This browser is not signed in any more.", code="no_sign_in")
        transaction.delete(wanted)


def end_others(runtime: Runtime, member_id: str, keep: str) -> None:
    """Sign all browsers of a person out but the one that holds the cookie `keep`."""
    with runtime.db.transaction() as transaction:
        end_all(transaction, member_id, keep=keep)


def end_all(transaction: Transaction, member_id: str, *, keep: str = "") -> None:
    """The same in a transaction that does more. Links that were not used yet end too."""
    others = (SignIn.member_id == member_id, SignIn.token_hash != token_hash(keep))
    transaction.execute(delete(SignIn).where(*others))
    mailed = (LoginLink.member_id == member_id, LoginLink.used_at.is_(None), LoginLink.way != "operator")
    transaction.execute(delete(LoginLink).where(*mailed))


def sign_out(runtime: Runtime, cookie: str) -> None:
    """Forget this browser."""
    with runtime.db.transaction() as transaction:
        gone = delete(SignIn).where(SignIn.token_hash == token_hash(cookie), SignIn.waits_for_code.is_(False))
        left = transaction.execute(gone.returning(SignIn.member_id, SignIn.workspace_id)).first()
        if left is not None and left.workspace_id:
            mine = audit.member(left.member_id)
            audit.record(transaction, left.workspace_id, "sign_out", mine, who=mine)
        transaction.execute(delete(SignIn).where(SignIn.token_hash == token_hash(cookie)))


def spend(transaction: Transaction, proof: str, expires_at: datetime) -> bool:
    """Note that a challenge was answered. False where it was answered before."""
    given = {"proof_hash": token_hash(proof), "expires_at": expires_at}
    insert = insert_into(transaction, SpentProof).values(**given).on_conflict_do_nothing()
    return transaction.scalar(insert.returning(SpentProof.proof_hash)) is not None


def forget_expired(runtime: Runtime) -> None:
    """Remove sign-ins, links, invitations and misses whose time is over."""
    week_ago = now() - timedelta(days=7)
    with runtime.db.transaction() as transaction:
        idle = SignIn.seen_at < now() - timedelta(days=IDLE_DAYS)
        transaction.execute(delete(SignIn).where(or_(SignIn.expires_at < now(), idle)))
        transaction.execute(delete(LoginLink).where(LoginLink.expires_at < now()))
        transaction.execute(delete(SpentProof).where(SpentProof.expires_at < now()))
        # A week longer, so that the Team page can say that one has expired, and send it again.
        transaction.execute(delete(MemberInvitation).where(MemberInvitation.expires_at < week_ago))
        backoff.forget_old(transaction)


def _handle(runtime: Runtime, sign_in: SignIn) -> str:
    return public_handle(runtime.settings.secret_key, "sign-in", sign_in.token_hash)
