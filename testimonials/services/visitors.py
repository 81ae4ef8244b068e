"""Who is the same visitor today: a hash under the salt of the day, without cookies. Tomorrow nobody can tell any more."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from sqlalchemy import delete
from sqlalchemy.orm import Session

from testimonials.db import insert_into
from testimonials.models import DailySalt
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.security import network_of


@dataclass(frozen=True)
class Visitor:
    """What a request says of who sent it. `counted` is False for preview bots and prefetching browsers; `private` asks not to
    be recognized (Global Privacy Control)."""

    address: str
    agent: str
    counted: bool = True
    private: bool = False


def visitor_hash(session: Session, visitor: Visitor) -> str:
    """64 hex digits, the same for one household's browser all day. For who asks not to be recognized, new each time."""
    if visitor.private:
        return secrets.token_hex(32)
    salt = _salt(session)
    said = f"{network_of(visitor.address)}\n{visitor.agent}"
    return hmac.new(salt.encode(), said.encode(), hashlib.sha256).hexdigest()


def forget_salts(runtime: Runtime) -> None:
    """After this, no hash of an earlier day can be computed again, by anybody."""
    with runtime.db.transaction() as transaction:
        transaction.execute(delete(DailySalt).where(DailySalt.day < now().date()))


def _salt(session: Session) -> str:
    today = now().date()
    row = session.get(DailySalt, today)
    if row is None:
        fresh = insert_into(session, DailySalt).values(day=today, salt=secrets.token_hex(32))
        session.execute(fresh.on_conflict_do_nothing())
        row = session.get_one(DailySalt, today)
    return row.salt
