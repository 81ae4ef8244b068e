"""Words as the search knows them: the same folding for what is kept, what is asked and what is highlighted.

Both databases get finished tokens, so that neither's own idea of words, accents or languages shows. Scripts that write
without spaces are cut into pairs of characters, as search engines do.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MAX_TOKEN = 40
MAX_TOKENS = 8_000
"""An hour of speech has fewer different words; a tsvector may have a megabyte."""
MAX_TERMS = 8
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "ħ": "h"}  # noqa: RUF001
)
# Chinese, Japanese, Thai, Lao, Burmese, Khmer: no spaces between words.
_UNSPACED = (
    "\u0e01-\u0e30\u0e40-\u0e45\u0e81-\u0eb0\u0ec0-\u0ec4\u1000-\u102a\u1780-\u17b3"
    "\u3005\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
)
_WORD = re.compile(r"[^\W_]+")
_RUNS = re.compile(rf"[{_UNSPACED}]+|[^{_UNSPACED}]+")


@dataclass(frozen=True)
class Term:
    """One word that is looked for. A `prefix` also finds what goes on after it."""

    token: str
    prefix: bool


def folded(text: str) -> str:
    """Without case, accents and vowel points: `Ærø Café` and `aero cafe` are the same."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return unicodedata.normalize("NFC", "".join(each for each in plain if unicodedata.category(each)[0] != "M"))


def tokens(texts: Iterable[str]) -> list[str]:
    """Every different token of these texts, sorted."""
    found: set[str] = set()
    for text in texts:
        for word in _WORD.findall(folded(text)):
            found.update(token[:MAX_TOKEN] for token in _pieces(word))
            if len(found) >= MAX_TOKENS:
                break
    return sorted(found)[:MAX_TOKENS]


def terms(query: str) -> list[Term]:
    """What a question asks for: all of these have to be there. Each is a prefix, so that one finds while typing."""
    found: dict[Term, None] = {}
    for word in _WORD.findall(folded(query)):
        for run in _RUNS.findall(word):
            unspaced = _is_unspaced(run)
            pairs = [run[at : at + 2] for at in range(len(run) - 1)] if unspaced and len(run) > 1 else [run]
            for token in pairs:
                found[Term(token[:MAX_TOKEN], prefix=not (unspaced and len(token) > 1))] = None
    return list(found)[:MAX_TERMS]


def highlighted(text: str, wanted: list[Term]) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it is a hit. Joined, they are the text again."""
    if not wanted:
        return [(text, False)]
    marks = sorted(span for span in _hits(text, wanted))
    pieces: list[tuple[str, bool]] = []
    at = 0
    for start, end in marks:
        if start > at:
            pieces.append((text[at:start], False))
        if end > at:
            pieces.append((text[max(start, at) : end], True))
            at = end
    if at < len(text) or not pieces:
        pieces.append((text[at:], False))
    return pieces


def excerpt_around(text: str, wanted: list[Term], characters: int = 160) -> str:
    """So much of a long text as shows its first hit; empty where there is none."""
    first = min(_hits(text, wanted), default=None)
    if first is None:
        return ""
    start = max(0, first[0] - characters // 3)
    start = text.rfind(" ", 0, start) + 1 if start else 0
    end = start + characters
    return ("… " if start else "") + text[start:end].strip() + (" …" if end < len(text) else "")


def _hits(text: str, wanted: list[Term]) -> Iterator[tuple[int, int]]:
    for match in _WORD.finditer(_aligned(text)):
        word = text[match.start() : match.end()]
        at = match.start()
        for run in _RUNS.findall(word):
            for term in wanted:
                if _is_unspaced(run):
                    found = folded(run).find(term.token)
                    if found >= 0:
                        yield at + found, at + found + len(term.token)
                elif folded(run).startswith(term.token) and (term.prefix or folded(run) == term.token):
                    yield at, at + _length(run, len(term.token))
            at += len(run)


def _aligned(text: str) -> str:
    """The text with marks that stand alone taken for letters, so that words stay whole and places stay the same."""
    if text.isascii():
        return text
    return "".join("x" if unicodedata.category(each)[0] == "M" else each for each in text)


def _length(word: str, wanted: int) -> int:
    """How many characters of the word as written make up so many of the folded one, with the accents that follow them."""
    length = 0
    while length < len(word) and len(folded(word[:length])) < wanted:
        length += 1
    while length < len(word) and unicodedata.category(word[length])[0] == "M":
        length += 1
    return length


def _pieces(word: str) -> Iterator[str]:
    for run in _RUNS.findall(word):
        if _is_unspaced(run):
            yield from (run[at : at + 2] for at in range(len(run)))
        else:
            yield run


def _is_unspaced(run: str) -> bool:
    return re.match(rf"[{_UNSPACED}]", run) is not None
