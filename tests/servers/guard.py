"""Ends the processes of one server folder; as a process of its own once the test run is gone, however so.

    python guard.py FOLDER SIGNAL    stdin is a pipe whose other end only the test run holds

A pipe closes even on SIGKILL. The parent-death signal of Linux would not do: Ceph's daemons fork away from
their parent, and macOS has none. Standard library only, so that it starts in a few milliseconds.

What belongs to a folder is written down in `FOLDER/run/*.pid`. A number may have been used again by another
process since, so a process counts only if its command line or its working directory names the folder.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

PATIENCE_SECONDS = 5.0
HAS_PROC = Path("/proc/self/stat").exists()  # Linux; elsewhere `ps` is asked


def end(folder: Path, number: signal.Signals) -> None:
    """Ask the processes of `folder` to end by signal `number`, then make them, then delete the folder."""
    roots = list(recorded(folder))
    signal_all(roots, number)
    signal_all(family(roots), signal.SIGCONT)
    wait_until_gone(roots, PATIENCE_SECONDS)
    kill(folder)
    shutil.rmtree(folder, ignore_errors=True)


def kill(folder: Path) -> None:
    """SIGKILL the processes of `folder` and whatever they started; the folder stays as it is."""
    roots = list(recorded(folder))
    everyone = family(roots)
    signal_all(roots, signal.SIGKILL)  # the parents first, or they would start their children again
    signal_all(everyone, signal.SIGKILL)
    wait_until_gone(everyone, PATIENCE_SECONDS)


def recorded(folder: Path, pattern: str = "*.pid") -> Iterator[int]:
    """The processes named in the folder's pid files that still run and are still its own."""
    for file in sorted((folder / "run").glob(pattern)):
        with contextlib.suppress(OSError, ValueError):
            pid = int(file.read_text())
            if is_alive(pid) and _belongs(pid, folder):
                yield pid


def family(roots: list[int]) -> list[int]:
    """`roots` and all processes below them."""
    children: dict[int, list[int]] = {}
    for pid, parent in _process_table():
        children.setdefault(parent, []).append(pid)
    everyone = list(roots)
    for pid in everyone:
        everyone.extend(children.get(pid, []))
    return everyone


def signal_all(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def wait_until_gone(pids: list[int], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while any(map(is_alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.01)


def is_alive(pid: int) -> bool:
    """Whether `pid` runs. A zombie does not: it only waits for its parent to ask how it ended.

    A killed process is a zombie as soon as its first thread is; the others may hold its sockets a little longer.
    """
    if HAS_PROC:
        try:
            status = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return False
        state, threads = status[0], int(status[17])
        return state not in "ZX" or threads > 1
    return _ps("-p", str(pid), "-o", "stat=").strip()[:1] not in {"", "Z"}


def _belongs(pid: int, folder: Path) -> bool:
    if not HAS_PROC:
        return True
    command = Path(f"/proc/{pid}/cmdline").read_bytes()
    return os.fsencode(folder) in command or Path(os.readlink(f"/proc/{pid}/cwd")).is_relative_to(folder)


def _process_table() -> Iterator[tuple[int, int]]:
    """(process, its parent) of everything that runs."""
    if HAS_PROC:
        for entry in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                yield int(entry.parent.name), int(entry.read_text().rpartition(")")[2].split()[1])
        return
    for line in _ps("-A", "-o", "pid=,ppid=").splitlines():
        pid, parent = line.split()
        yield int(pid), int(parent)


def _ps(*options: str) -> str:
    return subprocess.run(["ps", *options], capture_output=True, text=True, check=False).stdout


if __name__ == "__main__":
    sys.stdin.buffer.read()
    end(Path(sys.argv[1]), signal.Signals(int(sys.argv[2])))
