"""A widget: a wall of testimonials that stands on somebody's page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from testimonials.models.base import Base, Json, created_column, id_column, token_column


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
