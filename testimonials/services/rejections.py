"""Telling a customer that theirs will not be shown as it is, and how to send another one."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from testimonials import notifications
from testimonials.db import Transaction
from testimonials.models import Mail, Testimonial
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.services import outbox

UNDO_SECONDS = 60
"""The mail waits so long, so that undoing the rejection is in time to hold it back."""
MOST_MESSAGE = 1000


def tell(runtime: Runtime, transaction: Transaction, testimonial: Testimonial, message: str) -> list[str]:
    """Write the mail, in the customer's language around the moderator's own words. Returns the ids of what was written:
    nothing while mail is off, or for what is no address."""
    letter = notifications.asked_again(
        notifications.house_of(testimonial.campaign),
        testimonial.language,
        name=testimonial.name,
        message=message.strip()[:MOST_MESSAGE],
        page=f"{runtime.settings.base_url}/my/{testimonial.manage_token}",
    )
    if not outbox.to_customer(runtime, transaction, letter, testimonial):
        return []
    transaction.flush()
    newest = select(Mail).where(Mail.testimonial_id == testimonial.id).order_by(Mail.id.desc()).limit(1)
    mail = transaction.scalars(newest).one()
    mail.run_after = now() + timedelta(seconds=UNDO_SECONDS)
    return [mail.id]


def take_back(transaction: Transaction, mail_ids: list[str]) -> None:
    """What was not sent yet is not sent."""
    if mail_ids:
        outbox.withdraw(transaction, Mail.id.in_(mail_ids))
