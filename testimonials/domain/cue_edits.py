"""What an editor does to captions: split, merge, cut with the clip; and the marks of such a cut. Nothing is lost by any."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from testimonials.domain.captions import MAX_CUE_CHARACTERS, Cue
from testimonials.domain.typesetting import join_words, split_words
from testimonials.errors import Invalid

LEAST_SECONDS = 1.0
"""What marks leave of a clip at least."""
SNAP_SECONDS = 0.05
SLIVER_SECONDS = 0.3
"""Less than this of a caption is not worth showing: nobody could read it."""


@dataclass(frozen=True)
class Cut:
    """Marks in seconds of the whole clip; `end_seconds` is None where its end is kept."""

    start_seconds: float = 0.0
    end_seconds: float | None = None

    @property
    def shortens(self) -> bool:
        return self.start_seconds > 0 or self.end_seconds is not None


def check_cut(start: object, end: object, whole_seconds: float) -> Cut:
    """Marks as a client sends them. What lies within 50 ms of an end of the clip is that end.

    Raises Invalid `bad_marks` for anything but two times that leave a second of the clip.
    """
    if not (_is_time(start) and _is_time(end)):
        raise Invalid("Marks are two times in seconds.", code="bad_marks")
    first, last = float(start), min(float(end), whole_seconds)  # type: ignore[arg-type]
    if last - first < min(LEAST_SECONDS, whole_seconds) - 0.001:
        raise Invalid("At least one second has to be left.", code="bad_marks")
    return Cut(
        0.0 if first < SNAP_SECONDS else round(first, 3),
        None if last > whole_seconds - SNAP_SECONDS else round(last, 3),
    )


def spoken(cut: Cut) -> str:
    """Marks in words, for the history."""
    if not cut.shortens:
        return "All of it"
    return f"From {cut.start_seconds:.1f} s to " + (
        "the end" if cut.end_seconds is None else f"{cut.end_seconds:.1f} s"
    )


def split(cues: Sequence[Cue], place: int, at: int | None = None) -> list[Cue]:
    """Two captions out of the one at `place`, between two words: at the character `at`, else in the middle of the text.

    Both share its time by their lengths. Raises Invalid `bad_captions` where there is only one word, or no such caption.
    """
    cue = _at(cues, place)
    words = split_words(cue.text)
    if len(words) < 2:
        raise Invalid(f"Caption {place + 1} is one word: it cannot be split.", code="bad_captions")
    wanted = len(cue.text) / 2 if at is None else at
    ways = [(join_words(words[:n]), join_words(words[n:])) for n in range(1, len(words))]
    first, second = min(ways, key=lambda way: abs(len(way[0]) + 0.5 - wanted))
    seconds = cue.end_seconds - cue.start_seconds
    middle = round(cue.start_seconds + seconds * len(first) / (len(first) + len(second)), 3)
    if not cue.start_seconds < middle < cue.end_seconds:
        raise Invalid(f"Caption {place + 1} is too short to be split.", code="bad_captions")
    halves = [Cue(cue.start_seconds, middle, first), Cue(middle, cue.end_seconds, second)]
    return [*cues[:place], *halves, *cues[place + 1 :]]


def merge(cues: Sequence[Cue], place: int) -> list[Cue]:
    """The caption at `place` and the next one as one. Raises Invalid `bad_captions` where there is no next, or it is too long."""
    first, second = _at(cues, place), _at(cues, place + 1)
    text = join_words([*split_words(first.text), *split_words(second.text)])
    if len(text) > MAX_CUE_CHARACTERS:
        raise Invalid(f"Together they are longer than {MAX_CUE_CHARACTERS} characters.", code="bad_captions")
    return [*cues[:place], Cue(first.start_seconds, second.end_seconds, text), *cues[place + 2 :]]


def cut_cues(inside: Sequence[Cue], outside: Sequence[Cue], before: Cut, after: Cut) -> tuple[list[Cue], list[Cue]]:
    """The captions of a clip after its marks have moved, and those that are left out now.

    `inside` counts from where the clip begins by the marks `before`, what comes back from where it begins by `after`;
    `outside`, there and back, has the times of the whole clip. A caption that lies across a mark ends there.
    """
    whole = sorted([*outside, *_moved(inside, before.start_seconds)], key=lambda cue: cue.start_seconds)
    last = math.inf if after.end_seconds is None else after.end_seconds
    kept, left = list[Cue](), list[Cue]()
    for cue in whole:
        shown = replace(
            cue, start_seconds=max(cue.start_seconds, after.start_seconds), end_seconds=min(cue.end_seconds, last)
        )
        seconds = shown.end_seconds - shown.start_seconds
        (kept if shown == cue or seconds >= SLIVER_SECONDS else left).append(
            shown if seconds >= SLIVER_SECONDS else cue
        )
    return _moved(kept, -after.start_seconds), left


def _moved(cues: Sequence[Cue], by: float) -> list[Cue]:
    return [Cue(round(cue.start_seconds + by, 3), round(cue.end_seconds + by, 3), cue.text) for cue in cues]


def _at(cues: Sequence[Cue], place: int) -> Cue:
    if not 0 <= place < len(cues):
        raise Invalid("There is no such caption.", code="bad_captions")
    return cues[place]


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
