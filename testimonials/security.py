"""Hashes of tokens, signatures of media links, salted hashes of addresses. All keys derive from the one secret."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import time

SIGNED_LINK_SECONDS = 3600


def token_hash(token: str) -> str:
    """How bearer tokens, sign-in cookies and links are kept. They hold 192 random bits, so a fast hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def derived_key(secret: str, purpose: str) -> bytes:
    """A key of its own for each purpose, so that one signature can never pass for another."""
    return hmac.digest(secret.encode(), purpose.encode(), "sha256")


def address_hash(secret: str, address: str) -> str:
    """Proof of where a consent came from, without keeping the address."""
    return hmac.new(derived_key(secret, "address"), address.encode(), "sha256").hexdigest()


def public_handle(secret: str, kind: str, row_id: str) -> str:
    """The name outside (128 bits in hex) of a row that has no token of its own. Nothing leads back to the id."""
    return hmac.new(derived_key(secret, "handle"), f"{kind}:{row_id}".encode(), "sha256").hexdigest()[:32]


def signed_query(secret: str, path: str, *, lasts: int = SIGNED_LINK_SECONDS, now: float | None = None) -> str:
    """`expires=…&signature=…` for a path that only some may see, for `lasts` seconds."""
    # Rounded up to the next quarter of the span, so that a page rendered twice gives a player the same address.
    step = max(lasts // 4, 1)
    expires = (int(now if now is not None else time.time()) // step + 1) * step + lasts
    return f"expires={expires}&signature={_signature(secret, path, expires)}"


def signature_holds(secret: str, path: str, expires: str, signature: str) -> bool:
    """Whether the signature fits the path and has not expired."""
    if not (expires.isascii() and expires.isdigit() and len(expires) < 13) or int(expires) < time.time():
        return False
    return hmac.compare_digest(_signature(secret, path, int(expires)).encode(), signature.encode())


def network_of(address: str) -> str:
    """What counts as one client: an IPv4 address, or the /64 that an IPv6 household has."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return address if parsed.version == 4 else str(ipaddress.ip_network(f"{address}/64", strict=False))


def coarse_network(address: str) -> str:
    """Where a browser is, roughly, for its owner to recognize: 192.0.2.x, or the /48 of an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if parsed.version == 4:
        return f"{address.rpartition('.')[0]}.x"
    return str(ipaddress.ip_network(f"{address}/48", strict=False))


def _signature(secret: str, path: str, expires: int) -> str:
    return hmac.new(derived_key(secret, "media"), f"{path}:{expires}".encode(), "sha256").hexdigest()[:43]
