"""What is on show, as files that somebody else serves: how far it is written, under which names, and what to purge."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from testimonials.models.base import Base, BigId, Json, UtcTime, created_column


class Publication(Base):
    """`revision` goes up with every change of what a workspace shows, `published` says which of them is written.

    From `started_at` on somebody may be writing. Where they never said that they were done, all is written once more when
    their write must be over, because it may have come after a newer one.
    """

    __tablename__ = "publications"

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    revision: Mapped[int] = mapped_column(BigInteger, default=0)
    published: Mapped[int] = mapped_column(BigInteger, default=0)
    started_at: Mapped[datetime | None] = mapped_column(UtcTime)


class PublishedFeed(Base):
    """One object below `feeds/{widget token}/`. The `current` one is what the pointer names; `testimonials` are the tokens of
    whom it shows, empty once it was removed before its time."""

    __tablename__ = "published_feeds"
    __table_args__ = (Index("ix_published_feeds_workspace", "workspace_id"),)

    widget_token: Mapped[str] = mapped_column(String(43), primary_key=True)
    file: Mapped[str] = mapped_column(String(80), primary_key=True)
    # No references: the rows outlive their widget, until its objects are gone.
    workspace_id: Mapped[str] = mapped_column(String(32))
    testimonials: Mapped[list[str]] = mapped_column(Json, default=list)
    current: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[datetime] = created_column()


class Purge(Base):
    """Addresses that a CDN has to forget. The row goes once the CDN has heard of it."""

    __tablename__ = "purges"
    __table_args__ = (Index("ix_purges_due", "run_after"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    addresses: Mapped[list[str]] = mapped_column(Json)
    attempts: Mapped[int] = mapped_column(default=0)
    run_after: Mapped[datetime] = created_column()
