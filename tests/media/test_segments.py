"""Tracks that are kept as they are, and what must not be; segments that are joined; marks that are applied."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from testimonials.models import Testimonial, Upload
from testimonials.models.base import now
from testimonials.runtime import Runtime
from tests import acts, clips
from tests.conftest import Someone
from tests.media.conftest import Outputs, Processed, codes, color, flash_and_beep, samples, sizes, streams

pytestmark = pytest.mark.media
H264 = clips.QUICK_H264
RED, BLUE = "color=red:s=640x360:r=30:d=2", "color=blue:s=640x360:r=30:d=2"


def turned_in_mid_recording() -> Path:
    """H.264 whose picture changes its size after a second: two streams, one after the other, in one track."""
    parts = [
        clips.make(f"{name}.h264", "-f", "lavfi", "-i", source.replace("d=2", "d=1"), *H264, "-bsf:v", "dump_extra")
        for name, source in (("red", RED), ("blue-upright", BLUE.replace("640x360", "360x640")))
    ]
    joined = clips.FOLDER / "turned.h264"
    joined.write_bytes(b"".join(part.read_bytes() for part in parts))
    return clips.make("turned.mp4", "-r", "30", "-i", str(joined), "-c", "copy")


def test_a_camera_that_was_turned_in_mid_recording(processed: Processed, outputs: Outputs) -> None:
    made = processed(turned_in_mid_recording())
    path = outputs.rendition(made)
    assert sizes(made) == [(640, 360)]
    assert made["duration_seconds"] == pytest.approx(2, abs=0.2)
    assert color(path, 0.5)[0] > 200
    assert color(path, 1.5, "iw/8:ih/2:iw*7/16:ih/4")[2] > 150
    decoded = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(path), "-f", "null", "-"], capture_output=True, check=True
    )
    assert decoded.stderr == b""


def kept_track() -> Path:
    """Already what we would make of it: 640x360 H.264 High at 30 frames, below the ladder's bit rate."""
    options = ["-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-pix_fmt", "yuv420p", "-b:v", "500k"]
    return clips.make("kept.mp4", *clips.picture(seconds=4), *clips.tone(4), *options, "-g", "60", "-c:a", "aac")


def test_what_is_fine_already_keeps_its_pictures_bit_for_bit(processed: Processed, outputs: Outputs) -> None:
    made = processed(kept_track())
    path = outputs.rendition(made)
    assert hash_of_track(path) == hash_of_track(kept_track())
    assert streams(path)[1]["sample_rate"] == "48000"
    assert color(outputs.file(made["poster"]["url"]), 0) != (0, 0, 0)
    assert made["candidates"]


def test_a_track_that_changes_its_size_is_not_kept(processed: Processed, outputs: Outputs) -> None:
    """Two sizes in one track play in some players and turn to mush in others."""
    made = processed(turned_in_mid_recording())
    assert hash_of_track(outputs.rendition(made)) != hash_of_track(turned_in_mid_recording())


def test_a_kept_track_that_turns_out_to_be_damaged_is_made_anew(processed: Processed, outputs: Outputs) -> None:
    body = bytearray(kept_track().read_bytes())
    start = len(body) // 2
    body[start : start + 4000] = bytes(4000)
    made = processed(bytes(body))
    assert "damaged" in codes(made)
    path = outputs.rendition(made)
    decoded = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(path), "-f", "null", "-"], capture_output=True, check=True
    )
    assert decoded.stderr == b"", "players get what we could decode, not what we could not"


def hash_of_track(path: Path) -> bytes:
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:v", "-c", "copy", "-f", "hash", "-"]
    return subprocess.run(command, capture_output=True, check=True).stdout


def test_location_and_all_other_metadata_are_gone_from_every_output(processed: Processed, outputs: Outputs) -> None:
    secrets = {
        "location": "+52.5200+013.4050/",
        "title": "secret-title",
        "comment": "secret-comment",
        "artist": "secret-name",
    }
    tags = [word for name, value in secrets.items() for word in ("-metadata", f"{name}={value}")]
    tags += ["-metadata:s:v:0", "handler_name=secret-camera", "-metadata:s:v:0", "comment=secret-track"]
    for name, clip in (("mov", clips.mp4(2)), ("kept", kept_track())):
        located = clips.make(
            f"located-{name}.mov", "-i", str(clip), "-c", "copy", *tags, "-movflags", "use_metadata_tags"
        )
        assert b"+52.5200" in located.read_bytes()
        assert b"secret-title" in located.read_bytes()
        made = processed(located)
        assert made["media"] == "ready"
    files = outputs.all()
    assert len(files) > 20
    for path in files:
        body = path.read_bytes()
        for secret in (b"+52.52", b"secret-", b"Exif"):
            assert secret not in body, f"{path.name} holds {secret!r}"


