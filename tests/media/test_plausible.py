"""Which words are believed. No engine is needed: the figures are what engines say about what they heard."""

from __future__ import annotations

import pytest

from testimonials.domain.captions import Word
from workers.media.plausible import Heard, plausible


def heard(text: str, *, probability: float = 0.9, loudness: float = -20, **figures: float) -> Heard:
    words = tuple(Word(n * 0.3, n * 0.3 + 0.3, each, probability) for n, each in enumerate(text.split()))
    return Heard(words, loudness_dbfs=loudness, **figures)


@pytest.mark.parametrize(
    ("segment", "believed"),
    [
        (heard("They saved us a week."), True),
        (heard("They saved us a week.", mean_log_probability=-1.4), False),
        (heard("They saved us a week.", probability=0.2), False),
        (heard("They saved us a week.", loudness=-70), False),
        (heard("They saved us a week.", no_speech_probability=0.8, mean_log_probability=-0.2), True),
        (heard("They saved us a week.", no_speech_probability=0.8, mean_log_probability=-0.7), False),
        (heard("we love it " * 6, compression_ratio=3.5), False),
        (heard("It was the best of times. It was the worst of times.", compression_ratio=2.6), True),
        (heard("Thank you for watching!"), True),
        (heard("Thank you for watching!", loudness=-50), False),
        (heard("Thanks for watching.", no_speech_probability=0.5), False),
        (heard("Subtitles by the Amara.org community", probability=0.45), False),
        (heard("you", loudness=-50), False),
        (heard("You gave us a week", loudness=-50), True),
    ],
)
def test_what_was_most_likely_not_said_is_dropped(segment: Heard, believed: bool) -> None:
    speaker = heard("This is how loud she is.", loudness=-20)
    words = list(plausible([speaker, segment], 60))
    assert len(words) == len(speaker.words) + (len(segment.words) if believed else 0)


def test_the_same_sentence_again_and_again_is_kept_once() -> None:
    assert [word.text for word in plausible([heard("Oh yes.")] * 5, 60)] == ["Oh", "yes."]
    assert len(list(plausible([heard("Oh yes.")] * 2, 60))) == 4


def test_words_beyond_the_end_are_brought_back() -> None:
    words = list(plausible([heard("one two three four")], 0.7))
    assert [(word.text, word.end_seconds) for word in words] == [("one", 0.3), ("two", 0.6), ("three", 0.7)]
