"""What a customer can agree to, and the fingerprint of the words they agreed to."""

from __future__ import annotations

import hashlib

SCOPES: dict[str, str] = {
    "website": "On their website",
    "social": "On social networks",
}
SCOPE_NOTES: dict[str, str] = {
    "website": "With your name, next to their other reviews",
    "social": "Posts that link back to your video",
}
DEFAULT_TEXT = (
    "I agree that my video, my name and what I say may be shown where I have allowed it."
    " I can take this back at any time."
)


def text_hash(text: str) -> str:
    """SHA-256 of the exact words shown, in hex, so that the record can prove what was agreed to."""
    return hashlib.sha256(text.encode()).hexdigest()


def known_scopes(given: list[str]) -> list[str]:
    """The scopes we know, each once, in our order. Unknown words grant nothing."""
    return [scope for scope in SCOPES if scope in given]
