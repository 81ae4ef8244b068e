"""Mail addresses, and the server that takes our mail: what the settings and the forms may hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parseaddr
from urllib.parse import parse_qs, unquote, urlsplit

MAX_ADDRESS = 254
_LOCAL = re.compile(r"[^\s\x00-\x1f\x7f\"(),:;<>@\[\\\].]+(?:\.[^\s\x00-\x1f\x7f\"(),:;<>@\[\\\].]+)*")
_DOMAIN = re.compile(
    r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*", re.I
)
_PORTS = {"smtp": 25, "smtps": 465}
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Mailbox:
    """Somebody's name (may be empty) and address."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed in. `tls` from the first byte, or `starttls` after the greeting; neither is plain text."""

    host: str
    port: int
    user: str
    password: str
    tls: bool
    starttls: bool


def deliverable(address: str) -> str | None:
    """The address as it goes into an envelope (the domain in ASCII), or None where it is none. Nothing is looked up."""
    local, _, domain = address.strip().rpartition("@")
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode()
        except UnicodeError:
            return None
    found = f"{local}@{domain}"
    fits = len(local.encode()) <= 64 and len(found) <= MAX_ADDRESS
    return found if fits and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain) else None


def same_address(one: str) -> str:
    """The form under which two spellings of an address count as one."""
    return one.strip().lower()


def parse_mailbox(text: str) -> Mailbox:
    """`Name <address>`, or the address alone. Raises ValueError for anything else."""
    name, address = parseaddr(text)
    found = deliverable(address)
    if found is None or any(character < " " for character in text):
        raise ValueError("expected `Name <address>`")
    return Mailbox(name, found)


def parse_server(url: str) -> MailServer:
    """`smtp://user:password@host:port?starttls=yes` or `smtps://…`; user and password may hold %-escapes.

    Raises ValueError where it is no such URL, and where a password would go over the network for all to read.
    """
    parts = urlsplit(url)
    options = parse_qs(parts.query, keep_blank_values=True)
    starttls = options.pop("starttls", ["no"])[-1]
    if parts.scheme not in _PORTS or not parts.hostname or options or parts.path.strip("/"):
        raise ValueError("expected smtp://user:password@host:port?starttls=yes or smtps://…")
    if starttls not in ("yes", "no"):
        raise ValueError("starttls is yes or no")
    server = MailServer(
        host=parts.hostname,
        port=parts.port or _PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=parts.scheme == "smtps",
        starttls=starttls == "yes",
    )
    if server.tls and server.starttls:
        raise ValueError("smtps:// is encrypted from the start, so leave starttls out")
    if server.password and not (server.tls or server.starttls) and server.host not in _LOOPBACK:
        raise ValueError("the password would go unencrypted; use smtps:// or starttls=yes")
    return server
