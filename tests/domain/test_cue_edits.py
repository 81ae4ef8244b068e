"""Captions in an editor: split, merged, cut with the clip; and names that are put right."""

from __future__ import annotations

import math

import pytest

from testimonials.domain.captions import Cue, transcript
from testimonials.domain.cue_edits import Cut, check_cut, cut_cues, merge, split
from testimonials.domain.glossary import Suggestion, applied, read_terms, suggestions
from testimonials.errors import Invalid

CUES = [
    Cue(0.0, 2.0, "The brakes were silent again."),
    Cue(2.5, 4.5, "Marta Lindkwist fixed them."),
    Cue(5.0, 6.0, "Thanks"),
]


def test_a_split_falls_between_words_and_shares_the_time() -> None:
    first, second, *rest = split(CUES, 0, 11)
    assert (first.text, second.text) == ("The brakes", "were silent again.")
    assert (first.start_seconds, second.end_seconds) == (0.0, 2.0)
    assert first.end_seconds == second.start_seconds == pytest.approx(2 * 10 / 28, abs=0.001)
    assert rest == CUES[1:]
    assert split(CUES, 0)[0].text == "The brakes were"
    with pytest.raises(Invalid, match="one word"):
        split(CUES, 2)
    with pytest.raises(Invalid, match="no such"):
        split(CUES, 3)


def test_a_merge_keeps_every_word_and_the_outer_times() -> None:
    assert merge(CUES, 0) == [Cue(0.0, 4.5, "The brakes were silent again. Marta Lindkwist fixed them."), CUES[2]]
    with pytest.raises(Invalid, match="no such"):
        merge(CUES, 2)
    with pytest.raises(Invalid, match="longer"):
        merge([Cue(0, 1, "a " * 150), Cue(1, 2, "b " * 150)], 0)


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("at", range(0, 41, 5))
def test_split_and_merge_lose_no_word(place: int, at: int) -> None:
    parted = split(CUES, place, at)
    assert transcript(parted) == transcript(CUES)
    assert merge(parted, place) == CUES


def test_scripts_without_spaces_are_split_too() -> None:
    first, second = split([Cue(0, 2, "ブレーキが静かになりました")], 0)
    assert first.text + second.text == "ブレーキが静かになりました"


@pytest.mark.parametrize(
    ("start", "end", "cut"),
    [
        (0, 10, Cut()),
        (0.04, 9.96, Cut()),
        (1.5, 99, Cut(1.5, None)),
        (0, 4, Cut(0.0, 4.0)),
        (3, 4, Cut(3.0, 4.0)),
    ],
)
def test_marks_near_an_end_are_that_end(start: float, end: float, cut: Cut) -> None:
    assert check_cut(start, end, 10.0) == cut


@pytest.mark.parametrize(
    ("start", "end"), [(3, 3.5), (5, 2), (-1, 5), (math.nan, 5), (0, math.inf), ("1", 5), (True, 5), (11, 12)]
)
def test_other_marks_are_refused(start: object, end: object) -> None:
    with pytest.raises(Invalid) as refused:
        check_cut(start, end, 10.0)
    assert refused.value.code == "bad_marks"


def test_captions_move_with_the_marks_and_come_back_with_them() -> None:
    cut = Cut(1.0, 4.9)
    kept, left = cut_cues(CUES, [], Cut(), cut)
    assert kept == [Cue(0.0, 1.0, CUES[0].text), Cue(1.5, 3.5, CUES[1].text)]
    assert left == [CUES[2]]
    back, none = cut_cues(kept, left, cut, Cut())
    assert [cue.text for cue in back] == [cue.text for cue in CUES]
    assert back[1:] == CUES[1:], "what was not cut through has its times again"
    assert none == []


# -- names -------------------------------------------------------------------------------------------------------------
def test_what_sounds_like_a_name_is_suggested_and_put_right() -> None:
    found = suggestions(CUES, ["Marta Lindqvist", "Velo Nord"])
    assert found == [Suggestion(1, "Marta Lindkwist", "Marta Lindqvist")]
    assert applied(CUES, found)[1].text == "Marta Lindqvist fixed them."
    assert suggestions(applied(CUES, found), ["Marta Lindqvist", "Velo Nord"]) == [], "what is right is left alone"


def test_one_word_too_many_or_too_few_is_the_name_too() -> None:
    assert suggestions([Cue(0, 1, "We use velo nord daily.")], ["VeloNord"])[0].found == "velo nord"
    assert suggestions([Cue(0, 1, "We use velonort daily.")], ["Velo Nord"])[0].found == "velonort"
    assert suggestions([Cue(0, 1, "No names are in here at all.")], ["Velo Nord"]) == []


def test_only_whole_words_are_replaced() -> None:
    cue = Cue(0, 1, "Anna and Annalise")
    assert applied([cue], [Suggestion(0, "Anna", r"\1 Ana")])[0].text == r"\1 Ana and Annalise"


def test_a_glossary_is_one_name_a_line() -> None:
    assert read_terms(" Velo  Nord \n\nVelo Nord\nMarta\n") == ["Velo Nord", "Marta"]
    for wrong in ("x" * 81, "!!!", "a\u202eb", "\n".join(f"Name {n}" for n in range(201))):
        with pytest.raises(Invalid):
            read_terms(wrong)
