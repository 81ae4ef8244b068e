"""Clips for social networks, rendered by the real ffmpeg and looked at as pixels."""

from __future__ import annotations

import array
import itertools
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from testimonials.domain.social import FORMATS, SocialClip, fit
from testimonials.errors import Invalid, MediaError
from tests import clips
from tests.media.conftest import streams
from workers.media.ass import CAPTION_EM, INTRO_SECONDS, OUTRO_SECONDS, contrast, text_color
from workers.media.lettering import clean, width, wrap
from workers.media.sandbox import choose
from workers.media.social import OVERLAY_NAME, Facts, render_social, social_command
from workers.media.verify import starts_fast

pytestmark = pytest.mark.media
BRAND, GRAY = "#e62255", (128, 128, 128)
RED, GREEN, BLUE, YELLOW = (255, 0, 0), (0, 128, 0), (0, 0, 255), (255, 255, 0)
SIZES = {"landscape": (640, 360), "portrait": (360, 640)}
LONG = "We cut our onboarding time in half and honestly nobody here expected that to happen so soon."
NAUGHTY = [
    r"{\p1}m 0 0 l 1000 0 1000 1000 0 1000{\p0}",
    r"{\an7\pos(0,0)\fs900}BIG",
    r"\N\N\N\N\N\N\h\n",
    r"\{\pos(0,0)\fs900}BIG",
    r"\\{\pos(0,0)\fs900}BIG\\",
    "}{\\an7\\fs300}BIG{",
    "'; movie=/etc/passwd",
    "[out]; [in] drawtext=textfile=/etc/passwd:x=0",
    "%{eif:1:d} %{pict_type} %n %s",
    "Dialogue: 9,0:00:00.00,9:00:00.00,Name,,0,0,0,,{\\an7}BIG\nDialogue: 9",
    "one\r\ntwo\u2028three\u2029four\x0bfive\x00six\x1b[31m",
    "\u202eevil\u202c \u2066more\u2069 \u200f\u200e\ufeff\u2060",
    "😀👍🏽 done ❤️ 👨‍👩‍👧‍👦",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘",
    "x" * 2000,
    "word " * 400,
    "<script>alert(1)</script> <b>&amp; ${7*7} $(id) `id`",
    "ﷺ ﷽ \ufffd \ufffe \U0010ffff",
]


@dataclass(frozen=True)
class Said:
    """A cue."""

    start_seconds: float
    end_seconds: float
    text: str


def plain(seconds: float = 1, shape: str = "landscape", sound: bool = True, color: str = "0x808080") -> Path:
    """One color all over."""
    w, h = SIZES[shape]
    picture = ["-f", "lavfi", "-i", f"color={color}:s={w}x{h}:r=30:d={seconds}"]
    audio = [*clips.tone(seconds), "-c:a", "aac"] if sound else []
    return clips.make(f"plain-{shape}.mp4", *picture, *audio, *clips.QUICK_H264, "-movflags", "+faststart")


def quadrants(shape: str) -> Path:
    """Red and green above, blue and yellow below."""
    w, h = SIZES[shape]
    boxes = [
        f"drawbox={x}:{y}:iw/2:ih/2:{color}:fill"
        for x, y, color in (
            ("0", "0", "red"),
            ("iw/2", "0", "green"),
            ("0", "ih/2", "blue"),
            ("iw/2", "ih/2", "yellow"),
        )
    ]
    graph = f"color=black:s={w}x{h}:r=30:d=1,format=rgb24,{','.join(boxes)},scale=out_color_matrix=bt709,format=yuv420p"
    return clips.make(f"quadrants-{shape}.mp4", "-f", "lavfi", "-i", graph, *clips.QUICK_H264, "-colorspace", "bt709")


