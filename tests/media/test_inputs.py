"""What breaks others must come out right: each kind of file made for real, and its pixels or samples looked at."""

from __future__ import annotations

import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from tests import clips
from tests.media.conftest import Outputs, Processed, codes, color, flash_and_beep, samples, sizes, streams

pytestmark = pytest.mark.media
H264 = clips.QUICK_H264
RED, BLUE = "color=red:s=640x360:r=30:d=2", "color=blue:s=640x360:r=30:d=2"


@pytest.mark.parametrize(("turn", "degrees"), [("90", 90), ("180", 180), ("270", -90)])
def test_every_rotation_comes_out_upright(turn: str, degrees: int, processed: Processed, outputs: Outputs) -> None:
    """Blue on the left of the stored picture; where it is afterwards tells which way it was turned."""
    lying = clips.make("left.mp4", "-f", "lavfi", "-i", f"{RED},drawbox=w=320:h=360:color=blue:t=fill", *H264)
    turned = clips.make(f"left-{turn}.mp4", "-i", str(lying), "-c", "copy", "-metadata:s:v:0", f"rotate={turn}")
    assert streams(turned)[0]["side_data_list"][0]["rotation"] in (degrees, -180)
    made = processed(turned)
    path = outputs.rendition(made)
    halves = {"left": "iw/4:ih:0:0", "right": "iw/4:ih:iw*3/4:0", "above": "iw:ih/4:0:0", "below": "iw:ih/4:0:ih*3/4"}
    blue = {name for name, box in halves.items() if color(path, 0.2, box)[2] > 200 > color(path, 0.2, box)[0]}
    assert blue == {{"90": "below", "180": "right", "270": "above"}[turn]}
    assert "side_data_list" not in streams(path)[0]


@pytest.mark.parametrize("hertz", ["15-60", "90000", "unknown"])
def test_odd_clocks_come_out_even_and_in_step(hertz: str, processed: Processed, outputs: Outputs) -> None:
    """Frames at changing distances, a rate of 90000/1, no rate at all: a flash stays where the beep is."""
    flash = "color=black:s=320x240:r=60:d=4,drawbox=color=white:t=fill:enable='between(t,2,2.5)'"
    beep = "sine=f=1000:r=48000:d=4,volume=enable='not(between(t,2,2.5))':volume=0"
    if hertz == "15-60":
        more = ["-vf", "select='if(lt(t,1.5),not(mod(n,4)),1)'", "-vsync", "vfr", *H264, "-c:a", "aac"]
        clip = clips.make("vfr.mp4", "-f", "lavfi", "-i", flash, "-f", "lavfi", "-i", beep, *more)
    elif hertz == "90000":
        more = ["-vf", "settb=1/90000", "-vsync", "vfr", "-enc_time_base", "1/90000", "-video_track_timescale", "90000"]
        clip = clips.make(
            "90000.mp4", "-f", "lavfi", "-i", flash, "-f", "lavfi", "-i", beep, *more, *H264, "-c:a", "aac"
        )
    else:
        more = ["-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus", "-f", "webm", "-live", "1"]
        clip = clips.make("norate.webm", "-f", "lavfi", "-i", flash, "-f", "lavfi", "-i", beep, *more)
    made = processed(clip)
    path = outputs.rendition(made)
    assert streams(path)[0]["avg_frame_rate"] in ("30/1", "60/1")
    assert made["duration_seconds"] == pytest.approx(4, abs=0.1)
    assert flash_and_beep(path) == (pytest.approx(2.0, abs=0.06), pytest.approx(2.0, abs=0.06))


def test_pixels_that_are_not_square_become_square(processed: Processed, outputs: Outputs) -> None:
    squeezed = clips.make("sar.mp4", *clips.picture("480x480", 1), "-vf", "setsar=16/9", *H264)
    made = processed(squeezed)
    assert sizes(made)[0] in ((852, 480), (854, 480)), "16:9 is written as the nearest fraction that the codec knows"
    assert streams(outputs.rendition(made))[0]["sample_aspect_ratio"] == "1:1"


HDR = ["-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-tag:v", "hvc1"]


