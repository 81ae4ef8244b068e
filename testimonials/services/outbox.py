"""The outbox: mail is written in the transaction that causes it, and handed to the mail server afterwards.

A worker takes a mail by one conditional UPDATE that counts the attempt and takes a lease. The number of the attempt is its
fence: whoever comes back too late writes nothing. Without a mail server in the settings nothing is written at all.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from testimonials import mailer
from testimonials.db import Transaction
from testimonials.domain.mail import Mailbox, deliverable, parse_mailbox, parse_server
from testimonials.mailer import Envelope, MailError
from testimonials.models import Invitation, Mail, Testimonial, Workspace
from testimonials.models.base import now
from testimonials.models.mail import MailState
from testimonials.notifications import Letter
from testimonials.runtime import Runtime
from testimonials.security import token_hash

log = logging.getLogger(__name__)
LEASE_SECONDS = 2 * mailer.DEADLINE_SECONDS
BACKOFF_SECONDS = (60, 300, 1800, 7200, 21600, 43200, 86400, 86400)
"""Four days in all: a mail server may be away for a long weekend."""
MAX_ATTEMPTS = len(BACKOFF_SECONDS) + 1
MAILS_A_ROUND = 100
KEPT_DAYS = 30


@dataclass(frozen=True)
class Taken:
    """The right to send one mail, until the lease ends."""

    mail: Mail
    attempt: int
    house: str


@dataclass(frozen=True)
class Standing:
    """How the outbox is: `waiting` mails are not sent yet, `failed` are those of the last day."""

    waiting: int
    failed: int


def is_on(runtime: Runtime) -> bool:
    """Whether this installation sends mail."""
    return bool(runtime.settings.smtp_url)


def put(
    runtime: Runtime,
    transaction: Transaction,
    letter: Letter,
    *,
    workspace_id: str,
    recipient: str,
    testimonial_id: str | None = None,
    invitation_id: str | None = None,
    attachment: str = "",
) -> bool:
    """Write a mail in the caller's transaction; workers send it after the commit. Says whether it was written: not while
    mail is off, nor for what is no address. `attachment` is a consent receipt as JSON text."""
    address = deliverable(recipient)
    if not is_on(runtime) or address is None:
        return False
    transaction.add(
        Mail(
            workspace_id=workspace_id,
            testimonial_id=testimonial_id,
            invitation_id=invitation_id,
            recipient=address,
            subject=_one_line(letter.subject)[:300],
            text=letter.text,
            html=letter.html,
            headers=letter.headers,
            attachment=attachment,
        )
    )
    return True


def to_customer(
    runtime: Runtime, transaction: Transaction, letter: Letter, testimonial: Testimonial, *, attachment: str = ""
) -> bool:
    """`put`, for whoever has sent this testimonial."""
    return put(
        runtime,
        transaction,
        letter,
        workspace_id=testimonial.workspace_id,
        recipient=testimonial.email,
        testimonial_id=testimonial.id,
        attachment=attachment,
    )


def send_due(runtime: Runtime, stopping: Callable[[], bool] = lambda: False) -> int:
    """Send what is due, oldest first, until told to stop. Returns how many were sent.

    Where the mail server is away the round ends: it is away for the others too, and they keep their attempts.
    """
    if not is_on(runtime):
        return 0
    _give_up_lost(runtime)
    with runtime.db.read() as session:
        query = select(Mail.id).where(_claimable()).order_by(Mail.run_after, Mail.id).limit(MAILS_A_ROUND)
        waiting = list(session.scalars(query))
    sent = 0
    for mail_id in waiting:
        if stopping():
            break
        taken = _take(runtime, mail_id)
        if taken is None:
            continue
        try:
            _hand_over(runtime, taken)
        except MailError as error:
            _settle_failure(runtime, taken, error)
            if error.away:
                log.warning("the mail server is away: %s", error.detail)
                break
        else:
            _settle(runtime, taken, _SENT | {"sent_at": now()})
            sent += 1
    return sent


def forget_old(runtime: Runtime) -> None:
    """Whom we wrote is nobody's business after a month."""
    with runtime.db.transaction() as transaction:
        old = Mail.created_at < now() - timedelta(days=KEPT_DAYS)
        transaction.execute(delete(Mail).where(old, Mail.state != MailState.QUEUED))


def withdraw(transaction: Transaction, which: ColumnElement[bool]) -> None:
    """Take back what was not sent yet."""
    transaction.execute(delete(Mail).where(which, Mail.state == MailState.QUEUED))


def standing(runtime: Runtime) -> Standing:
    """For `doctor`."""
    with runtime.db.read() as session:
        waiting = select(func.count()).select_from(Mail).where(Mail.state == MailState.QUEUED)
        recent = Mail.created_at > now() - timedelta(days=1)
        failed = select(func.count()).select_from(Mail).where(Mail.state == MailState.FAILED, recent)
        return Standing(session.scalar(waiting) or 0, session.scalar(failed) or 0)


