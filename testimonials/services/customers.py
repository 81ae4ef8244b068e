"""The customer, known by nothing but the address of their own page."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from testimonials.errors import NotFound
from testimonials.models import Testimonial


def own_testimonial(session: Session, manage_token: str, *, for_update: bool = False) -> Testimonial:
    """What belongs to this page. `for_update` makes whoever else changes it wait. Raises NotFound."""
    query = select(Testimonial).where(Testimonial.manage_token == manage_token)
    testimonial = session.scalar(query.with_for_update() if for_update else query)
    if testimonial is None:
        raise NotFound("There is no such testimonial. Perhaps it was erased.", code="unknown_testimonial")
    return testimonial
