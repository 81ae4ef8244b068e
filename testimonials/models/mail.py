"""Mail that waits to be sent. Written in the transaction that caused it, so none is lost and none is sent for nothing."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from testimonials.models.base import Base, Json, UtcTime, created_column, id_column


class MailState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


class Mail(Base):
    """`headers` are those besides From, To and Subject; `attachment` is a consent receipt as JSON text, or empty. Erasing the
    testimonial erases its mail, and what was sent keeps neither words nor attachment.
    """

    __tablename__ = "mails"
    __table_args__ = (
        Index("ix_mails_due", "state", "run_after"),
        Index("ix_mails_recipient", "recipient", "created_at"),
    )

    id: Mapped[str] = id_column()
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    testimonial_id: Mapped[str | None] = mapped_column(ForeignKey("testimonials.id", ondelete="CASCADE"), index=True)
    invitation_id: Mapped[str | None] = mapped_column(ForeignKey("invitations.id", ondelete="CASCADE"), index=True)
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    headers: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    attachment: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[MailState] = mapped_column(String(16), default=MailState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    run_after: Mapped[datetime] = created_column()
    lease_until: Mapped[datetime | None] = mapped_column(UtcTime)
    detail: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime] = created_column()
    sent_at: Mapped[datetime | None] = mapped_column(UtcTime)
