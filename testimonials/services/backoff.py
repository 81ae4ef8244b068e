"""Who tried in vain has to wait: per account and network, per account, per network, longer each time.

A stranger with a few tries cannot lock a member out of their own account: from elsewhere there are many more. Counted
whether or not there is such an account, so that the pause does not tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import delete, select

from testimonials.db import Transaction, insert_into
from testimonials.errors import RateLimited
from testimonials.models import SignInMisses
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.security import address_hash, network_of

NEAR, ANYWHERE, NETWORK = 5, 50, 60
"""How many misses are free: for one account from one network, for one account from all of them, for one network."""
FIRST_SECONDS, MOST_SECONDS = 15, 900
DAY_SECONDS = 86_400
"""In this time the free misses come back, so that an office's slips of a week do not add up to a pause for all of it."""


def places(runtime: Runtime, who: str, client: str, *, act: str = "from") -> dict[str, int]:
    """The three counts that a try stands in, each with the number of its free misses. `who` is an address or an account.
    What has free misses of its own counts them for a network under an `act` of its own."""
    network = network_of(client)
    named = {f"{who} {network}": NEAR, who: ANYWHERE, f"{act} {network}": NETWORK}
    return {address_hash(runtime.settings.secret_key, name): free for name, free in named.items()}


def admit(runtime: Runtime, counts: Mapping[str, int]) -> None:
    """Raises RateLimited where one of these counts has a pause."""
    if is_paused(runtime, counts):
        raise RateLimited("Too many tries. Please wait a few minutes, or use a sign-in link.", code="locked")


def is_paused(runtime: Runtime, counts: Mapping[str, int]) -> bool:
    """Whether one of these counts has a pause."""
    keys = (SignInMisses.address_hash.in_(counts), SignInMisses.paused_until > now())
    with runtime.db.read() as session:
        return session.scalar(select(SignInMisses.address_hash).where(*keys)) is not None


def missed(runtime: Runtime, counts: Mapping[str, int]) -> None:
    """Count one more try in vain. From the last free one on there is a pause, longer each time, up to a quarter of an hour."""
    with runtime.db.transaction() as transaction:
        for key, free in sorted(counts.items()):  # in one order, so that two at once do not wait for each other
            _count(transaction, key, free)


def forgive(transaction: Transaction, counts: Mapping[str, int]) -> None:
    """The one who tried got in: their account starts anew. The network does not, or one's own account would clear it."""
    own = [key for key, free in counts.items() if free != NETWORK]
    transaction.execute(delete(SignInMisses).where(SignInMisses.address_hash.in_(own)))


def forget_old(transaction: Transaction) -> None:
    """A day without a try ends it."""
    transaction.execute(delete(SignInMisses).where(SignInMisses.seen_at < now() - timedelta(days=1)))


def _count(transaction: Transaction, key: str, free: int) -> None:
    first = insert_into(transaction, SignInMisses).values(address_hash=key, misses=0, seen_at=now())
    transaction.execute(first.on_conflict_do_nothing())  # of two that come at once, the second waits for the first
    seen = transaction.get_one(SignInMisses, key, with_for_update=True)
    back = int((now() - seen.seen_at).total_seconds() * free / DAY_SECONDS)
    seen.misses = max(seen.misses - back, 0) + 1
    seen.seen_at = now()
    if seen.misses >= free:
        seconds = min(2 ** min(seen.misses - free, 6) * FIRST_SECONDS, MOST_SECONDS)
        seen.paused_until = now() + timedelta(seconds=seconds)
