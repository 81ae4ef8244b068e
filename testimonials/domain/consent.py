"""What a customer can agree to, and the fingerprint of the words they agreed to."""

from __future__ import annotations

import hashlib

SCOPES = ("website", "social", "advertising", "editing")
"""Places where it may be shown, and whether it may be cut: shortened and put together with others, never reworded."""

BUILT_IN = 0
"""The version of the text that comes with this program; a campaign's own texts count from 1."""


def text_hash(text: str) -> str:
    """SHA-256 of the exact words shown, in hex, so that the record can prove what was agreed to."""
    return hashlib.sha256(text.encode()).hexdigest()


def known_scopes(given: list[str]) -> list[str]:
    """The scopes we know, each once, in our order. Unknown words grant nothing."""
    return [scope for scope in SCOPES if scope in given]
