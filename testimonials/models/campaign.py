"""A campaign: the form through which a business asks for testimonials."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from testimonials.domain.collecting import WAYS
from testimonials.models.base import Base, Json, created_column, id_column
from testimonials.models.workspace import Workspace


class Campaign(Base):
    """`questions` is a list of {"text", "hint"}; `slug` is unique in the whole house, as it stands in the public link.

    Its own words are in `language`; `translations` holds them in others: {"de": {"greeting", "thanks_text", "incentive",
    "questions"}}. `action_label` and `action_url` are the button below a shared video; `share_texts` the words suggested to
    sharers, by network. `ways` are those of `domain.collecting` that customers may choose. `redirect_url` is where they
    are led on to once they have handed in, `sites` the origins that may show the page in a frame; `asks_to_share`: they are
    asked to pass it on.
    """

    __tablename__ = "campaigns"

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    greeting: Mapped[str] = mapped_column(String(300), default="")
    thanks_text: Mapped[str] = mapped_column(String(300), default="")
    questions: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    brand_color: Mapped[str] = mapped_column(String(7), default="#1f6b52")
    language: Mapped[str] = mapped_column(String(16), default="en")
    translations: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    ways: Mapped[list[str]] = mapped_column(Json, default=lambda: list(WAYS))
    one_by_one: Mapped[bool] = mapped_column(default=False)
    incentive: Mapped[str] = mapped_column(String(300), default="")
    asks_guardian: Mapped[bool] = mapped_column(default=False)
    action_label: Mapped[str] = mapped_column(String(60), default="")
    action_url: Mapped[str] = mapped_column(String(2000), default="")
    share_texts: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    asks_to_share: Mapped[bool] = mapped_column(default=True, server_default=true())
    redirect_url: Mapped[str] = mapped_column(String(2000), default="", server_default="")
    sites: Mapped[list[str]] = mapped_column(Json, default=list, server_default="[]")
    logo_key: Mapped[str] = mapped_column(String(200), default="")
    max_seconds: Mapped[int] = mapped_column(default=90)
    max_frame_rate: Mapped[int] = mapped_column(default=30)
    reduce_noise: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = created_column()

    workspace: Mapped[Workspace] = relationship()
    consent_texts: Mapped[list[ConsentText]] = relationship(
        order_by="ConsentText.version", cascade="all, delete-orphan", lazy="selectin"
    )


class ConsentText(Base):
    """What a campaign asks to agree to, in one version and language. Never edited: a change is a new version."""

    __tablename__ = "consent_texts"
    __table_args__ = (UniqueConstraint("campaign_id", "version", "language"),)

    id: Mapped[str] = id_column()
    campaign_id: Mapped[str] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"))
    version: Mapped[int]
    language: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    text_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = created_column()
