"""Whether a video track can be kept as it is. Looks at packets, decodes nothing."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from testimonials.errors import MediaError
from workers.media.ffmpeg import run
from workers.media.probe import PROBE_SECONDS, Probe, input_options, look
from workers.media.sandbox import Limits, Sandbox

MAX_KEYFRAME_GAP_SECONDS = 5.0
MAX_FRAME_GAP_SECONDS = 0.25
MAX_LATE_START_SECONDS = 0.1
_START_CODE = b"\x00\x00\x01"


def steady(sandbox: Sandbox, source: Path, facts: Probe) -> bool:
    """Starts with a keyframe, has one every 5 s, no gaps, and one picture size from beginning to end."""
    entries = ["-select_streams", str(facts.video_index), "-show_entries", "packet=pts_time,flags"]
    found = look(sandbox, source, facts.demuxer, entries).get("packets", [])
    if not found or any("pts_time" not in packet for packet in found):
        return False
    return _even_clock([(float(packet["pts_time"]), "K" in packet["flags"]) for packet in found]) and _one_size(
        sandbox, source, facts
    )


def _even_clock(packets: list[tuple[float, bool]]) -> bool:
    """`packets` are (seconds, is a keyframe) in file order; with B-frames that is not the order of display."""
    if not packets[0][1]:
        return False
    times = sorted(seconds for seconds, _ in packets)
    if times[0] > MAX_LATE_START_SECONDS:
        return False
    keyframes = sorted(seconds for seconds, key in packets if key)
    gaps = [later - earlier for earlier, later in pairwise(times)]
    key_gaps = [later - earlier for earlier, later in zip(keyframes, [*keyframes[1:], times[-1]], strict=True)]
    return max(gaps, default=0) <= MAX_FRAME_GAP_SECONDS and max(key_gaps) <= MAX_KEYFRAME_GAP_SECONDS


def _one_size(sandbox: Sandbox, source: Path, facts: Probe) -> bool:
    """Whether all sequence parameter sets are the same one: a camera that turned in mid-recording writes another.

    Source: ITU-T H.264, 7.3.2.1; NAL units of type 7. Players take the size from the first one and show a mess.
    """
    options = [word for name, value in input_options(facts.demuxer).items() for word in (f"-{name}", value)]
    command = ["ffmpeg", "-nostdin", "-v", "error", *options, "-i", f"file:{source}", "-map", f"0:{facts.video_index}"]
    command += ["-c", "copy", "-bsf:v", "h264_mp4toannexb,filter_units=pass_types=7", "-f", "h264", "pipe:1"]
    wrapped = sandbox.wrap(command, reads=[source], writes=None, limits=Limits(cpu_seconds=PROBE_SECONDS))
    try:
        said = run(wrapped, timeout=PROBE_SECONDS * 2)
    except MediaError:
        return False
    sets = {unit.rstrip(b"\x00") for unit in said.split(_START_CODE) if unit.strip(b"\x00")}
    return len(sets) == 1
