"""How long things take, counted in bounds that grow: a median of many needs their counts, not each of them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

BOUNDS = [60 * 1.5**number for number in range(28)]
"""Seconds, from a minute to 39 days; each bound is half as long again as the one before. What takes longer is in one more."""


@dataclass(frozen=True)
class Wait:
    """How long the approvals of a week took. Seconds are None where nothing was approved. `week` is its Monday."""

    week: date
    number: int
    median_seconds: float | None
    most_seconds: float | None
    """Nine of ten took no longer."""


def percentile(counts: Mapping[int, int], part: float) -> float | None:
    """Seconds below which this part (0 to 1) lies, from counts by the number of their bound. At most a third off, as a bound is
    half as long again as the one before."""
    total = sum(counts.values())
    if not total:
        return None
    wanted, passed = part * total, 0
    for number in sorted(counts):
        if counts[number] and passed + counts[number] >= wanted:
            low = BOUNDS[number - 1] if number else 0.0
            high = BOUNDS[number] if number < len(BOUNDS) else low * 1.5
            return low + (high - low) * max(0.0, wanted - passed) / counts[number]
        passed += counts[number]
    return None


def waits(by_day: Mapping[date, Mapping[int, int]]) -> list[Wait]:
    """Week by week, from Monday; weeks without approvals between others are there."""
    weeks: dict[date, dict[int, int]] = {}
    for day, counts in by_day.items():
        week = weeks.setdefault(monday(day), {})
        for number, count in counts.items():
            week[number] = week.get(number, 0) + count
    return [summed(week, weeks[week]) for week in sorted(weeks)]


def summed(week: date, counts: Mapping[int, int]) -> Wait:
    return Wait(week, sum(counts.values()), percentile(counts, 0.5), percentile(counts, 0.9))


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def in_words(seconds: float | None) -> str:
    """`35 min`, `4 h`, `3 days`: as exact as it is known."""
    if seconds is None:
        return "none"
    if seconds < 90 * 60:
        return f"{max(1, round(seconds / 60))} min"
    hours = seconds / 3600
    if hours < 36:
        return f"{round(hours)} h"
    return f"{round(hours / 24)} days"


def merged(each: list[Mapping[int, int]]) -> dict[int, int]:
    """Several counts as one."""
    found: dict[int, int] = {}
    for number, count in itertools.chain.from_iterable(counts.items() for counts in each):
        found[number] = found.get(number, 0) + count
    return found
