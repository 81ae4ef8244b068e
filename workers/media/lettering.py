"""Words in a picture: which font has the letters, how wide they come out, where a line breaks. Nothing is drawn here.

libass could break lines by itself, but not between the characters of Chinese or Japanese, and it tells nobody how wide
the result is, which the boxes behind the words and the safe zones need.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from PIL import ImageFont

from testimonials.errors import ConfigurationError

# Where systems keep fonts. Those that do not exist are passed over.
FONT_ROOTS = tuple(
    Path(name) for name in ("/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", "/opt/homebrew/share/fonts")
)
LATIN = "Noto Sans"
# First and last character of what a family of Noto draws. What is not here is in Noto Sans, or fontconfig finds it.
_BLOCKS: tuple[tuple[int, int, str], ...] = (
    (0x0530, 0x058F, "Armenian"),
    (0x0590, 0x05FF, "Hebrew"),
    (0x0600, 0x06FF, "Arabic"),
    (0x0750, 0x077F, "Arabic"),
    (0x08A0, 0x08FF, "Arabic"),
    (0x0900, 0x097F, "Devanagari"),
    (0x0980, 0x09FF, "Bengali"),
    (0x0A00, 0x0A7F, "Gurmukhi"),
    (0x0A80, 0x0AFF, "Gujarati"),
    (0x0B80, 0x0BFF, "Tamil"),
    (0x0C00, 0x0C7F, "Telugu"),
    (0x0C80, 0x0CFF, "Kannada"),
    (0x0D00, 0x0D7F, "Malayalam"),
    (0x0D80, 0x0DFF, "Sinhala"),
    (0x0E00, 0x0E7F, "Thai"),
    (0x0E80, 0x0EFF, "Lao"),
    (0x1000, 0x109F, "Myanmar"),
    (0x10A0, 0x10FF, "Georgian"),
    (0x1100, 0x11FF, "CJK"),
    (0x1200, 0x139F, "Ethiopic"),
    (0x1780, 0x17FF, "Khmer"),
    (0x2190, 0x27BF, "CJK"),  # arrows, stars, hearts and ticks, which Noto Sans lacks
    (0x2E80, 0x9FFF, "CJK"),
    (0xAC00, 0xD7FF, "CJK"),
    (0xF900, 0xFAFF, "CJK"),
    (0xFB1D, 0xFB4F, "Hebrew"),
    (0xFB50, 0xFDFF, "Arabic"),
    (0xFE30, 0xFE4F, "CJK"),
    (0xFE70, 0xFEFE, "Arabic"),
    (0xFF00, 0xFFEF, "CJK"),
    (0x20000, 0x3FFFF, "CJK"),
)
_CJK_INDEX = {"JP": 0, "KR": 1, "SC": 2, "TC": 3, "HK": 4}  # the faces of one NotoSansCJK file, in its order
_SMALL_KANA = "ーぁぃぅぇぉっゃゅょァィゥェォッャュョ々"  # they lean on the character before and never begin a line
_JOINERS = "\u200c\u200d"
# libass draws outlines, never color pictures: emoji would come out as boxes, or in a second style beside the words.
_EMOJI = re.compile("[\U0001f000-\U0001faff\ufe00-\ufe0f\u20e3\U000e0000-\U000e01ef]")
# Latin accents one above the other until they cover the lines around them. What people write has two at the most.
_ACCENT = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]"
_TOWER = re.compile(f"({_ACCENT}{{2}}){_ACCENT}+")
_MEASURED_EM = 200
_LONGEST = 5000  # characters; more than anybody says in one caption


@dataclass(frozen=True)
class Run:
    """Neighboring characters that one font family draws."""

    text: str
    family: str


def clean(text: str) -> str:
    """What can be shown of a text, in one line: no emoji, no control or direction characters, single spaces.

    Joiners stay, because Persian and Hindi are written with them.
    """
    kept = _TOWER.sub(r"\1", _EMOJI.sub("", unicodedata.normalize("NFC", text[:_LONGEST])))
    shown = (
        " " if c.isspace() else c for c in kept if c.isspace() or c in _JOINERS or unicodedata.category(c)[0] != "C"
    )
    return " ".join("".join(shown).split()).strip(_JOINERS)


def is_rtl(text: str) -> bool:
    """Whether the text runs from right to left, by its first letter that has a direction."""
    kinds = (unicodedata.bidirectional(character) for character in text)
    return next((kind != "L" for kind in kinds if kind in ("L", "R", "AL")), False)


def runs(text: str, language: str) -> list[Run]:
    """The text cut where the font changes. `language` (BCP 47) decides how shared Chinese characters look."""
    found: list[Run] = []
    for character in text:
        family = _family(character, language, text, found[-1].family if found else "")
        if found and found[-1].family == family:
            found[-1] = Run(found[-1].text + character, family)
        else:
            found.append(Run(character, family))
    return found


def _family(character: str, language: str, text: str, before: str) -> str:
    if before and (character == " " or character in _JOINERS or unicodedata.category(character)[0] == "M"):
        return before
    code = ord(character)
    name = next((name for first, last, name in _BLOCKS if first <= code <= last), "")
    if name == "CJK":
        return f"Noto Sans CJK {_region(language, text)}"
    # The fonts of China, Japan and Korea bring digits and signs of their own, of the right width.
    if not name and before.startswith("Noto Sans CJK") and not character.isalpha():
        return before
    return f"Noto Sans {name}" if name else LATIN


@functools.lru_cache(maxsize=256)
def _region(language: str, text: str) -> str:
    tag = language.lower()
    if tag.startswith(("ja", "ko")):
        return "JP" if tag.startswith("ja") else "KR"
    if tag.startswith("zh"):
        return "HK" if "hk" in tag else "TC" if "tw" in tag or "hant" in tag else "SC"
    if any("\u3040" <= c <= "\u30ff" for c in text):
        return "JP"
    return "KR" if any("\uac00" <= c <= "\ud7ff" or "\u1100" <= c <= "\u11ff" for c in text) else "SC"


@functools.cache
def _face(family: str, bold: bool) -> ImageFont.FreeTypeFont:
    """The font's file, for measuring. Raises ConfigurationError where it is missing: boxes instead of letters help nobody."""
    weight = "Bold" if bold else "Regular"
    cjk = family.startswith("Noto Sans CJK")
    stem = "NotoSansCJK" if cjk else family.replace(" ", "")
    for root in FONT_ROOTS:
        for path in sorted(root.rglob(f"{stem}-{weight}.*")):
            if path.suffix in (".ttf", ".otf", ".ttc"):
                return ImageFont.truetype(path, _MEASURED_EM, index=_CJK_INDEX[family.rsplit(" ", 1)[1]] if cjk else 0)
    package = "fonts-noto-cjk" if cjk else "fonts-noto-core"
    raise ConfigurationError(f"The font {family} is not installed. Install it with the package manager ({package}).")


