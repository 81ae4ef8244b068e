"""What moderators leave behind: acts that can be undone, tags, notes, edits of words, and the index of the search."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from testimonials.models.base import Base, Json, UtcTime, created_column, id_column


class ReviewRules(Base):
    """How a workspace reviews. No row: one approval is enough."""

    __tablename__ = "review_rules"

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    two_approvals: Mapped[bool] = mapped_column(default=False)


class ReviewAct(Base):
    """One act on one or many testimonials, with all that is needed to undo it.

    `changes` are `{"id", "before": {field: value}, "after": {…}}`, one for each testimonial; `mails` are the ids of the mails
    that it wrote. `member_id` is empty for the API; `member_name` stays when the member has left.
    """

    __tablename__ = "review_acts"
    __table_args__ = (Index("ix_review_acts_mine", "workspace_id", "member_id", "id"),)

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    member_id: Mapped[str] = mapped_column(String(32), default="")
    member_name: Mapped[str] = mapped_column(String(254), default="")
    name: Mapped[str] = mapped_column(String(16))
    changes: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    mails: Mapped[list[str]] = mapped_column(Json, default=list)
    created_at: Mapped[datetime] = created_column()
    undone_at: Mapped[datetime | None] = mapped_column(UtcTime)


class ActOn(Base):
    """Which acts a testimonial has seen, so that its history is found without looking through all acts."""

    __tablename__ = "review_acts_on"

    testimonial_id: Mapped[str] = mapped_column(ForeignKey("testimonials.id", ondelete="CASCADE"), primary_key=True)
    act_id: Mapped[str] = mapped_column(ForeignKey("review_acts.id", ondelete="CASCADE"), primary_key=True)


class Tag(Base):
    """A word that a workspace sorts by. `Testimonial.tags` mirrors what `Tagging` holds, in the same transaction."""

    __tablename__ = "tags"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(40))


class Tagging(Base):
    __tablename__ = "taggings"

    tag_id: Mapped[str] = mapped_column(ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True)
    testimonial_id: Mapped[str] = mapped_column(
        ForeignKey("testimonials.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Note(Base):
    """What the team says among themselves about a testimonial. It is on no surface but the console and the API."""

    __tablename__ = "notes"
    __table_args__ = (Index("ix_notes_testimonial", "testimonial_id", "id"),)

    id: Mapped[str] = id_column()
    testimonial_id: Mapped[str] = mapped_column(ForeignKey("testimonials.id", ondelete="CASCADE"))
    member_id: Mapped[str] = mapped_column(String(32), default="")
    member_name: Mapped[str] = mapped_column(String(254), default="")
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = created_column()


class TextEdit(Base):
    """What was chosen from a customer's words, or corrected in their captions. Nothing here is ever changed or removed.

    For captions `cues_before` are the cues with their times, and `undoes_id` names the edit that this one takes back.
    """

    __tablename__ = "text_edits"
    __table_args__ = (Index("ix_text_edits_testimonial", "testimonial_id", "id"),)

    id: Mapped[str] = id_column()
    testimonial_id: Mapped[str] = mapped_column(ForeignKey("testimonials.id", ondelete="CASCADE"))
    member_id: Mapped[str] = mapped_column(String(32), default="")
    member_name: Mapped[str] = mapped_column(String(254), default="")
    field: Mapped[str] = mapped_column(String(32))
    before: Mapped[str] = mapped_column(Text)
    after: Mapped[str] = mapped_column(Text)
    cues_before: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)
    undoes_id: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[datetime] = created_column()


class SearchDocument(Base):
    """The tokens of one testimonial. `number` is the first 63 bits of its id, so that both sort alike.

    PostgreSQL indexes `words` itself; SQLite has the FTS5 table `search_index` beside it, which `services.search` keeps in step.
    """

    __tablename__ = "search_documents"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    testimonial_id: Mapped[str] = mapped_column(ForeignKey("testimonials.id", ondelete="CASCADE"), unique=True)
    words: Mapped[str] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"))

    __table_args__ = (Index("ix_search_documents_words", "words", postgresql_using="gin").ddl_if(dialect="postgresql"),)
