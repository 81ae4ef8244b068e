"""What a social clip can be: its format, its options, and which part of the picture it shows. Nothing is opened here."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from testimonials.errors import Invalid


@dataclass(frozen=True)
class Rectangle:
    """A part of a picture in pixels, from its upper left corner."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height


@dataclass(frozen=True)
class Format:
    """A shape that networks take. The margins are the shares of each side on which no word of ours may stand."""

    width: int
    height: int
    side_margin: float
    top_margin: float
    bottom_margin: float

    @property
    def safe(self) -> Rectangle:
        """The part of the frame that is neither cut off nor covered by a network's buttons."""
        x, y = round(self.width * self.side_margin), round(self.height * self.top_margin)
        bottom = round(self.height * (1 - self.bottom_margin))
        return Rectangle(x, y, self.width - 2 * x, bottom - y)


FORMATS: dict[str, Format] = {
    # Reels, TikTok and Shorts: the caption and account cover the lowest fifth, a column of buttons the right 12 %.
    # Both sides keep the same margin, so that centered words stay in the middle of the picture.
    "9x16": Format(1080, 1920, side_margin=0.14, top_margin=0.14, bottom_margin=0.22),
    "1x1": Format(1080, 1080, side_margin=0.10, top_margin=0.08, bottom_margin=0.08),
    "16x9": Format(1920, 1080, side_margin=0.10, top_margin=0.08, bottom_margin=0.08),
}


@dataclass(frozen=True)
class SocialClip:
    """What the business chose. The focus is the point that must stay in the picture, from 0 (left, top) to 1.

    Without a choice it is where a face mostly is: in the middle, somewhat above half.
    """

    format: str = "9x16"
    captions: bool = True
    intro: bool = False
    outro: bool = False
    focus_x: float = 0.5
    focus_y: float = 0.4

    @property
    def shape(self) -> Format:
        return FORMATS[self.format]


def parse(raw: dict[str, Any]) -> SocialClip:
    """The options as JSON gives them; what is left out keeps its default.

    Raises Invalid `bad_social`, with a sentence under the name of every field that is wrong.
    """
    defaults = SocialClip()
    wrong = {name: [sentence] for name, sentence in _complaints(raw, defaults).items()}
    if wrong:
        raise Invalid("These options of a social clip are not known or not possible.", code="bad_social", fields=wrong)
    return SocialClip(
        format=raw.get("format", defaults.format),
        captions=raw.get("captions", defaults.captions),
        intro=raw.get("intro", defaults.intro),
        outro=raw.get("outro", defaults.outro),
        focus_x=float(raw.get("focus_x", defaults.focus_x)),
        focus_y=float(raw.get("focus_y", defaults.focus_y)),
    )


def _complaints(raw: dict[str, Any], defaults: SocialClip) -> dict[str, str]:
    found = {}
    for name, value in raw.items():
        if name not in defaults.__dataclass_fields__:
            found[str(name)] = "There is no such option."
        elif name == "format":
            if not isinstance(value, str) or value not in FORMATS:
                found[name] = f"Formats are {', '.join(FORMATS)}."
        elif name.startswith("focus_"):
            if not _is_share(value):
                found[name] = "A number from 0 to 1."
        elif not isinstance(value, bool):
            found[name] = "True or false."
    return found


def _is_share(value: object) -> bool:
    """Whether it is a number from 0 to 1. JSON has no NaN, but Python reads one."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and 0 <= value <= 1


def fits_on_background(width: int, height: int, shape: Format) -> bool:
    """Whether the whole picture is shown on a blurred copy of itself, instead of cropped.

    Only an upright picture in a lying frame: a crop would keep less than a third of it and cut through the face. In the
    other direction a crop loses just as much, but what it loses is the room beside the face.
    """
    return width < height and shape.width > shape.height


def crop(width: int, height: int, shape: Format, focus: tuple[float, float]) -> Rectangle:
    """The largest part of a picture of `width` x `height` in the format's proportions, as near to the focus as it goes.

    All four numbers are even (yuv420p keeps color for every second pixel) and the part lies inside the picture.
    """
    if width * shape.height > height * shape.width:
        kept_width, kept_height = _even(height * shape.width / shape.height), _even(height)
    else:
        kept_width, kept_height = _even(width), _even(width * shape.height / shape.width)
    x = _place(focus[0], width, kept_width)
    y = _place(focus[1], height, kept_height)
    return Rectangle(x, y, kept_width, kept_height)


def fit(width: int, height: int, shape: Format) -> Rectangle:
    """Where in the frame the whole picture goes, as large as it can be. All four numbers are even."""
    scale = min(shape.width / width, shape.height / height)
    shown_width = min(_even(width * scale), shape.width)
    shown_height = min(_even(height * scale), shape.height)
    x = _place(0.5, shape.width, shown_width)
    y = _place(0.5, shape.height, shown_height)
    return Rectangle(x, y, shown_width, shown_height)


def _place(focus: float, whole: int, part: int) -> int:
    """Where a part begins so that the focus is in its middle, or as near to it as the whole allows."""
    begin = min(max(focus * whole - part / 2, 0), whole - part)
    return int(begin) // 2 * 2


def _even(length: float) -> int:
    return max(2, int(length + 1e-6) // 2 * 2)
