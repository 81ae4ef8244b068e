"""Coming in: by password, by a link that works once, and the second proof where a person has an authenticator."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import delete, select, update

from testimonials.db import Transaction
from testimonials.errors import NotFound, Unauthorized
from testimonials.models import Identity, LoginLink, Member, Passkey, RecoveryCode, SignIn
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.security import token_hash
from testimonials.services import accounts, authenticator, backoff, member_mails, passwords, sign_ins
from testimonials.services.accounts import Person
from testimonials.services.sign_ins import Browser, Entry

MAILED_LINK_HOURS = 1
LINKS_AN_ADDRESS, LINKS_A_NETWORK = 3, 20
"""How many links may be asked for before one has to wait."""


def by_password(runtime: Runtime, *, email: str, password: str, browser: Browser) -> Entry:
    """Sign in by password. Wrong address and wrong password sound the same and take as long; misses make one wait."""
    address = accounts.same_email(email)
    counts = backoff.places(runtime, address, browser.client)
    backoff.admit(runtime, counts)
    with runtime.db.read() as session:
        member = session.scalar(select(Member).where(Member.email == address))
    if not passwords.fits(member.password_hash if member else None, password) or member is None:
        backoff.missed(runtime, counts)
        raise Unauthorized("E-mail address or password is wrong.", code="wrong_credentials")
    renewed = passwords.renewed(member.password_hash, password)
    with runtime.db.transaction() as transaction:
        backoff.forgive(transaction, counts)
        if renewed is not None:
            same = (Member.id == member.id, Member.password_hash == member.password_hash)
            transaction.execute(update(Member).where(*same).values(password_hash=renewed))
        return enter(transaction, member, browser, way="password")


def ask_for_link(runtime: Runtime, *, email: str, client: str, way: str) -> None:
    """Mail a link to whoever has this address, if anybody does. Nothing tells whether: not what comes back, and not how
    long it takes, as the same is written down for both. Raises RateLimited for a network that asks for many."""
    address = accounts.same_email(email)
    counts = backoff.places(runtime, f"link {address}", client, act="links from")
    near, anywhere, network = counts
    limits = {near: LINKS_AN_ADDRESS, anywhere: 2 * LINKS_AN_ADDRESS, network: LINKS_A_NETWORK}
    backoff.admit(runtime, {network: LINKS_A_NETWORK})
    silent = backoff.is_paused(runtime, limits)
    backoff.missed(runtime, limits)
    with runtime.db.transaction() as transaction:
        member = transaction.scalar(select(Member).where(Member.email == address))
        if member is None or silent:
            member_mails.sign_in_link(address, "-", way)  # written and thrown away
            return
        link = accounts.write_link(runtime, transaction, member.id, way=way, hours=MAILED_LINK_HOURS)
        member_mails.put(runtime, transaction, member, member_mails.sign_in_link(address, link, way))


def by_link(runtime: Runtime, token: str, browser: Browser) -> Entry:
    """Sign in by a link. It works once."""
    fresh = (LoginLink.token_hash == token_hash(token), LoginLink.used_at.is_(None), LoginLink.expires_at > now())
    with runtime.db.transaction() as transaction:
        used = update(LoginLink).where(*fresh).values(used_at=now()).returning(LoginLink.member_id, LoginLink.way)
        found = transaction.execute(used).first()
        if found is None:
            raise NotFound("This sign-in link was used before or has expired. Ask for a new one.", code="link_used")
        member = transaction.get_one(Member, found.member_id)
        if found.way == "operator":  # whoever runs the server can do anything anyway
            cookie = sign_ins.remember(transaction, member, browser, way="link")
            return Entry(cookie, wants_password=member.password_hash is None)
        prove_address(transaction, member)
        reset = found.way == "password"
        entry = enter(transaction, member, browser, way="reset" if reset else "link")
        return replace(entry, wants_password=reset or member.password_hash is None)


def by_code(runtime: Runtime, cookie: str, code: str, browser: Browser) -> Entry:
    """The second proof: a code of the authenticator, or a recovery code. The browser gets another cookie then.

    Raises Unauthorized for a wrong code, NotFound where there is no first proof, or it is too long ago.
    """
    with runtime.db.read() as session:
        query = select(SignIn).where(*sign_ins.alive(cookie), SignIn.waits_for_code)
        waiting = session.scalar(query)
    if waiting is None:
        raise NotFound("That took too long. Please start again.", code="no_first_proof")
    counts = backoff.places(runtime, f"code {waiting.member_id}", browser.client)
    backoff.admit(runtime, counts)
    with runtime.db.transaction() as transaction:
        member = transaction.get_one(Member, waiting.member_id)
        if authenticator.accepts(runtime, transaction, member, code):
            backoff.forgive(transaction, counts)
            transaction.execute(delete(SignIn).where(SignIn.token_hash == token_hash(cookie)))
            by_mail = waiting.way == "reset" or (waiting.way == "link" and member.password_hash is None)
            return Entry(sign_ins.remember(transaction, member, browser, way=waiting.way), wants_password=by_mail)
    backoff.missed(runtime, counts)
    raise Unauthorized("That code is wrong, or was used before. Wait for the next one.", code="wrong_code")


def prove(runtime: Runtime, person: Person, cookie: str, password: str, client: str) -> str:
    """The password once more, before something dangerous. Returns the new cookie."""
    counts = backoff.places(runtime, person.email, client)
    backoff.admit(runtime, counts)
    with runtime.db.read() as session:
        kept = session.get_one(Member, person.member_id).password_hash
    if not passwords.fits(kept, password):
        backoff.missed(runtime, counts)
        raise Unauthorized("That is not your password.", code="wrong_credentials")
    return sign_ins.renew(runtime, cookie)


def enter(
    transaction: Transaction,
    member: Member,
    browser: Browser,
    *,
    way: str,
    workspace_id: str | None = None,
) -> Entry:
    """The first proof holds. Where there is an authenticator, its code is asked for next."""
    waits = bool(member.totp_secret)
    cookie = sign_ins.remember(transaction, member, browser, way=way, waits_for_code=waits, workspace_id=workspace_id)
    return Entry(cookie, waits)


def prove_address(transaction: Transaction, member: Member) -> None:
    """Whoever does this reads the mail of that address. What was set up before anybody proved that may be a stranger's, who
    waits for the real owner to come: it goes."""
    if member.verified_at is not None:
        return
    member.verified_at = now()
    member.password_hash, member.totp_secret = None, ""
    for table in (Passkey, RecoveryCode, Identity):
        transaction.execute(delete(table).where(table.member_id == member.id))
    sign_ins.end_all(transaction, member.id)
    transaction.flush()