def test_two_segments_of_different_size_become_one_clip(
    runtime: Runtime, customer: FlaskClient, owner: Someone, outputs: Outputs
) -> None:
    """As after a crash: red and lying, then blue and upright, with and without sound."""
    red = clips.make("red.webm", "-f", "lavfi", "-i", RED, *clips.tone(2), "-c:v", "libvpx", "-c:a", "libopus")
    blue = clips.make("blue.mp4", "-f", "lavfi", "-i", BLUE.replace("640x360", "360x640"), *H264)
    made = hand_in_segments(runtime, customer, owner, [red, blue])
    path = outputs.rendition(made)
    assert sizes(made) == [(640, 360)]
    assert made["duration_seconds"] == pytest.approx(4, abs=0.2)
    assert color(path, 1)[0] > 200
    middle, edge = color(path, 3, "iw/8:ih/2:iw*7/16:ih/4"), color(path, 3, "iw/8:ih:0:0")
    assert middle[2] > 200 > middle[0]
    assert max(edge) < 20, "whole, in the middle of black"
    heard = samples(path)
    assert max(map(abs, heard[8000:15000])) > 1000
    assert max(map(abs, heard[18000:30000])) < 50


@pytest.mark.parametrize("place", [0, 1])
def test_a_segment_of_which_nothing_came_does_not_cost_the_others(
    runtime: Runtime, customer: FlaskClient, owner: Someone, outputs: Outputs, place: int, tmp_path: Path
) -> None:
    """A phone that died at the start of the second take: some bytes, and no picture in them."""
    red = clips.make("red.webm", "-f", "lavfi", "-i", RED, *clips.tone(2), "-c:v", "libvpx", "-c:a", "libopus")
    stub = tmp_path / "stub.webm"
    stub.write_bytes(red.read_bytes()[:300])
    made = hand_in_segments(runtime, customer, owner, [stub, red] if place == 0 else [red, stub])
    assert (made["media"], made["duration_seconds"]) == ("ready", pytest.approx(2, abs=0.2))
    assert "cut_short" in [each["code"] for each in made["notices"]], "the moderator is told"
    assert color(outputs.rendition(made), 1)[0] > 200
    assert made["preview"], "the second job leaves out the same one"


def hand_in_segments(runtime: Runtime, customer: FlaskClient, owner: Someone, segments: list[Path]) -> dict[str, Any]:
    """What the recorder does after a crash: further uploads belong to the same testimonial."""
    token = acts.hand_in(customer, segments[0])["token"]
    for position, segment in enumerate(segments[1:], start=1):
        other = acts.upload(customer, segment.read_bytes())
        with runtime.db.transaction() as transaction:
            testimonial = transaction.scalars(select(Testimonial).where(Testimonial.token == token)).one()
            values = {"testimonial_id": testimonial.id, "position": position, "finalized_at": now()}
            transaction.execute(update(Upload).where(Upload.token == other).values(**values))
    acts.work_through(runtime)
    found: dict[str, Any] = customer.get(f"/api/v1/testimonials/{token}", headers=owner.bearer).json
    return found


def test_trim_marks_cut_picture_and_sound_together(
    runtime: Runtime, customer: FlaskClient, owner: Someone, outputs: Outputs
) -> None:
    flash = "color=black:s=320x240:r=30:d=6,drawbox=color=white:t=fill:enable='between(t,3,3.5)'"
    beep = "sine=f=1000:r=48000:d=6,volume=enable='not(between(t,3,3.5))':volume=0"
    clip = clips.make("flash.mp4", "-f", "lavfi", "-i", flash, "-f", "lavfi", "-i", beep, *H264, "-c:a", "aac")
    token = acts.hand_in(customer, clip)["token"]
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Testimonial).values(trim_start_seconds=1.5, trim_end_seconds=5.0))
    acts.work_through(runtime)
    made = customer.get(f"/api/v1/testimonials/{token}", headers=owner.bearer).json
    assert made["duration_seconds"] == pytest.approx(3.5, abs=0.1)
    assert flash_and_beep(outputs.rendition(made)) == (pytest.approx(1.5, abs=0.07), pytest.approx(1.5, abs=0.07))


def test_a_clip_that_promises_a_minute_and_holds_a_second_has_a_preview(processed: Processed, outputs: Outputs) -> None:
    faststart = clips.make("promise.mp4", "-i", str(clips.mp4(20, "320x240")), "-c", "copy", "-movflags", "+faststart")
    body = faststart.read_bytes()
    made = processed(body[: len(body) // 12])
    assert (made["media"], made["storyboard"]["tiles"] <= 3) == ("ready", True)
    assert float(streams(outputs.file(made["preview"]["url"]))[0]["duration"]) > 0.3
