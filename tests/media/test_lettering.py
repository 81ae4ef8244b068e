"""Words before they are drawn: what is left out, which font draws them, where lines break."""

from __future__ import annotations

import pytest

from workers.media.lettering import clean, is_rtl, runs, shorten, width, wrap


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("  two\r\n words\u2028here\x00\x1b ", "two words here"),
        ("\u202eevil\u202c\u2066\u200f\ufeff", "evil"),
        ("great \U0001f600\U0001f44d\U0001f3fd \u2764\ufe0f \u2605", "great \u2764 \u2605"),
        ("A" + "\u0316\u0317" * 9 + "b", "A\u0316\u0317b"),
        ("\u0628\u200c\u0628", "\u0628\u200c\u0628"),
        ("\U0001f468\u200d\U0001f469", ""),
    ],
)
def test_what_cannot_be_shown_is_left_out(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_the_direction_is_that_of_the_first_letter() -> None:
    assert [is_rtl(text) for text in ("12 \u05d0b", "\u0628", "a\u05d0", "12 !", "")] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_what_is_left_out_shows_as_dots() -> None:
    lines = wrap("word " * 99, "en", 40, True, 300)
    cut = shorten(lines, 2, "en", 40, True, 300)
    assert len(cut) == 2
    assert cut[1].endswith("…")
    assert max(width(line, "en", 40, True) for line in cut) <= 300
    assert shorten(lines[:2], 2, "en", 40, True, 300) == lines[:2]


@pytest.mark.parametrize(
    ("language", "font"),
    [("ja", "CJK JP"), ("zh", "CJK SC"), ("zh-TW", "CJK TC"), ("ko-KR", "CJK KR"), ("en", "CJK SC")],
)
def test_the_language_decides_how_shared_characters_look(language: str, font: str) -> None:
    assert {run.family for run in runs("直接", language)} == {f"Noto Sans {font}"}


@pytest.mark.parametrize(
    "text",
    [
        "We cut our onboarding time in half and honestly nobody here expected that. " * 2,
        "x" * 300,
        "日本語の「テスト」です。" * 9,
        "नमस्ते क्षत्रिय " * 9,
        "مرحبا بكم في عام 2026 " * 9,
    ],
)
def test_lines_are_no_longer_than_they_may_be_and_lose_nothing(text: str) -> None:
    lines = wrap(text, "en", 58, True, 720)
    assert len(lines) > 1
    assert max(width(line, "en", 58, True) for line in lines) <= 720
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert not any(line.startswith(("。", "」")) or line.endswith("「") for line in lines)
