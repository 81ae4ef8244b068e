"""What a month of sharing leaves behind, as rows: for tests of reports and pages that need something to show."""

from __future__ import annotations

import random
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import select

from testimonials.models import Campaign, Conversion, Reward, RewardRule, Share, Testimonial, Visit
from testimonials.models.base import new_token, now
from testimonials.models.ledger import ConversionState
from testimonials.runtime import Runtime
from testimonials.services import rewards

PEOPLE = ("Priya T.", "Tomás V.", "Walter H.", "Leila K.")
NETWORKS = ("whatsapp", "linkedin", "facebook", "copy", "email", "x")
SEED = 7


def shown(runtime: Runtime, workspace_id: str, name: str, **more: object) -> Testimonial:
    """A testimonial on show, without files."""
    with runtime.db.transaction() as transaction:
        query = select(Campaign.id).where(Campaign.workspace_id == workspace_id)
        values = {
            "campaign_id": transaction.scalars(query).first(),
            "workspace_id": workspace_id,
            "name": name,
            "email": f"{new_token().lower()}@example.org",
            "media": "ready",
            "review": "approved",
            "consent_status": "granted",
            "consent_scopes": ["website", "social"],
            "allows_website": True,
            "submitted_at": now(),
            "kind": "text",
            "text": "Nobody noticed we were one short.",
        }
        testimonial = Testimonial(**{**values, **more})
        transaction.add(testimonial)
    return testimonial


def shared(
    runtime: Runtime, testimonial: Testimonial, *, days_ago: int = 0, visits: int = 0, plays: int = 0, **more: object
) -> Share:
    """A share and its visits, all on the same day; of them the first few played, and every second of those clicked."""
    at = datetime.combine(now().date() - timedelta(days=days_ago), time(0, 0, 1), UTC)
    values = {"network": "whatsapp", "place": "page", "sharer": "visitor", **more}
    with runtime.db.transaction() as transaction:
        share = Share(
            code=new_token(),
            testimonial_id=testimonial.id,
            created_at=at,
            visits=visits,
            plays=plays,
            clicks=plays // 2,
            **values,
        )
        transaction.add(share)
        transaction.flush()
        transaction.add_all(
            Visit(
                testimonial_id=testimonial.id,
                share_id=share.id,
                nonce=new_token(),
                visitor=new_token(),
                day=at.date(),
                played=number < plays,
                clicked=number < plays // 2,
                created_at=at,
            )
            for number in range(visits)
        )
    return share


def converted(runtime: Runtime, workspace_id: str, first: Share, last: Share, **more: object) -> Conversion:
    """A conversion that the snippet reported; it waits unless another state is given."""
    values = {
        "key": f"order-{new_token()[:6]}",
        "source": "snippet",
        "state": ConversionState.PENDING,
        "value_cents": 4900,
        "currency": "EUR",
    }
    with runtime.db.transaction() as transaction:
        conversion = Conversion(
            workspace_id=workspace_id,
            body_hash="",
            first_share_id=first.id,
            last_share_id=last.id,
            **{**values, **more},
        )
        transaction.add(conversion)
    return conversion


def month(runtime: Runtime, workspace_id: str, slug: str) -> Testimonial:
    """Sharers, those whom they brought, conversions that count and some that wait, a reward with its doubts. Returns the
    testimonial that traveled farthest."""
    chance = random.Random(SEED)
    people = [shown(runtime, workspace_id, name) for name in PEOPLE]
    made: list[Share] = []
    for days_ago in range(45, -1, -1):
        for _ in range(chance.randint(0, 2)):
            who = chance.choices(people, (6, 3, 2, 1))[0]
            above = [each for each in made if each.testimonial_id == who.id]
            parent = chance.choice(above).id if above and chance.random() < 0.5 else None
            visits = int(chance.expovariate(1 / 14))
            sharer, place = chance.choice(
                (("customer", "my"), ("visitor", "widget"), ("visitor", "page"), ("business", "console"))
            )
            share = shared(
                runtime,
                who,
                days_ago=days_ago,
                visits=visits,
                plays=visits // 3,
                network=chance.choices(NETWORKS, (8, 5, 3, 3, 2, 1))[0],
                sharer=sharer,
                place=place,
                parent_id=parent,
            )
            made.append(share)
    for number, share in enumerate(made[-14:]):
        source = ("server", "snippet", "pixel")[number % 3]
        state = ConversionState.PENDING if number % 4 == 0 and source != "server" else ConversionState.APPROVED
        first = made[0] if number % 5 == 0 else share
        converted(runtime, workspace_id, first, share, state=state, source=source)
    rule = rewards.set_rule(
        runtime, workspace_id, slug, cause="visits", promise="10 € off your next visit", threshold=10, each_at_most=3
    )
    rewards.add_coupons(runtime, workspace_id, rule.id, ["SPOKE-1", "SPOKE-2"])
    _earn(runtime, workspace_id, rule, people[0], ["fast", "nobody_watched"])
    _earn(runtime, workspace_id, rule, people[1], [])
    return people[0]


def _earn(runtime: Runtime, workspace_id: str, rule: RewardRule, testimonial: Testimonial, doubts: list[str]) -> None:
    with runtime.db.transaction() as transaction:
        transaction.add(
            Reward(workspace_id=workspace_id, rule_id=rule.id, testimonial_id=testimonial.id, number=1, doubts=doubts)
        )
