"""Colors that can be read: the rules of tokens.css in numbers, for pictures and for mail, where no browser computes them."""

from __future__ import annotations

import math
import re

Rgb = tuple[int, int, int]

LIGHT_INK: Rgb = (253, 252, 249)
DARK_INK: Rgb = (23, 19, 15)
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_INK_BY_DAY, _INK_BY_NIGHT = 0.49, 0.74


def contrast(one: Rgb, other: Rgb) -> float:
    """The contrast of two sRGB colors as WCAG 2 defines it: 1 (none) to 21 (black on white). Text needs 4.5."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def brand_pair(color: str) -> tuple[Rgb, Rgb]:
    """(ground, ink) of a brand color such as "#1f6b52", with a contrast of at least 4.5 whatever the color is.

    The rule of tokens.css: bright colors (OKLab lightness above .66) keep their place and take dark ink; all others are
    held at a lightness of .53 and take light ink. Raises ValueError if `color` is none.
    """
    own = _parsed(color)
    if _lightness(own) > 0.66:
        return own, DARK_INK
    return _dimmed(own, 0.53), LIGHT_INK


def brand_inks(color: str) -> tuple[Rgb, Rgb]:
    """The brand as the color of words: on white, and on the dark surface of night mode. Raises ValueError as above."""
    own = _parsed(color)
    night = own
    for share in range(1, 21):
        if _lightness(night) >= _INK_BY_NIGHT:
            break
        night = _toward_white(own, share / 20)
    return _dimmed(own, _INK_BY_DAY), night


def hex_color(color: Rgb) -> str:
    """(31, 107, 82) → `#1f6b52`."""
    return "#" + "".join(f"{channel:02x}" for channel in color)


def _parsed(color: str) -> Rgb:
    if not _HEX.fullmatch(color):
        raise ValueError(f"{color!r} is no color")
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _dimmed(own: Rgb, most: float) -> Rgb:
    """OKLab is a cube root of light: dimming all three channels alike keeps the hue and cannot leave the gamut."""
    part = min(1.0, (most / max(_lightness(own), 0.01)) ** 3)
    red, green, blue = (_encoded(_linear(channel) * part) for channel in own)
    return red, green, blue


def _toward_white(own: Rgb, share: float) -> Rgb:
    red, green, blue = (round(channel + (255 - channel) * share) for channel in own)
    return red, green, blue


def _luminance(color: Rgb) -> float:
    red, green, blue = (_linear(channel) for channel in color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _lightness(color: Rgb) -> float:
    """OKLab's L (the matrices are Björn Ottosson's)."""
    red, green, blue = (_linear(channel) for channel in color)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return 0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short


def _linear(channel: int) -> float:
    part = channel / 255
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _encoded(light: float) -> int:
    return round(255 * (light * 12.92 if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055))
