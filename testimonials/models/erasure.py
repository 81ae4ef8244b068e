"""What was erased and may still have objects in the storage: written with the deletion, gone once they are."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from testimonials.models.base import Base, Json, created_column, id_column


class Erasure(Base):
    """`prefixes` are the storage prefixes to empty. Nothing in it says who was erased."""

    __tablename__ = "erasures"

    id: Mapped[str] = id_column()
    prefixes: Mapped[list[str]] = mapped_column(Json)
    created_at: Mapped[datetime] = created_column()
