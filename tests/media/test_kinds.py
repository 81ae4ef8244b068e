"""Sound without a picture, words alone: what a customer may give instead of a video, and what comes out."""

from __future__ import annotations

import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from testimonials import jobs
from testimonials.models import Testimonial
from testimonials.runtime import Runtime
from tests import acts, clips, speech
from tests.conftest import Someone
from tests.media.conftest import Given, Outputs, Processed, codes, color, loudness, pixels, sizes, streams
from tests.media.test_segments import BLUE, hand_in_segments

pytestmark = pytest.mark.media
LADDER = [(1280, 720), (854, 480), (640, 360)]
WAVE = "1152:216:64:360"


def memo(name: str = "memo.m4a", *codec: str) -> Path:
    """As a phone's voice memo: five sentences, 24 s, and quiet."""
    wav, _ = speech.joined(5)
    return clips.make(name, "-i", str(wav), "-af", "volume=-18dB", *(codec or ("-c:a", "aac", "-b:a", "64k")))


def test_sound_gets_a_picture_that_moves_and_everything_that_a_video_has(given: Given, outputs: Outputs) -> None:
    made = given(memo(), kind="audio")
    assert (made["media"], made["kind"], made["failure"], sizes(made)) == ("ready", "audio", None, LADDER)
    assert made["duration_seconds"] == pytest.approx(speech.duration_of(speech.joined(5)[0]), abs=0.2)
    for number in range(3):
        path = outputs.rendition(made, number)
        assert loudness(path) == pytest.approx(-16, abs=3), "a quiet voice, its peaks held back"
        video, audio = streams(path)
        assert abs(float(video["duration"]) - float(audio["duration"])) < 0.15
        assert path.stat().st_size * 8 / made["duration_seconds"] < 900_000, "what is simple is small"
    assert made["share_image"]["width"] == 1200
    assert made["storyboard"]["tiles"] > 10
    assert made["preview"]["url"]
    assert [each["language"] for each in made["captions"]] == ["en"]
    ground = color(outputs.rendition(made), 3, "1280:60:0:640")
    assert ground == pytest.approx((31, 107, 82), abs=4), "the brand's color, where captions stand"


def test_the_bars_move_with_the_voice_and_lie_flat_without(given: Given, outputs: Outputs) -> None:
    graph = "sine=300:d=6,volume=enable='lt(t,2)+gt(t,4)':volume=0:eval=frame"
    beep = clips.make("beep.m4a", "-f", "lavfi", "-i", graph, "-c:a", "aac")
    made = given(beep, kind="audio")
    path = outputs.rendition(made)
    lit = [sum(value > 150 for value in pixels(path, at, 320, 180)[90 * 320 : 145 * 320]) for at in (1.0, 3.5, 5.8)]
    assert lit[1] > 4 * max(lit[0], lit[2], 1)


@pytest.mark.parametrize(
    ("name", "codec"),
    {
        "memo.webm": ("-c:a", "libopus", "-f", "webm", "-live", "1"),
        "memo.mp3": ("-c:a", "libmp3lame", "-b:a", "64k"),
        "bare.mp3": ("-c:a", "libmp3lame", "-b:a", "64k", "-id3v2_version", "0", "-write_xing", "0"),
        "memo.wav": ("-c:a", "pcm_s16le"),
        "memo.ogg.mkv": ("-c:a", "libvorbis"),
    }.items(),
)
def test_it_takes_what_recorders_write(name: str, codec: tuple[str, ...], given: Given) -> None:
    made = given(memo(name, "-t", "2", *codec), kind="audio")
    assert (made["media"], made["kind"], sizes(made)) == ("ready", "audio", LADDER), made["failure"]
    assert made["duration_seconds"] == pytest.approx(2, abs=0.2)


def test_a_cover_is_no_video(given: Given, tmp_path: Path) -> None:
    Image.new("RGB", (300, 300), "red").save(tmp_path / "cover.jpg")
    cover = ["-i", str(memo()), "-i", str(tmp_path / "cover.jpg"), "-map", "0", "-map", "1", "-t", "2"]
    cover += ["-c:v", "copy", "-disposition:v:0", "attached_pic"]
    for name, codec in (("covered.m4a", ["-c:a", "copy"]), ("covered.mp3", ["-c:a", "libmp3lame"])):
        made = given(clips.make(name, *cover, *codec), kind="audio")
        assert (made["media"], made["kind"]) == ("ready", "audio"), (name, made["failure"])


def test_what_was_called_a_video_and_has_no_picture_is_sound(processed: Processed) -> None:
    made = processed(memo("camera-off.webm", "-t", "2", "-c:a", "libopus", "-f", "webm", "-live", "1"))
    assert (made["media"], made["kind"]) == ("ready", "audio")


def test_what_was_called_sound_and_has_a_picture_is_a_video(given: Given) -> None:
    made = given(clips.webm(1), kind="audio")
    assert (made["media"], made["kind"], sizes(made)) == ("ready", "video", [(640, 360)])


