"""Nothing is stored that was not looked at: every output is probed again before anybody sees it."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from testimonials.errors import MediaError
from workers.media.plan import Plan, Rung
from workers.media.probe import Probe, probe
from workers.media.sandbox import Sandbox


@dataclass(frozen=True)
class Rendition:
    """A finished file and what is in it."""

    path: Path
    rung: Rung
    facts: Probe


def verify_rendition(
    sandbox: Sandbox, path: Path, rung: Rung, plan: Plan, *, max_seconds: float, codec: str = "h264"
) -> Rendition:
    """The rendition, if it has the planned size and sound, and can start before it is loaded whole.

    It may be shorter than planned: of a file that was cut off, what is there is kept (`is_short` says so). Never longer.
    """
    facts = probe(sandbox, path, max_seconds=max_seconds + 5)
    if (facts.width, facts.height, facts.video_codec) != (rung.width, rung.height, codec):
        raise MediaError("corrupt", f"{path.name} came out as {facts.video_codec} {facts.width}x{facts.height}")
    expected = min(plan.duration_seconds, max_seconds)
    if facts.duration_seconds - expected > tolerance(expected):
        raise MediaError("corrupt", f"{path.name} lasts {facts.duration_seconds:.1f} s instead of {expected:.1f} s")
    if (facts.audio_codec is None) and plan.has_audio:
        raise MediaError("corrupt", f"{path.name} lost its sound")
    if not starts_fast(path):
        raise MediaError("corrupt", f"{path.name} has its index at the end")
    return Rendition(path, rung, facts)


def is_short(made: Rendition, plan: Plan) -> bool:
    """Whether less came out than the source promised: it was cut off, or its end could not be read."""
    return plan.duration_seconds - made.facts.duration_seconds > tolerance(plan.duration_seconds)


def tolerance(seconds: float) -> float:
    """How far two lengths may lie apart and still be the same: a second, or 2 % of a long clip."""
    return max(1.0, seconds * 0.02)


def starts_fast(path: Path) -> bool:
    """Whether the index (`moov`) of an MP4 comes before its data (`mdat`)."""
    with path.open("rb") as handle:
        while header := handle.read(8):
            size, name = struct.unpack(">I4s", header.ljust(8, b"\0"))
            if name in (b"moov", b"mdat"):
                return bool(name == b"moov")
            if size < 8:
                return False
            handle.seek(size - 8, 1)
    return False
