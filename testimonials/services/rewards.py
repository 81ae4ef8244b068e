"""Rewards: the rules of a campaign, coupons from a list, and the business's approval of what was earned (`earning`)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from testimonials import notifications
from testimonials.db import Transaction
from testimonials.domain.rewards import CAUSES, MAX_CODE, Codes
from testimonials.errors import Conflict, Invalid, NotFound
from testimonials.models import Campaign, Coupon, Reward, RewardRule, Testimonial
from testimonials.models.base import now
from testimonials.models.reward import RewardState
from testimonials.runtime import Runtime
from testimonials.services import outbox
from testimonials.services.campaigns import owned

MAX_COUPONS = 20_000


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
        campaign = owned(transaction, workspace_id, slug)
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
        campaign = owned(session, workspace_id, slug)
        query = select(RewardRule).where(RewardRule.campaign_id == campaign.id).order_by(RewardRule.id)
        return [_standing(session, rule) for rule in session.scalars(query)]


def waiting(
    runtime: Runtime, workspace_id: str, *, state: str = RewardState.PENDING
) -> list[tuple[Reward, RewardRule]]:
    """Rewards of a state, oldest first, each with its rule."""
    with runtime.db.read() as session:
        query = select(Reward, RewardRule).join(RewardRule, RewardRule.id == Reward.rule_id)
        query = query.where(Reward.workspace_id == workspace_id, Reward.state == state).order_by(Reward.id).limit(200)
        return [(reward, rule) for reward, rule in session.execute(query)]


def number_waiting(runtime: Runtime, workspace_id: str) -> int:
    """How many wait for approval, up to a hundred."""
    with runtime.db.read() as session:
        pending = select(Reward.id).where(Reward.workspace_id == workspace_id, Reward.state == RewardState.PENDING)
        return session.scalar(select(func.count()).select_from(pending.limit(100).subquery())) or 0


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


def reopen(runtime: Runtime, workspace_id: str, reward_id: str) -> None:
    """Back into the queue, if it was rejected. Raises Conflict where its code is out."""
    with runtime.db.transaction() as transaction:
        reward = _reward(transaction, workspace_id, reward_id)
        if reward.state == RewardState.APPROVED:
            raise Conflict("Its code was given already.", code="given_already")
        reward.state, reward.decided_at = RewardState.PENDING, None


def looked_over(runtime: Runtime, workspace_id: str, rule_id: str, codes: Codes) -> tuple[list[str], int]:
    """Which of these codes are new to the rule's pool, and how many are in it already. Writes nothing."""
    with runtime.db.read() as session:
        rule = _rule(session, workspace_id, rule_id)
        there = set(session.scalars(select(Coupon.code).where(Coupon.rule_id == rule.id)))
    fresh = [code for code in codes.codes if code not in there]
    return fresh, len(codes.codes) - len(fresh)


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
        notifications.house_of(campaign),
        testimonial.language,
        name=testimonial.name,
        promise=transaction.get_one(RewardRule, reward.rule_id).promise,
        code=code,
        page=f"{runtime.settings.base_url}/my/{testimonial.manage_token}",
    )
    outbox.to_customer(runtime, transaction, letter, testimonial)


def _standing(session: Session, rule: RewardRule) -> Standing:
    left = select(func.count()).select_from(Coupon).where(Coupon.rule_id == rule.id, Coupon.given_at.is_(None))
    given = select(func.count()).select_from(Reward)
    given = given.where(Reward.rule_id == rule.id, Reward.state == RewardState.APPROVED)
    return Standing(rule, session.scalar(left) or 0, session.scalar(given) or 0)


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