@pytest.fixture
def render(tmp_path: Path) -> Any:
    """Render a source as the worker does; only what a test is about has to be said."""

    def run(source: Path, folder: Path = tmp_path, **given: Any) -> Path:
        options = {name: given.pop(name) for name in list(given) if name in SocialClip.__dataclass_fields__}
        facts = facts_of(source)
        values: dict[str, Any] = {"author_lines": (), "brand_color": BRAND, "brand_name": "Copper Spoke", "cues": ()}
        values |= {"facts": facts, "language": "en"} | given
        return render_social(choose(), source, folder, SocialClip(**options), **values)

    return run


def facts_of(source: Path) -> Facts:
    video, *audio = streams(source)
    return Facts(video["width"], video["height"], float(video["duration"]), bool(audio))


def pictures(path: Path, rate: float = 10) -> list[Image.Image]:
    """The clip as gray pictures, `rate` a second; each is the last one of its interval."""
    video = streams(path)[0]
    size = (video["width"], video["height"])
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-vf", f"fps={rate}:round=down", "-f", "rawvideo"]
    raw = subprocess.run([*command, "-pix_fmt", "gray", "-"], capture_output=True, check=True).stdout
    step = size[0] * size[1]
    return [Image.frombytes("L", size, raw[n : n + step]) for n in range(0, len(raw), step)]


def written(picture: Image.Image) -> tuple[int, int, int, int] | None:
    """Left, top, right and bottom of everything that is not the gray of the source."""
    ground = Image.new("L", picture.size, picture.crop((4, 4, 5, 5)).tobytes()[0])
    return ImageChops.difference(picture, ground).point(lambda level: 255 * (level > 24)).getbbox()


