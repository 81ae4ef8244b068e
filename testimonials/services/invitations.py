"""Invitations: personal links that one customer can use once."""

from __future__ import annotations

from sqlalchemy import select

from testimonials.db import Transaction
from testimonials.errors import Conflict, NotFound
from testimonials.models import Invitation, Testimonial
from testimonials.models.base import now

VERIFIED = "invitation"


def redeem(transaction: Transaction, token: str, testimonial: Testimonial) -> None:
    """The invited customer hands in: the testimonial is verified, the link used up, and no reminder follows.

    Raises NotFound for an invitation of another campaign, Conflict `invitation_used` for a used one.
    """
    if not token:
        return
    query = select(Invitation).where(Invitation.token == token).with_for_update()
    invitation = transaction.scalar(query)
    if invitation is None or invitation.campaign_id != testimonial.campaign_id:
        raise NotFound("There is no such invitation.", code="unknown_invitation")
    if invitation.used_at is not None:
        raise Conflict("This invitation was used already.", code="invitation_used")
    invitation.used_at = now()
    invitation.next_mail_at = None
    invitation.testimonial_id = testimonial.id
    testimonial.verified = VERIFIED
