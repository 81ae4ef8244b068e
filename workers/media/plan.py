"""What to make of a clip: a pure decision from its facts. No file is opened here."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from workers.media.probe import Probe

MAX_RATE = Fraction(30)
KEYFRAME_SECONDS = 2
POSTER_CANDIDATES = 8
MAX_RUNGS = 3
CRF = 23
PRESET = "veryfast"
AUDIO_BITRATE = "128k"
# Short side in pixels → ceiling of the bit rate in kbit/s.
LADDER = {1080: 4500, 720: 2500, 480: 1200, 360: 800}


@dataclass(frozen=True)
class Rung:
    """One rendition. `short_side` names it; width and height are even, as yuv420p demands."""

    short_side: int
    width: int
    height: int
    max_kbps: int


@dataclass(frozen=True)
class Plan:
    """Everything the command needs to know. Rungs run from large to small, and there is at least one."""

    demuxer: str
    duration_seconds: float
    frames_per_second: Fraction
    rungs: tuple[Rung, ...]
    audio_index: int | None
    poster_width: int
    poster_height: int

    @property
    def keyframe_interval(self) -> int:
        """Frames between keyframes."""
        return max(1, round(self.frames_per_second * KEYFRAME_SECONDS))

    @property
    def poster_rate(self) -> Fraction:
        """Frames per second that are looked at for the poster."""
        return Fraction(POSTER_CANDIDATES) / Fraction(max(self.duration_seconds, 1)).limit_denominator(1000)


def make_plan(facts: Probe) -> Plan:
    """Up to three rungs from the source's own size downwards, never upwards."""
    short = min(facts.width, facts.height)
    sides = [side for side in LADDER if side <= short][:MAX_RUNGS]
    rungs = tuple(_rung(facts, side, LADDER[side]) for side in sides) or (_rung(facts, short, LADDER[360]),)
    poster = next((rung for rung in rungs if rung.short_side <= 720), rungs[-1])
    return Plan(
        demuxer=facts.demuxer,
        duration_seconds=facts.duration_seconds,
        frames_per_second=min(facts.frames_per_second, MAX_RATE),
        rungs=rungs,
        audio_index=facts.audio_index,
        poster_width=poster.width,
        poster_height=poster.height,
    )


def _rung(facts: Probe, side: int, max_kbps: int) -> Rung:
    scale = Fraction(side, min(facts.width, facts.height))
    return Rung(side, _even(facts.width * scale), _even(facts.height * scale), max_kbps)


def _even(length: Fraction) -> int:
    return max(2, round(length / 2) * 2)
