"""What customers get: for a testimonial, for visits that their sharing brings, for conversions. Never for how they judge."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from testimonials.models.base import Base, Json, UtcTime, created_column, id_column
from testimonials.models.testimonial import Testimonial


class RewardRule(Base):
    """For every `threshold` of a cause, one reward; `each_at_most` to one customer, `all_at_most` in all (0: no limit).
    `promise` is what customers read before they take part."""

    __tablename__ = "reward_rules"
    __table_args__ = (UniqueConstraint("campaign_id", "cause"),)

    id: Mapped[str] = id_column()
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"))
    cause: Mapped[str] = mapped_column(String(16))
    threshold: Mapped[int] = mapped_column(default=1)
    each_at_most: Mapped[int] = mapped_column(default=1)
    all_at_most: Mapped[int] = mapped_column(default=0)
    promise: Mapped[str] = mapped_column(String(300))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = created_column()


class RewardState(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


class Reward(Base):
    """One reward that somebody has earned. `number` counts those of a rule and customer, so none is given twice. `doubts`
    are keys of `domain.rewards.DOUBTS`, for whoever approves it."""

    __tablename__ = "rewards"
    __table_args__ = (
        UniqueConstraint("rule_id", "testimonial_id", "number"),
        Index("ix_rewards_queue", "workspace_id", "state", "id"),
    )

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    rule_id: Mapped[str] = mapped_column(ForeignKey("reward_rules.id", ondelete="CASCADE"))
    testimonial_id: Mapped[str] = mapped_column(ForeignKey("testimonials.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    state: Mapped[RewardState] = mapped_column(String(12), default=RewardState.PENDING)
    doubts: Mapped[list[str]] = mapped_column(Json, default=list)
    created_at: Mapped[datetime] = created_column()
    decided_at: Mapped[datetime | None] = mapped_column(UtcTime)

    testimonial: Mapped[Testimonial] = relationship(lazy="joined", innerjoin=True)


class Coupon(Base):
    """A code of the business's own shop, from its list; given to at most one reward. `given_at` stays when the customer
    erases everything: a code that is out is spent."""

    __tablename__ = "coupons"
    __table_args__ = (UniqueConstraint("rule_id", "code"),)

    id: Mapped[str] = id_column()
    rule_id: Mapped[str] = mapped_column(ForeignKey("reward_rules.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(80))
    reward_id: Mapped[str | None] = mapped_column(ForeignKey("rewards.id", ondelete="SET NULL"), unique=True)
    given_at: Mapped[datetime | None] = mapped_column(UtcTime)
