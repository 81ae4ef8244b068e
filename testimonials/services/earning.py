"""What customers have earned: counted from what their sharing brought, and written down as rewards that wait for approval.

Nobody is rewarded for how they judge: rules know a testimonial, visits and conversions, and nothing of stars or words.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from testimonials.db import dialect_of
from testimonials.domain.lifecycle import ReviewStatus
from testimonials.domain.rewards import Achieved, doubts, earned
from testimonials.models import Conversion, Coupon, Reward, RewardRule, Share, Testimonial, Visit
from testimonials.models.ledger import ConversionState
from testimonials.models.reward import RewardState
from testimonials.runtime import Runtime


def grant_due(runtime: Runtime) -> int:
    """Write down what was earned since the last look. Each reward waits for approval. Returns how many are new."""
    with runtime.db.read() as session:
        active = list(session.scalars(select(RewardRule).where(RewardRule.active)))
    return sum(_grant_of(runtime, rule) for rule in active)


def achieved(runtime: Runtime, testimonial_id: str) -> Achieved:
    """What the customer's own sharing brought, for their page and for the rules."""
    with runtime.db.read() as session:
        return _achieved(session, testimonial_id)


def _grant_of(runtime: Runtime, rule: RewardRule) -> int:
    """Read first and write then, each reward in a transaction of its own: nobody waits for a look at all customers."""
    new = 0
    for testimonial, reached, number in _due(runtime, rule):
        with runtime.db.transaction() as transaction:
            if rule.all_at_most and _given(transaction, rule) >= rule.all_at_most:
                return new
            key = (Reward.rule_id == rule.id, Reward.testimonial_id == testimonial.id, Reward.number == number)
            if transaction.scalar(select(Reward.id).where(*key)) is None and _has_room(transaction, rule, testimonial):
                transaction.add(
                    Reward(
                        workspace_id=testimonial.workspace_id,
                        rule_id=rule.id,
                        testimonial_id=testimonial.id,
                        number=number,
                        doubts=doubts(rule.cause, reached),
                    )
                )
                new += 1
    return new


def _due(runtime: Runtime, rule: RewardRule) -> list[tuple[Testimonial, Achieved, int]]:
    """What was earned and is not written down: whose, by what, and which number it has."""
    found = []
    with runtime.db.read() as session:
        for testimonial, there in _candidates(session, rule):
            reached = _achieved(session, testimonial.id)
            due = earned(rule.cause, reached, threshold=rule.threshold, each_at_most=rule.each_at_most)
            found += [(testimonial, reached, number) for number in range(there + 1, due + 1)]
    return found


def _given(session: Session, rule: RewardRule) -> int:
    """Rewards that were not rejected, and codes whose customers have erased everything since."""
    standing = select(func.count()).select_from(Reward)
    standing = standing.where(Reward.rule_id == rule.id, Reward.state != RewardState.REJECTED)
    orphaned = select(func.count()).select_from(Coupon)
    orphaned = orphaned.where(Coupon.rule_id == rule.id, Coupon.given_at.is_not(None), Coupon.reward_id.is_(None))
    return (session.scalar(standing) or 0) + (session.scalar(orphaned) or 0)


def _has_room(session: Session, rule: RewardRule, testimonial: Testimonial) -> bool:
    """One customer is one address, however many testimonials it has sent."""
    query = select(func.count()).select_from(Reward).join(Testimonial, Testimonial.id == Reward.testimonial_id)
    same = func.lower(Testimonial.email) == testimonial.email.lower()
    return (session.scalar(query.where(Reward.rule_id == rule.id, same)) or 0) < rule.each_at_most


def _candidates(session: Session, rule: RewardRule) -> list[tuple[Testimonial, int]]:
    """Whoever may have earned more than is written down, each with the number that is. For a testimonial, any that was looked
    at, liked or not."""
    there = select(Reward.testimonial_id, func.count().label("number")).where(Reward.rule_id == rule.id)
    counted = there.group_by(Reward.testimonial_id).subquery()
    number = func.coalesce(counted.c.number, 0)
    query = select(Testimonial, number).outerjoin(counted, counted.c.testimonial_id == Testimonial.id)
    query = query.where(
        Testimonial.campaign_id == rule.campaign_id, Testimonial.submitted_at.is_not(None), number < rule.each_at_most
    )
    if rule.cause == "testimonial":
        query = query.where(Testimonial.review != ReviewStatus.PENDING)
    else:
        query = query.where(Testimonial.id.in_(select(Share.testimonial_id).where(Share.sharer == "customer")))
    return [(testimonial, written) for testimonial, written in session.execute(query.order_by(Testimonial.id))]


def _achieved(session: Session, testimonial_id: str) -> Achieved:
    """A visitor counts once a day, through however many of the customer's links."""
    mine = (Share.testimonial_id == testimonial_id) & (Share.sharer == "customer")
    sums = select(func.count(), func.sum(Share.plays)).where(mine)
    shares, plays = session.execute(sums).one()
    seen = select(Visit.visitor, Visit.day).join(Share, Share.id == Visit.share_id).where(mine).distinct().subquery()
    approved = (Conversion.state == ConversionState.APPROVED) & mine
    led = select(func.count()).select_from(Conversion).join(Share, Share.id == Conversion.last_share_id).where(approved)
    return Achieved(
        shares=shares,
        visits=session.scalar(select(func.count()).select_from(seen)) or 0,
        plays=int(plays or 0),
        conversions=session.scalar(led) or 0,
        busiest_hour=_busiest_hour(session, mine),
    )


def _busiest_hour(session: Session, mine: ColumnElement[bool]) -> int:
    if dialect_of(session) == "sqlite":
        hour: Any = func.strftime("%Y-%m-%d %H", Visit.created_at)
    else:
        hour = func.date_trunc("hour", Visit.created_at)
    query = select(func.count()).select_from(Visit).join(Share, Share.id == Visit.share_id).where(mine)
    return session.scalar(query.group_by(hour).order_by(func.count().desc()).limit(1)) or 0
