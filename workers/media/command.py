"""From a plan to ffmpeg commands: one decode, split outputs. ffmpeg-python writes the graph and the arguments."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg

from workers.media.graph import AUDIO_RATE, open_sources, picture, scaled, sound
from workers.media.plan import PREVIEW_SECONDS, Plan, Rung

POSTER_PATTERN = "poster-%02d.jpg"
CHOSEN_FILE = "chosen.jpg"
STORYBOARD_FILE = "storyboard.jpg"
PREVIEW_FILE = "preview.mp4"
AV1_FILE = "av1.mp4"
CRF = 23
PRESET = "veryfast"
# Without splitting blocks of moving pictures below 16x16, and with the smaller search: 17 to 26 % less CPU for all rungs,
# SSIM at most 0.0004 lower, bytes at most 1.2 % more (two people filmed, and the test picture with sensor noise).
MOTION = {"motion-est": "dia", "partitions": "i8x8,i4x4"}
# Three threads an encoder, x264's own choice on two cores, cost 6 % more CPU for the same wall time.
ENCODER_THREADS = 2
AUDIO_BITRATE = "128k"
AV1_CRF, AV1_PRESET = 35, 8
PREVIEW_SIDE = 360
BT709 = {"colorspace": "bt709", "color_primaries": "bt709", "color_trc": "bt709", "color_range": "tv"}
_GLOBAL = ("-nostdin", "-nostats", "-v", "error", "-progress", "pipe:1")


def rendition_path(folder: Path, rung: Rung) -> Path:
    """Where a rung's file is written."""
    return folder / f"{rung.short_side}.mp4"


def first_command(plan: Plan, sources: list[Path], folder: Path, *, gain_db: float, max_seconds: float) -> list[str]:
    """The first rendition with its sound, and the poster candidates, written into `folder`."""
    inputs = open_sources(plan, sources)
    rung, size = plan.first, plan.poster
    canvas = max(rung, size, key=lambda one: one.width * one.height)
    chosen = plan.chosen_seconds
    frames = picture(plan, inputs, canvas.width, canvas.height).filter_multi_output("split", 2 if chosen is None else 3)
    audio = [sound(plan, inputs, gain_db=gain_db)] if plan.has_audio else []
    rate = plan.poster_rate
    stills = scaled(plan, frames[1].filter("fps", fps=f"{rate.numerator}/{rate.denominator}"), size.width, size.height)
    return _command(
        _encoded(
            plan,
            rung,
            frames[0],
            audio,
            _x264(plan, CRF, rung.max_kbps) | (_aac() if audio else {}),
            rendition_path(folder, rung),
            max_seconds,
        ),
        _stills(stills, folder, max_seconds),
        *([] if chosen is None else [_chosen(plan, frames[2].filter("trim", start=chosen), folder)]),
    )


def copy_command(plan: Plan, sources: list[Path], folder: Path, *, gain_db: float, max_seconds: float) -> list[str]:
    """The first rendition where the video track is kept as it is; only its sound is made anew."""
    (media,) = open_sources(plan, sources)
    audio = [sound(plan, [media], gain_db=gain_db)] if plan.has_audio else []
    streams = [media[str(plan.segments[0].video_index)], *audio]
    options = {"c:v": "copy", "movflags": "+faststart", "f": "mp4", **(_aac() if audio else {})}
    return _command(
        ffmpeg.output(*streams, f"file:{rendition_path(folder, plan.first)}", **options, **_bounded(max_seconds))
    )


def stills_command(plan: Plan, sources: list[Path], folder: Path, *, max_seconds: float) -> list[str]:
    """Poster candidates of a kept track: from its keyframes alone, which costs next to nothing."""
    inputs = open_sources(plan, sources, skip_frame="nokey")
    apart = float(1 / plan.poster_rate) * 0.9
    frames = inputs[0][str(plan.segments[0].video_index)]
    frames = frames.filter("select", f"isnan(prev_selected_t)+gte(t-prev_selected_t,{apart:.3f})")
    size = plan.poster
    return _command(_stills(scaled(plan, frames, size.width, size.height), folder, max_seconds, vsync="vfr"))


def chosen_command(plan: Plan, sources: list[Path], folder: Path) -> list[str]:
    """The frame of a kept track at the moment that was chosen for the poster: sought, so that little is decoded."""
    inputs = open_sources(plan, sources, ss=plan.chosen_seconds)
    frames = picture(plan, inputs, plan.poster.width, plan.poster.height)
    return _command(_chosen(plan, frames, folder))


def rest_command(
    plan: Plan, rungs: tuple[Rung, ...], sources: list[Path], sound_of: Path, folder: Path, *, max_seconds: float
) -> list[str]:
    """Renditions, the storyboard and the preview. The sound is that of the rendition `sound_of`, bit for bit."""
    inputs = open_sources(plan, sources)
    audio = [ffmpeg.input(f"file:{sound_of}", f="mov", protocol_whitelist="file").audio] if plan.has_audio else []
    top = plan.rungs[0]
    av1 = [top] if plan.wishes.av1 else []
    branches = len(rungs) + len(av1) + 2
    frames = picture(plan, inputs, top.width, top.height).filter_multi_output("split", branches)
    kept = {"c:a": "copy"} if audio else {}
    outputs = [_storyboard(plan, frames[0], folder, max_seconds), _preview(plan, frames[1], folder)]
    for number, rung in enumerate(rungs, start=2):
        options = _x264(plan, CRF, rung.max_kbps) | kept
        outputs.append(_encoded(plan, rung, frames[number], audio, options, rendition_path(folder, rung), max_seconds))
    for rung in av1:
        options = {"c:v": "libsvtav1", "preset": AV1_PRESET, "crf": AV1_CRF, **kept}
        outputs.append(_encoded(plan, rung, frames[branches - 1], audio, options, folder / AV1_FILE, max_seconds))
    return _command(*outputs)


