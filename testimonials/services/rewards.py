"""Rewards: rules of a campaign, coupons from a list, what customers have earned, and the business's approval.

Nobody is rewarded for how they judge: rules know a testimonial, visits and conversions, and nothing of stars or words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from testimonials import notifications
from testimonials.db import Transaction
from testimonials.domain.lifecycle import ReviewStatus
from testimonials.domain.rewards import CAUSES, Achieved, doubts, earned
from testimonials.errors import Conflict, Invalid, NotFound
from testimonials.models import Campaign, Conversion, Coupon, Reward, RewardRule, Share, Testimonial, Visit
from testimonials.models.base import now
from testimonials.models.ledger import ConversionState
from testimonials.models.reward import RewardState
from testimonials.runtime import Runtime
from testimonials.services import outbox

MAX_COUPONS = 20_000
MAX_CODE = 80


@dataclass(frozen=True)
class Standing:
    """A rule with its pool of codes."""

    rule: RewardRule
    coupons_left: int
    given: int


@dataclass(frozen=True)
class Earned:
    """For the customer's own page: what was promised, where it stands, and the code once it is approved."""

    promise: str
    state: str
    code: str | None


def set_rule(
    runtime: Runtime,
    workspace_id: str,
    slug: str,
    *,
    cause: str,
    promise: str,
    threshold: int = 1,
    each_at_most: int = 1,
    all_at_most: int = 0,
    active: bool = True,
) -> RewardRule:
    """Make or change the rule of a campaign for a cause. What was earned under it stays."""
    if cause not in CAUSES:
        raise Invalid(f"Causes are {', '.join(CAUSES)}.", code="unknown_cause", fields={"cause": ["Choose one."]})
    if not 0 < len(promise.strip()) <= 300:
        raise Invalid("Say in 1 to 300 characters what they get.", fields={"promise": ["Say what they get."]})
    if not (1 <= threshold <= 1_000_000 and 1 <= each_at_most <= 1000 and 0 <= all_at_most <= 1_000_000):
        raise Invalid("These numbers are out of range.", code="bad_limits")
    with runtime.db.transaction() as transaction:
        campaign = _campaign(transaction, workspace_id, slug)
        query = select(RewardRule).where(RewardRule.campaign_id == campaign.id, RewardRule.cause == cause)
        rule = transaction.scalar(query) or RewardRule(campaign_id=campaign.id, cause=cause)
        rule.promise, rule.active = promise.strip(), active
        rule.threshold = 1 if cause == "testimonial" else threshold
        rule.each_at_most = 1 if cause == "testimonial" else each_at_most
        rule.all_at_most = all_at_most
        transaction.add(rule)
        transaction.flush()
        return rule


def add_coupons(runtime: Runtime, workspace_id: str, rule_id: str, codes: list[str]) -> tuple[int, int]:
    """Put codes into the pool. Returns how many were new and how many were there already or were no codes."""
    if len(codes) > MAX_COUPONS:
        raise Invalid(f"At most {MAX_COUPONS} codes at a time.", code="too_many_codes")
    wanted = list(dict.fromkeys(code.strip() for code in codes if 0 < len(code.strip()) <= MAX_CODE))
    with runtime.db.transaction() as transaction:
        rule = _rule(transaction, workspace_id, rule_id)
        there = set(transaction.scalars(select(Coupon.code).where(Coupon.rule_id == rule.id)))
        fresh = [code for code in wanted if code not in there]
        transaction.add_all(Coupon(rule_id=rule.id, code=code) for code in fresh)
    return len(fresh), len(codes) - len(fresh)


def rules(runtime: Runtime, workspace_id: str, slug: str) -> list[Standing]:
    """The rules of a campaign, with what is left to give."""
    with runtime.db.read() as session:
        campaign = _campaign(session, workspace_id, slug)
        query = select(RewardRule).where(RewardRule.campaign_id == campaign.id).order_by(RewardRule.id)
        return [_standing(session, rule) for rule in session.scalars(query)]


def grant_due(runtime: Runtime) -> int:
    """Write down what was earned since the last look. Each reward waits for approval. Returns how many are new."""
    with runtime.db.read() as session:
        active = list(session.scalars(select(RewardRule).where(RewardRule.active)))
    return sum(_grant_of(runtime, rule) for rule in active)


def waiting(
    runtime: Runtime, workspace_id: str, *, state: str = RewardState.PENDING
) -> list[tuple[Reward, RewardRule]]:
    """Rewards of a state, oldest first, each with its rule."""
    with runtime.db.read() as session:
        query = select(Reward, RewardRule).join(RewardRule, RewardRule.id == Reward.rule_id)
        query = query.where(Reward.workspace_id == workspace_id, Reward.state == state).order_by(Reward.id).limit(200)
        return [(reward, rule) for reward, rule in session.execute(query)]


