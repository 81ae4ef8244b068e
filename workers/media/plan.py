"""What to make of a clip: a pure decision from its facts and the campaign's wishes. No file is opened here."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from fractions import Fraction

from testimonials.errors import MediaError
from workers.media.probe import MIN_SECONDS, Probe

KEYFRAME_SECONDS = 2
POSTER_CANDIDATES = 8
MAX_RUNGS = 3
FIRST_SIDE = 480
POSTER_SIDE = 720
# Short side in pixels → ceiling of the bit rate in kbit/s.
LADDER = {1080: 4500, 720: 2500, 480: 1200, 360: 800}
COPY_PIXEL_FORMATS = ("yuv420p",)
COPY_MATRICES = ("", "unknown", "bt709")  # untagged: players guess by the size, as we do
COPY_PROFILES = ("Constrained Baseline", "Baseline", "Main", "High")
# Encoders overshoot what they were asked for; a recording at 2.5 Mbit/s may come out at 2.9.
COPY_EXCESS = 1.2
STORYBOARD_WIDTH = 160
STORYBOARD_COLUMNS = 10
MAX_TILES = 100
PREVIEW_SECONDS = 3


@dataclass(frozen=True)
class Wishes:
    """What campaign, customer and installation ask for. Trim marks count from the start of the joined clip,
    the moment of the poster from the start of what is shown."""

    max_rate: Fraction = Fraction(30)
    reduce_noise: bool = False
    av1: bool = False
    start_seconds: float = 0.0
    end_seconds: float | None = None
    poster_seconds: float | None = None


@dataclass(frozen=True)
class Rung:
    """One rendition. `short_side` names it; width and height are even, as yuv420p demands."""

    short_side: int
    width: int
    height: int
    max_kbps: int


@dataclass(frozen=True)
class Storyboard:
    """Tiles of a sprite, row by row; tile n shows second n times `interval_seconds`."""

    interval_seconds: float
    columns: int
    rows: int
    tiles: int
    tile_width: int
    tile_height: int


@dataclass(frozen=True)
class Plan:
    """Everything the commands need to know.

    Rungs run from large to small, and there is at least one. `first` is made before the others, so that there is
    something to play early. With `copy` it keeps the bytes of the source's video track.
    """

    segments: tuple[Probe, ...]
    duration_seconds: float
    frames_per_second: Fraction
    rungs: tuple[Rung, ...]
    first: Rung
    copy: bool
    storyboard: Storyboard
    wishes: Wishes = field(default_factory=Wishes)

    @property
    def has_audio(self) -> bool:
        return any(segment.audio_index is not None for segment in self.segments)

    @property
    def rest(self) -> tuple[Rung, ...]:
        return tuple(rung for rung in self.rungs if rung != self.first)

    @property
    def poster(self) -> Rung:
        """The size of poster candidates."""
        return next((rung for rung in self.rungs if rung.short_side <= POSTER_SIDE), self.rungs[-1])

    @property
    def chosen_seconds(self) -> float | None:
        """The moment that was chosen for the poster; one behind the end is none."""
        wanted = self.wishes.poster_seconds
        return round(wanted, 3) if wanted is not None and 0 <= wanted < self.duration_seconds else None

    def lasting(self, seconds: float) -> Plan:
        """The same for a clip of which less came out than its source had promised: the preview must begin inside it."""
        shown = min(self.duration_seconds, seconds)
        return replace(self, duration_seconds=shown, storyboard=_storyboard(shown, self.rungs[0]))

    @property
    def keyframe_interval(self) -> int:
        """Frames between keyframes."""
        return max(1, round(self.frames_per_second * KEYFRAME_SECONDS))

    @property
    def poster_rate(self) -> Fraction:
        """Frames per second that are looked at for the poster."""
        return Fraction(POSTER_CANDIDATES) / Fraction(max(self.duration_seconds, 1)).limit_denominator(1000)


def make_plan(segments: list[Probe], wishes: Wishes | None = None, *, steady: bool = False) -> Plan:
    """Up to three rungs from the source's own size downwards, never upwards.

    `steady` says that a look at the packets found nothing that speaks against keeping them (`packets.steady`).
    Raises MediaError `too_short` where the trim marks leave nothing.
    """
    wishes = wishes or Wishes()
    duration = _duration(segments, wishes)
    lead = max(segments, key=lambda segment: min(segment.width, segment.height))
    copy = steady and may_copy(segments, wishes)
    rungs = _rungs(lead, copy)
    first = rungs[0] if copy else next((rung for rung in rungs if rung.short_side <= FIRST_SIDE), rungs[-1])
    return Plan(
        segments=tuple(segments),
        duration_seconds=duration,
        frames_per_second=min(max(segment.frames_per_second for segment in segments), wishes.max_rate),
        rungs=rungs,
        first=first,
        copy=copy,
        storyboard=_storyboard(duration, rungs[0]),
        wishes=wishes,
    )


def may_copy(segments: list[Probe], wishes: Wishes) -> bool:
    """Whether the video track is already what we would make of it, as far as the probe can tell."""
    if len(segments) > 1 or wishes.start_seconds or wishes.end_seconds is not None:
        return False
    facts = segments[0]
    return (
        facts.video_codec == "h264"
        and facts.profile in COPY_PROFILES
        and facts.pixel_format in COPY_PIXEL_FORMATS
        and facts.matrix in COPY_MATRICES
        and not facts.hdr
        and facts.rotation == 0
        and facts.square_pixels
        and facts.width % 2 == facts.height % 2 == 0
        and min(facts.width, facts.height) <= max(LADDER)
        and facts.frames_per_second <= wishes.max_rate
        and facts.kilobits_per_second <= _ceiling(min(facts.width, facts.height)) * COPY_EXCESS
    )


def _duration(segments: list[Probe], wishes: Wishes) -> float:
    total = sum(segment.duration_seconds for segment in segments)
    end = total if wishes.end_seconds is None else min(wishes.end_seconds, total)
    if end - wishes.start_seconds < MIN_SECONDS:
        raise MediaError("too_short", f"the marks leave {end - wishes.start_seconds:.2f} s")
    return end - wishes.start_seconds


def _rungs(lead: Probe, copy: bool) -> tuple[Rung, ...]:
    short = min(lead.width, lead.height)
    sides = [side for side in LADDER if side <= short][:MAX_RUNGS] or [short]
    if copy and short not in sides:
        sides = [short, *sides][:MAX_RUNGS]
    return tuple(_rung(lead, side) for side in sides)


def _rung(facts: Probe, side: int) -> Rung:
    scale = Fraction(side, min(facts.width, facts.height))
    return Rung(side, _even(facts.width * scale), _even(facts.height * scale), _ceiling(side))


def _ceiling(side: int) -> int:
    """kbit/s for a short side: the ladder's own, or of the next larger step."""
    return next((LADDER[step] for step in sorted(LADDER) if step >= side), max(LADDER.values()))


def _storyboard(duration: float, rung: Rung) -> Storyboard:
    interval = max(1.0, math.ceil(duration / MAX_TILES * 10) / 10)
    tiles = max(
        1, math.ceil(duration / interval - 0.1)
    )  # a last tile for a few frames would show what the one before does
    columns = min(tiles, STORYBOARD_COLUMNS)
    height = _even(Fraction(STORYBOARD_WIDTH * rung.height, rung.width))
    return Storyboard(
        interval, columns, math.ceil(tiles / columns), tiles, STORYBOARD_WIDTH, min(height, 2 * STORYBOARD_WIDTH)
    )


def _even(length: Fraction) -> int:
    return max(2, round(length / 2) * 2)
