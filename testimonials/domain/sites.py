"""Addresses that a business may set: where customers are led on to, and the sites that may show a page of ours in a frame."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

MOST_SITES = 20
SITE_CHARACTERS = 300
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"(?=.{{1,253}}$)(?:\*\.)?(?:{_LABEL}\.)+(?=[a-z0-9-]*[a-z]){_LABEL}")


def origin_of(text: str) -> str | None:
    """`https://host` or `https://host:port` of a page's address, None where it is no https:// page of a named host.

    Nothing but letters, digits, dots, hyphens and a colon comes out of it: it goes into a header.
    """
    address = text.strip()
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    plain = len(address) <= 2000 and address.isprintable() and not any(each in ' \\<>"`' for each in address)
    if not plain or parts.scheme != "https" or "@" in parts.netloc or not parts.hostname or port == 0:
        return None
    name = _in_ascii(parts.hostname.removesuffix("."))
    if name is None or not _NAME.fullmatch(name):
        return None
    return f"https://{name}" if port in (None, 443) else f"https://{name}:{port}"


def site(text: str) -> str | None:
    """The origin of a site as people write it: `example.com`, `*.example.com`, or the address of a page there."""
    written = text.strip()
    return origin_of(written if "://" in written else f"https://{written}")


def led_on_to(text: str) -> str:
    """The origin of a page without a wildcard, empty where there is none."""
    found = origin_of(text) if text else None
    return found if found and "*" not in found else ""


def host_of(origin: str) -> str:
    """What people call it."""
    return origin.removeprefix("https://")


def _in_ascii(name: str) -> str | None:
    if name.isascii():
        return name.lower()
    try:
        return name.encode("idna").decode().lower()
    except UnicodeError:
        return None
