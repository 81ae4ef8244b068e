"""What is made of a clip: decided from facts alone."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from testimonials.errors import MediaError
from workers.media.plan import Wishes, make_plan, may_copy
from workers.media.probe import Probe
from workers.media.storyboard import to_webvtt
from workers.slots import JOB_BYTES, REST_BYTES, slots

PHONE = Probe(
    demuxer="mov",
    duration_seconds=60.0,
    width=1920,
    height=1080,
    frames_per_second=Fraction(60),
    rotation=0,
    square_pixels=True,
    video_index=0,
    video_codec="hevc",
    codec_tag="hvc1",
    profile="Main",
    pixel_format="yuv420p",
    transfer="",
    matrix="bt709",
    audio_codec="aac",
    audio_index=1,
    size_bytes=60_000_000,
)
FINE = replace(
    PHONE,
    video_codec="h264",
    profile="High",
    frames_per_second=Fraction(30),
    width=1280,
    height=720,
    size_bytes=15_000_000,
)


@pytest.mark.parametrize(
    ("width", "height", "sides"),
    [(3840, 2160, [1080, 720, 480]), (1280, 720, [720, 480, 360]), (1080, 1920, [1080, 720, 480]), (320, 240, [240])],
)
def test_the_ladder_never_goes_up(width: int, height: int, sides: list[int]) -> None:
    plan = make_plan([replace(PHONE, width=width, height=height)])
    assert [rung.short_side for rung in plan.rungs] == sides
    assert all(rung.width % 2 == rung.height % 2 == 0 for rung in plan.rungs)
    assert plan.first in plan.rungs


def test_something_small_is_made_first() -> None:
    plan = make_plan([PHONE])
    assert plan.first.short_side == 480
    assert [rung.short_side for rung in plan.rest] == [1080, 720]


def test_sixty_frames_are_kept_only_where_they_are_asked_for() -> None:
    assert make_plan([PHONE]).frames_per_second == 30
    assert make_plan([PHONE], Wishes(max_rate=Fraction(60))).frames_per_second == 60


DIFFERENT = [
    {"video_codec": "hevc"},
    {"profile": "High 10"},
    {"pixel_format": "yuv420p10le"},
    {"pixel_format": "yuvj420p"},
    {"matrix": "smpte170m"},
    {"transfer": "smpte2084"},
    {"rotation": 90},
    {"square_pixels": False},
    {"width": 1281},
    {"width": 2560, "height": 1440},
    {"frames_per_second": Fraction(60)},
    {"size_bytes": 40_000_000},
]


def test_a_track_is_kept_only_if_all_of_it_is_as_we_would_make_it() -> None:
    assert may_copy([FINE], Wishes())
    assert make_plan([FINE], steady=True).copy
    assert not make_plan([FINE], steady=False).copy
    for change in DIFFERENT:
        assert not may_copy([replace(FINE, **change)], Wishes()), change  # type: ignore[arg-type]
    assert not may_copy([FINE, FINE], Wishes())
    assert not may_copy([FINE], Wishes(start_seconds=1))
    assert not may_copy([FINE], Wishes(end_seconds=9))


def test_a_kept_track_is_the_largest_and_the_first() -> None:
    plan = make_plan([replace(FINE, width=960, height=540, size_bytes=5_000_000)], steady=True)
    assert [rung.short_side for rung in plan.rungs] == [540, 480, 360]
    assert (plan.first, plan.copy) == (plan.rungs[0], True)


def test_marks_shorten_it_and_must_leave_something() -> None:
    assert make_plan([PHONE, PHONE], Wishes(start_seconds=10, end_seconds=100)).duration_seconds == 90
    assert make_plan([PHONE], Wishes(start_seconds=10, end_seconds=1000)).duration_seconds == 50
    with pytest.raises(MediaError) as refused:
        make_plan([PHONE], Wishes(start_seconds=30, end_seconds=30.1))
    assert refused.value.code == "too_short"


def test_facts_survive_being_handed_on() -> None:
    odd = replace(PHONE, frames_per_second=Fraction(24000, 1001))
    assert Probe.from_json(odd.to_json()) == odd


def test_a_storyboard_has_at_most_a_hundred_tiles_and_an_index() -> None:
    for seconds in (0.4, 3.0, 59.5, 600.0):
        plan = make_plan([replace(PHONE, duration_seconds=seconds)])
        board = plan.storyboard
        assert 1 <= board.tiles <= 100
        assert board.tiles * board.interval_seconds >= seconds
        assert board.columns * board.rows >= board.tiles
        index = to_webvtt(board, seconds, "sprite.jpg")
        assert index.startswith("WEBVTT\n\n00:00:00.000 --> ")
        assert index.count("sprite.jpg#xywh=") == board.tiles
    assert "sprite.jpg#xywh=160,90,160,90" in index


def test_memory_bounds_how_many_are_encoded_at_once() -> None:
    assert slots(4, memory_bytes=64 * 1024**3) == 4
    assert slots(4, memory_bytes=REST_BYTES + 2 * JOB_BYTES) == 2
    assert slots(4, memory_bytes=100) == 1
