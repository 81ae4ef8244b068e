"""Cues of captions become sentences to read: none is lost, and each keeps its time."""

from __future__ import annotations

import pytest

from testimonials.domain.captions import Cue
from testimonials.domain.transcript import MAX_CHARACTERS, sentences


def _cues(*texts: str, step: float = 2.0) -> list[Cue]:
    return [Cue(n * step, n * step + 1.9, text) for n, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        ((), []),
        (("One.",), ["One."]),
        (("We deliver bread to", "eleven cafes.", "By bike."), ["We deliver bread to eleven cafes.", "By bike."]),
        (("Thanks to Dr.", "Meyer it rolls.",), ["Thanks to Dr. Meyer it rolls."]),
        (("どうも", "ありがとう。", "また来ます。"), ["どうもありがとう。", "また来ます。"]),
        (("no end in", "sight"), ["no end in sight"]),
    ],
)  # fmt: skip
def test_cues_are_joined_until_a_sentence_ends(texts: tuple[str, ...], found: list[str]) -> None:
    assert [each.text for each in sentences(_cues(*texts))] == found


def test_a_sentence_has_the_time_of_its_first_and_last_cue() -> None:
    (sentence,) = sentences(_cues("We deliver", "bread."))
    assert (sentence.start_seconds, sentence.end_seconds) == (0.0, 3.9)


def test_a_silence_ends_a_sentence_that_has_no_stop() -> None:
    assert len(sentences([Cue(0, 1, "and then"), Cue(2.6, 3, "nobody noticed")])) == 2
    assert len(sentences([Cue(0, 1, "and then"), Cue(2.4, 3, "nobody noticed")])) == 1


def test_who_never_stops_gets_a_line_all_the_same() -> None:
    spoken = _cues(*["and so on and so on and"] * 40)
    found = sentences(spoken)
    assert max(len(each.text) for each in found) < MAX_CHARACTERS + 40
    assert " ".join(each.text for each in found) == " ".join(each.text for each in spoken)
