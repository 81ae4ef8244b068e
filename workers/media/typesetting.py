"""Text and color for pictures that we draw: a font for every script, lines that fit, and ink that can be read.

Names come from customers, in any language. They are drawn with Debian's Noto fonts (fonts-noto-core, fonts-noto-cjk);
where those are missing, with the one that Pillow ships, which is Latin only. Shaping (Arabic, Devanagari) and
right-to-left order need Pillow's raqm, which looks for the system's FriBiDi; without it letters are drawn as they come.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import cast

from PIL import ImageDraw, ImageFont

from testimonials.domain.color import Rgb

Font = ImageFont.FreeTypeFont

FONTS = Path("/usr/share/fonts")
_MOST_CHARACTERS = 300  # nothing longer fits into a picture, and every character costs
_MOST_MARKS = 3  # on one letter: what pointed Hebrew needs, and too few to paint over a picture
_JOINERS = "\u200c\u200d"
_ELLIPSIS = "…"
# Scripts of the CJK family, by the first word of a character's Unicode name. All others are found by that word itself.
_CJK = {
    "CJK",
    "HIRAGANA",
    "KATAKANA",
    "KATAKANA-HIRAGANA",
    "HANGUL",
    "BOPOMOFO",
    "FULLWIDTH",
    "HALFWIDTH",
    "IDEOGRAPHIC",
}
# The faces inside NotoSansCJK-*.ttc, in its own order: one ideograph is written differently from country to country.
_FACES = {"ja": 0, "ko": 1, "zh": 2, "zh-tw": 3, "zh-hant": 3, "zh-hk": 4}


def language_of(*texts: str) -> str:
    """Which face ideographs take, as far as the letters tell: kana and Hangul do, ideographs alone count as Chinese."""
    scripts = {_script(character) for text in texts for character in text[:_MOST_CHARACTERS]}
    if scripts & {"HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"}:
        return "ja"
    if "HANGUL" in scripts:
        return "ko"
    return "zh-tw" if "BOPOMOFO" in scripts else "zh"


def is_rtl(text: str) -> bool:
    """Whether the first letter with a direction runs from right to left."""
    directions = (unicodedata.bidirectional(character) for character in text)
    return next((each != "L" for each in directions if each in {"L", "R", "AL"}), False)


def legible(text: str) -> str:
    """One line of what some font here can draw: no control or format characters (a right-to-left override among them),
    no emoji, nothing unassigned, no towers of marks. At most 300 characters; may be empty."""
    kept: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", " ".join(text[: 2 * _MOST_CHARACTERS].split())):
        marks = marks + 1 if _is_mark(character) else 0
        if _fits(character, kept[-1] if kept else " ", marks):
            kept.append(character)
    return " ".join("".join(kept[:_MOST_CHARACTERS]).strip(_JOINERS).split())


def _fits(character: str, before: str, marks: int) -> bool:
    """Whether a character can follow what was kept so far; `marks` counts those on the same letter."""
    if marks:
        is_selector = 0xFE00 <= ord(character) <= 0xFE0F
        return before != " " and marks <= _MOST_MARKS and not is_selector
    if character in _JOINERS:
        return before.isalpha() or _is_mark(before)
    return character == " " or _font_name(character, bold=False, language="") is not None


@dataclass(frozen=True)
class Line:
    """A line of text in one size: runs of one font each, in reading order. `width` and `size` are pixels."""

    text: str
    size: int
    rtl: bool
    runs: tuple[tuple[str, Font], ...]

    @property
    def width(self) -> float:
        return sum(_advance(text, font, self.rtl) for text, font in self.runs)

    def draw(self, draw: ImageDraw.ImageDraw, left: float, baseline: float, ink: Rgb) -> None:
        """Put the line on a picture, its left end at `left`, standing on `baseline`."""
        for text, font in reversed(self.runs) if self.rtl else self.runs:
            draw.text((left, baseline), text, fill=ink, font=font, anchor="ls", direction=_direction(font, self.rtl))
            left += _advance(text, font, self.rtl)


@dataclass(frozen=True)
class Style:
    """How text is set. `sizes` are pixels of the em, largest first; the first in which the text fits is taken.

    `language` (a tag such as "ja" or "zh-TW") chooses the face for ideographs.
    """

    sizes: tuple[int, ...]
    bold: bool = False
    language: str = ""

    def line(self, text: str, size: int, *, rtl: bool) -> Line:
        """A line as it is, however wide. `text` has been made legible."""
        found = tuple((run, _font(name, index, size, self.bold)) for run, (name, index) in _runs(text, self))
        return Line(text, size, rtl, found)


def wrapped(text: str, style: Style, width: float, *, lines: int = 1) -> list[Line]:
    """The text in at most `lines` lines, none wider than `width` pixels. No line at all if nothing is legible.

    Where even the smallest size is too large, the last line ends in an ellipsis, at the last letter that leaves room.
    """
    clean = legible(text)
    set_as = Style(style.sizes, style.bold, style.language or language_of(clean))
    for size in style.sizes:
        broken = _broken(clean, size, width, set_as)
        if len(broken) <= lines and all(each.width <= width for each in broken):
            return broken
    head = _broken(clean, style.sizes[-1], width, set_as)[: lines - 1]
    while head and head[-1].width > width:
        head.pop()
    return [*head, _shortened(clean[sum(len(each.text) + 1 for each in head) :], width, set_as, rtl=is_rtl(clean))]


def _broken(text: str, size: int, width: float, style: Style) -> list[Line]:
    lines: list[Line] = []
    rtl = is_rtl(text)
    for word in text.split():
        longer = style.line(f"{lines[-1].text} {word}" if lines else word, size, rtl=rtl)
        if lines and longer.width <= width:
            lines[-1] = longer
        else:
            lines.append(style.line(word, size, rtl=rtl))
    return lines


def _shortened(text: str, width: float, style: Style, *, rtl: bool) -> Line:
    size = style.sizes[-1]
    short, long = 0, len(text)
    while short < long:
        middle = (short + long + 1) // 2
        if style.line(text[:middle] + _ELLIPSIS, size, rtl=rtl).width <= width:
            short = middle
        else:
            long = middle - 1
    while 0 < short < len(text) and (_is_mark(text[short]) or text[short - 1] in _JOINERS):
        short -= 1  # never between a letter and its marks
    return style.line(text[:short].rstrip(" ,.;:-") + _ELLIPSIS, size, rtl=rtl)


def _runs(text: str, style: Style) -> Iterator[tuple[str, tuple[str, int]]]:
    """The text in pieces of one font each. What belongs to no script stays with its neighbor if that font has it."""
    run = ""
    own: tuple[str, int] | None = None
    for character in text:
        stays = own is not None and _stays(character, own, style.bold)
        name = own if stays else _font_name(character, bold=style.bold, language=style.language) or own
        if own and name != own:
            yield run, own
            run = ""
        run, own = run + character, name
    if own:
        yield run, own


def _stays(character: str, own: tuple[str, int], bold: bool) -> bool:
    if character == " " or character in _JOINERS or _is_mark(character):
        return True
    return not character.isalpha() and _has(*own, bold, character)


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


def _script(character: str) -> str:
    return unicodedata.name(character, "").partition(" ")[0]


@lru_cache(4096)
def _font_name(character: str, *, bold: bool, language: str) -> tuple[str, int] | None:
    """The font (family and face) that draws a character, or None if there is none here."""
    if unicodedata.category(character)[0] in "CZ" and character != " ":
        return None
    tag = language.lower().replace("_", "-")
    face = _FACES.get(tag, _FACES.get(tag[:2], _FACES["zh"]))
    script = _script(character)
    own = ("NotoSansCJK", face) if script in _CJK else (f"NotoSans{script.title()}", 0)
    return next((each for each in (own, ("NotoSans", 0), ("NotoSansCJK", face)) if _has(*each, bold, character)), None)


@lru_cache(4096)
def _has(name: str, index: int, bold: bool, character: str) -> bool:
    """Whether a font draws a character as itself, and not as the box that stands for a missing one."""
    if name != "NotoSans" and _file(name, bold) is None:
        return False
    font = _font(name, index, 24, bold, plain=True)
    return bytes(font.getmask(character)) != bytes(font.getmask("\uffff"))


@lru_cache(256)
def _font(name: str, index: int, size: int, bold: bool, *, plain: bool = False) -> Font:
    path = _file(name, bold)
    if path is None:
        return cast("Font", ImageFont.load_default(size))  # with a size it is always a FreeType font
    layout = ImageFont.Layout.BASIC if plain else None
    return ImageFont.truetype(path, size, index=index, layout_engine=layout)


def _file(name: str, bold: bool) -> Path | None:
    found = _installed()
    return found.get(f"{name}-{'Bold' if bold else 'Regular'}") or found.get(f"{name}-Regular")


@lru_cache(1)
def _installed() -> dict[str, Path]:
    return {path.stem: path for path in sorted(FONTS.rglob("NotoSans*")) if path.suffix in {".ttf", ".ttc", ".otf"}}


def _direction(font: Font, rtl: bool) -> str | None:
    """Pillow raises when a font that is laid out without raqm is told a direction; the one it ships is such a font."""
    if font.layout_engine != ImageFont.Layout.RAQM:
        return None
    return "rtl" if rtl else "ltr"


def _advance(text: str, font: Font, rtl: bool) -> float:
    return font.getlength(text, direction=_direction(font, rtl))
