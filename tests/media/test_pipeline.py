"""The pipeline on real clips: what goes in, and what must come out."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from testimonials.domain.failures import FAILURES
from testimonials.errors import StorageError
from testimonials.models import Campaign
from testimonials.runtime import Runtime
from tests import acts, clips
from tests.conftest import Nudges, Someone
from tests.media.conftest import Outputs, color, streams
from tests.media.containers import box
from workers.media.verify import starts_fast

pytestmark = pytest.mark.media


def test_it_makes_a_recording_ready(processed: Any, outputs: Outputs) -> None:
    made = processed(clips.webm(3, "1280x720"))
    assert (made["media"], made["failure"]) == ("ready", None)
    sizes = [(r["width"], r["height"], r["codec"]) for r in made["renditions"]]
    assert sizes == [(1280, 720, "h264"), (854, 480, "h264"), (640, 360, "h264")]
    assert made["duration_seconds"] == pytest.approx(3, abs=0.2)
    assert (made["poster"]["width"], made["poster"]["height"]) == (1280, 720)
    path = outputs.rendition(made)
    video, audio = streams(path)
    assert (video["profile"], video["pix_fmt"], video["avg_frame_rate"]) == ("High", "yuv420p", "30/1")
    assert (audio["codec_name"], audio["sample_rate"]) == ("aac", "48000")
    assert starts_fast(path)


def test_it_turns_an_upright_clip_upright(processed: Any, outputs: Outputs) -> None:
    """The stored picture lies on its side with a flag; what comes out stands, without a flag, in the right direction."""
    lying = clips.make(
        "halves.mp4",
        "-f",
        "lavfi",
        "-i",
        "color=red:s=640x360:d=1,drawbox=x=0:w=320:h=360:color=blue:t=fill",
        *clips.QUICK_H264,
    )
    flagged = clips.make("halves-turned.mp4", "-i", str(lying), "-c", "copy", "-metadata:s:v:0", "rotate=270")
    # The matrix counts counterclockwise: -90 is what a phone held upright writes.
    assert streams(flagged)[0]["side_data_list"][0]["rotation"] == -90
    made = processed(flagged)
    assert [(r["width"], r["height"]) for r in made["renditions"]] == [(360, 640)]
    path = outputs.rendition(made)
    # Turned clockwise by 90 degrees, what was left (blue) is now above.
    above, below = (color(path, 0.2, f"iw:ih/4:0:{top}") for top in ("0", "ih*3/4"))
    assert above[2] > 200 > above[0]
    assert below[0] > 200 > below[2]
    assert "side_data_list" not in streams(path)[0]


def test_it_takes_clips_without_sound(processed: Any) -> None:
    assert processed(clips.silent_mp4())["media"] == "ready"


def test_it_takes_odd_sizes(processed: Any) -> None:
    made = processed(clips.odd_size())
    assert [(r["width"], r["height"]) for r in made["renditions"]] == [(640, 360)]


def test_it_never_enlarges(processed: Any) -> None:
    made = processed(clips.mp4(1, "320x240"))
    assert [(r["width"], r["height"]) for r in made["renditions"]] == [(320, 240)]


def test_no_location_survives(processed: Any, outputs: Outputs) -> None:
    located = clips.make("located.mp4", "-i", str(clips.mp4(1)), "-c", "copy", "-metadata", "location=+52.5+013.4/")
    said = subprocess.run(["ffprobe", "-v", "error", "-show_format", str(located)], capture_output=True, check=True)
    assert b"+52.5" in said.stdout, "the clip must carry a location for this test to mean anything"
    made = processed(located)
    for number in range(len(made["renditions"])):
        assert b"+52.5" not in outputs.rendition(made, number).read_bytes()


PLAYLIST_OF_A_FILE = b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
BAD = {
    "text": (b"This is no video at all, only words.\n" * 50, "not_a_video"),
    "playlist of a local file": (PLAYLIST_OF_A_FILE, "not_a_video"),
    "png": (b"\x89PNG\r\n\x1a\n" + b"\0" * 4000, "not_a_video"),
    "ftyp and noise": (b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + b"\x5a" * 5000, "corrupt"),
    "ebml and noise": (b"\x1a\x45\xdf\xa3" + b"\x5a" * 5000, "corrupt"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_video_fails_with_a_name_and_a_sentence(name: str, processed: Any) -> None:
    body, code = BAD[name]
    made = processed(body)
    assert made["media"] == "failed"
    assert made["failure"] == {"code": code, "detail": FAILURES[code].business, "retry": False}
    assert made["renditions"] == []


def test_a_playlist_cannot_make_us_ask_a_server(processed: Any) -> None:
    """With a real listener: the test fails if anything connects."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        port = listener.getsockname()[1]
        for disguise in (b"", b"\0\0\0\x18ftypisom\0\0\2\0isomiso2"):
            body = disguise + PLAYLIST_OF_A_FILE.replace(b"file:///etc/passwd", b"http://127.0.0.1:%d/inside.ts" % port)
            assert processed(body)["media"] == "failed"
        with pytest.raises(TimeoutError):
            listener.accept()


