"""Peak memory of one job at 1080p30: the worker that does it, and every process that it has started."""

from __future__ import annotations

import re
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

from tests import clips
from tests.bench.measure import Result
from tests.bench.widget_weight import hand_in
from tests.installation import Installation, embedded, wait_for
from tests.servers.guard import family

BAR_BYTES = 700 * 1024**2
LOOK_SECONDS = 0.05


def measure() -> Result:
    clip = clips.mp4(10, "1920x1080")
    with tempfile.TemporaryDirectory() as folder, embedded(Path(folder)) as installation, installation.api() as api:
        api.post("/campaigns", json={"slug": "spring", "name": "Spring"})
        watched = _Watch(_media_worker(installation))
        token = hand_in(installation, clip)
        wait_for(lambda: api.get(f"/testimonials/{token}").json()["media"] == "ready", 300)
        wait_for(lambda: all(j["state"] == "done" for j in api.get(f"/testimonials/{token}").json()["jobs"]), 300)
        peak = watched.end()
    return Result(
        "pipeline-memory",
        peak / BAR_BYTES,
        1,
        f"{peak / 1024**2:.0f} MB of 700 MB at the highest: proportional set size of the media worker and all below it,"
        " looked at 20 times a second; 10 s 1080p30 H.264 to 1080p, 720p, 480p, captions and pictures",
    )


def _media_worker(installation: Installation) -> int:
    for pid in installation.workers():
        if b"media" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
            return pid
    raise AssertionError("no media worker")


class _Watch:
    """Looks at a process and all below it until it is told to end."""

    def __init__(self, pid: int) -> None:
        self._pid, self._peak, self._ended = pid, 0, threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def end(self) -> int:
        """The highest sum, in bytes."""
        self._ended.set()
        self._thread.join()
        return self._peak

    def _look(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            self._peak = max(self._peak, sum(_bytes_of(pid) for pid in family([self._pid])))


def _bytes_of(pid: int) -> int:
    """Proportional set size: pages that several processes share count once."""
    with suppress(OSError):
        found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
        return int(found.group(1)) * 1024 if found else 0
    return 0
