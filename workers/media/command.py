"""From a plan to ONE ffmpeg command: one decode, split outputs. ffmpeg-python writes the graph and the arguments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ffmpeg

from workers.media.plan import AUDIO_BITRATE, CRF, PRESET, Plan, Rung
from workers.media.probe import input_options

POSTER_PATTERN = "poster-%02d.jpg"


def rendition_path(folder: Path, rung: Rung) -> Path:
    """Where a rung's file is written."""
    return folder / f"{rung.short_side}.mp4"


def transcode_command(plan: Plan, source: Path, folder: Path, *, max_seconds: float) -> list[str]:
    """All renditions and the poster candidates, written into `folder`. Progress comes on stdout."""
    media = ffmpeg.input(f"file:{source}", **input_options(plan.demuxer))
    # fps first: whatever the source's clock does (variable rates, 90000/1), the outputs tick evenly.
    frames = media.video.filter("fps", fps=str(plan.frames_per_second)).filter("setsar", "1")
    branches = frames.filter_multi_output("split", len(plan.rungs) + 1)
    outputs = [_rendition(plan, rung, branches[n], media, folder, max_seconds) for n, rung in enumerate(plan.rungs)]
    outputs.append(_posters(plan, branches[len(plan.rungs)], folder, max_seconds))
    merged = ffmpeg.merge_outputs(*outputs).global_args("-nostdin", "-nostats", "-v", "error", "-progress", "pipe:1")
    return ["ffmpeg", *merged.overwrite_output().get_args()]


def _rendition(plan: Plan, rung: Rung, frames: Any, media: Any, folder: Path, max_seconds: float) -> Any:
    picture = frames.filter("scale", rung.width, rung.height).filter("setsar", "1").filter("format", "yuv420p")
    streams = [picture]
    options: dict[str, Any] = {
        "c:v": "libx264",
        "preset": PRESET,
        "profile:v": "high",
        "crf": CRF,
        "maxrate": f"{rung.max_kbps}k",
        "bufsize": f"{rung.max_kbps * 2}k",
        "g": plan.keyframe_interval,
        "keyint_min": plan.keyframe_interval,
        "sc_threshold": 0,
        "movflags": "+faststart",
        "f": "mp4",
    }
    if plan.audio_index is not None:
        streams.append(media[str(plan.audio_index)])
        options |= {"c:a": "aac", "b:a": AUDIO_BITRATE, "ar": 48000, "ac": 2}
    return ffmpeg.output(*streams, f"file:{rendition_path(folder, rung)}", **options, **_bounded(max_seconds))


def _posters(plan: Plan, frames: Any, folder: Path, max_seconds: float) -> Any:
    rate = plan.poster_rate
    picture = frames.filter("fps", fps=f"{rate.numerator}/{rate.denominator}")
    picture = picture.filter("scale", plan.poster_width, plan.poster_height).filter("format", "yuvj420p")
    return ffmpeg.output(
        picture,
        f"file:{folder / POSTER_PATTERN}",
        f="image2",
        **{"c:v": "mjpeg", "q:v": 3},
        **_bounded(max_seconds),
    )


def _bounded(max_seconds: float) -> dict[str, Any]:
    """On the output, because a limit on the input does not stop a file that lies about its clock. No tag survives."""
    return {"t": max_seconds, "map_metadata": -1, "map_chapters": -1}
