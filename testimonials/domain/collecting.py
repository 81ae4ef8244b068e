"""What a testimonial can be made of, and the ways in which customers can give one."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What the customer gave. Only videos and sound have something to play."""

    VIDEO = "video"
    AUDIO = "audio"
    PHOTO = "photo"
    TEXT = "text"


WAYS = ("record", "upload", "audio", "photo", "text")
"""Record a video, send a file, say it without a camera, a photo with words, words alone."""

MAX_SEGMENTS = 20
MAX_QUESTIONS = 10
MIN_TEXT = 10
"""Characters that words alone must have: fewer say nothing to whoever reads them."""


def kind_of(way: str) -> Kind:
    """What comes of a way."""
    return {"audio": Kind.AUDIO, "photo": Kind.PHOTO, "text": Kind.TEXT}.get(way, Kind.VIDEO)
