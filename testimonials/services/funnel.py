"""How far people come on the collect page: steps counted by the hour and campaign, and nothing of who it was.

Nobody is told from another, so there is nothing that Global Privacy Control could ask to leave out. A page proves that we served
it; what it says is counted, and never believed where rows know better.
"""

from __future__ import annotations

import hmac
import time
from collections import Counter
from datetime import datetime

from sqlalchemy import select

from testimonials.db import insert_into
from testimonials.errors import Invalid
from testimonials.models import Campaign, CollectHour
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.security import derived_key

OLDEST_SECONDS = 24 * 3600
"""A page that was left open is a new one on the next day."""
FUTURE_SECONDS = 60
"""How far the clocks of two web servers may be apart."""


def page_proof(runtime: Runtime, slug: str) -> str:
    """Goes into the page, and comes back with its steps."""
    made = str(int(time.time()))
    return f"{made}.{_signature(runtime, slug, made)}"


def check_proof(runtime: Runtime, slug: str, proof: str) -> None:
    """Raises Invalid where we did not serve this campaign's page within a day."""
    made, _, signature = proof.partition(".")
    if not hmac.compare_digest(signature.encode(), _signature(runtime, slug, made).encode()):
        raise Invalid("This page was not served by us.", code="bad_proof")
    if not -FUTURE_SECONDS <= time.time() - int(made) <= OLDEST_SECONDS:
        raise Invalid("This page is too old.", code="bad_proof")


def record(runtime: Runtime, reached: list[tuple[str, str]]) -> int:
    """Count pairs of a campaign's link and a step. Returns how many were counted; campaigns that are gone are left out."""
    counted = Counter(reached)
    hour = _hour(now())
    with runtime.db.transaction() as transaction:
        query = select(Campaign.slug, Campaign.id).where(Campaign.slug.in_({slug for slug, _ in counted}))
        ids = {row.slug: row.id for row in transaction.execute(query)}
        # In one order, so that two batches never wait for each other in a circle.
        for (slug, step), count in sorted(counted.items()):
            if slug in ids:
                more = insert_into(transaction, CollectHour)
                more = more.values(campaign_id=ids[slug], step=step, hour=hour, count=count)
                keys = [CollectHour.campaign_id, CollectHour.step, CollectHour.hour]
                added = {"count": CollectHour.count + more.excluded.count}
                transaction.execute(more.on_conflict_do_update(index_elements=keys, set_=added))
    return sum(count for (slug, _), count in counted.items() if slug in ids)


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _signature(runtime: Runtime, slug: str, made: str) -> str:
    key = derived_key(runtime.settings.secret_key, "collect-steps")
    return hmac.new(key, f"{slug}|{made}".encode(), "sha256").hexdigest()[:24]
