"""The statistics of an experiment with two arms: how many visitors it needs, what the difference is, and that in words.

The interval is Newcombe's hybrid score interval (R. G. Newcombe, "Interval estimation for the difference between independent
proportions: comparison of eleven methods", Statistics in Medicine 17, 1998, method 10), made of two Wilson intervals. The
number of visitors is that of Fleiss, Levin and Paik, "Statistical Methods for Rates and Proportions", 3rd edition, 2003, §4.2.

The horizon is fixed: the number is settled before the start, and nothing is said before it is reached. Whoever looks at a
running comparison every day and stops when it pleases finds a difference between two equal things far more often than in one
of twenty; a verdict that can be read only once cannot do that.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from statistics import NormalDist

from testimonials.errors import Invalid

ALARM = 0.05
"""How often two equal arms are called different."""
POWER = 0.8
"""How often a difference as large as the smallest that matters is found."""
ARMS = ("a", "b")
KINDS = {"presence": "With the widget against without it", "layout": "One layout against another"}
MAX_PERCENT = 90.0
MIN_POINTS, MAX_POINTS = 0.1, 50.0


@dataclass(frozen=True)
class Arm:
    """What one half has seen and done: visitors of a day, and how many of them converted."""

    visitors: int = 0
    conversions: int = 0

    @property
    def rate(self) -> float:
        """The part that converted, 0 to 1; 0 where nobody came."""
        return self.conversions / self.visitors if self.visitors else 0.0


@dataclass(frozen=True)
class Difference:
    """Rate of B less rate of A, with its interval, as parts of one."""

    value: float
    lower: float
    upper: float

    @property
    def told(self) -> bool:
        """Whether the interval leaves out that there is none."""
        return self.lower > 0 or self.upper < 0


def wilson(arm: Arm, alarm: float = ALARM) -> tuple[float, float]:
    """The score interval of one rate. Of nobody, nothing is known."""
    if not arm.visitors:
        return 0.0, 1.0
    z = NormalDist().inv_cdf(1 - alarm / 2)
    n, rate = arm.visitors, arm.rate
    middle = rate + z * z / (2 * n)
    half = z * math.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def compare(a: Arm, b: Arm, alarm: float = ALARM) -> Difference:
    """B against A."""
    (low_a, high_a), (low_b, high_b) = wilson(a, alarm), wilson(b, alarm)
    value = b.rate - a.rate
    lower = value - math.hypot(b.rate - low_b, high_a - a.rate)
    upper = value + math.hypot(high_b - b.rate, a.rate - low_a)
    return Difference(value, max(-1.0, lower), min(1.0, upper))


def needed(rate: float, smallest: float) -> int:
    """Visitors for each arm, so that a rate that grows from `rate` by `smallest` (parts of one) is found with `POWER`."""
    other = min(rate + smallest, 1.0)
    step, mean = other - rate, (rate + other) / 2
    z_alarm, z_power = NormalDist().inv_cdf(1 - ALARM / 2), NormalDist().inv_cdf(POWER)
    spread = z_alarm * math.sqrt(2 * mean * (1 - mean))
    spread += z_power * math.sqrt(rate * (1 - rate) + other * (1 - other))
    return max(1, math.ceil((spread / step) ** 2))


def planned(expected_percent: float, smallest_points: float) -> int:
    """The same from what a person says: the rate they have today in per cent, the difference that would matter in points."""
    faults: dict[str, list[str]] = {}
    if not 0 < expected_percent <= MAX_PERCENT:
        faults["expected_percent"] = [f"A rate above 0 and up to {MAX_PERCENT:g} per cent."]
    if not MIN_POINTS <= smallest_points <= MAX_POINTS:
        faults["smallest_points"] = [f"A difference of {MIN_POINTS:g} to {MAX_POINTS:g} percentage points."]
    if faults:
        raise Invalid("These numbers are out of range.", code="bad_numbers", fields=faults)
    return needed(expected_percent / 100, smallest_points / 100)


def arm_of(experiment_id: str, visitor: str) -> str:
    """The arm of a visitor: the same all day, and one that no other experiment gives away."""
    return ARMS[hashlib.sha256(f"{experiment_id}\n{visitor}".encode()).digest()[0] & 1]


def full(a: Arm, b: Arm, planned_each: int) -> bool:
    """Whether both arms have the visitors that were settled at the start."""
    return min(a.visitors, b.visitors) >= planned_each


def still_needed(a: Arm, b: Arm, planned_each: int) -> int:
    """Visitors that are missing, in both arms together."""
    return sum(max(0, planned_each - arm.visitors) for arm in (a, b))


def waiting_words(a: Arm, b: Arm, planned_each: int) -> str:
    """What can be said while it runs: nothing about the difference."""
    missing = still_needed(a, b, planned_each)
    if missing:
        return f"Too early to say: about {rounded(missing):,} more visitors are needed."
    return "All visitors are there. They have until midnight, UTC, to decide; then the answer stands here."


def verdict(a: Arm, b: Arm, *, name_a: str, name_b: str, smallest_points: float) -> str:
    """The answer, once the number settled at the start is reached. `name_a` and `name_b` begin a sentence each."""
    found = compare(a, b)
    if found.told:
        better, low, high = (
            (name_b, found.lower, found.upper) if found.lower > 0 else (name_a, -found.upper, -found.lower)
        )
        return f"{better} brings {points(low)} to {points(high)} percentage points more."
    most = max(abs(found.lower), abs(found.upper))
    said = f"No difference was found; one of up to {points(most)} percentage points is still possible."
    if most > smallest_points / 100:
        rate = (a.conversions + b.conversions) / max(1, a.visitors + b.visitors)
        each = needed(min(max(rate, 0.001), MAX_PERCENT / 100), smallest_points / 100)
        if each > min(a.visitors, b.visitors):
            said += (
                f" To tell one of {smallest_points:g}, about {rounded(each):,} visitors an arm would have been needed."
            )
    return said


def early_words(a: Arm, b: Arm, planned_each: int) -> str:
    """What an experiment that was stopped before its number has shown."""
    found = compare(a, b)
    seen = min(a.visitors, b.visitors)
    return (
        f"Stopped before its number: {seen:,} of {planned_each:,} visitors an arm. That is no answer. The difference lies"
        f" anywhere from {points(found.lower)} to {points(found.upper)} percentage points, or outside of it if it was stopped"
        " because of how it looked."
    )


def points(part: float) -> str:
    """A difference in percentage points, as people write it."""
    return f"{part * 100:.1f}".replace("-", "−") if abs(part) >= 0.0005 else "0"  # noqa: RUF001 - a true minus


def rounded(number: int) -> int:
    """To two digits, upwards: nobody is helped by the visitor at the end."""
    step = int(10 ** max(0, len(str(number)) - 2))
    return int(math.ceil(number / step) * step)
