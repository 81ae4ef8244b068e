"""What is mailed about invitations: the first mail, at most three reminders, and never again to who wants none."""

from __future__ import annotations

import base64
import binascii
from datetime import timedelta
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from testimonials import i18n, notifications
from testimonials.domain.mail import same_address
from testimonials.errors import Conflict, NotFound, RateLimited
from testimonials.models import Campaign, Invitation, Mail, Testimonial, Unsubscribe, Workspace
from testimonials.models.base import now
from testimonials.models.mail import MailState
from testimonials.notifications import Asked, Letter, house_of
from testimonials.runtime import Runtime
from testimonials.security import derived_key
from testimonials.services import invitations, outbox, receipts
from testimonials.services.campaigns import words_in

REMINDER_DAYS = (3, 7, 14)
"""After the first mail."""
MAILS_A_ROUND = 200
AGAIN_MINUTES = 10


def write_due(runtime: Runtime) -> int:
    """Write the mails that are due into the outbox, one transaction each. Returns how many."""
    if not outbox.is_on(runtime):
        return 0
    with runtime.db.read() as session:
        due = select(Invitation.id).where(Invitation.next_mail_at <= now(), Invitation.used_at.is_(None))
        waiting = list(session.scalars(due.order_by(Invitation.next_mail_at).limit(MAILS_A_ROUND)))
    return sum(_write_one(runtime, invitation_id) for invitation_id in waiting)


def unsubscribe_link(runtime: Runtime, invitation: Invitation) -> str:
    """Ends all invitations of this workspace to this address, and opens nothing else. It outlives the invitation."""
    return leaving_link(runtime, invitation.workspace_id, invitation.email, invitation.language)


def leaving_link(runtime: Runtime, workspace_id: str, email: str, language: str) -> str:
    """The same for an address that nobody invited."""
    plain = UUID(workspace_id).bytes + bytes.fromhex(invitations.hash_of(runtime, email))
    token = base64.urlsafe_b64encode(_seal(runtime).encrypt(plain, None)).rstrip(b"=").decode()
    return f"{runtime.settings.base_url}/unsubscribe/{token}?lang={language}"


def workspace_to_leave(runtime: Runtime, token: str) -> str:
    """The name of the workspace whose mail a link ends. Raises NotFound for a link of ours that is none."""
    workspace_id, _ = _unsealed(runtime, token)
    with runtime.db.read() as session:
        return _workspace(session, workspace_id).name


def unsubscribe(runtime: Runtime, token: str) -> str:
    """No more invitations and reminders from this workspace to this address. Doing it twice changes nothing.

    Returns the name of the workspace. Mail that waits to be sent is taken back.
    """
    workspace_id, digest = _unsealed(runtime, token)
    with runtime.db.transaction() as transaction:
        name = _workspace(transaction, workspace_id).name
        if transaction.get(Unsubscribe, (workspace_id, digest)) is None:
            transaction.merge(Unsubscribe(workspace_id=workspace_id, address_hash=digest))
        queued = select(Mail.id, Mail.recipient).where(
            Mail.workspace_id == workspace_id, Mail.invitation_id.is_not(None), Mail.state == MailState.QUEUED
        )
        theirs = [mail_id for mail_id, to in transaction.execute(queued) if invitations.hash_of(runtime, to) == digest]
        outbox.withdraw(transaction, Mail.id.in_(theirs))
    return name


def may_mail_page(runtime: Runtime, invitation: Invitation) -> bool:
    """Whether there is a page, and mail to send the way back to it."""
    return bool(outbox.is_on(runtime) and invitation.testimonial_id)


