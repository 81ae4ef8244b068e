"""Every key is built here, so that what belongs to one testimonial can be found and erased by its prefix."""

from __future__ import annotations

import secrets
import time


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


def feed_prefix(widget_token: str) -> str:
    return f"feeds/{widget_token}/"


def feed_key(widget_token: str, file: str) -> str:
    return feed_prefix(widget_token) + file


def logo_prefix() -> str:
    return "campaigns/"


def logo_key(campaign_id: str) -> str:
    """A key that no earlier logo has used. It tells when it was made: nobody is still about to name an old one."""
    return f"{logo_prefix()}{campaign_id}/logo-{int(time.time())}-{secrets.token_hex(8)}.png"


def logo_made_at(key: str) -> float:
    """Unix seconds of a logo's key; now where it is no such key."""
    made = key.rpartition("/")[2].split("-")
    return float(made[1]) if len(made) == 3 and made[1].isdecimal() else time.time()
