"""Invitations: personal links for one customer each, and the addresses that want no more mail."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from testimonials.models.base import Base, UtcTime, created_column, id_column, token_column
from testimonials.models.campaign import Campaign


class Invitation(Base):
    """`next_mail_at` is when the invitation or its next reminder is due, None once nothing more is to be sent.

    `used_at` is set by the submission; `testimonial_id` gets lost with an erasure, and the link stays used. Then
    `spent_reference` is the keyed hash of the order reference, which is gone.
    """

    __tablename__ = "invitations"
    __table_args__ = (
        Index("ix_invitations_campaign", "campaign_id", "id"),
        Index("ix_invitations_due", "next_mail_at"),
        Index("ix_invitations_order", "campaign_id", "order_reference"),
        Index("ix_invitations_spent", "campaign_id", "spent_reference"),
    )

    id: Mapped[str] = id_column()
    token: Mapped[str] = token_column()
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(120), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    order_reference: Mapped[str] = mapped_column(String(120), default="")
    spent_reference: Mapped[str] = mapped_column(String(64), default="")
    language: Mapped[str] = mapped_column(String(16), default="en")
    created_at: Mapped[datetime] = created_column()
    opened_at: Mapped[datetime | None] = mapped_column(UtcTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcTime)
    mails_sent: Mapped[int] = mapped_column(default=0)
    next_mail_at: Mapped[datetime | None] = mapped_column(UtcTime)
    testimonial_id: Mapped[str | None] = mapped_column(ForeignKey("testimonials.id", ondelete="SET NULL"), index=True)

    campaign: Mapped[Campaign] = relationship()


class Unsubscribe(Base):
    """An address that a workspace may not invite or remind again; only its salted hash is kept."""

    __tablename__ = "unsubscribes"

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    address_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[datetime] = created_column()
