"""Setting text in lines for every script: where words part, how they join again, and how wide they are.

Latin, Cyrillic, Arabic, Hangul and others part words by spaces. Chinese, Japanese, Thai, Lao, Khmer and Burmese do not:
there every character may end a line, except that closing punctuation never starts one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

LINE_COLUMNS = 42  # the limit of the BBC's and Netflix's guides to Latin captions; a wide character counts as two
MAX_LINES = 2

_SPACELESS = "".join(
    (
        "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff",  # Thai and Lao, Burmese, Khmer
        "\u3000-\u30ff\u31f0-\u31ff\uff00-\uffef",  # CJK punctuation and kana, full-width forms
        "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff",  # ideographs
    )
)
_CLOSING = "、。，．！？：；」』）】〉》〕’”…・ーぁぃぅぇぉっゃゅょァィゥェォッャュョ%)]},.!?:;"  # noqa: RUF001 - that is what they are
_ONE_SPACELESS = re.compile(f"[{_SPACELESS}]")
_CLOSES = re.compile(f"[{re.escape(_CLOSING)}]")
_OPENS = re.compile(r"[「『（【〈《〔“‘(\[{]")  # noqa: RUF001 - the same


def split_words(text: str) -> list[str]:
    """The units that a line may break between, in order, none empty. Words wider than two lines are cut into pieces."""
    words = [piece for chunk in text.split() for piece in _split_chunk(chunk)]
    return [part for word in words for part in _cut(word, LINE_COLUMNS * MAX_LINES)]


def join_words(words: Iterable[str]) -> str:
    """Words as running text: a space between them, unless one of the two neighbors is of a script without spaces."""
    text = ""
    for word in words:
        text += " " * space_between(text, word) + word
    return text


def space_between(before: str, after: str) -> int:
    """How many columns stand between two words: 1, or 0 at the edge and beside a script without spaces."""
    return 0 if not before or not after or _is_spaceless(before[-1]) or _is_spaceless(after[0]) else 1


def columns(text: str) -> int:
    """How wide text is set: 2 for East Asian wide characters, 0 for marks that stand on another, 1 for all others."""
    if text.isascii():
        return len(text)
    return sum(_column(character) for character in text)


def wrap_lines(text: str, width: int = LINE_COLUMNS) -> list[str]:
    """Lines of at most `width` columns, as even as their number allows; [] for text without any word."""
    words = [part for word in split_words(text) for part in _cut(word, width)]
    lines = _fill(words, width)
    if len(lines) < 2:
        return lines
    # The narrowest width that needs no more lines: two even lines are read faster than a full one and a crumb.
    longest = max(columns(word) for word in words)
    for narrower in range(max(longest, columns(join_words(words)) // len(lines)), width):
        if len(even := _fill(words, narrower)) == len(lines):
            return even
    return lines


def _fill(words: list[str], width: int) -> list[str]:
    lines: list[str] = []
    for word in words:
        longer = join_words([lines[-1], word]) if lines else word
        if lines and columns(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _split_chunk(chunk: str) -> list[str]:
    """Text without white space: one piece for each character of a script without spaces, runs of others whole."""
    pieces: list[str] = []
    for character in chunk:
        if pieces and _sticks(pieces[-1], character):
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def _sticks(before: str, character: str) -> bool:
    if _column(character) == 0 or _CLOSES.match(character) or _OPENS.match(before[-1]):
        return True
    return not (_is_spaceless(character) or _is_spaceless(before[-1]))


def _cut(word: str, width: int) -> list[str]:
    parts = [""]
    for character in word:
        if parts[-1] and columns(parts[-1]) + _column(character) > width:
            parts.append("")
        parts[-1] += character
    return parts


def _column(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def _is_spaceless(character: str) -> bool:
    return _ONE_SPACELESS.match(character) is not None
