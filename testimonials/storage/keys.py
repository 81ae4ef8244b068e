"""Every key is built here, so that what belongs to one testimonial can be found and erased by its prefix."""

from __future__ import annotations

import secrets


def chunk_key(upload_id: str, offset_bytes: int) -> str:
    """One PATCH body. The random tail keeps two senders at the same offset from overwriting each other."""
    return f"uploads/{upload_id}/{offset_bytes}-{secrets.token_hex(4)}"


def upload_prefix(upload_id: str) -> str:
    return f"uploads/{upload_id}/"


def asset_prefix(testimonial_id: str) -> str:
    return f"testimonials/{testimonial_id}/"


def asset_key(testimonial_id: str, file: str) -> str:
    return asset_prefix(testimonial_id) + file


def asset_file(label: str, suffix: str) -> str:
    """A public file name that no earlier attempt has used: `720-9f2c….mp4`."""
    return f"{label}-{secrets.token_hex(8)}.{suffix}"
