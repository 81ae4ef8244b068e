"""Who did what to what, when. Entries are only ever added: triggers of both databases refuse everything else."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from testimonials.models.base import Base, UtcTime

WHO_LENGTH, ACT_LENGTH, OBJECT_LENGTH, DETAIL_LENGTH = 60, 60, 120, 200


class AuditEntry(Base):
    """An entry of a workspace's log; `hash` chains it to the one before (`domain.audit`).

    It names by kind and id alone. Nothing refers to anything by foreign key: an entry outlives what it speaks of, and holds
    nothing of a customer that an erasure would have to remove.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_who", "workspace_id", "who", "number"),
        Index("ix_audit_entries_act", "workspace_id", "act", "number"),
        Index("ix_audit_entries_object", "workspace_id", "object", "number"),
        Index("ix_audit_entries_at", "workspace_id", "at", "number"),
    )

    workspace_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcTime)
    who: Mapped[str] = mapped_column(String(WHO_LENGTH))
    act: Mapped[str] = mapped_column(String(ACT_LENGTH))
    object: Mapped[str] = mapped_column(String(OBJECT_LENGTH))
    detail: Mapped[str] = mapped_column(String(DETAIL_LENGTH))
    hash: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """How many entries a workspace has, and the hash of the last. Whoever writes one holds this row, so that they come one
    after the other; and what was cut off at the end is missed. It only ever counts up by one."""

    __tablename__ = "audit_heads"

    workspace_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, default=0)
    hash: Mapped[str] = mapped_column(String(64), default="")
