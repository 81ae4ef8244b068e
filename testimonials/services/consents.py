"""The customer changes their mind: a withdrawal is one more record, and the world stops seeing it at the next request."""

from __future__ import annotations

from sqlalchemy import select

from testimonials.domain.consent import text_hash
from testimonials.domain.lifecycle import ConsentStatus
from testimonials.errors import NotFound
from testimonials.models import Consent, Testimonial
from testimonials.runtime import Runtime
from testimonials.security import address_hash


def withdraw(runtime: Runtime, manage_token: str, *, address: str) -> None:
    """Take the consent back. Doing it twice adds no second record."""
    with runtime.db.transaction() as transaction:
        testimonial = transaction.scalar(select(Testimonial).where(Testimonial.manage_token == manage_token))
        if testimonial is None:
            raise NotFound("There is no such testimonial. Perhaps it was erased.", code="unknown_testimonial")
        if testimonial.consent_status != ConsentStatus.GRANTED:
            return
        testimonial.consent_status = ConsentStatus.WITHDRAWN
        testimonial.consent_scopes = []
        testimonial.allows_website = False
        text = testimonial.campaign.consent_text
        transaction.add(
            Consent(
                testimonial_id=testimonial.id,
                status=ConsentStatus.WITHDRAWN,
                scopes=[],
                text=text,
                text_hash=text_hash(text),
                address_hash=address_hash(runtime.settings.secret_key, address),
            )
        )
