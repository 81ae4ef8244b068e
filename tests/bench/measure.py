"""One line a benchmark: a ratio against a baseline measured in the same run, and the bar it has to meet."""

from __future__ import annotations

import os
import platform
import resource
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """`ratio` meets the bar where it is at most `bar`. `said` tells what was measured, with the figures behind it."""

    name: str
    ratio: float
    bar: float
    said: str

    @property
    def ok(self) -> bool:
        return self.ratio <= self.bar

    def line(self) -> str:
        return f"{self.name} ratio={self.ratio:.3f} bar={self.bar:g} {'ok' if self.ok else 'short'} ({self.said})"


class Clock:
    """CPU seconds of this process and of all children that it has waited for."""

    seconds = 0.0


@contextmanager
def cpu() -> Iterator[Clock]:
    clock, before = Clock(), _cpu_seconds()
    yield clock
    clock.seconds = _cpu_seconds() - before


def alternating(
    first: Callable[[], float], second: Callable[[], float], rounds: int
) -> tuple[list[float], list[float]]:
    """Both measured in turns, so that a machine that slows down slows both."""
    pairs = [(first(), second()) for _ in range(rounds)]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def spread(values: list[float], unit: str) -> str:
    """`14.2 s (14.0 to 14.9)`: the median and the range."""
    return f"{statistics.median(values):.2f} {unit} ({min(values):.2f} to {max(values):.2f})"


def machine() -> str:
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


def _cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)