def mail_page(runtime: Runtime, token: str) -> None:
    """The way back to their page, once more, to the address that they gave. Raises RateLimited where a mail with
    it is younger than ten minutes, Conflict where there is nothing to lead to, NotFound for an unknown invitation."""
    with runtime.db.transaction() as transaction:
        invitation = transaction.scalar(select(Invitation).where(Invitation.token == token).with_for_update())
        if invitation is None:
            raise NotFound(i18n.gettext("This invitation does not exist any more."), code="unknown_invitation")
        if not may_mail_page(runtime, invitation):
            raise Conflict(i18n.gettext("There is no page that we could send you a link to."), code="no_page")
        recent = select(Mail.id).where(
            Mail.testimonial_id == invitation.testimonial_id,
            Mail.created_at > now() - timedelta(minutes=AGAIN_MINUTES),
        )
        if transaction.scalar(recent.limit(1)) is not None:
            raise RateLimited(
                i18n.gettext("We have just sent it. Please look into your mail, and try again in ten minutes."),
                code="mailed_already",
            )
        testimonial = transaction.get_one(Testimonial, invitation.testimonial_id)
        # To the address that the customer gave: an invitation may have been passed on.
        receipts.mail(runtime, transaction, testimonial)


def _write_one(runtime: Runtime, invitation_id: str) -> int:
    with runtime.db.transaction() as transaction:
        query = select(Invitation).where(Invitation.id == invitation_id)
        query = query.options(joinedload(Invitation.campaign).joinedload(Campaign.workspace))
        invitation = transaction.scalar(query)
        if invitation is None or not _advance(runtime, transaction, invitation):
            return 0
        letter = _letter(runtime, invitation, number=invitation.mails_sent)
        written = outbox.put(
            runtime,
            transaction,
            letter,
            workspace_id=invitation.workspace_id,
            recipient=invitation.email,
            invitation_id=invitation.id,
        )
        return int(written)


def _advance(runtime: Runtime, session: Session, invitation: Invitation) -> bool:
    """Take the mail that is due and set when the next one is. False where another worker was first, or nobody wants it."""
    seen, next_at = invitation.mails_sent, None
    gone = invitations.unsubscribed(runtime, session, invitation.workspace_id, [invitation.email])
    wanted = bool(invitation.email) and same_address(invitation.email) not in gone
    if wanted and seen < len(REMINDER_DAYS):
        # Counted from the mail before: after a pause of the workers, two reminders must not come on one day.
        next_at = now() + timedelta(days=REMINDER_DAYS[seen] - (REMINDER_DAYS[seen - 1] if seen else 0))
    mine = (
        update(Invitation)
        .where(Invitation.id == invitation.id, Invitation.mails_sent == seen)
        .where(Invitation.next_mail_at <= now(), Invitation.used_at.is_(None))
        .values(next_mail_at=next_at, mails_sent=seen + int(wanted))
        .returning(Invitation.id)
    )
    taken = session.scalar(mine.execution_options(synchronize_session=False)) is not None
    return taken and wanted


def _letter(runtime: Runtime, invitation: Invitation, *, number: int) -> Letter:
    """`number` is how many were written before this one."""
    campaign = invitation.campaign
    words = words_in(campaign, invitation.language)
    house = house_of(campaign)
    asked = Asked(
        name=invitation.name,
        greeting=words.greeting,
        incentive=words.incentive,
        link=f"{runtime.settings.base_url}/i/{invitation.token}",
        unsubscribe=unsubscribe_link(runtime, invitation),
    )
    if number == 0:
        return notifications.invitation(house, invitation.language, asked)
    return notifications.reminder(house, invitation.language, asked, last=number == len(REMINDER_DAYS))


def _seal(runtime: Runtime) -> AESSIV:
    """The same address gives the same token, and nobody without the key can make or read one."""
    return AESSIV(derived_key(runtime.settings.secret_key, "unsubscribe"))


def _unsealed(runtime: Runtime, token: str) -> tuple[str, str]:
    """The workspace's id and the hash of the address."""
    try:
        sealed = base64.b64decode(token.encode() + b"=" * (-len(token) % 4), altchars=b"-_", validate=True)
        plain = _seal(runtime).decrypt(sealed, None)
    except (binascii.Error, InvalidTag, ValueError) as error:
        raise NotFound(
            i18n.gettext("This link is not complete. Please use the one in the mail."), code="unknown_link"
        ) from error
    return plain[:16].hex(), plain[16:].hex()


def _workspace(session: Session, workspace_id: str) -> Workspace:
    workspace = session.get(Workspace, workspace_id)
    if workspace is None:
        raise NotFound(i18n.gettext("There is no more mail to end."), code="unknown_link")
    return workspace
