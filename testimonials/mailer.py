"""Handing a message to the mail server: SMTP by the standard library, encrypted and signed in as the setting says."""

from __future__ import annotations

import smtplib
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email import policy
from email.headerregistry import Address, HeaderRegistry, UniqueUnstructuredHeader
from email.message import EmailMessage
from email.utils import localtime
from socket import SHUT_RDWR

from testimonials.domain.mail import Mailbox, MailServer
from testimonials.errors import AppError

STEP_SECONDS = 20
DEADLINE_SECONDS = 120
"""The most that one message may take in all, however slowly the server drips its answers."""
RECEIPT_NAME = "consent-receipt.json"


class MailError(AppError):
    """The message did not get through. `permanent`: never will. `away`: it was the server, not this message."""

    status, code, title = 502, "mail_failed", "The mail could not be handed over"

    def __init__(self, detail: str, *, permanent: bool = False, away: bool = False) -> None:
        super().__init__(" ".join(detail.split())[:300])
        self.permanent = permanent
        self.away = away


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """One message as plain values. `headers` are further ones, `attachment` a consent receipt as JSON text or empty."""

    sender: Mailbox
    recipient: str
    subject: str
    text: str
    html: str
    message_id: str
    headers: Mapping[str, str] = field(default_factory=dict)
    attachment: str = ""


class _Whole(UniqueUnstructuredHeader):
    """A header that is never folded: a long address in it would come out as an encoded word, which no reader undoes."""

    def fold(self, *, policy: policy.Policy) -> str:
        linesep: str = policy.linesep
        return f"List-Unsubscribe: {self}{linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _Whole)  # type: ignore[arg-type]
_POLICY = policy.EmailPolicy(header_factory=_HEADERS, linesep="\r\n")


def compose(envelope: Envelope) -> EmailMessage:
    """The message, plain text and HTML. Raises ValueError where a header would hold a line break."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address(envelope.sender.name, addr_spec=envelope.sender.address)
    message["To"] = Address(addr_spec=envelope.recipient)
    message["Subject"] = envelope.subject
    message["Date"] = localtime()
    message["Message-ID"] = f"<{envelope.message_id}@{envelope.sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(envelope.text)
    message.add_alternative(envelope.html, subtype="html")
    if envelope.attachment:
        body = envelope.attachment.encode()
        message.add_attachment(body, maintype="application", subtype="json", filename=RECEIPT_NAME)
    for name, value in envelope.headers.items():  # last: those about the content would move into a part
        message[name] = value
    return message


def send(server: MailServer, message: EmailMessage, *, sender: str, recipient: str, hello: str) -> None:
    """Hand it over; returns once the server has taken it. `hello` is the name that we give. Raises MailError."""
    began = time.monotonic()
    smtp = _connected(server, hello)
    # A server that answers one byte a minute would hold us for hours: the socket is shut when the time is over.
    watch = threading.Timer(max(0.0, began + DEADLINE_SECONDS - time.monotonic()), _shut, [smtp])
    watch.daemon = True
    watch.start()
    try:
        _enter(smtp, server)
        _transfer(smtp, message, sender, recipient)
        with suppress(smtplib.SMTPException, OSError):  # it was taken: however the goodbye goes, it is not sent again
            smtp.quit()
    finally:
        watch.cancel()
        smtp.close()


def check(server: MailServer, *, hello: str) -> None:
    """Connect and sign in without sending anything. Raises MailError."""
    smtp = _connected(server, hello)
    try:
        _enter(smtp, server)
        with suppress(smtplib.SMTPException, OSError):
            smtp.quit()
    finally:
        smtp.close()


def _connected(server: MailServer, hello: str) -> smtplib.SMTP:
    try:
        if server.tls:
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(server.host, server.port, hello, timeout=STEP_SECONDS, context=context)
        return smtplib.SMTP(server.host, server.port, hello, STEP_SECONDS)
    except (smtplib.SMTPException, OSError) as error:
        raise MailError(_said(error), away=True) from error


def _enter(smtp: smtplib.SMTP, server: MailServer) -> None:
    """What goes wrong before the first message says nothing about the message."""
    try:
        if server.starttls:
            smtp.starttls(context=ssl.create_default_context())
        if server.user:
            smtp.login(server.user, server.password)
        smtp.ehlo_or_helo_if_needed()
    except (smtplib.SMTPException, OSError) as error:
        raise MailError(_said(error), away=True) from error


def _transfer(smtp: smtplib.SMTP, message: EmailMessage, sender: str, recipient: str) -> None:
    try:
        smtp.send_message(message, from_addr=sender, to_addrs=[recipient])
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        raise MailError(_answer(code, said), permanent=code >= 500) from error
    except smtplib.SMTPResponseException as error:
        raise MailError(_answer(error.smtp_code, error.smtp_error), permanent=error.smtp_code >= 500) from error
    except smtplib.SMTPNotSupportedError as error:
        raise MailError(_said(error), permanent=True) from error
    except (smtplib.SMTPException, OSError) as error:
        raise MailError(_said(error)) from error


def _answer(code: int, said: bytes | str) -> str:
    return f"{code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _answer(error.smtp_code, error.smtp_error)
    return f"{type(error).__name__}: {error}"


def _shut(smtp: smtplib.SMTP) -> None:
    with suppress(OSError, AttributeError):
        smtp.sock.shutdown(SHUT_RDWR)  # type: ignore[union-attr]