def check_server(runtime: Runtime) -> None:
    """Connect to the mail server and sign in. Raises MailError."""
    mailer.check(parse_server(runtime.settings.smtp_url), hello=_hello_name(runtime))


def _take(runtime: Runtime, mail_id: str) -> Taken | None:
    lease = {"attempts": Mail.attempts + 1, "lease_until": now() + timedelta(seconds=LEASE_SECONDS)}
    claim = update(Mail).where(Mail.id == mail_id, _claimable()).values(**lease).returning(Mail.attempts)
    with runtime.db.transaction() as transaction:
        attempt = transaction.scalar(claim)
        if attempt is None:
            return None
        mail = transaction.get_one(Mail, mail_id)
        return Taken(mail, attempt, transaction.get_one(Workspace, mail.workspace_id).name)


def _hand_over(runtime: Runtime, taken: Taken) -> None:
    """Outside any transaction: a mail server may take its time."""
    mail = taken.mail
    own = parse_mailbox(runtime.settings.mail_from)
    sender = Mailbox(own.name or _one_line(taken.house), own.address)
    envelope = Envelope(
        sender=sender,
        recipient=mail.recipient,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        message_id=message_name(mail.id),
        headers=mail.headers,
        attachment=mail.attachment,
    )
    try:
        message = mailer.compose(envelope)
    except ValueError as error:
        raise MailError(f"cannot be written: {error}", permanent=True) from error
    server = parse_server(runtime.settings.smtp_url)
    mailer.send(server, message, sender=own.address, recipient=mail.recipient, hello=_hello_name(runtime))


def message_name(mail_id: str) -> str:
    """The left half of a Message-ID. The same at every attempt, so that a mail that arrives twice is known as one."""
    return token_hash(f"mail:{mail_id}")[:40]


_EMPTIED = {"text": "", "html": "", "attachment": "", "lease_until": None}
"""Links of customers stand in mails: what needs no sending any more is not kept."""
_SENT = {"state": MailState.SENT, "detail": "", **_EMPTIED}


def _settle_failure(runtime: Runtime, taken: Taken, error: MailError) -> None:
    detail = error.detail[:300]
    if error.permanent or taken.attempt >= MAX_ATTEMPTS:
        _settle(runtime, taken, {"state": MailState.FAILED, "detail": detail, **_EMPTIED})
        return
    pause = BACKOFF_SECONDS[taken.attempt - 1] * random.uniform(0.75, 1.25)  # noqa: S311
    _settle(runtime, taken, {"detail": detail, "lease_until": None, "run_after": now() + timedelta(seconds=pause)})


def _settle(runtime: Runtime, taken: Taken, values: dict[str, Any]) -> None:
    """Write down how it went, unless somebody else has taken it since, or it was erased."""
    mine = and_(Mail.id == taken.mail.id, Mail.attempts == taken.attempt, Mail.state == MailState.QUEUED)
    with runtime.db.transaction() as transaction:
        settled = transaction.scalar(update(Mail).where(mine).values(**values).returning(Mail.id))
        if settled and values.get("state") == MailState.FAILED and taken.mail.invitation_id:
            # Reminders to an address that takes no mail only hurt the name of who sends them.
            ended = update(Invitation).where(Invitation.id == taken.mail.invitation_id)
            transaction.execute(ended.values(next_mail_at=None))


def _give_up_lost(runtime: Runtime) -> None:
    """Whoever died at the last attempt left a mail that nobody may take."""
    lost = and_(Mail.state == MailState.QUEUED, Mail.attempts >= MAX_ATTEMPTS, Mail.lease_until < now())
    values = {"state": MailState.FAILED, "detail": "the worker was lost at the last attempt", **_EMPTIED}
    with runtime.db.read() as session:
        if session.scalar(select(Mail.id).where(lost).limit(1)) is None:
            return
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Mail).where(lost).values(**values))


def _claimable() -> ColumnElement[bool]:
    moment = now()
    free = or_(Mail.lease_until.is_(None), Mail.lease_until < moment)
    return and_(Mail.state == MailState.QUEUED, Mail.run_after <= moment, free, Mail.attempts < MAX_ATTEMPTS)


def _hello_name(runtime: Runtime) -> str:
    """The name of this house in SMTP's greeting: its own host, or an address in brackets."""
    host = urlsplit(runtime.settings.base_url).hostname or "localhost"
    return host if any(character.isalpha() for character in host) and ":" not in host else f"[{host}]"


def _one_line(text: str) -> str:
    return " ".join("".join(character if character >= " " else " " for character in text).split())
