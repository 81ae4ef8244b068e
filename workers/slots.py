"""How many ffmpegs may run at once: what was asked for, but no more than the memory carries."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from pathlib import Path

log = logging.getLogger(__name__)
JOB_BYTES = 700 * 1024**2  # the peak of one job at 1080p30; tests/bench/pipeline_memory.py measures it
REST_BYTES = 400 * 1024**2  # the worker itself, and the web server where it lives on the same machine
CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def slots(wanted: int, memory_bytes: int | None = None) -> int:
    """At least one: a machine that is too small for it is slow, but a worker that takes nothing is broken."""
    available = memory_limit() if memory_bytes is None else memory_bytes
    carried = max(1, (available - REST_BYTES) // JOB_BYTES)
    if wanted > carried:
        log.warning("memory for %d clips at a time, not for %d", carried, wanted)
    return max(1, min(wanted, carried))


def memory_limit() -> int:
    """Bytes this process may use: the machine's, or its container's where that is less."""
    found = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for path in CGROUP_LIMITS:
        with suppress(OSError, ValueError):  # "max" where there is no limit
            found = min(found, int(path.read_text()))
    return found
