"""Filter graphs: from any phone's clip to upright, evenly ticking BT.709 pictures and 48 kHz stereo sound.

Every word in a graph is ours or a number; nothing that a person wrote ever reaches one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ffmpeg

from workers.media.plan import Plan
from workers.media.probe import Probe, input_options

AUDIO_RATE = 48_000
# HDR reference white in cd/m². Source: ITU-R BT.2408, 203 cd/m².
REFERENCE_WHITE = 203
HD_HEIGHT = 720
SMALL_PIXELS = 1280 * 720
# What swscale calls the matrices that are not BT.709. Untagged standard definition is BT.601 by convention.
MATRICES = {"smpte170m": "bt601", "bt470bg": "bt601", "fcc": "fcc", "smpte240m": "smpte240m", "bt2020nc": "bt2020"}
LIMIT = 0.79  # of full scale, -2 dB: what AAC adds between samples stays below -1.5 dBTP (EBU R128 s1)


def open_sources(plan: Plan, sources: list[Path], **options: Any) -> list[Any]:
    """The inputs of a command, one a segment."""
    return [
        ffmpeg.input(f"file:{path}", **input_options(facts.demuxer), **_decoder(facts), **options)
        for facts, path in zip(plan.segments, sources, strict=True)
    ]


def _decoder(facts: Probe) -> dict[str, int]:
    """Small pictures are decoded faster than they are encoded: more threads would only cost, 2 % of the whole job."""
    return {"threads": 1} if facts.width * facts.height <= SMALL_PIXELS else {}


def picture(plan: Plan, inputs: list[Any], width: int, height: int) -> Any:
    """The joined, trimmed picture at an even rate. It has the given size where segments had to be made equal or HDR was
    tone-mapped; else it still has the source's own, to be scaled once for each output by `scaled`."""
    parts = [
        _segment_picture(plan, facts, media[str(facts.video_index)], width, height)
        for facts, media in zip(plan.segments, inputs, strict=True)
    ]
    joined = parts[0] if len(parts) == 1 else ffmpeg.concat(*parts, v=1, a=0)
    return _trimmed(plan, joined, "trim", "setpts")


def scaled(plan: Plan, frames: Any, width: int, height: int) -> Any:
    """Frames of `picture` at the size of an output, in the colors of an output."""
    lone = plan.segments[0]
    options = {} if _made_equal(plan) else _to_bt709(lone)
    return frames.filter("scale", width, height, **options).filter("setsar", "1").filter("format", "yuv420p")


def sound(plan: Plan, inputs: list[Any], *, gain_db: float = 0.0) -> Any:
    """The joined, trimmed sound; segments without any are silent for their time."""
    parts = [
        _segment_sound(facts, media[str(facts.audio_index)] if facts.audio_index is not None else None)
        for facts, media in zip(plan.segments, inputs, strict=True)
    ]
    joined = parts[0] if len(parts) == 1 else ffmpeg.concat(*parts, v=0, a=1)
    whole = _trimmed(plan, joined, "atrim", "asetpts")
    if plan.wishes.reduce_noise:
        # Rumble below a voice, and a steady hiss or fan by 12 dB: more than that makes voices sound like under water.
        whole = whole.filter("highpass", f=80).filter("afftdn", nr=12, nf=-38)
    if gain_db:
        whole = whole.filter("volume", f"{gain_db:.2f}dB").filter("alimiter", limit=LIMIT, level=0, latency=1)
    return whole


def _segment_picture(plan: Plan, facts: Probe, stream: Any, width: int, height: int) -> Any:
    # fps first: whatever the source's clock does (variable rates, 90000/1), the outputs tick evenly; and a track that
    # starts late, or without a keyframe, shows its first picture from the start, so that sound stays in step.
    frames = stream.filter("fps", fps=str(plan.frames_per_second), start_time=0)
    # Behind fps, which stops when nobody wants more; before it, the late packet's time would still count as the end.
    frames = frames.filter("trim", end=_last_moment(facts.duration_seconds))
    if not _made_equal(plan):
        return frames.filter("setsar", "1")
    frames = _fitted(frames, width, height, {} if facts.hdr else _to_bt709(facts))
    frames = _tone_mapped(frames, facts) if facts.hdr else frames
    return frames.filter("setsar", "1").filter("format", "yuv420p")


def _last_moment(duration_seconds: float) -> float:
    """Where a segment ends at the latest. A packet that claims to belong a day later would have both filters fill the day
    before it, in one go: gigabytes of silence, or a minute of pictures that no limit on the output ends."""
    return round(duration_seconds * 1.02 + 2, 3)


def _made_equal(plan: Plan) -> bool:
    return len(plan.segments) > 1 or plan.segments[0].hdr


def _fitted(frames: Any, width: int, height: int, colors: dict[str, str]) -> Any:
    """Whole, in the middle of a black canvas. Nothing is cut off and nothing is stretched."""
    fitted = frames.filter(
        "scale", width, height, force_original_aspect_ratio="decrease", force_divisible_by=2, **colors
    )
    return fitted.filter("pad", width, height, "(ow-iw)/2", "(oh-ih)/2")


def _to_bt709(facts: Probe) -> dict[str, str]:
    """Options of `scale` that convert the matrix, where the source has another one."""
    matrix = MATRICES.get(facts.matrix)
    if facts.matrix in ("", "unknown") and min(facts.width, facts.height) < HD_HEIGHT:
        matrix = "bt601"
    return {"in_color_matrix": matrix, "out_color_matrix": "bt709"} if matrix else {}


def _tone_mapped(frames: Any, facts: Probe) -> Any:
    """PQ or HLG to BT.709: linear light, to the smaller gamut, the highlights rolled off, back to video levels."""
    linear = {"tin": facts.transfer, "pin": "bt2020", "min": "bt2020nc", "t": "linear", "npl": REFERENCE_WHITE}
    return (
        frames.filter("zscale", **linear)
        .filter("format", "gbrpf32le")
        .filter("zscale", p="bt709")
        .filter("tonemap", "hable", desat=0)
        .filter("zscale", t="bt709", m="bt709", r="tv")
    )


def _segment_sound(facts: Probe, stream: Any | None) -> Any:
    if stream is None:
        silence = ffmpeg.input(f"anullsrc=r={AUDIO_RATE}:cl=stereo", f="lavfi", t=round(facts.duration_seconds, 3))
        return silence.audio.filter("aformat", sample_fmts="fltp", channel_layouts="stereo")
    return even_sound(stream, facts.duration_seconds)


def even_sound(stream: Any, duration_seconds: float) -> Any:
    """48 kHz stereo from the first moment on, of a stream that says how long it is."""
    # async fills gaps with silence and cuts overlaps, so that sound stays in step with the picture.
    even = stream.filter("atrim", end=_last_moment(duration_seconds)).filter(
        "aresample", AUDIO_RATE, **{"async": 1, "first_pts": 0}
    )
    return even.filter("aformat", sample_fmts="fltp", channel_layouts="stereo")


def _trimmed(plan: Plan, stream: Any, trim: str, clock: str) -> Any:
    wishes = plan.wishes
    if not wishes.start_seconds and wishes.end_seconds is None:
        return stream
    marks: dict[str, float] = {"start": wishes.start_seconds}
    if wishes.end_seconds is not None:
        marks["end"] = wishes.end_seconds
    return stream.filter(trim, **marks).filter(clock, "PTS-STARTPTS")
