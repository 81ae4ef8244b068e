"""A transcript to read beside the clip: the cues of its captions, put together to sentences that know their time."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from testimonials.domain.captions import LONG_PAUSE_SECONDS, Cue, ends_sentence
from testimonials.domain.typesetting import join_words

MAX_CHARACTERS = 240
"""Who never ends a sentence is given a new line after so many characters, at the next cue."""


def sentences(cues: Sequence[Cue]) -> list[Cue]:
    """Cues joined until a sentence ends or somebody falls silent. They keep the time of their first and last cue."""
    found: list[Cue] = []
    open_ones: list[Cue] = []
    for cue, following in zip_longest(cues, cues[1:]):
        open_ones.append(cue)
        ended = (
            any(map(ends_sentence, cue.text.split()[-1:]))
            or sum(len(each.text) for each in open_ones) >= MAX_CHARACTERS
        )
        if following is None or ended or following.start_seconds - cue.end_seconds > LONG_PAUSE_SECONDS:
            words = join_words(word for each in open_ones for word in each.text.split())
            found.append(Cue(open_ones[0].start_seconds, cue.end_seconds, words))
            open_ones = []
    return found