@pytest.mark.parametrize("transfer", ["arib-std-b67", "smpte2084"])
def test_hdr_is_tone_mapped_and_so_is_its_poster(transfer: str, processed: Processed, outputs: Outputs) -> None:
    """A ramp from black to peak white, in BT.2020: diffuse white must end bright, not gray, and grays stay gray."""
    tags = f"colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc:log-level=error"
    code = 0.75 if transfer == "arib-std-b67" else 0.58  # reference white, 203 cd/m2 (BT.2408)
    white = round(64 + code * 876)
    gray = f"color=black:s=640x360:r=30:d=1,format=yuv420p10le,geq=lum={white}:cb=512:cr=512"
    bright = clips.make(f"{transfer}.mov", "-f", "lavfi", "-i", gray, *HDR, "-x265-params", tags)
    assert streams(bright)[0]["color_transfer"] == transfer
    made = processed(bright)
    path = outputs.rendition(made)
    video = streams(path)[0]
    assert (video["profile"], video["pix_fmt"]) == ("High", "yuv420p")
    assert [video[f"color_{name}"] for name in ("space", "transfer", "primaries", "range")] == ["bt709"] * 3 + ["tv"]
    seen = [color(path, 0.3), color(outputs.file(made["poster"]["url"]), 0)]
    for red, green, blue in seen:
        assert 150 < green < 246, "white that is neither washed out nor burned out"
        assert max(red, green, blue) - min(red, green, blue) <= 6


def test_ten_bits_become_eight(processed: Processed, outputs: Outputs) -> None:
    deep = clips.make("deep.mp4", "-f", "lavfi", "-i", RED, *HDR, "-x265-params", "log-level=error")
    made = processed(deep)
    path = outputs.rendition(made)
    assert streams(path)[0]["pix_fmt"] == "yuv420p"
    red, green, blue = color(path)
    assert red > 230
    assert max(green, blue) < 30


def test_colors_of_standard_definition_are_converted(processed: Processed, outputs: Outputs) -> None:
    """BT.601 shown as BT.709 would turn a pure green into one that is off by 30 and more."""
    matrix = ["-vf", "scale=out_color_matrix=bt601,format=yuv420p", "-colorspace", "smpte170m"]
    green = clips.make("601.mp4", "-f", "lavfi", "-i", "color=lime:s=640x480:d=1", *matrix, *H264)
    made = processed(green)
    for path in (outputs.rendition(made), outputs.file(made["poster"]["url"]), outputs.file(made["storyboard"]["url"])):
        red, level, blue = color(path, 0, "iw/2:ih/2:0:0")
        assert level > 245, path.name
        assert max(red, blue) < 14, path.name


def test_surround_mono_and_second_tracks_become_one_stereo_track(processed: Processed, outputs: Outputs) -> None:
    sine = lambda hertz: ["-f", "lavfi", "-i", f"sine=f={hertz}:d=2"]  # noqa: E731
    six = clips.make("six.mp4", *clips.picture("320x240", 2), *sine(440), *H264, "-ac", "6", "-c:a", "aac")
    mono = clips.make(
        "mono.webm", *clips.picture("320x240", 2), *sine(440), "-c:v", "libvpx", "-c:a", "libopus", "-ac", "1"
    )
    two = clips.make(
        "two.mp4", *clips.picture("320x240", 2), *sine(300), *sine(1200), *H264, "-c:a", "aac",
        *["-map", "0:v", "-map", "1:a", "-map", "2:a", "-disposition:a:0", "0", "-disposition:a:1", "default"],
    )  # fmt: skip
    for clip in (six, mono, two):
        audio = [stream for stream in streams(outputs.rendition(processed(clip))) if stream["codec_type"] == "audio"]
        assert [(each["codec_name"], each["channels"], each["sample_rate"]) for each in audio] == [("aac", 2, "48000")]
    heard = samples(outputs.rendition(processed(two)))[4000:12000]
    crossings = sum(a < 0 <= b for a, b in pairwise(heard))
    assert crossings == pytest.approx(1200, rel=0.05), "the default track is the one that is kept"


