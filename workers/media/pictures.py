"""Stills of a clip: which frames are worth showing, the sizes pages ask for, and the card that social networks show.

The frames come out of a decoder that was fed a stranger's file, so they are opened as JPEG and as nothing else.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps

from testimonials.domain.color import brand_pair
from testimonials.errors import MediaError
from workers.media.card import draw_card, words_of
from workers.media.faces import Face, largest_face, open_eyes

DARK, BRIGHT = 28, 232  # mean luma of 255; outside of this a frame is a fade or a covered lens
WIDTHS = (320, 640, 1280)
CARD_BYTES = 300_000  # what WhatsApp still shows as a large picture
MOST_SUGGESTIONS = 6
_MOST_SIDE = 4096
_LOOK, _FACE_LOOK = 640, 320  # longer sides in pixels: blur is judged in the first, faces are looked for in the second
_ALIKE = 4.0  # mean difference of two 32 x 32 looks, of 255; measured: 1 to 4 within one pose, 5 and more between two
# WebP's method 4 makes files 6 % smaller than 2, for twice the time. AVIF at its fastest would be 5 to 25 % smaller than
# WebP at the same PSNR, but cost 0.05 s more for a lying 720p poster and 0.1 s for an upright one: a fifth of all this.
_KINDS: dict[str, dict[str, int | bool]] = {
    "JPEG": {"quality": 82, "progressive": True, "optimize": True},
    "WEBP": {"quality": 78, "method": 2},
}
_QUALITIES = (86, 80, 72, 62, 50, 38, 26, 14)


@dataclass(frozen=True)
class Candidate:
    """A frame and what was seen in it. `score` compares frames of one clip only; below 0 it is a fade.

    `brightness` is mean luma (0..255), `sharpness` the variance of the Laplacian at 640 pixels, `look` 32 x 32 gray bytes.
    """

    path: Path
    score: float
    brightness: float
    sharpness: float
    face: Face | None
    look: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Picture:
    """A file that was written; width and height in pixels."""

    path: Path
    width: int
    height: int
    content_type: str


def rank(candidates: list[Path]) -> list[Candidate]:
    """The frames (JPEG, of one clip), best first; ties go to the earlier one. About 25 ms of CPU a frame.

    A face that looks at us comes before sharpness, and one whose eyes were found before one without. That is a wink in
    favor of open eyes, no more: whoever blinks or not is for people to choose. Raises MediaError("corrupt") if there is
    no frame, or one that cannot be read.
    """
    if not candidates:
        raise MediaError("corrupt", "no frame could be decoded for the poster")
    seen = [_look_at(path) for path in candidates]
    sharpest = max(each.sharpness for each in seen) or 1.0
    scored = [replace(each, score=each.score + (each.sharpness / sharpest) ** 0.5) for each in seen]
    return sorted(scored, key=lambda each: each.score, reverse=True)


def suggest(ranked: list[Candidate]) -> list[Candidate]:
    """Up to six of the ranked frames that differ from each other, best first. Fades only where there is nothing else."""
    chosen: list[Candidate] = []
    for each in [each for each in ranked if each.score >= 0] or ranked[:1]:
        if len(chosen) < MOST_SUGGESTIONS and all(_difference(each, other) > _ALIKE for other in chosen):
            chosen.append(each)
    return chosen


def _look_at(path: Path) -> Candidate:
    """Everything but the comparison with the sharpest of its clip."""
    with _opened(path, gray_side=_LOOK) as picture:
        gray = np.asarray(picture)
        small = np.asarray(
            picture.resize(_within(picture.size, _FACE_LOOK), Image.Resampling.BILINEAR, reducing_gap=1.0)
        )
        look = picture.resize((32, 32), Image.Resampling.BOX).tobytes()
    brightness, deviation = float(gray.mean()), float(gray.std())
    score = min(1.0, deviation / 60) / 2 - (0 if DARK < brightness < BRIGHT else 10)
    face = largest_face(small)
    if face:
        score += 1.6 + 0.4 * min(2, open_eyes(gray, face))  # 1.5 is what all the rest can reach
    return Candidate(path, score, brightness, float(cv2.Laplacian(gray, cv2.CV_32F).var()), face, look)


def _difference(one: Candidate, other: Candidate) -> float:
    looks = [np.frombuffer(each.look, np.uint8).astype(np.int16) for each in (one, other)]
    gap = looks[0] - looks[1]
    return float(np.abs(gap - gap.mean()).mean())  # less its mean: a camera that sets its exposure is no other picture


def write_sizes(source: Path, folder: Path, *, stem: str) -> list[Picture]:
    """`stem`-WIDTH as .jpg and .webp, for 320, 640 and 1280 pixels. About 0.1 s of CPU for 720p.

    Never enlarged: a smaller source ends with its own width. Nothing but the picture is written: no EXIF, comment or
    profile. Raises MediaError("corrupt") if `source` is no JPEG that can be read.
    """
    with _opened(source) as picture:
        own = min(picture.width, WIDTHS[-1])
        made: list[Picture] = []
        for width in sorted({width for width in WIDTHS if width < own} | {own}):
            height = max(1, round(picture.height * width / picture.width))
            scaled = picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)
            made += _write(scaled, folder / f"{stem}-{width}")
    return made


def _write(picture: Image.Image, base: Path) -> Iterator[Picture]:
    for kind, options in _KINDS.items():
        path = base.with_name(f"{base.name}.{'jpg' if kind == 'JPEG' else kind.lower()}")
        picture.save(path, kind, **options)
        yield Picture(path, *picture.size, f"image/{kind.lower()}")


@contextmanager
def _opened(path: Path, *, gray_side: int = 0) -> Iterator[Image.Image]:
    """The upright picture in RGB, or in gray with about `gray_side` pixels on its longer side, which decodes faster."""
    try:
        with Image.open(path, formats=["JPEG"]) as picture:
            if max(picture.size) > _MOST_SIDE:
                raise MediaError("corrupt", "a frame is larger than any that we make")
            if gray_side:
                picture.draft("L", _within(picture.size, gray_side))
                gray = picture.convert("L")
                yield gray.resize(_within(gray.size, gray_side), Image.Resampling.BILINEAR, reducing_gap=1.0)
            else:
                upright = ImageOps.exif_transpose(picture).convert("RGB")
                upright.info.clear()  # Pillow would write the comment and the profile that it finds here into every copy
                yield upright
    except (OSError, SyntaxError) as cause:
        raise MediaError("corrupt", "a frame could not be read") from cause


def _within(size: tuple[int, int], side: int) -> tuple[int, int]:
    scale = min(1.0, side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def share_image(
    poster: Path,
    target: Path,
    *,
    name: str,
    detail: str,
    brand: str,
    brand_color: str,
    rating: int | None,
    language: str = "",
    plays: bool = True,
) -> Path:
    """Draw the card that networks show for a link: 1200 x 630 JPEG of less than 300 kB. About 0.07 s of CPU.

    A landscape poster fills it, with the words on a scrim; a square or upright one is shown whole, beside the words, on
    the brand's color. `rating` is 1 to 5 stars or None; `language` (a tag) chooses the face for ideographs. Texts may be
    anything: what no font has is left out, what is too long ends in an ellipsis. A name that runs from right to left
    mirrors the card. Only what `plays` gets a play mark. Raises ValueError for a `brand_color` that is none,
    MediaError("corrupt") for an unreadable poster.
    """
    words = words_of(name, detail, brand, rating, language)
    with _opened(poster) as picture:
        gray = picture.convert("L").resize(
            _within(picture.size, _FACE_LOOK), Image.Resampling.BILINEAR, reducing_gap=1.0
        )
        face = largest_face(np.asarray(gray))
        card = draw_card(picture, face, words, brand_pair(brand_color), plays=plays)
    return write_card(card, target)


def write_card(card: Image.Image, target: Path) -> Path:
    """A drawn card as a JPEG of less than 300 kB."""
    target.write_bytes(_small_jpeg(card))
    return target


def _small_jpeg(card: Image.Image) -> bytes:
    for quality in _QUALITIES:
        file = io.BytesIO()
        card.save(file, "JPEG", quality=quality, progressive=True, optimize=True)
        if file.tell() < CARD_BYTES:
            break
    return file.getvalue()
