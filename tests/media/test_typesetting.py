"""Letters of every script, lines that fit, ink that can be read."""

from __future__ import annotations

import pytest
from PIL import Image, ImageDraw, ImageFont, ImageOps, features

from testimonials.domain.color import brand_pair, contrast
from tests.media.test_pictures import difference
from workers.media.typesetting import Line, Style, legible, wrapped

pytestmark = pytest.mark.media

GREEN = "#1f6b52"
SCRIPTS = {
    "latin": "Zoë Łukasiewicz",
    "greek": "Ελένη Παππά",
    "cyrillic": "Анна Щербакова",
    "arabic": "محمد عبد الرحمن",
    "hebrew": "רות אברהמי",
    "hindi": "नरेंद्र श्रीवास्तव",
    "japanese": "山田 さくら",
    "korean": "김민준",
    "chinese": "李小龙",
    "thai": "สมชาย ใจดี",
    "mixed": "محمد Smith-山田 (12)",
}


def test_words_can_be_read_on_any_brand_color() -> None:
    for red in range(0, 256, 17):
        for green in range(0, 256, 17):
            for blue in range(0, 256, 17):
                assert contrast(*brand_pair(f"#{red:02x}{green:02x}{blue:02x}")) >= 4.5, (red, green, blue)
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)  # the well-known #777
    assert brand_pair(GREEN)[0] == (31, 107, 82)
    with pytest.raises(ValueError, match="color"):
        brand_pair("javascript:alert(1)")


def drawn(line: Line) -> Image.Image:
    picture = Image.new("RGB", (round(line.width) + 40, 3 * line.size))
    line.draw(ImageDraw.Draw(picture), 20, 2 * line.size, (255, 255, 255))
    return picture.crop(picture.getbbox())


def one_line(text: str, size: int = 64, width: float = 2000, language: str = "") -> Line:
    lines = wrapped(text, Style((size,), bold=True, language=language), width)
    assert len(lines) == 1
    return lines[0]


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS.keys())
def test_every_script_has_letters(text: str) -> None:
    """Each character as its run's font draws it, compared with what that font draws for a missing one."""
    line = one_line(text)
    assert line.text == text
    assert "".join(run for run, _ in line.runs) == text
    for run, font in line.runs:
        plain = ImageFont.truetype(font.path, 64, index=font.index, layout_engine=ImageFont.Layout.BASIC)
        missing = bytes(plain.getmask("\uffff"))
        assert missing.strip(b"\0")
        for character in run.replace(" ", ""):
            assert bytes(plain.getmask(character)) != missing, (character, font.getname())
    assert drawn(line).width == pytest.approx(line.width, rel=0.15)


def test_a_missing_letter_is_left_out() -> None:
    assert legible("A\U000e0fff🚲B") == "AB"
    assert legible("👩‍👩‍👧 Ann") == "Ann"
    assert legible("Ann\u202eelpoep") == "Annelpoep"
    assert len(legible("Z" + "\u0301" * 500)) <= 5


def test_letters_are_shaped_and_in_order() -> None:
    assert features.check("raqm"), "Pillow finds no FriBiDi; install libfribidi0"
    # Arabic letters join: no column of the word is empty. Those of Hebrew do not.
    assert all(drawn(one_line("محمد")).getprojection()[0])
    assert not all(drawn(one_line("אם")).getprojection()[0])
    # The vowel sign of कि stands before its consonant, although it is written after it.
    sign, syllable = drawn(one_line("क")), drawn(one_line("कि"))
    assert (
        difference(syllable.crop((syllable.width - sign.width, syllable.height - sign.height, *syllable.size)), sign)
        < 30
    )
    assert one_line("क्ष").width < one_line("क").width + one_line("ष").width
    # Hebrew begins on the right: the left half of אם is what ם alone looks like.
    both, last = drawn(one_line("אם")), drawn(one_line("ם"))
    left = both.crop((0, both.height - last.height, last.width, both.height))
    assert difference(left, last) < 12 < difference(ImageOps.mirror(both).crop((0, 0, *last.size)), last)
    # Runs of two fonts: the Arabic name comes first, hence right of the Latin one.
    mixed = drawn(one_line("محمد Smith"))
    latin = drawn(one_line("Smith"))
    top = mixed.height - latin.height
    assert min(difference(mixed.crop((0, y, latin.width, y + latin.height)), latin) for y in range(top + 1)) < 12

    # What ends a Latin word in a line from right to left stands left of it.
    mixed, sign = drawn(one_line("محمد Smith!")), drawn(one_line("!"))
    strips = [mixed.crop((0, y, sign.width, y + sign.height)) for y in range(mixed.height - sign.height + 1)]
    assert min(difference(strip, sign) for strip in strips) < 12


def test_ideographs_follow_the_language() -> None:
    shapes = {
        language: drawn(one_line("骨直", language=language)).tobytes() for language in ("ja", "zh", "zh-TW", "ko")
    }
    assert shapes["ja"] != shapes["zh"] != shapes["zh-TW"]
    assert drawn(one_line("骨直")).tobytes() == shapes["zh"]
    assert {font.getname()[0] for _, font in one_line("骨さ").runs} == {"Noto Sans CJK JP"}


@pytest.mark.parametrize("text", [SCRIPTS["latin"], SCRIPTS["arabic"], SCRIPTS["hindi"], SCRIPTS["japanese"]])
def test_long_names_are_shortened_by_their_width(text: str) -> None:
    long = " ".join([text] * 40)
    for width in (200, 500, 900):
        lines = wrapped(long, Style((60, 40), bold=True), width, lines=2)
        assert 1 <= len(lines) <= 2
        assert lines[-1].text.endswith("…")
        assert all(line.width <= width for line in lines)
        assert lines[-1].width > 0.5 * width
        shown = "".join(line.text for line in lines).rstrip("…").replace(" ", "")
        assert long.replace(" ", "").startswith(shown)


def test_short_names_are_large_and_whole() -> None:
    (line,) = wrapped("Maya R.", Style((92, 60), bold=True), 600, lines=2)
    assert (line.text, line.size) == ("Maya R.", 92)
    assert [each.text for each in wrapped("Maya Rodríguez", Style((92, 60), bold=True), 500, lines=2)] == [
        "Maya",
        "Rodríguez",
    ]
    assert wrapped("🚲", Style((92,)), 600) == []