def test_streams_that_are_no_media_are_left_out(processed: Processed, outputs: Outputs, tmp_path: Path) -> None:
    """As phones write them: a time code track, chapters, a cover picture, an audio track of a codec nobody knows."""
    (tmp_path / "chapters").write_text(
        ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1\nSTART=0\nEND=1\ntitle=Home, 12 Oak Street\n"
    )
    cover = clips.make("cover.jpg", "-f", "lavfi", "-i", "color=green:s=64x64", "-frames:v", "1")
    clip = tmp_path / "extras.mov"
    inputs = ["-i", str(clips.mp4(2)), "-i", str(cover), "-i", str(tmp_path / "chapters")]
    maps = ["-map", "1:v", "-map", "0:v", "-map", "0:a", "-map_metadata", "2", "-map_chapters", "2"]
    marks = ["-disposition:v:0", "attached_pic", "-timecode", "01:00:00:00"]
    subprocess.run(["ffmpeg", "-v", "error", *inputs, *maps, "-c", "copy", *marks, "-f", "mov", str(clip)], check=True)
    assert len(streams(clip)) >= 4
    made = processed(clip)
    path = outputs.rendition(made)
    assert [stream["codec_type"] for stream in streams(path)] == ["video", "audio"]
    assert sizes(made) == [(640, 360)]


def test_fragments_and_native_files_are_alike(processed: Processed) -> None:
    fragments = ["-c", "copy", "-movflags", "frag_keyframe+empty_moov+default_base_moof"]
    for clip in (clips.make("fragments.mp4", "-i", str(clips.mp4(3)), *fragments), clips.mp4(3)):
        assert processed(clip)["duration_seconds"] == pytest.approx(3, abs=0.1)


def test_a_recording_without_its_first_keyframe_stays_in_step(processed: Processed, outputs: Outputs) -> None:
    """The first second cannot be decoded; the first picture that can be stands for it, and sound is not shifted."""
    flash = "color=black:s=320x240:r=30:d=4,drawbox=color=white:t=fill:enable='between(t,3,3.5)'"
    beep = "sine=f=1000:r=48000:d=4,volume=enable='not(between(t,3,3.5))':volume=0"
    whole = clips.make(
        "keys.mp4", "-f", "lavfi", "-i", flash, "-f", "lavfi", "-i", beep, *H264, "-g", "30", "-sc_threshold", "0",
        *["-c:a", "aac"],
    )  # fmt: skip
    keyless = clips.make("keyless.mp4", "-i", str(whole), "-c", "copy", "-bsf:v", "noise=drop=lt(n\\,1)")
    made = processed(keyless)
    assert made["media"] == "ready"
    assert flash_and_beep(outputs.rendition(made)) == (pytest.approx(3, abs=0.1), pytest.approx(3, abs=0.1))


@pytest.mark.parametrize("kind", ["webm", "fragments"])
def test_of_a_truncated_recording_the_beginning_is_kept(kind: str, processed: Processed) -> None:
    whole = clips.webm(6)
    if kind == "fragments":
        options = ["-c", "copy", "-movflags", "frag_keyframe+empty_moov+default_base_moof"]
        keyed = clips.make("keyed.mp4", *clips.picture(seconds=6), *clips.tone(6), *H264, "-g", "30", "-c:a", "aac")
        whole = clips.make("fragmented.mp4", "-i", str(keyed), *options)
    body = whole.read_bytes()
    made = processed(body[: len(body) // 2])
    assert made["media"] == "ready"
    assert 2 < made["duration_seconds"] < 4.5


def test_of_a_file_that_promises_more_than_it_has_the_beginning_is_kept_and_it_is_said(processed: Processed) -> None:
    """A faststart file says how long it is and then ends early: shown as far as it goes, and never silently."""
    faststart = clips.make("faststart.mp4", "-i", str(clips.mp4(8)), "-c", "copy", "-movflags", "+faststart")
    body = faststart.read_bytes()
    made = processed(body[: len(body) // 2])
    assert made["media"] == "ready"
    assert 3 < made["duration_seconds"] < 5.5
    assert "cut_short" in codes(made)


def test_a_native_file_whose_index_was_cut_off_is_said_to_be_damaged(processed: Processed) -> None:
    body = clips.mp4(4).read_bytes()
    assert processed(body[: len(body) // 2])["failure"]["code"] == "corrupt"


def test_a_damaged_middle_is_said_and_not_hidden(processed: Processed) -> None:
    body = bytearray(clips.mp4(6, "1280x720").read_bytes())
    middle = len(body) // 2
    body[middle : middle + 40_000] = bytes(40_000)
    made = processed(bytes(body))
    assert made["media"] == "ready"
    assert "damaged" in codes(made)
    assert codes(processed(clips.mp4(6, "1280x720"))) == ["no_speech"], "a sound file has nothing said of it but that"
