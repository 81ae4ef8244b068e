"""Telling a customer that theirs is on show: once, and only when all may really see it.

Found by looking, not written by the act: an approval that is undone within the minute mails nobody, and a clip that is
approved while it is still being made ready is announced when it plays.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from testimonials import notifications
from testimonials.domain.mail import same_address
from testimonials.models import Testimonial
from testimonials.models.base import now
from testimonials.models.testimonial import PUBLIC, UNANNOUNCED
from testimonials.runtime import Runtime
from testimonials.services import invitation_mails, invitations, outbox
from testimonials.services.rejections import UNDO_SECONDS

MAILS_A_ROUND = 200
NEWS_DAYS = 2
"""What was approved longer ago is no news: mail may have been off until today."""


def write_due(runtime: Runtime) -> int:
    """Write the mails that are due into the outbox, one transaction each. Returns how many."""
    if not outbox.is_on(runtime):
        return 0
    moment = now()
    with runtime.db.read() as session:
        query = select(Testimonial.id).where(
            UNANNOUNCED,
            PUBLIC,
            Testimonial.reviewed_at > moment - timedelta(days=NEWS_DAYS),
            Testimonial.reviewed_at <= moment - timedelta(seconds=UNDO_SECONDS),
        )
        waiting = list(session.scalars(query.order_by(Testimonial.reviewed_at).limit(MAILS_A_ROUND)))
    return sum(_write_one(runtime, testimonial_id) for testimonial_id in waiting)


def _write_one(runtime: Runtime, testimonial_id: str) -> int:
    with runtime.db.transaction() as transaction:
        mine = update(Testimonial).where(Testimonial.id == testimonial_id, Testimonial.announced_at.is_(None), PUBLIC)
        taken = mine.values(announced_at=now()).returning(Testimonial.id)
        if transaction.scalar(taken.execution_options(synchronize_session=False)) is None:
            return 0
        testimonial = transaction.get_one(Testimonial, testimonial_id)
        workspace_id, email = testimonial.workspace_id, testimonial.email
        if not email or same_address(email) in invitations.unsubscribed(runtime, transaction, workspace_id, [email]):
            return 0
        letter = notifications.published(
            notifications.house_of(testimonial.campaign),
            testimonial.language,
            name=testimonial.name,
            link=f"{runtime.settings.base_url}/t/{testimonial.token}",
            page=f"{runtime.settings.base_url}/my/{testimonial.manage_token}",
            unsubscribe=invitation_mails.leaving_link(runtime, workspace_id, email, testimonial.language),
            asks_to_share=testimonial.campaign.asks_to_share and testimonial.allows_social,
        )
        return int(outbox.to_customer(runtime, transaction, letter, testimonial))
