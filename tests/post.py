"""A post office on this machine: a real SMTP server that keeps what it is given, and ones that misbehave."""

from __future__ import annotations

import email
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from typing import Any, cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from sqlalchemy import update

from testimonials.models import Invitation
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.services import announcements, invitation_mails, outbox, waiting_mails
from testimonials.settings import Settings
from tests.servers.ports import free_ports


@dataclass
class PostOffice:
    """What arrived, in order. `refuse_recipient` and `refuse_message` are answers such as `550 nobody here`."""

    port: int
    refuse_recipient: str = ""
    refuse_message: str = ""
    pause_seconds: float = 0
    raw: list[bytes] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def mails(self) -> list[EmailMessage]:
        return [cast(EmailMessage, email.message_from_bytes(body, policy=policy.default)) for body in self.raw]

    async def handle_RCPT(  # noqa: N802 - the names of these hooks are aiosmtpd's
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.refuse_recipient:
            return self.refuse_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.refuse_message:
            return self.refuse_message
        time.sleep(self.pause_seconds)
        self.raw.append(cast(bytes, envelope.content))
        self.envelopes.append((envelope.mail_from or "", list(envelope.rcpt_tos)))
        return "250 OK"

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: LoginPassword
    ) -> AuthResult:
        self.logins.append((given.login, given.password))
        return AuthResult(success=given.password == b"open sesame", handled=False)


class _Encrypted(Controller):
    """TLS from the first byte. The usual look whether it is up would have to trust its certificate."""

    def _trigger_server(self) -> None:
        socket.create_connection((self.hostname, self.port)).close()


@contextmanager
def post_office(*, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None) -> Iterator[PostOffice]:
    office = PostOffice(free_ports())
    login: dict[str, Any] = {"authenticator": office.authenticate, "auth_require_tls": False}
    kind = _Encrypted if tls else Controller
    controller = kind(office, hostname="127.0.0.1", port=office.port, ssl_context=tls, tls_context=starttls, **login)
    controller.start()
    try:
        yield office
    finally:
        controller.stop()


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office() as found:
        yield found


def sending(settings: Settings, office: PostOffice) -> Settings:
    """The same house, which sends its mail there."""
    return replace(settings, smtp_url=office.url, mail_from="reviews@copper.example")


@contextmanager
def rude_server(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that does `talk` with whoever connects. Gives its URL."""
    listener = socket.create_server(("127.0.0.1", free_ports()))
    open_now: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            open_now.append(connection)
            threading.Thread(target=_talked, args=(talk, connection), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"smtp://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for connection in open_now:
            connection.close()


def _talked(talk: Callable[[socket.socket], None], connection: socket.socket) -> None:
    with suppress(OSError, ValueError):  # closed under its hands
        talk(connection)


def says_nothing(connection: socket.socket) -> None:
    """Accepts, and never greets."""
    connection.recv(1)


def dies_in_the_middle(connection: socket.socket) -> None:
    """Takes everything up to half of the message, and is gone."""
    with connection.makefile("rwb") as lines:
        _polite(lines)
        for _ in range(5):
            lines.readline()
    connection.shutdown(socket.SHUT_RDWR)
    connection.close()


def drips(connection: socket.socket) -> None:
    """Answers the message by one letter every tenth of a second, for ever."""
    with connection.makefile("rwb") as lines:
        _polite(lines)
        while lines.readline() != b".\r\n":
            pass
        for _ in range(600):
            connection.sendall(b"2")
            time.sleep(0.1)


def takes_it_and_hangs_up(connection: socket.socket) -> None:
    """Takes the message, and is gone before the goodbye."""
    with connection.makefile("rwb") as lines:
        _polite(lines)
        while lines.readline() != b".\r\n":
            pass
        lines.write(b"250 taken\r\n")
        lines.flush()
        lines.readline()
        lines.write(b"554 go away\r\n")
        lines.flush()


def _polite(lines: Any) -> None:
    """Everything before the message."""
    lines.write(b"220 hello\r\n")
    lines.flush()
    for command in iter(lines.readline, b""):
        word = command[:4].upper()
        lines.write(b"354 go on\r\n" if word == b"DATA" else b"250 fine\r\n")
        lines.flush()
        if word == b"DATA":
            return


def deliver(runtime: Runtime) -> None:
    """What a worker does every few seconds."""
    invitation_mails.write_due(runtime)
    announcements.write_due(runtime)
    waiting_mails.write_due(runtime)
    outbox.send_due(runtime)


def hurry(runtime: Runtime) -> None:
    """As if the days until the next reminder had passed."""
    with runtime.db.transaction() as transaction:
        due = update(Invitation).where(Invitation.next_mail_at.is_not(None))
        transaction.execute(due.values(next_mail_at=now() - timedelta(seconds=1)))


def body(mail: EmailMessage, kind: str = "plain") -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())