def approve(runtime: Runtime, workspace_id: str, reward_id: str) -> str:
    """Give the next code of the pool. Returns it; approving twice gives the same one. Raises Conflict without codes."""
    try:
        with runtime.db.transaction() as transaction:
            reward = _reward(transaction, workspace_id, reward_id)
            mine = select(Coupon).where(Coupon.reward_id == reward.id)
            coupon = transaction.scalar(mine)
            if coupon is None:
                free = select(Coupon).where(Coupon.rule_id == reward.rule_id, Coupon.given_at.is_(None))
                coupon = transaction.scalar(free.order_by(Coupon.id).limit(1).with_for_update(skip_locked=True))
            if coupon is None:
                raise Conflict("There are no codes left. Add some, then approve again.", code="no_coupons")
            if coupon.reward_id is None:
                coupon.reward_id, coupon.given_at = reward.id, now()
                _tell(runtime, transaction, reward, coupon.code)
            reward.state, reward.decided_at = RewardState.APPROVED, now()
            return coupon.code
    except IntegrityError as error:
        raise Conflict("Somebody else approved it at this moment.", code="decided_meanwhile") from error


def reject(runtime: Runtime, workspace_id: str, reward_id: str) -> None:
    """Not given. Raises Conflict where its code is out already."""
    with runtime.db.transaction() as transaction:
        reward = _reward(transaction, workspace_id, reward_id)
        if reward.state == RewardState.APPROVED:
            raise Conflict("Its code was given already.", code="given_already")
        reward.state, reward.decided_at = RewardState.REJECTED, now()


def achieved(runtime: Runtime, testimonial_id: str) -> Achieved:
    """What the customer's own sharing brought, for their page and for the rules."""
    with runtime.db.read() as session:
        return _achieved(session, testimonial_id)


def earned_by(runtime: Runtime, testimonial_id: str) -> list[Earned]:
    """What a customer was promised and got."""
    with runtime.db.read() as session:
        query = select(Reward, RewardRule.promise, Coupon.code).join(RewardRule, RewardRule.id == Reward.rule_id)
        query = query.outerjoin(Coupon, Coupon.reward_id == Reward.id).where(Reward.testimonial_id == testimonial_id)
        rows = session.execute(query.order_by(Reward.rule_id, Reward.number)).all()
    return [Earned(promise, str(reward.state), code) for reward, promise, code in rows]


def promises(runtime: Runtime, campaign_id: str) -> list[str]:
    """What sharers are promised, to be shown before they share."""
    with runtime.db.read() as session:
        query = select(RewardRule.promise).where(RewardRule.campaign_id == campaign_id, RewardRule.active)
        return list(session.scalars(query.where(RewardRule.cause != "testimonial").order_by(RewardRule.id)))


def _tell(runtime: Runtime, transaction: Transaction, reward: Reward, code: str) -> None:
    testimonial = transaction.get_one(Testimonial, reward.testimonial_id)
    campaign = testimonial.campaign
    letter = notifications.rewarded(
        notifications.House(name=campaign.workspace.name, color=campaign.brand_color),
        testimonial.language,
        name=testimonial.name,
        promise=transaction.get_one(RewardRule, reward.rule_id).promise,
        code=code,
        page=f"{runtime.settings.base_url}/my/{testimonial.manage_token}",
    )
    outbox.put(
        runtime,
        transaction,
        letter,
        workspace_id=reward.workspace_id,
        recipient=testimonial.email,
        testimonial_id=testimonial.id,
    )


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
    if session.get_bind().dialect.name == "sqlite":
        hour: Any = func.strftime("%Y-%m-%d %H", Visit.created_at)
    else:
        hour = func.date_trunc("hour", Visit.created_at)
    query = select(func.count()).select_from(Visit).join(Share, Share.id == Visit.share_id).where(mine)
    return session.scalar(query.group_by(hour).order_by(func.count().desc()).limit(1)) or 0


def _standing(session: Session, rule: RewardRule) -> Standing:
    left = select(func.count()).select_from(Coupon).where(Coupon.rule_id == rule.id, Coupon.given_at.is_(None))
    given = select(func.count()).select_from(Reward)
    given = given.where(Reward.rule_id == rule.id, Reward.state == RewardState.APPROVED)
    return Standing(rule, session.scalar(left) or 0, session.scalar(given) or 0)


def _campaign(session: Session, workspace_id: str, slug: str) -> Campaign:
    campaign = session.scalar(select(Campaign).where(Campaign.slug == slug, Campaign.workspace_id == workspace_id))
    if campaign is None:
        raise NotFound("There is no such campaign.", code="unknown_campaign")
    return campaign


def _rule(session: Session, workspace_id: str, rule_id: str) -> RewardRule:
    query = select(RewardRule).join(Campaign, Campaign.id == RewardRule.campaign_id)
    rule = session.scalar(query.where(RewardRule.id == rule_id, Campaign.workspace_id == workspace_id))
    if rule is None:
        raise NotFound("There is no such rule.", code="unknown_rule")
    return rule


def _reward(session: Session, workspace_id: str, reward_id: str) -> Reward:
    reward = session.get(Reward, reward_id, with_for_update=True)
    if reward is None or reward.workspace_id != workspace_id:
        raise NotFound("There is no such reward.", code="unknown_reward")
    return reward
