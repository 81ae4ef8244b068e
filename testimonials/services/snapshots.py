"""What an act changed of a testimonial, in a form that a row can keep, and the way back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from testimonials.db import Transaction
from testimonials.models import Testimonial
from testimonials.services import tags

FIELDS = (
    "review", "reviewed_at", "reject_reason", "approvals", "archived_at", "tags", "featured", "assignee_id", "quote",
)  # fmt: skip
_TIMES = ("reviewed_at", "archived_at")


def value(testimonial: Testimonial, name: str) -> Any:
    """A field as JSON has it."""
    held = getattr(testimonial, name)
    return held.isoformat() if isinstance(held, datetime) else held


def take(testimonial: Testimonial) -> dict[str, Any]:
    """All that acts can change, as it is now."""
    return {name: value(testimonial, name) for name in FIELDS}


def difference(testimonial: Testimonial, before: dict[str, Any]) -> dict[str, Any] | None:
    """`{"id", "before", "after"}` with the fields that are not what they were, or None."""
    after = take(testimonial)
    names = [name for name in FIELDS if before[name] != after[name]]
    if not names:
        return None
    return {"id": testimonial.id, "before": {n: before[n] for n in names}, "after": {n: after[n] for n in names}}


def put_back(transaction: Transaction, testimonial: Testimonial, values: dict[str, Any]) -> None:
    """Set the fields as they were kept."""
    for name, held in values.items():
        if name == "tags":
            tags.put(transaction, testimonial, held)
        else:
            time = name in _TIMES and held is not None
            setattr(testimonial, name, datetime.fromisoformat(held) if time else held)


def locked(session: Session, ids: list[str]) -> list[Testimonial]:
    """Those of these that are still there, in one order for everybody."""
    query = select(Testimonial).where(Testimonial.id.in_(ids)).order_by(Testimonial.id)
    options = (selectinload(Testimonial.assets), selectinload(Testimonial.campaign), selectinload(Testimonial.captions))
    return list(session.scalars(query.options(*options).with_for_update(of=Testimonial)))