def font_folders() -> list[Path]:
    """The folders that hold Noto: all that fontconfig has to look through."""
    named = {path for root in FONT_ROOTS for path in root.rglob("*[Nn]oto*") if path.is_dir()}
    return sorted(named | {Path(str(_face(LATIN, True).path)).parent})


def line_ratio(family: str, bold: bool) -> float:
    """Height of a line divided by the em, by which libass counts font sizes."""
    ascent, descent = _face(family, bold).getmetrics()
    return (ascent + descent) / _MEASURED_EM


@functools.lru_cache(maxsize=4096)
def width(text: str, language: str, em: int, bold: bool) -> float:
    """Pixels from the first to the last letter at `em` pixels."""
    return sum(_face(run.family, bold).getlength(run.text) for run in runs(text, language)) * em / _MEASURED_EM


def wrap(text: str, language: str, em: int, bold: bool, limit: float) -> list[str]:
    """Lines of at most `limit` pixels, about equally long. `text` has been cleaned."""
    pieces = _pieces(text)
    lines = _fill(pieces, language, em, bold, limit)
    # The narrowest width that takes no further line: a last line of one word looks like a mistake.
    for share in (0.5, 0.6, 0.7, 0.8, 0.9):
        narrow = _fill(pieces, language, em, bold, limit * share)
        if len(narrow) == len(lines) and all(width(line, language, em, bold) <= limit for line in narrow):
            return narrow
    return lines


def shorten(lines: list[str], count: int, language: str, em: int, bold: bool, limit: float) -> list[str]:
    """At most `count` lines; what is left out shows as three dots."""
    if len(lines) <= count:
        return lines
    last = lines[count - 1]
    while last and width(f"{last}…", language, em, bold) > limit:
        last = last[:-1].rstrip()
    return [*lines[: count - 1], f"{last}…"]


def _fill(pieces: list[str], language: str, em: int, bold: bool, limit: float) -> list[str]:
    lines = [""]
    for piece in pieces:
        if width((lines[-1] + piece).strip(), language, em, bold) <= limit:
            lines[-1] += piece
            continue
        lines += _cut(piece.strip(), language, em, bold, limit)
        if piece.endswith(" "):
            lines[-1] += " "
    return [line.strip() for line in lines if line.strip()]


def _cut(word: str, language: str, em: int, bold: bool, limit: float) -> list[str]:
    """A word that is longer than a line, cut between letters."""
    parts = [""]
    for cluster in _clusters(word):
        if parts[-1] and width(parts[-1] + cluster, language, em, bold) > limit:
            parts.append("")
        parts[-1] += cluster
    return parts


def _clusters(word: str) -> list[str]:
    """Letters with the marks and joiners that belong to them."""
    found: list[str] = []
    for character in word:
        belongs = unicodedata.category(character)[0] == "M" or character in _JOINERS
        if found and (belongs or found[-1][-1] in _JOINERS):
            found[-1] += character
        else:
            found.append(character)
    return found


def _pieces(text: str) -> list[str]:
    """What must stay in one line: words with the space after them, single characters of Chinese and Japanese."""
    pieces: list[str] = []
    for before, character in zip(" " + text, text, strict=False):
        wide = _breaks_anywhere(before) or _breaks_anywhere(character)
        if not pieces or (before == " " and character != " ") or (wide and _may_part(before, character)):
            pieces.append("")
        pieces[-1] += character
    return pieces


def _may_part(before: str, after: str) -> bool:
    """Whether a line may end between two characters: no opening bracket at its end, no closing one or comma at a start."""
    opens, closes = unicodedata.category(before) in ("Ps", "Pi"), unicodedata.category(after) in ("Pe", "Pf", "Po")
    return not opens and not closes and after != " " and after not in _SMALL_KANA


def _breaks_anywhere(character: str) -> bool:
    """Chinese characters and kana. Korean puts spaces between its words."""
    return "\u3000" <= character <= "\u9fff" or "\uf900" <= character <= "\uffef" or character >= "\U00020000"
