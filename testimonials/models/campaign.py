"""A campaign: the form through which a business asks for testimonials."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from testimonials.models.base import Base, Json, created_column, id_column
from testimonials.models.workspace import Workspace


class Campaign(Base):
    """`questions` is a list of {"text", "hint"}; `slug` is unique in the whole house, as it stands in the public link."""

    __tablename__ = "campaigns"

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    greeting: Mapped[str] = mapped_column(String(300), default="")
    thanks_text: Mapped[str] = mapped_column(String(300), default="")
    questions: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    brand_color: Mapped[str] = mapped_column(String(7), default="#1f6b52")
    consent_text: Mapped[str] = mapped_column(Text)
    max_seconds: Mapped[int] = mapped_column(default=90)
    max_frame_rate: Mapped[int] = mapped_column(default=30)
    reduce_noise: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = created_column()

    workspace: Mapped[Workspace] = relationship()
