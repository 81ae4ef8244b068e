"""How loud a clip is, and how much louder or softer it has to become. EBU R128, in two passes: measure, then one gain."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import ffmpeg

from workers.media.ffmpeg import run
from workers.media.graph import open_sources, sound
from workers.media.plan import Plan
from workers.media.sandbox import Limits, Sandbox

TARGET_LUFS = -16.0  # what web players and phones are mastered for; EBU's own -23 is for television
SILENT_LUFS = -60.0  # below this there is nothing to hear, and a gain would only raise the noise
MAX_GAIN_DB, MIN_GAIN_DB = 24.0, -24.0
MIN_SECONDS = 1.0  # a measurement needs some blocks of 400 ms to mean anything
_KEY = b"lavfi.r128.I"


@dataclass(frozen=True)
class Loudness:
    """Integrated loudness of the whole clip, in LUFS; -70 is the meter's floor."""

    integrated_lufs: float

    @property
    def silent(self) -> bool:
        return not self.integrated_lufs > SILENT_LUFS


def measure(sandbox: Sandbox, plan: Plan, sources: list[Path], *, max_seconds: float) -> Loudness | None:
    """The first pass, over the sound as it will be, before any gain; None where there is no sound."""
    if not plan.has_audio:
        return None
    inputs = open_sources(plan, sources, vn=None)
    meter = sound(plan, inputs).filter("ebur128", metadata=1)
    printed = meter.filter("ametadata", mode="print", file="pipe:1")
    command = ffmpeg.output(printed, "-", f="null", t=max_seconds).global_args("-nostdin", "-v", "error")
    budget = int(30 + plan.duration_seconds)
    limits = Limits(cpu_seconds=budget)
    wrapped = sandbox.wrap(["ffmpeg", *command.get_args()], reads=sources, writes=None, limits=limits)
    return _read(run(wrapped, timeout=budget * 2))


def gain_db(found: Loudness | None, duration_seconds: float) -> float:
    """Decibels for the second pass; 0 where there is nothing to hear or too little to measure."""
    if found is None or found.silent or duration_seconds < MIN_SECONDS:
        return 0.0
    return max(MIN_GAIN_DB, min(MAX_GAIN_DB, TARGET_LUFS - found.integrated_lufs))


def _read(said: bytes) -> Loudness:
    """The last value; the meter starts at its floor and stays there in silence."""
    lines = [line.partition(b"=") for line in said.splitlines()]
    values = [text for key, _, text in lines if key == _KEY]
    try:
        return Loudness(float(values[-1]))
    except (IndexError, ValueError):
        return Loudness(-70.0)