def test_a_small_file_that_claims_20000_seconds_is_refused_at_once(processed: Any) -> None:
    body = clips.claims_20000_seconds()
    assert len(body) < 4000
    assert processed(body)["failure"]["code"] == "too_long"


def test_a_clip_of_one_frame_is_too_short(processed: Any) -> None:
    frame = clips.make("frame.mp4", *clips.picture("320x240", 0.04, "25"), "-c:v", "libx264", "-pix_fmt", "yuv420p")
    assert processed(frame)["failure"]["code"] == "too_short"


def test_a_clip_without_any_frame_is_too_short(processed: Any) -> None:
    empty = clips.make(
        "empty.mp4", *clips.picture("320x240", 1), "-c:v", "libx264", "-pix_fmt", "yuv420p", "-frames:v", "0"
    )
    assert processed(empty)["failure"]["code"] in ("too_short", "no_video")


def test_the_campaigns_limit_holds_with_some_grace(runtime: Runtime, processed: Any, owner: Someone) -> None:
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Campaign).values(max_seconds=10))
    assert processed(clips.mp4(14, "320x240"))["media"] == "ready"
    assert processed(clips.mp4(20, "320x240"))["failure"]["code"] == "too_long"


def test_a_recording_whose_clock_starts_late_is_as_long_as_it_is(processed: Any) -> None:
    late = clips.make(
        "late.webm", "-i", str(clips.webm(2)), "-c", "copy", "-output_ts_offset", "4", "-f", "webm", "-live", "1"
    )
    made = processed(late)
    assert made["media"] == "ready"
    assert made["duration_seconds"] == pytest.approx(2, abs=0.2)


@pytest.mark.parametrize("size", ["2x2000", "4000x16"])
def test_shapes_that_nobody_records_do_no_harm(processed: Any, size: str) -> None:
    thin = clips.make(f"shape-{size}.mp4", *clips.picture(size, 1), "-c:v", "libx264", "-pix_fmt", "yuv420p")
    assert processed(thin)["media"] == "ready"


def test_a_rotation_that_is_no_number_counts_as_none(processed: Any) -> None:
    odd = clips.make("rotate.mkv", "-i", str(clips.mp4(1)), "-c", "copy", "-metadata:s:v:0", "rotate=abc")
    assert processed(odd)["media"] == "ready"


def test_a_file_that_claims_less_than_it_holds_is_found_out_early(processed: Any) -> None:
    """The header says 1 s, the frames go on for 60: no ten minutes of work before it is said."""
    long = clips.make(
        "long.mkv", *clips.picture("320x240", 60, "10"), "-c:v", "libx264", "-preset", "ultrafast"
    ).read_bytes()
    place = long.index(b"\x44\x89\x88") + 3  # the Duration element: a double, in milliseconds
    made = processed(long[:place] + struct.pack(">d", 1000.0) + long[place + 8 :])
    assert made["failure"]["code"] == "corrupt"


