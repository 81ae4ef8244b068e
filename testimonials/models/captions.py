"""The words of a clip with their times. The files that players load are made from here and stored as assets."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from testimonials.models.base import Base, Json, UtcTime, created_column, id_column


class Captions(Base):
    """`cues` are as `domain.captions.Cue` has them; `outside` are those that the business's marks leave out, with their times in
    the clip without these marks. `confidence` is the recognizer's own, from 0 to 1, None once edited."""

    __tablename__ = "captions"
    __table_args__ = (UniqueConstraint("testimonial_id", "language"),)

    id: Mapped[str] = id_column()
    testimonial_id: Mapped[str] = mapped_column(ForeignKey("testimonials.id", ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(String(16))
    cues: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    outside: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list, server_default="[]")
    engine: Mapped[str] = mapped_column(String(40))
    confidence: Mapped[float | None]
    edited_at: Mapped[datetime | None] = mapped_column(UtcTime)
    created_at: Mapped[datetime] = created_column()


class GlossaryTerm(Base):
    """A name as the workspace spells it. Captions are compared with it; nothing is changed until somebody asks."""

    __tablename__ = "glossary_terms"
    __table_args__ = (UniqueConstraint("workspace_id", "term"),)

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    term: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = created_column()
