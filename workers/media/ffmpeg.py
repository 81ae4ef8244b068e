"""Running ffmpeg and ffprobe: time limit, stall watchdog, progress, bounded output, and a kill that is certain."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO

from testimonials.errors import MediaError, StorageError

STALL_SECONDS = 60
MAX_OUTPUT_BYTES = 8 * 1024**2
STDERR_TAIL_BYTES = 8 * 1024
_XCPU_EXITS = (-signal.SIGXCPU, 128 + signal.SIGXCPU)
_KILL_EXITS = (-signal.SIGKILL, 128 + signal.SIGKILL)


@dataclass
class _Output:
    """What a process has said so far. Of stderr only the tail is kept: it can be endless."""

    stdout: bytearray = field(default_factory=bytearray)
    stderr: bytearray = field(default_factory=bytearray)
    complaints: int = 0

    def take_stderr(self, piece: bytes) -> None:
        self.complaints += piece.count(b"\n")
        self.stderr += piece
        del self.stderr[:-STDERR_TAIL_BYTES]

    def error_text(self) -> str:
        return self.stderr.decode(errors="replace").strip()


@dataclass(frozen=True)
class Finished:
    """A program that ended well. `complaints` counts the lines it wrote to stderr: ffmpeg decodes damaged files with exit 0."""

    stdout: bytes
    complaints: int


def run(
    command: list[str],
    *,
    timeout: float,
    on_time: Callable[[float], None] | None = None,
    stall: float = STALL_SECONDS,
) -> bytes:
    """`follow`, where only the output matters."""
    return follow(command, timeout=timeout, on_time=on_time, stall=stall).stdout


def follow(
    command: list[str],
    *,
    timeout: float,
    on_time: Callable[[float], None] | None = None,
    stall: float = STALL_SECONDS,
) -> Finished:
    """Run to the end and say how it went.

    With `on_time` the command is an ffmpeg that reports with `-progress pipe:1`: the callback gets the seconds written,
    may raise to stop it, and a report that does not move for `stall` seconds ends the process.
    Raises MediaError `timed_out`, `stalled` or `corrupt`; StorageError where the disk is full.
    """
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        # Nothing of ours: in the sandbox, too, a process can read the environment of the one that started it.
        env={"PATH": os.environ.get("PATH", os.defpath)},
    )
    try:
        output = _follow(process, _Watch(timeout, stall, on_time))
        code = process.wait(timeout=5)
    finally:
        _kill(process)
    if code != 0:
        raise _failure(code, output.error_text())
    return Finished(bytes(output.stdout), output.complaints)


class _Watch:
    """The clock of one run: knows the deadline, and when the last progress was seen."""

    def __init__(self, timeout: float, stall: float, on_time: Callable[[float], None] | None) -> None:
        self.deadline = time.monotonic() + timeout
        self.stall = stall
        self.on_time = on_time
        self.reached = -1.0
        self.moved_at = time.monotonic()
        self._rest = b""

    def check(self) -> None:
        moment = time.monotonic()
        if moment > self.deadline:
            raise MediaError("timed_out", "went over its time limit", permanent=False)
        if self.on_time and moment - self.moved_at > self.stall:
            raise MediaError("stalled", f"no progress for {self.stall:.0f} s", permanent=False)

    def read_progress(self, piece: bytes) -> None:
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            name, _, value = line.partition(b"=")
            # Both keys count microseconds; at the start and for copies the value may be N/A.
            if name == b"out_time_us" and value.strip().lstrip(b"-").isdigit():
                seconds = int(value) / 1e6
                if seconds > self.reached:
                    self.reached, self.moved_at = seconds, time.monotonic()
        if self.on_time and lines:
            self.on_time(max(self.reached, 0.0))


def _follow(process: subprocess.Popen[bytes], watch: _Watch) -> _Output:
    """Drain both pipes until they close. Both at once, or a full stderr would stop the program for good."""
    output = _Output()
    with selectors.DefaultSelector() as selector:
        for pipe in (process.stdout, process.stderr):
            assert pipe is not None  # noqa: S101 - both were asked for above
            os.set_blocking(pipe.fileno(), False)
            selector.register(pipe, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in selector.select(timeout=0.5):
                pipe_now: IO[bytes] = key.fileobj  # type: ignore[assignment]
                piece = pipe_now.read(65536)
                if not piece:
                    selector.unregister(pipe_now)
                elif pipe_now is process.stderr:
                    output.take_stderr(piece)
                elif watch.on_time:
                    watch.read_progress(piece)
                else:
                    output.stdout += piece
                    if len(output.stdout) > MAX_OUTPUT_BYTES:
                        raise MediaError("corrupt", "the file describes itself in too many words")
            watch.check()
    return output


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the process and all it started; in the sandbox the inner ones die with their parent."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe:
            pipe.close()


def _failure(code: int, said: str) -> Exception:
    if "No space left on device" in said:
        return StorageError("The scratch folder is full.", code="scratch_full")
    if code in _XCPU_EXITS or code in _KILL_EXITS:
        return MediaError("timed_out", f"ended by its limits (exit {code}). {said}", permanent=False)
    return MediaError("corrupt", said or f"exit {code}")
