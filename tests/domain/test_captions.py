"""Cues that can be read, files that players take, and corrections that keep their times."""

from __future__ import annotations

import json
import random
import re
import time
from itertools import pairwise

import pytest

from testimonials.domain.captions import (
    MAX_SECONDS,
    Cue,
    Word,
    check_cues,
    cues_from_words,
    from_json,
    retime,
    to_json,
    to_srt,
    to_webvtt,
    transcript,
)
from testimonials.domain.typesetting import LINE_COLUMNS, columns, join_words, split_words, wrap_lines
from testimonials.errors import Invalid

VOCABULARY = (
    "yes.",
    "no",
    "a",
    "extraordinarily",
    "testimonial,",
    "你好",
    "世界。",
    "ก็ดี",
    "Mr.",
    "x" * 100,
    "日本語テキスト",
)


def spoken(text: str, start: float = 0.0, second_per_word: float = 0.4) -> list[Word]:
    return [
        Word(start + n * second_per_word, start + (n + 1) * second_per_word, word)
        for n, word in enumerate(text.split())
    ]


def random_words(seed: int) -> list[Word]:
    """Words as a confused recognizer may time them: overlapping, backwards, endless, and of no length at all."""
    dice, at, words = random.Random(seed), 0.0, []
    for _ in range(dice.randint(1, 60)):
        at = max(at + dice.choice((0, 0, 0.1, 0.7, 2, -0.3)), 0.0)
        length = dice.choice((0, 0.1, 0.3, 1.2, 8))
        words.append(Word(at, at + length, dice.choice(VOCABULARY)))
        at += length
    return words


def raw(*cues: tuple[float, float, str]) -> list[dict[str, object]]:
    return [{"start_seconds": start, "end_seconds": end, "text": text} for start, end, text in cues]


@pytest.mark.parametrize("seed", range(40))
def test_whatever_was_heard_the_cues_can_be_shown(seed: int) -> None:
    words = random_words(seed)
    cues = cues_from_words(words)
    for before, cue in pairwise(cues):
        assert before.end_seconds <= cue.start_seconds
    for cue in cues:
        assert 0 < cue.end_seconds - cue.start_seconds <= MAX_SECONDS + 0.001
        lines = wrap_lines(cue.text)
        assert 1 <= len(lines) <= 2 and all(columns(line) <= LINE_COLUMNS for line in lines)
    without_spaces = "".join(word.text for word in words)
    assert transcript(cues).replace(" ", "") == without_spaces, "no word is lost"
    assert check_cues(json.loads(to_json(cues))) == cues, "and they pass the check for what clients send"


def test_cues_break_at_sentence_ends_and_pauses() -> None:
    words = spoken("It saved us a whole week.") + spoken("Mr. Brown agrees with all of us", start=2.4)
    words += spoken("and then there was this", start=6.5)
    assert [cue.text for cue in cues_from_words(words)] == [
        "It saved us a whole week.",
        "Mr. Brown agrees with all of us",
        "and then there was this",
    ]


def test_nothing_stands_on_the_screen_through_a_long_silence() -> None:
    words = spoken("We tried") + spoken("it out for a while.", start=2.9)
    assert [cue.text for cue in cues_from_words(words)] == ["We tried", "it out for a while."]


def test_a_short_word_stays_long_enough_to_be_read_but_not_into_the_next_cue() -> None:
    alone, *_ = cues_from_words(spoken("Yes.", second_per_word=0.3) + spoken("And then we left.", start=3))
    assert (alone.start_seconds, alone.end_seconds) == (0.0, 1.0)
    together = cues_from_words(spoken("Yes. Really. It is all true now.", second_per_word=0.25))
    assert together[0].text.startswith("Yes. Really.")
    at_the_end = cues_from_words(spoken("Yes.", start=5, second_per_word=0.3), duration_seconds=5.5)
    assert at_the_end[-1].end_seconds == 5.5


def test_a_long_sentence_is_cut_into_even_parts() -> None:
    text = " ".join(["we measure everything that we do here"] * 5)
    cues = cues_from_words(spoken(text, second_per_word=0.2))
    widths = [len(cue.text) for cue in cues]
    assert len(cues) == 3 and max(widths) - min(widths) < 25


def test_nothing_was_said() -> None:
    assert cues_from_words([]) == []
    assert transcript([]) == ""
    assert to_webvtt([]) == "WEBVTT\n"
    assert to_srt([]) == ""


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Unless to be rather cold-hearted is to be ill", ["Unless to be rather", "cold-hearted is to be ill"]),
        ("short", ["short"]),
        ("  \n ", []),
        (
            "今日は新しいシステムを導入してから毎日一時間も節約できるようになりました。",
            ["今日は新しいシステムを導入してから毎日", "一時間も節約できるようになりました。"],
        ),
        ("y" * 60, ["y" * 42, "y" * 18]),
    ],
)
def test_lines_are_even_and_fit(text: str, lines: list[str]) -> None:
    assert wrap_lines(text) == lines


def test_words_join_as_their_script_joins_them() -> None:
    assert join_words(["we", "love", "it"]) == "we love it"
    assert join_words(split_words("我们很满意。真的!")) == "我们很满意。真的!"
    assert split_words("你好,世界。") == ["你", "好,", "世", "界。"], "no line starts with closing punctuation"
    assert join_words(split_words("아주 좋아요")) == "아주 좋아요"
    assert columns("ก็ดี") == 2, "marks that stand on a letter take no room"


HOSTILE = Cue(1.5, 3.25, "a --> b & <b>c</b> {\\an8}\n\n00:00:01.000 --> 00:00:02.000")


