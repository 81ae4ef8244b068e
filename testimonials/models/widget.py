"""A widget: a wall of testimonials that stands on somebody's page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Select, String, select
from sqlalchemy.orm import Mapped, mapped_column

from testimonials.models.base import Base, Json, created_column, id_column, token_column
from testimonials.models.testimonial import PUBLIC, Testimonial


class Widget(Base):
    """`campaign_ids` empty means all campaigns of the workspace."""

    __tablename__ = "widgets"

    id: Mapped[str] = id_column()
    token: Mapped[str] = token_column()
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    layout: Mapped[str] = mapped_column(String(16), default="wall")
    theme: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    share: Mapped[list[str]] = mapped_column(Json, default=list)
    campaign_ids: Mapped[list[str]] = mapped_column(Json, default=list)
    created_at: Mapped[datetime] = created_column()


def shown_on(widget: Widget) -> Select[Testimonial]:
    """What it shows, without a limit: what the business features first, then the newest."""
    query = select(Testimonial).where(Testimonial.workspace_id == widget.workspace_id, PUBLIC)
    if widget.campaign_ids:
        query = query.where(Testimonial.campaign_id.in_(widget.campaign_ids))
    return query.order_by(Testimonial.featured.desc(), Testimonial.id.desc())