def frame_color(path: Path, at: float, box: str) -> tuple[int, ...]:
    """The mean color of a part of a frame, as r, g, b. Not scaled by ffmpeg, which forgets BT.709 over large steps."""
    graph = f"crop={box},scale=in_color_matrix=bt709,format=rgb24"
    command = ["ffmpeg", "-v", "error", "-ss", str(at), "-i", str(path), "-frames:v", "1", "-vf", graph]
    raw = subprocess.run([*command, "-f", "rawvideo", "-"], capture_output=True, check=True).stdout
    return tuple(sum(raw[part::3]) * 3 // len(raw) for part in range(3))


def near(color: tuple[int, ...], wanted: tuple[int, ...], by: int = 8) -> bool:
    return all(abs(one - other) <= by for one, other in zip(color, wanted, strict=True))


def rgb(color: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(color[1:]))


@pytest.mark.parametrize(("name", "shape"), [*itertools.product(FORMATS, SIZES)])
def test_every_format_comes_out_as_networks_take_it(name: str, shape: str, render: Any) -> None:
    path = render(plain(1, shape), format=name)
    video, audio = streams(path)
    assert (video["width"], video["height"]) == (FORMATS[name].width, FORMATS[name].height)
    assert (video["codec_name"], video["profile"], video["pix_fmt"]) == ("h264", "High", "yuv420p")
    assert (video["avg_frame_rate"], video["nb_frames"]) == ("30/1", "30")
    assert {video[f"color_{part}"] for part in ("space", "transfer", "primaries")} == {"bt709"}
    assert (audio["codec_name"], audio["sample_rate"], audio["channels"]) == ("aac", "48000", 2)
    assert float(audio["duration"]) == pytest.approx(1, abs=0.03)
    assert starts_fast(path)
    assert near(frame_color(path, 0.5, "iw/8:ih/8:iw/2:ih/2"), GRAY, by=3)


@pytest.mark.parametrize(("focus_x", "above"), [(0.0, (RED, RED)), (0.5, (RED, GREEN)), (1.0, (GREEN, GREEN))])
def test_the_crop_follows_the_focus(focus_x: float, above: tuple[Any, Any], render: Any) -> None:
    path = render(quadrants("landscape"), format="9x16", focus_x=focus_x)
    found = [frame_color(path, 0.5, f"iw/3:ih/3:{x}:0") for x in ("0", "iw*2/3")]
    assert all(near(one, wanted, 12) for one, wanted in zip(found, above, strict=True)), found


@pytest.mark.parametrize(("focus_y", "wanted"), [(0.0, RED), (1.0, BLUE)])
def test_the_crop_follows_the_focus_down_an_upright_clip(focus_y: float, wanted: tuple[int, ...], render: Any) -> None:
    path = render(quadrants("portrait"), format="1x1", focus_y=focus_y)
    part = "0" if focus_y == 0 else "ih*3/4"
    assert near(frame_color(path, 0.5, f"iw/3:ih/4:0:{part}"), wanted, 12)


def test_an_upright_clip_stands_whole_on_a_dark_copy_of_itself(render: Any) -> None:
    path = render(quadrants("portrait"), format="16x9")
    place = fit(360, 640, FORMATS["16x9"])
    corners = [(place.x, 0), (place.right - 100, 0), (place.x, 980), (place.right - 100, 980)]
    found = [frame_color(path, 0.5, f"100:100:{x}:{y}") for x, y in corners]
    assert all(near(*pair, 12) for pair in zip(found, (RED, GREEN, BLUE, YELLOW), strict=True)), found
    red, *rest = frame_color(path, 0.5, "200:200:100:100")
    assert 100 < red < 180
    assert max(rest) < 40


@pytest.mark.parametrize("name", FORMATS)
def test_captions_are_there_when_they_are_said_and_in_the_safe_zone(name: str, render: Any) -> None:
    shots = pictures(render(plain(2), format=name, cues=[Said(0.5, 1.5, LONG)]))
    assert [written(shot) is not None for shot in shots] == [False] * 5 + [True] * 10 + [False] * 5
    shape = FORMATS[name]
    for shot in shots[5:15]:
        left, top, right, bottom = written(shot) or (0, 0, 0, 0)
        assert shape.width * 0.1 <= left < right <= shape.width * 0.9
        assert shape.safe.y <= top < bottom <= shape.safe.bottom + 1
        assert bottom <= shape.height * (0.8 if name == "9x16" else 0.93)
        assert abs((left + right) / 2 - shape.width / 2) < 3


def test_captions_can_be_off(render: Any) -> None:
    shots = pictures(render(plain(1), format="1x1", captions=False, cues=[Said(0, 1, LONG)]))
    assert [written(shot) for shot in shots] == [None] * 10


def test_who_speaks_is_shown_in_the_brands_color_for_five_seconds(render: Any) -> None:
    path = render(plain(6), format="1x1", author_lines=["Maya Okafor", "Head of Operations"])
    shots = pictures(path, 2)
    left, top, right, bottom = written(shots[2]) or (0, 0, 0, 0)
    safe = FORMATS["1x1"].safe
    assert abs(left - safe.x) <= 2 >= abs(bottom - safe.bottom)
    assert near(frame_color(path, 2, f"{right - left - 40}:10:{left + 20}:{top + 4}"), rgb(BRAND))
    assert [written(shot) is not None for shot in shots] == [True] * 10 + [False] * 2


def test_cards_add_their_time_and_the_sound_stays_with_the_picture(render: Any) -> None:
    """A white flash and a beep at 0.5 s of the source."""
    source = clips.make(
        "flash.mp4",
        *["-f", "lavfi", "-i", "color=gray:s=640x360:r=30:d=1,drawbox=c=white:t=fill:enable='between(t,0.49,0.62)'"],
        *["-f", "lavfi", "-i", "sine=1000:sample_rate=48000:d=1,volume=enable='not(between(t,0.5,0.63))':volume=0"],
        *[*clips.QUICK_H264, "-c:a", "aac"],
    )
    path = render(source, format="1x1", intro=True, outro=True, author_lines=["Maya Okafor"])
    video, audio = streams(path)
    wanted = INTRO_SECONDS + 1 + OUTRO_SECONDS
    assert [float(stream["duration"]) for stream in (video, audio)] == pytest.approx([wanted, wanted], abs=0.04)
    shots = [shot.crop((20, 20, 21, 21)).tobytes()[0] for shot in pictures(path, 30)]
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-ac", "1", "-ar", "48000", "-f", "s16le", "-"]
    samples = array.array("h", subprocess.run(command, capture_output=True, check=True).stdout)
    flash = next(n for n, level in enumerate(shots) if level > 220) / 30
    beep = next(n for n, level in enumerate(samples) if abs(level) > 1500) / 48000
    assert flash == pytest.approx(INTRO_SECONDS + 0.5, abs=0.02)
    assert beep == pytest.approx(flash, abs=0.03)
    for second in (0.1, 1.5, wanted - 1.5, wanted - 0.1):
        assert near(frame_color(path, second, "100:100:40:900"), rgb(BRAND)), second


def test_a_clip_without_sound_gets_a_silent_track(render: Any) -> None:
    path = render(plain(sound=False), format="1x1")
    said = subprocess.run(
        ["ffmpeg", "-i", str(path), "-af", "volumedetect", "-f", "null", "-"], capture_output=True, check=True
    )
    assert b"max_volume: -91.0 dB" in said.stderr


def test_no_words_of_strangers_leave_their_place(render: Any) -> None:
    """If one of them were a command, it would draw, move or grow, and something would stand elsewhere."""
    cues = [Said(n / 10, (n + 1) / 10, text) for n, text in enumerate(NAUGHTY)]
    path = render(plain(2), format="1x1", cues=cues)
    safe = FORMATS["1x1"].safe
    for text, shot in zip(NAUGHTY, pictures(path), strict=False):
        left, top, right, bottom = written(shot) or (safe.x, 820, safe.right, 820)
        assert left >= safe.x - 1, text
        assert right <= safe.right + 1, text
        assert 820 <= top <= bottom <= safe.bottom + 1, text
        # What would be taken for a command would also be missing among the words.
        lines = wrap(clean(text), "en", CAPTION_EM["1x1"], True, safe.width - CAPTION_EM["1x1"])
        if len(lines) == 1:
            white = shot.point(lambda level: 255 * (level > 200)).getbbox() or (0, 0, 0, 0)
            assert white[2] - white[0] == pytest.approx(width(lines[0], "en", CAPTION_EM["1x1"], True), abs=14), text


def test_no_name_of_a_stranger_leaves_its_place(tmp_path: Path, render: Any) -> None:
    for number, text in enumerate((NAUGHTY[0], NAUGHTY[-4])):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = render(plain(), folder, format="1x1", author_lines=[text, text], brand_name=text)
        left, top, right, bottom = written(pictures(path)[6]) or (0, 0, 0, 0)
        assert (FORMATS["1x1"].safe.x - 1 <= left, top >= 600, right <= 973, bottom <= 995) == (True,) * 4, text


def test_what_people_write_is_in_no_command(tmp_path: Path) -> None:
    clip = SocialClip(intro=True, outro=True)
    command = " ".join(social_command(plain(), tmp_path, clip, Facts(640, 360, 1, True)))
    assert f"{tmp_path}/{OVERLAY_NAME}" in command
    assert BRAND.strip("#") not in command


def test_a_folder_may_be_called_anything(tmp_path: Path, render: Any) -> None:
    folder = tmp_path / "it's [a]:b,c;d=e &<x> \\f"
    folder.mkdir()
    assert written(pictures(render(plain(), folder, format="1x1", cues=[Said(0, 1, "Hello")]))[5])


WORLD = {
    "ar": ("مرحبا بكم في عام 2026", "NotoSansArabic-Bold"),
    "he": ("שלום עולם", "NotoSansHebrew-Bold"),
    "hi": ("नमस्ते क्षत्रिय", "NotoSansDevanagari-Bold"),
    "ja": ("日本語のテスト。", "NotoSansCJKjp-Bold"),
    "ko": ("한국어 자막", "NotoSansCJKkr-Bold"),
    "zh-Hans": ("中文字幕\uff0c很好", "NotoSansCJKsc-Bold"),
}


def said_by_libass(folder: Path, words: str) -> str:
    """What libass says about its fonts while it draws."""
    command = social_command(plain(), folder, SocialClip(format="1x1"), facts_of(plain()))
    command[command.index("error")] = "verbose"
    (folder / OVERLAY_NAME).write_text(words, encoding="utf-8")
    return subprocess.run(command, capture_output=True, check=True).stderr.decode()


def test_every_script_has_its_letters(tmp_path: Path, render: Any) -> None:
    cues = [Said(n / 10, (n + 1) / 10, text) for n, (text, _) in enumerate(WORLD.values())]
    shots = pictures(render(plain(), format="1x1", cues=cues))
    assert all(written(shot) for shot in shots[: len(WORLD)])
    assert list((tmp_path / "fonts").iterdir()), "fontconfig did not read the file written for it"
    said = said_by_libass(tmp_path, (tmp_path / OVERLAY_NAME).read_text())
    assert [font for _, font in WORLD.values() if font not in said] == []
    assert "not found" not in said
    assert "Fontconfig" not in said


def test_libass_would_say_so_if_letters_were_missing(tmp_path: Path, render: Any) -> None:
    """The control of the test above: the same words in the wrong font."""
    render(plain(), format="1x1", cues=[Said(0, 1, WORLD["hi"][0])])
    words = (tmp_path / OVERLAY_NAME).read_text().replace("Noto Sans Devanagari", "Noto Sans Hebrew")
    assert "not found" in said_by_libass(tmp_path, words)


def test_words_from_right_to_left_come_in_their_order_and_joined(render: Any) -> None:
    """Black squares after the words stand on the left in Hebrew; Arabic letters that may not join take more room."""
    cues = [Said(0, 0.2, "שלום ■■■■"), Said(0.2, 0.4, "abcd ■■■■")]
    cues += [Said(0.4, 0.6, "ببببب"), Said(0.6, 0.8, "ب\u200cب\u200cب\u200cب\u200cب")]
    shots = pictures(render(plain(), format="1x1", cues=cues))
    white = [shot.point(lambda level: 255 * (level > 200)) for shot in shots]
    heavy = [sum(shot.crop((0, 0, 540, 1080)).histogram()[255:]) for shot in white]
    light = [sum(shot.crop((540, 0, 1080, 1080)).histogram()[255:]) for shot in white]
    assert heavy[1] > light[1] * 1.3
    assert light[3] > heavy[3] * 1.3
    joined, apart = ((white[n].getbbox() or (0, 0, 0, 0)) for n in (5, 7))
    assert apart[2] - apart[0] > (joined[2] - joined[0]) * 1.2


def test_pictures_that_end_a_little_before_the_sound_are_held(render: Any) -> None:
    sound = clips.make("longer.mp4", "-i", str(plain(2, sound=False)), *clips.tone(2.6), "-c:v", "copy", "-c:a", "aac")
    path = render(sound, format="1x1", facts=Facts(640, 360, 2.6, True))
    assert [float(stream["duration"]) for stream in streams(path)] == pytest.approx([2.6, 2.6], abs=0.04)


def test_a_source_that_ends_too_early_is_found_out(render: Any) -> None:
    with pytest.raises(MediaError, match="lasts"):
        render(plain(), format="1x1", facts=Facts(640, 360, 5.0, True))


@pytest.mark.parametrize("color", [BRAND, "#000000", "#ffffff", "#777777", "#767676", "#ffd447", "#00ff00"])
def test_words_on_the_brands_color_can_be_read(color: str) -> None:
    assert contrast(text_color(color), color) >= 4.5


@pytest.mark.parametrize("color", ["red", "#fff", "#12345g", "#123456}", "#112233\n", ""])
def test_a_color_that_is_none_is_refused(color: str, render: Any) -> None:
    with pytest.raises(Invalid) as refused:
        render(plain(), brand_color=color)
    assert refused.value.code == "bad_social"
