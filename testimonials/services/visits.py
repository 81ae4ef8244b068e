"""Visits of a share page: counted from a beacon that a page sends after a second in view or an act, never from a request.

hit (a redirect) ≠ visit ≠ play ≠ click. Each counts once a visitor and day.
"""

from __future__ import annotations

import hmac
import secrets
import time

from sqlalchemy import ColumnElement, select, update

from testimonials.db import Transaction, insert_into
from testimonials.errors import Invalid, NotFound
from testimonials.models import Share, Testimonial, Visit
from testimonials.models.base import now
from testimonials.models.testimonial import PUBLIC
from testimonials.runtime import Runtime
from testimonials.security import derived_key
from testimonials.services.visitors import Visitor, visitor_hash

OLDEST_SECONDS = 12 * 3600
"""A page left open overnight is a new visit when somebody comes back to it, so its nonce ends before."""
YOUNGEST_SECONDS = 0.9
FUTURE_SECONDS = 60
"""How far the clocks of two web servers may be apart."""
ACTS = ("visit", "play", "click")


def page_nonce(runtime: Runtime, token: str, code: str) -> str:
    """Proof that we served a page of this testimonial, reached through this share code or none (empty)."""
    said = f"{secrets.token_urlsafe(12)}.{time.time_ns() // 1_000_000}"
    return f"{said}.{_signature(runtime, token, code, said)}"


def record(runtime: Runtime, token: str, *, code: str, nonce: str, act: str, visitor: Visitor) -> bool:
    """Count an act of a page's visitor, once. Returns whether it counted: bots, repetitions and the sharer's own do not.

    Raises Invalid for a nonce that is not ours, too old, or for another page; NotFound for what is not public.
    """
    if act not in ACTS:
        raise Invalid(f"Acts are {', '.join(ACTS)}.", code="unknown_act")
    _check(runtime, token, code, nonce, act)
    if not visitor.counted:
        return False
    with runtime.db.transaction() as transaction:
        testimonial_id = transaction.scalar(select(Testimonial.id).where(Testimonial.token == token, PUBLIC))
        if testimonial_id is None:
            raise NotFound("This testimonial is not on show.", code="unknown_testimonial")
        share = transaction.scalar(select(Share).where(Share.code == code)) if code else None
        if share is not None and (share.testimonial_id != testimonial_id or visitor.private):
            share = None  # who cannot be told from the sharer counts for the page, and for nobody's share
        who = visitor_hash(transaction, visitor)
        if share is not None and share.sharer_hash == who:
            return False
        arrived = _arrive(transaction, testimonial_id, share, nonce, who)
        if arrived and share is not None:
            _count(transaction, share, "visits")
        return arrived if act == "visit" else _act(transaction, nonce, who, testimonial_id, share, act)


def _arrive(transaction: Transaction, testimonial_id: str, share: Share | None, nonce: str, who: str) -> bool:
    today = now().date()
    share_id = share.id if share else None
    # NULL equals nothing in a unique index, so a visit without a share is looked up first; the nonce catches the rest.
    if share_id is None and transaction.scalar(select(Visit.id).where(_one(testimonial_id, who, None))) is not None:
        return False
    values = {
        "testimonial_id": testimonial_id,
        "share_id": share_id,
        "nonce": _key(nonce),
        "visitor": who,
        "day": today,
    }
    once = (
        insert_into(transaction, Visit)
        .values(**values, played=False, clicked=False, created_at=now())
        .on_conflict_do_nothing()
    )
    return transaction.execute(once.returning(Visit.id)).one_or_none() is not None


def _act(transaction: Transaction, nonce: str, who: str, testimonial_id: str, share: Share | None, act: str) -> bool:
    column = Visit.played if act == "play" else Visit.clicked
    mine = (Visit.nonce == _key(nonce)) | _one(testimonial_id, who, share.id if share else None)
    changed = transaction.execute(update(Visit).where(mine, ~column).values({column: True}))
    if changed.rowcount and share is not None:  # type: ignore[attr-defined]
        _count(transaction, share, "plays" if act == "play" else "clicks")
    return bool(changed.rowcount)  # type: ignore[attr-defined]


def _one(testimonial_id: str, who: str, share_id: str | None) -> ColumnElement[bool]:
    share = Visit.share_id.is_(None) if share_id is None else Visit.share_id == share_id
    return (Visit.testimonial_id == testimonial_id) & (Visit.visitor == who) & (Visit.day == now().date()) & share


def _count(transaction: Transaction, share: Share, what: str) -> None:
    column = getattr(Share, what)
    transaction.execute(update(Share).where(Share.id == share.id).values({column: column + 1}))


def _check(runtime: Runtime, token: str, code: str, nonce: str, act: str) -> None:
    said, _, signature = nonce.rpartition(".")
    wanted = _signature(runtime, token, code, said)
    if not hmac.compare_digest(signature.encode(), wanted.encode()):
        raise Invalid("This page was not served by us.", code="bad_nonce")
    age = time.time() - int(said.rpartition(".")[2]) / 1000
    if not -FUTURE_SECONDS <= age <= OLDEST_SECONDS or (act == "visit" and age < YOUNGEST_SECONDS):
        raise Invalid("This page is too old, or nobody has looked at it yet.", code="bad_nonce")


def _signature(runtime: Runtime, token: str, code: str, said: str) -> str:
    key = derived_key(runtime.settings.secret_key, "visit")
    return hmac.new(key, f"{token}|{code}|{said}".encode(), "sha256").hexdigest()[:32]


def _key(nonce: str) -> str:
    return nonce.partition(".")[0]
