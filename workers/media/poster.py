"""Choosing the still that stands for a clip: bright enough, not washed out, and the sharpest of those."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageFilter, ImageStat

from testimonials.errors import MediaError

DARK, BRIGHT = 28, 232  # mean luma of 255; outside of this a frame is a fade or a covered lens
_LOOK = (320, 320)


def choose_poster(candidates: list[Path]) -> Path:
    """The best of the candidate frames. Ties go to the earlier one."""
    if not candidates:
        raise MediaError("corrupt", "no frame could be decoded for the poster")
    return max(candidates, key=_score)


def _score(path: Path) -> tuple[bool, float]:
    with Image.open(path) as picture:
        picture.thumbnail(_LOOK)
        gray = picture.convert("L")
    mean = ImageStat.Stat(gray).mean[0]
    edges = ImageStat.Stat(gray.filter(ImageFilter.FIND_EDGES).crop((2, 2, gray.width - 2, gray.height - 2)))
    return DARK < mean < BRIGHT, edges.var[0]