def test_what_can_be_neither_seen_nor_heard_is_said(processed: Any) -> None:
    empty = box(b"ftyp", b"isom\0\0\2\0isom") + box(b"moov", box(b"mvhd", bytes(100)))
    assert processed(empty)["failure"]["code"] == "no_video"


def test_a_rare_codec_is_refused_by_name(processed: Any) -> None:
    rare = clips.make("rare.mkv", *clips.picture("320x240", 1), "-c:v", "ffv1")
    assert processed(rare)["failure"]["code"] == "codec_not_supported"


def test_too_many_pixels_are_refused(processed: Any) -> None:
    huge = clips.make(
        "huge.mp4",
        "-f",
        "lavfi",
        "-i",
        "color=gray:s=8192x4320:d=0.5:r=4",
        *clips.QUICK_H264,
    )
    assert processed(huge)["failure"]["code"] == "too_many_pixels"


def test_a_storage_that_refuses_a_write_loses_nothing(
    runtime: Runtime, nudges: Nudges, customer: FlaskClient, owner: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three outputs get through and the fourth does not: nothing is visible, and one click later all of it is there."""
    token = acts.hand_in(customer, clips.webm(1, "1280x720"))["token"]
    save, calls = runtime.storage.save, []

    def refuse_the_third(key: str, path: Path, content_type: str) -> None:
        calls.append(key)
        if len(calls) == 3:
            raise StorageError("No room.")
        save(key, path, content_type)

    monkeypatch.setattr(runtime.storage, "save", refuse_the_third)
    acts.work(runtime, nudges.sent[-1][1])
    read = lambda: customer.get(f"/api/v1/testimonials/{token}", headers=owner.bearer).json  # noqa: E731
    waiting = read()
    assert (waiting["media"], waiting["renditions"]) == ("uploaded", [])
    timings = waiting["processing"].pop("timings")
    assert timings["transcoding"] > 0
    assert waiting["processing"] == {
        "state": "queued",
        "stage": "storing",
        "percent": 0,
        "attempts": 1,
        "failure": "storage_unavailable",
    }


def test_av1_is_made_where_it_is_asked_for_and_offered_first(
    runtime: Any, processed: Any, outputs: Outputs, customer: FlaskClient, owner: Someone
) -> None:
    object.__setattr__(runtime.settings, "av1", True)
    made = processed(clips.webm(2))
    assert [(each["codec"], each["height"]) for each in made["renditions"]] == [("av1", 360), ("h264", 360)]
    assert streams(outputs.rendition(made))[0]["codec_name"] == "av1"
    customer.post(f"/api/v1/testimonials/{made['token']}/approve", headers=owner.bearer)
    page = customer.get(f"/t/{made['token']}").text
    assert page.index("av01.0.") < page.index('type="video/mp4"'), "who can play it takes it, all others go on"
    assert f'og:video" content="{made["renditions"][1]["url"].partition("?")[0]}' in page


def test_the_preview_is_short_small_and_mute(processed: Any, outputs: Outputs) -> None:
    made = processed(clips.webm(6, "1280x720"))
    path = outputs.file(made["preview"]["url"])
    assert [stream["codec_type"] for stream in streams(path)] == ["video"]
    assert float(streams(path)[0]["duration"]) == pytest.approx(3, abs=0.1)
    assert path.stat().st_size < 300_000
    assert made["share_image"]["width"] == 1200
    assert outputs.file(made["share_image"]["url"]).stat().st_size < 300_000
    index = outputs.file(made["storyboard"]["index_url"]).read_text()
    assert index.count("-->") == made["storyboard"]["tiles"] == 6