@pytest.mark.usefixtures("given")
def test_parts_that_were_only_spoken_are_joined_and_trimmed(
    runtime: Runtime, customer: FlaskClient, owner: Someone, outputs: Outputs
) -> None:
    high = clips.make("high.m4a", "-f", "lavfi", "-i", "sine=880:d=2", "-c:a", "aac")
    low = clips.make("low.webm", "-f", "lavfi", "-i", "sine=220:d=2", "-c:a", "libopus", "-f", "webm", "-live", "1")
    token = acts.upload(customer, high.read_bytes()), acts.upload(customer, low.read_bytes())
    marks = {"trim_start": 1.0, "trim_end": 3.5, "poster": 2.0}
    body = {**acts.DETAILS, "uploads": list(token), "kind": "audio", **marks}
    handed = customer.post("/c/spring/submissions", json=body).json["testimonial"]["token"]
    acts.work_through(runtime)
    made = customer.get(f"/api/v1/testimonials/{handed}", headers=owner.bearer).json
    assert (made["media"], made["kind"], sizes(made)) == ("ready", "audio", LADDER), made["failure"]
    assert made["duration_seconds"] == pytest.approx(2.5, abs=0.15)
    path = outputs.rendition(made)
    assert (pitch(path, 0.2), pitch(path, 1.8)) == (pytest.approx(880, abs=20), pytest.approx(220, abs=10))


def test_a_part_without_a_picture_gets_one_among_others(
    runtime: Runtime, customer: FlaskClient, owner: Someone, outputs: Outputs
) -> None:
    blue = clips.make("blue-sound.mp4", "-f", "lavfi", "-i", BLUE, *clips.tone(2), *clips.QUICK_H264, "-c:a", "aac")
    made = hand_in_segments(runtime, customer, owner, [blue, memo("two.m4a", "-t", "2", "-c:a", "aac")])
    assert (made["kind"], sizes(made)) == ("video", LADDER)
    path = outputs.rendition(made)
    assert color(path, 1)[2] > 200
    assert color(path, 3, "1280:60:0:640") == pytest.approx((31, 107, 82), abs=6)


def test_clips_for_networks_show_all_of_it(
    given: Given, runtime: Runtime, customer: FlaskClient, owner: Someone, outputs: Outputs
) -> None:
    made = given(memo("short.m4a", "-t", "2", "-c:a", "aac"), kind="audio")
    address = f"/api/v1/testimonials/{made['token']}"
    asked = customer.post(f"{address}/social", json={"format": "9x16", "captions": False}, headers=owner.bearer)
    assert asked.status_code in (200, 202), asked.text
    acts.work_through(runtime)
    clip = customer.get(address, headers=owner.bearer).json["social"][0]
    path = outputs.file(clip["url"])
    bars = pixels(path, 1, 270, 480)[255 * 270 : 261 * 270]
    lit = [column for column in range(270) if max(bars[column::270]) > 150]
    assert (lit[0] < 30, lit[-1] > 240) == (True, True), "the wave from its first to its last bar"


def test_silence_is_said(given: Given) -> None:
    quiet = clips.make("quiet.m4a", "-f", "lavfi", "-i", "anullsrc=r=48000:cl=mono:d=2", "-t", "2", "-c:a", "aac")
    made = given(quiet, kind="audio")
    assert (made["media"], codes(made)) == ("ready", ["silent"])


def test_the_moment_of_the_poster(given: Given, outputs: Outputs) -> None:
    """Red for three seconds, then blue. The moment is one of the whole recording, trimmed or not."""
    graph = "color=red:s=640x360:r=30:d=3[a];color=blue:s=640x360:r=30:d=3[b];[a][b]concat"
    high = ["-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-pix_fmt", "yuv420p", "-g", "300"]
    clip = clips.make("two-colors.mp4", "-f", "lavfi", "-i", graph, *high)
    marks: dict[str, Any]
    for marks, is_blue in (
        ({"trim_start": 1.0, "poster": 3.5}, True),
        ({"trim_start": 1.0, "poster": 2.5}, False),
        ({"poster": 3.5}, True),  # of a track that is kept
        ({"poster": 0.5}, False),
    ):
        made = given(clip, **marks)
        red, _, blue = color(outputs.file(made["poster"]["url"]), 0)
        assert (blue > red) is is_blue, marks
        assert "chosen" in [each["candidate"] for each in made["candidates"]]
        assert len(made["candidates"]) >= 2
    made = given(clip, poster=70.0)
    assert made["media"] == "ready"
    assert "chosen" not in [each["candidate"] for each in made["candidates"]], "behind the end there is no frame"


def pitch(path: Path, at: float) -> float:
    """How many times a second a pure tone swings."""
    command = ["ffmpeg", "-v", "error", "-ss", str(at), "-t", "0.4", "-i", str(path), "-ac", "1", "-ar", "16000"]
    raw = subprocess.run([*command, "-f", "s16le", "-"], capture_output=True, check=True).stdout
    heard = list(memoryview(raw).cast("h"))
    return sum(a < 0 <= b for a, b in pairwise(heard)) / (len(heard) / 16000)


@pytest.mark.usefixtures("given")
def test_words_need_no_worker_and_get_a_card(
    runtime: Runtime, customer: FlaskClient, owner: Someone, outputs: Outputs
) -> None:
    body = {**acts.DETAILS, "kind": "text", "upload": acts.upload(customer, b"")}
    token = customer.post("/c/spring/submissions", json=body).json["testimonial"]["token"]
    address = f"/api/v1/testimonials/{token}"
    made = customer.get(address, headers=owner.bearer).json
    assert (made["media"], made["kind"], made["poster"]) == ("ready", "text", None)
    with runtime.db.transaction() as transaction:
        testimonial = transaction.scalars(select(Testimonial).where(Testimonial.token == token)).one()
        jobs.enqueue(transaction, runtime.nudge, name=jobs.MAKE_PICTURES, testimonial_id=testimonial.id, max_attempts=1)
    acts.work_through(runtime)
    made = customer.get(address, headers=owner.bearer).json
    assert (made["share_image"]["width"], made["share_image"]["height"], made["poster"]) == (1200, 630, None)
    assert outputs.file(made["share_image"]["url"]).stat().st_size < 300_000
