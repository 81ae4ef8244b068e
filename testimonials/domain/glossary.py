"""Names as a workspace spells them: where captions hold something that sounds alike, and putting the right one there."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from testimonials.domain.captions import Cue
from testimonials.errors import Invalid

MAX_TERMS = 200
MAX_TERM_CHARACTERS = 80
MAX_SUGGESTIONS = 50
ALIKE = 0.74
"""How alike two spellings are at least, of 1, before one is suggested for the other."""
_WORD = re.compile(r"[\w'’&-]+")  # noqa: RUF001 - the apostrophe of names


@dataclass(frozen=True)
class Suggestion:
    """In the caption at `place` stands `found`; the glossary spells it `term`."""

    place: int
    found: str
    term: str


def read_terms(text: str) -> list[str]:
    """One name a line, each once, in their order. Raises Invalid `bad_glossary` for too many or too long ones."""
    terms = list(dict.fromkeys(filter(None, (" ".join(line.split()) for line in text.splitlines()))))
    if len(terms) > MAX_TERMS:
        raise Invalid(f"A glossary has {MAX_TERMS} names at most.", code="bad_glossary")
    for term in terms:
        if len(term) > MAX_TERM_CHARACTERS or not _WORD.search(term) or not term.isprintable():
            raise Invalid(
                f"A name has 1 to {MAX_TERM_CHARACTERS} characters, some of them letters.", code="bad_glossary"
            )
    return terms


def suggestions(cues: Sequence[Cue], terms: Iterable[str]) -> list[Suggestion]:
    """Where a spelling is close to a term and is not the term, in the order of the captions, at most 50."""
    wanted = [(term, _bare(term), len(_WORD.findall(term))) for term in terms]
    right = {word.casefold() for term, _, _ in wanted for word in _WORD.findall(term)}
    found: list[Suggestion] = []
    for place, cue in enumerate(cues):
        taken: list[tuple[int, int]] = []
        for _, start, end, term in sorted(_alike(cue.text, wanted, right), key=lambda each: -each[0]):
            if all(end <= a or start >= b for a, b in taken):
                taken.append((start, end))
                found.append(Suggestion(place, cue.text[start:end], term))
        if len(found) >= MAX_SUGGESTIONS:
            break
    return found[:MAX_SUGGESTIONS]


def applied(cues: Sequence[Cue], chosen: Iterable[Suggestion]) -> list[Cue]:
    """Captions with the names put right. What does not stand there any more is left alone."""
    changed = list(cues)
    for each in chosen:
        if 0 <= each.place < len(changed):
            cue = changed[each.place]
            whole = re.compile(rf"(?<!\w){re.escape(each.found)}(?!\w)")
            changed[each.place] = replace(cue, text=whole.sub(lambda _, term=each.term: term, cue.text))  # type: ignore[misc]
    return changed


def _alike(text: str, wanted: Sequence[tuple[str, str, int]], right: set[str]) -> Iterable[tuple[float, int, int, str]]:
    words = list(_WORD.finditer(text))
    for term, bare, size in wanted:
        for length in {max(1, size - 1), size, size + 1}:
            for first in range(len(words) - length + 1):
                start, end = words[first].start(), words[first + length - 1].end()
                piece = text[start:end]
                if piece == term or (
                    length < size and all(w.group().casefold() in right for w in words[first : first + length])
                ):
                    continue
                likeness = _likeness(_bare(piece), bare)
                if likeness >= ALIKE and term not in text[max(0, start - len(term)) : end + len(term)]:
                    yield likeness, start, end, term


def _likeness(one: str, other: str) -> float:
    if abs(len(one) - len(other)) > 3 or min(len(one), len(other)) < 3:
        return 1.0 if one == other else 0.0
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio()


def _bare(text: str) -> str:
    return re.sub(r"[\W_]", "", text.casefold())