def preview_start(duration_seconds: float) -> float:
    """Where the preview begins: past the first words, and early enough to last its time."""
    return max(0.0, min(duration_seconds * 0.25, duration_seconds - PREVIEW_SECONDS))


def preview_size(plan: Plan) -> tuple[int, int]:
    """Width and height of the preview."""
    rung = plan.rungs[-1]
    side = min(PREVIEW_SIDE, rung.short_side)
    return _even(rung.width * side / rung.short_side), _even(rung.height * side / rung.short_side)


def _command(*outputs: Any) -> list[str]:
    merged = ffmpeg.merge_outputs(*outputs) if len(outputs) > 1 else outputs[0]
    return ["ffmpeg", *merged.global_args(*_GLOBAL).overwrite_output().get_args()]


def _encoded(
    plan: Plan, rung: Rung, frames: Any, audio: list[Any], options: dict[str, Any], path: Path, max_seconds: float
) -> Any:
    """A rung as a file; `options` are those of its encoders."""
    streams = [scaled(plan, frames, rung.width, rung.height), *audio]
    return ffmpeg.output(*streams, f"file:{path}", **_mp4(plan), **options, **_bounded(max_seconds))


def _mp4(plan: Plan) -> dict[str, Any]:
    return {"g": plan.keyframe_interval, "movflags": "+faststart", "f": "mp4", **BT709}


def _x264(plan: Plan, crf: int, max_kbps: int) -> dict[str, Any]:
    return {
        "c:v": "libx264",
        "preset": PRESET,
        **MOTION,
        "profile:v": "high",
        "crf": crf,
        "maxrate": f"{max_kbps}k",
        "bufsize": f"{max_kbps * 2}k",
        "keyint_min": plan.keyframe_interval,
        "sc_threshold": 0,
        "threads": ENCODER_THREADS,
    }


def _aac() -> dict[str, Any]:
    return {"c:a": "aac", "b:a": AUDIO_BITRATE, "ar": AUDIO_RATE, "ac": 2}


def _stills(frames: Any, folder: Path, max_seconds: float, **more: Any) -> Any:
    frames = _as_jpeg(frames)
    options = {"f": "image2", "c:v": "mjpeg", "q:v": 3, **more, **_bounded(max_seconds)}
    return ffmpeg.output(frames, f"file:{folder / POSTER_PATTERN}", **options)


def _chosen(plan: Plan, frames: Any, folder: Path) -> Any:
    frames = _as_jpeg(scaled(plan, frames, plan.poster.width, plan.poster.height))
    options = {"f": "image2", "update": 1, "frames:v": 1, "c:v": "mjpeg", "q:v": 3, "map_metadata": -1}
    return ffmpeg.output(frames, f"file:{folder / CHOSEN_FILE}", **options)


def _as_jpeg(frames: Any) -> Any:
    """JPEG has the full range and the colors of BT.601, whatever its size. Source: JFIF 1.02."""
    colors = {"in_color_matrix": "bt709", "out_color_matrix": "bt601", "out_range": "full"}
    return frames.filter("scale", **colors).filter("format", "yuvj420p")


def _storyboard(plan: Plan, frames: Any, folder: Path, max_seconds: float) -> Any:
    board = plan.storyboard
    rate = 1 / Fraction(board.interval_seconds).limit_denominator(100)
    # Rounded, a clip of less than half an interval would have no tile at all.
    tiles = frames.filter("fps", fps=f"{rate.numerator}/{rate.denominator}", eof_action="pass")
    tiles = scaled(plan, tiles, board.tile_width, board.tile_height).filter("tile", f"{board.columns}x{board.rows}")
    tiles = _as_jpeg(tiles)
    options = {"f": "image2", "update": 1, "frames:v": 1, "c:v": "mjpeg", "q:v": 4, **_bounded(max_seconds)}
    return ffmpeg.output(tiles, f"file:{folder / STORYBOARD_FILE}", **options)


def _preview(plan: Plan, frames: Any, folder: Path) -> Any:
    start = preview_start(plan.duration_seconds)
    cut = frames.filter("trim", start=round(start, 3), end=round(start + PREVIEW_SECONDS, 3))
    cut = cut.filter("setpts", "PTS-STARTPTS").filter("fps", fps="15")
    width, height = preview_size(plan)
    options = _mp4(plan) | _x264(plan, 28, 700) | {"g": 15, "keyint_min": 15} | _bounded(PREVIEW_SECONDS)
    return ffmpeg.output(scaled(plan, cut, width, height), f"file:{folder / PREVIEW_FILE}", **options)


def _even(length: float) -> int:
    return max(2, round(length / 2) * 2)


def _bounded(max_seconds: float) -> dict[str, Any]:
    """On the output, because a limit on the input does not stop a file that lies about its clock. No tag survives."""
    return {"t": max_seconds, "map_metadata": -1, "map_chapters": -1}
