"""Child processes that are started again when they die, end when they are told, and never outlive their parent."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress

log = logging.getLogger(__name__)
RESTART_SECONDS = (0, 1, 2, 5, 15)
STEADY_SECONDS = 60


class Child:
    """`python -m MODULE --parent PID …` in a session of its own.

    A signal meant for the parent (Ctrl-C reaches the whole terminal) therefore does not reach it: it hears SIGTERM once,
    from `stop`. Two signals in quick succession have deadlocked the web server, and signals to the group the Celery pool.
    """

    def __init__(self, module: str, *arguments: str, grace_seconds: float) -> None:
        self._command = [sys.executable, "-m", module, "--parent", str(os.getpid()), *arguments]
        self._module = " ".join((module, *arguments))
        self._grace = grace_seconds
        self._deaths = 0
        self._told = False
        self._died_at: float | None = None
        self._start()

    def keep_alive(self) -> None:
        """Called again and again: starts the child anew where it has died, after a pause that grows."""
        code = self._process.poll()
        if code is None:
            return
        if self._died_at is None:
            lived = time.monotonic() - self._started_at
            self._deaths = 1 if lived > STEADY_SECONDS else self._deaths + 1
            self._died_at = time.monotonic()
            log.error("%s ended with %s; starting it again", self._module, code)
        if time.monotonic() - self._died_at >= RESTART_SECONDS[min(self._deaths, len(RESTART_SECONDS)) - 1]:
            self._kill_rest()
            self._start()

    def terminate(self) -> None:
        """Tell it to end, once."""
        if self._process.poll() is None and not self._told:
            self._told = True
            self._process.terminate()

    def stop(self) -> None:
        """SIGTERM to it alone; SIGKILL to all it has started where it does not go in time."""
        self.terminate()
        if self._process.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(self._grace)
        self._kill_rest()
        self._process.wait()

    def _kill_rest(self) -> None:
        """What a dead child has left behind in its session would answer requests with old code."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _start(self) -> None:
        self._process = subprocess.Popen(self._command, start_new_session=True, stdin=subprocess.DEVNULL)
        self._started_at = time.monotonic()
        self._died_at = None


def end_with_parent(parent: int) -> None:
    """A killed parent can tell nobody; its orphan sees by whose child it now is, and ends itself."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