def test_webvtt_is_escaped() -> None:
    head, blank, timing, *lines = to_webvtt([HOSTILE]).rstrip("\n").split("\n")
    assert (head, blank, timing) == ("WEBVTT", "", "00:00:01.500 --> 00:00:03.250")
    said = " ".join(lines)
    assert said == "a --&gt; b &amp; &lt;b&gt;c&lt;/b&gt; {\\an8} 00:00:01.000 --&gt; 00:00:02.000"
    assert "" not in lines, "a blank line would end the cue"


def test_srt_holds_no_commands() -> None:
    number, timing, *lines = to_srt([HOSTILE]).rstrip("\n").split("\n")
    assert (number, timing) == ("1", "00:00:01,500 --> 00:00:03,250")
    assert not re.search(r"[<>{}]", " ".join(lines)) and "" not in lines
    second = to_srt([HOSTILE, Cue(3_725.0, 3_726.0, "late")]).split("\n\n")[1]
    assert second == "2\n01:02:05,000 --> 01:02:06,000\nlate\n"


def test_json_goes_there_and_back() -> None:
    cues = [Cue(0.0, 1.25, "„Schön“ — 很好"), Cue(1.25, 2.0, "</script>")]
    assert from_json(to_json(cues)) == cues
    for damaged in ("", "{}", "[1]", '[{"start_seconds":0}]', "[" * 100_000):
        with pytest.raises(Invalid):
            from_json(damaged)


@pytest.mark.parametrize(
    ("cues", "complaint"),
    [
        ({"cues": []}, "list"),
        (raw((0, 2, "a"), (1.5, 3, "b")), "starts before caption 1 ends"),
        (raw((5, 6, "a"), (1, 2, "b")), "starts before caption 1 ends"),
        (raw((2, 2, "a")), "ends before it starts"),
        (raw((-1, 2, "a")), "number of seconds"),
        (raw((0, float("nan"), "a")), "number of seconds"),
        (raw((0, 1e9, "a")), "number of seconds"),
        (raw((False, True, "a")), "number of seconds"),
        (raw((0, 11, "a")), "after the video"),
        (raw((0, 1, " \n ")), "is empty"),
        (raw((0, 1, "\u200b")), "is empty"),
        (raw((0, 1, "a\0b")), "no text"),
        (raw((0, 1, "a\x1bb")), "no text"),
        (raw((0, 1, "\ud800")), "no text"),
        (raw((0, 1, "x" * 501)), "500 characters"),
        ([{"start_seconds": 0, "end_seconds": 1, "text": 5}], "no text"),
        ([{"start_seconds": 0, "end_seconds": 1, "text": "a", "style": "x"}], "nothing else"),
        (raw(*((n, n + 1, "a") for n in range(2001))), "2,000"),
    ],
)
def test_what_a_client_sends_is_checked(cues: object, complaint: str) -> None:
    with pytest.raises(Invalid, match=complaint) as refused:
        check_cues(cues, duration_seconds=10)
    assert refused.value.code == "bad_captions"


def test_what_is_right_passes() -> None:
    sent = raw((0, 1.00049, "two\nlines  and\tspaces"), (1, 10.4, "touching, and as late as a container rounds"))
    first, second = check_cues(sent, duration_seconds=10)
    assert first == Cue(0.0, 1.0, "two lines and spaces")
    assert second.start_seconds == 1.0
    assert check_cues([]) == []


def corrected() -> list[Cue]:
    return cues_from_words(spoken("I work at Acne with many friends.") + spoken("We all love the product.", start=4))


def test_words_that_stayed_keep_their_times() -> None:
    cues = corrected()
    assert retime(cues, transcript(cues)) == cues
    changed = retime(cues, "I work at Acme Industries with many friends. We all LOVE the product!")
    assert [cue.start_seconds for cue in changed] == [cue.start_seconds for cue in cues]
    assert changed[0].text == "I work at Acme Industries with many friends."
    assert changed[1].text == "We all LOVE the product!"


def test_neither_case_nor_punctuation_makes_another_word() -> None:
    shouted = retime(corrected(), "I WORK AT ACNE WITH MANY FRIENDS! WE ALL LOVE THE PRODUCT!")
    assert [cue.start_seconds for cue in shouted] == [0.0, 4.0]


@pytest.mark.parametrize("duration", [6.0, 7.0])
def test_words_that_were_added_find_room(duration: float) -> None:
    text = "Hello there. I work at Acne with many friends. We all love the product. Thank you so much to everybody."
    made = retime(corrected(), text, duration_seconds=duration)
    assert transcript(made).startswith("Hello there. I work")
    assert made[-1].end_seconds <= duration
    assert any(cue.start_seconds == 4.0 and cue.text.startswith("We all") for cue in made)
    assert check_cues(json.loads(to_json(made)), duration_seconds=duration) == made


def test_words_that_were_dropped_leave_a_gap() -> None:
    assert [cue.start_seconds for cue in retime(corrected(), "We all love the product.")] == [4.0]


def test_a_text_without_any_cue_is_spread_over_the_clip() -> None:
    made = retime([], "Nobody heard this. It was written by hand.", duration_seconds=8)
    assert made[0].start_seconds == 0.0 and made[-1].end_seconds == 8.0
    with pytest.raises(Invalid, match="no captions yet"):
        retime([], "text")


@pytest.mark.parametrize("text", ["", " ", "a\0", "x" * 60_001])
def test_a_correction_that_is_no_text_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        retime(corrected(), text)
    assert refused.value.code == "bad_captions"


def test_a_hostile_correction_takes_no_minute() -> None:
    cues = cues_from_words([Word(n * 0.2, n * 0.2 + 0.2, "a") for n in range(8_000)])
    started = time.process_time()
    retime(cues, "a " * 12_000)
    assert time.process_time() - started < 6
