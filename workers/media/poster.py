"""Choosing the still that stands for a clip: bright enough, not washed out, and the sharpest of those."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageFilter, ImageStat

from testimonials.errors import MediaError

DARK, BRIGHT = 28, 232  # mean luma of 255; outside of this a frame is a fade or a covered lens
_LOOK = (320, 320)
FRAME = 2


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
    edges = gray.filter(ImageFilter.FIND_EDGES)
    if min(gray.size) > 2 * FRAME:  # the filter takes the rim of the picture for an edge
        edges = edges.crop((FRAME, FRAME, gray.width - FRAME, gray.height - FRAME))
    return DARK < mean < BRIGHT, ImageStat.Stat(edges).var[0]
