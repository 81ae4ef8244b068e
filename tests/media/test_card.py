"""The card that networks show: its size, what it shows, and that it can be read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from testimonials.domain.color import LIGHT_INK, brand_pair, contrast
from tests import faces
from tests.media.test_pictures import noise, saved, segments
from workers.media.pictures import share_image

pytestmark = pytest.mark.media

GREEN = "#1f6b52"
HOSTILE = {
    "2,000 letters": "x" * 2000,
    "2,000 words": "ab " * 2000,
    "right-to-left override": "Ann \u202egnp.exe\u202c \u2067x\u2069",
    "emoji": "👩‍👩‍👧 Ann 🚲🇩🇪 ❤️",
    "nothing but emoji": "🚲🚲",
    "controls": "A\u0000n\u0007n\u001b[31m\r\n\tB\u007f\u0085",
    "unassigned": "A\U000e0fff\ufffe\ue000\U0001fbff",
    "a lone surrogate": "A\ud800n",
    "a tower of marks": "Z" + "\u0301" * 500,
    "nothing": "",
    "spaces": " \u00a0\u2003 ",
    "a joiner": "\u200d",
    "a mark": "\u0301",
    "Arabic without end": "محمد " * 400,
}


def card(poster: Image.Image, folder: Path, **given: object) -> Image.Image:
    """The share image of a poster, read back; whatever it shows, it has its size and its limit."""
    words = {"name": "Maya R.", "detail": "Baker", "brand": "Copper Spoke", "brand_color": GREEN, "rating": 5} | given
    made = share_image(saved(poster, folder / "poster.jpg"), folder / "share.jpg", **words)  # type: ignore[arg-type]
    assert made == folder / "share.jpg"
    assert made.stat().st_size < 300_000
    assert segments(made.read_bytes()) == []
    with Image.open(made) as picture:
        assert (picture.format, picture.size) == ("JPEG", (1200, 630))
        return picture.convert("RGB")


@pytest.mark.parametrize("size", [(1280, 720), (720, 720), (405, 720), (720, 540), (2000, 500), (100, 1000), (16, 16)])
def test_the_card_of_a_noisy_poster_stays_small(tmp_path: Path, size: tuple[int, int]) -> None:
    card(noise(size), tmp_path)


@pytest.mark.parametrize("given", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("size", [(640, 360), (360, 640)])
def test_the_card_bears_hostile_words(tmp_path: Path, size: tuple[int, int], given: str) -> None:
    """They stay inside their margins: nothing there is as light as the ink."""
    plain = Image.new("RGB", size, (120, 130, 140))
    made = card(plain, tmp_path, name=given, detail=given, brand=given, rating=None)
    for strip in ((1150, 0, 1200, 630), (0, 0, 1200, 12), (0, 610, 1200, 630), (0, 0, 30, 630)):
        assert lightest(made.crop(strip)) < 190


def lightest(picture: Image.Image) -> int:
    """The lightest pixel, by the darkest of its channels."""
    return max(min(pixel) for pixel in picture.get_flattened_data())  # type: ignore[arg-type]


def test_an_upright_poster_is_shown_whole(tmp_path: Path) -> None:
    poster = Image.new("RGB", (360, 640), (128, 128, 128))
    draw = ImageDraw.Draw(poster)
    draw.rectangle((0, 0, 359, 60), fill=(255, 0, 0))
    draw.rectangle((0, 580, 359, 639), fill=(0, 0, 255))
    made = card(poster, tmp_path)
    column = [made.getpixel((197, y)) for y in range(630)]
    assert sum(red > 200 and blue < 60 for red, _, blue in column) == pytest.approx(550 * 60 / 640, abs=8)  # type: ignore[misc]
    assert sum(blue > 200 and red < 60 for red, _, blue in column) == pytest.approx(550 * 60 / 640, abs=8)  # type: ignore[misc]


def test_a_name_from_right_to_left_mirrors_the_card(tmp_path: Path) -> None:
    poster = Image.new("RGB", (360, 640), (255, 0, 255))
    assert near(card(poster, tmp_path), (100, 200), (255, 0, 255))
    mirrored = card(poster, tmp_path, name="محمد عبد الرحمن")
    assert near(mirrored, (1100, 200), (255, 0, 255))
    assert not near(mirrored, (100, 200), (255, 0, 255))


def near(picture: Image.Image, at: tuple[int, int], color: tuple[int, int, int]) -> bool:
    pixel = picture.getpixel(at)
    assert isinstance(pixel, tuple)
    return all(abs(have - want) < 24 for have, want in zip(pixel, color, strict=True))


def test_the_play_mark_is_in_the_middle_and_on_nobody(tmp_path: Path) -> None:
    assert near(card(Image.new("RGB", (640, 360), "gray"), tmp_path), (570, 315), LIGHT_INK)
    assert near(card(Image.new("RGB", (640, 360), "gray"), tmp_path), (600, 315), brand_pair(GREEN)[0])
    with Image.open(faces.frames(faces.single_face(), tmp_path, 2)[0]) as person:
        made = card(person.convert("RGB"), tmp_path, name="W" * 300, detail="w" * 300)
    assert not near(made, (570, 315), LIGHT_INK)
    assert near(made, (1044, 504), LIGHT_INK)
    assert lightest(made.crop((965, 445, 1005, 600))) < 190  # and the words end before it


def test_stars_are_shown_where_there_is_a_rating(tmp_path: Path) -> None:
    poster = Image.new("RGB", (360, 640), "gray")
    shown = [gold(card(poster, tmp_path, rating=rating)) for rating in (None, 1, 3, 5)]
    assert shown[0] == 0
    assert shown[3] > 1.4 * shown[2] > 1.4 * shown[1] > 100


def gold(picture: Image.Image) -> int:
    return sum(red > 220 and 150 < green < 210 and blue < 110 for red, green, blue in picture.get_flattened_data())  # type: ignore[misc]


@pytest.mark.parametrize("rating", [None, 5])
def test_words_can_be_read_over_a_white_poster(tmp_path: Path, rating: int | None) -> None:
    """Beside the first letters and beyond the last, at the height of name and detail, the scrim is dense enough."""
    made = card(Image.new("RGB", (1280, 720), "white"), tmp_path, name="W" * 300, detail="w" * 300, rating=rating)
    for x in (50, 1150):
        for y in range(480, 600):
            ground = made.getpixel((x, y))
            assert isinstance(ground, tuple)
            assert contrast(LIGHT_INK, ground) >= 4.5, (x, y, ground)  # type: ignore[arg-type]


@pytest.mark.parametrize("color", ["#000000", "#0b0b12", GREEN, "#ffd60a", "#ffffff", "#888888"])
def test_words_can_be_read_beside_an_upright_poster(tmp_path: Path, color: str) -> None:
    _, ink = brand_pair(color)
    made = card(
        noise((90, 160)).resize((360, 640)), tmp_path, name="", detail="", brand="", brand_color=color, rating=None
    )
    grounds = made.crop((420, 20, 1190, 610)).resize((77, 59)).get_flattened_data()
    assert min(contrast(ink, ground) for ground in grounds) >= 4.4  # type: ignore[arg-type]  # JPEG rounds


def test_without_noto_the_font_of_pillow_serves(tmp_path: Path) -> None:
    """As on a Mac: what it has is drawn, what it lacks is left out."""
    saved(Image.new("RGB", (640, 360), "gray"), tmp_path / "poster.jpg")
    program = """
import sys
from pathlib import Path
from workers.media import typesetting
typesetting.FONTS = Path(sys.argv[1], "none")
from workers.media.pictures import share_image
for name in ("Maya R.", "\u0645\u062d\u0645\u062f", "x" * 2000):
    share_image(Path(sys.argv[1], "poster.jpg"), Path(sys.argv[1], "share.jpg"), name=name, detail="Baker",
                brand="Copper Spoke", brand_color="#1f6b52", rating=3)
print(typesetting.legible("Maya \u0645\u062d\u0645\u062f"))
"""
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout == "Maya\n"
    with Image.open(tmp_path / "share.jpg") as made:
        assert made.size == (1200, 630)
