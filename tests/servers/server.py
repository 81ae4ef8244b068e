"""What the three servers have in common: a folder, a guard, and the ways in which a server can fail."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from tests.servers import guard
from tests.servers.ports import free_ports

START_SECONDS = 60.0


class ServerMissingError(Exception):
    """The programs of a server are not on this machine. The text says what to install."""


class Server:
    """A real server on `port` of 127.0.0.1 that lives in `folder`. Built means started; `stop` ends it.

    `kill` and `pause` are the two outages that matter: connections refused, and connections that hang.
    `restart` and `resume` heal them, on the same port. `outage()` and `hang()` do the same for a block.
    """

    name: ClassVar[str]
    ports: ClassVar[int] = 1  # how many in a row
    # Asking, because PostgreSQL gives its shared memory back only when it ends by itself.
    end_signal: ClassVar[signal.Signals] = signal.SIGINT

    def __init__(self) -> None:
        self.check_installed()
        self.port = free_ports(self.ports)
        self.folder = Path(tempfile.mkdtemp(prefix=f"testimonials-{self.name}-")).resolve()
        self._guard = self._start_guard()
        self._processes: list[subprocess.Popen[bytes]] = []
        try:
            (self.folder / "run").mkdir()
            self.prepare()
            self.restart()
        except BaseException:
            self.stop()
            raise

    # ---- what each server says for itself ----

    @classmethod
    def check_installed(cls) -> None:
        """Raise ServerMissingError where a program is missing."""
        raise NotImplementedError

    def prepare(self) -> None:
        """Write what the server needs in its folder, once."""

    def launch(self) -> None:
        """Start the processes; the pid of each is in `folder/run/*.pid` afterwards."""
        raise NotImplementedError

    def is_ready(self) -> bool:
        """Whether the server answers a real request."""
        raise NotImplementedError

    # ---- its life ----

    def restart(self) -> None:
        """Start it (again) and wait until it answers."""
        self.launch()
        deadline = time.monotonic() + START_SECONDS
        while not self.is_ready():
            if time.monotonic() > deadline or any(process.poll() is not None for process in self._processes):
                raise RuntimeError(f"{self.name} did not start on port {self.port}:\n{self.log_tail()}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End every process and delete the folder, by the guard: what must never fail is always in use."""
        if self._guard.returncode is None:
            self._guard.communicate()
            self._reap()

    def kill(self) -> None:
        """SIGKILL: from now on connections are refused."""
        guard.kill(self.folder)
        self._reap()

    def pause(self) -> None:
        """SIGSTOP: connections are accepted by the kernel, and nothing answers."""
        guard.signal_all(self.processes(), signal.SIGSTOP)

    def resume(self) -> None:
        guard.signal_all(self.processes(), signal.SIGCONT)

    @contextlib.contextmanager
    def outage(self) -> Iterator[None]:
        self.kill()
        try:
            yield
        finally:
            self.restart()

    @contextlib.contextmanager
    def hang(self) -> Iterator[None]:
        self.pause()
        try:
            yield
        finally:
            self.resume()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # ---- its processes ----

    def processes(self) -> list[int]:
        """Everything that runs for this server, parents first."""
        return guard.family(list(guard.recorded(self.folder)))

    def spawn(self, command: list[str | Path], *, user: str | None = None) -> None:
        """Run `command` in the folder, in a session of its own: Ctrl-C is for pytest, which calls `stop`."""
        with (self.folder / "server.log").open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=user,
                group=user and _group_of(user),
                extra_groups=[] if user else None,
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
            )
        self._processes.append(process)
        (self.folder / "run" / f"{self.name}.pid").write_text(str(process.pid))

    def log_tail(self) -> str:
        """The last lines of the server's own log."""
        with contextlib.suppress(OSError):
            return "\n".join((self.folder / "server.log").read_text(errors="replace").splitlines()[-20:])
        return "(it wrote no log)"

    def _start_guard(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-I", "-S", guard.__file__, str(self.folder), str(int(self.end_signal))]
        pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
        return subprocess.Popen(command, stdin=pipe, stdout=nothing, start_new_session=True)

    def _reap(self) -> None:
        for process in self._processes:
            process.wait(guard.PATIENCE_SECONDS)
        self._processes.clear()


def _group_of(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid
