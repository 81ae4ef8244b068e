"""Running a program on untrusted media so that it can do little harm, whatever the media makes it do.

`bubblewrap`: no network, no files but the ones named, no capabilities, dies with its parent; and resource limits.
`prlimit`: resource limits alone, where user namespaces are not to be had (inside many containers).
`ulimit`: the shell's limits, where there is no prlimit either (macOS). `doctor` says which one is in use.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from testimonials.errors import ConfigurationError

LEVELS = ("bubblewrap", "prlimit", "ulimit")


@dataclass(frozen=True)
class Limits:
    """Bounds of one process. 1080p needs about 1 GB of address space; 4 GB leaves room for HEVC in 4K."""

    cpu_seconds: int
    file_bytes: int = 4 * 1024**3
    memory_bytes: int = 4 * 1024**3
    open_files: int = 64
    processes: int = 1024


@dataclass(frozen=True)
class Sandbox:
    """Wraps a command line. `level` is one of LEVELS."""

    level: str

    def wrap(self, command: list[str], *, reads: list[Path], writes: Path | None, limits: Limits) -> list[str]:
        """The command that runs `command` inside. Only `reads` can be read and only the folder `writes` written."""
        program = shutil.which(command[0])
        if program is None:
            raise ConfigurationError(f"{command[0]} is not installed. Install ffmpeg with the package manager.")
        inner = [program, *command[1:]]
        if self.level == "ulimit":
            return _ulimit(limits, inner)
        limited = _prlimit(limits, inner)
        if self.level == "prlimit":
            return [*_die_with_parent(), *limited]
        # Counted inside the sandbox's own user namespace; at the other levels it would count the whole user's processes.
        bounded = ["prlimit", f"--nproc={limits.processes}", *limited]
        return [*_bubblewrap(Path(program), reads, writes), *bounded]


def choose(wanted: str = "auto") -> Sandbox:
    """The strongest level that works here, or the one that was asked for. Raises where that one does not work."""
    for level in LEVELS if wanted == "auto" else (wanted,):
        sandbox = Sandbox(level)
        if level in LEVELS and _works(sandbox):
            return sandbox
    raise ConfigurationError(
        f"TESTIMONIALS_SANDBOX is {wanted}, which does not work on this machine. Install bubblewrap and allow user"
        " namespaces, or set it to auto."
    )


def _works(sandbox: Sandbox) -> bool:
    try:
        command = sandbox.wrap(["true"], reads=[], writes=None, limits=Limits(cpu_seconds=5))
        return subprocess.run(command, capture_output=True, timeout=10, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _prlimit(limits: Limits, command: list[str]) -> list[str]:
    return [
        "prlimit",
        f"--as={limits.memory_bytes}",
        f"--cpu={limits.cpu_seconds}",
        f"--fsize={limits.file_bytes}",
        f"--nofile={limits.open_files}",
        "--core=0",
        "nice",
        "-n",
        "5",
        *command,
    ]


def _ulimit(limits: Limits, command: list[str]) -> list[str]:
    script = (
        f'ulimit -t {limits.cpu_seconds} -f {limits.file_bytes // 512} -n {limits.open_files} -c 0; exec nice -n 5 "$@"'
    )
    return ["/bin/sh", "-c", script, "sh", *command]


def _die_with_parent() -> list[str]:
    return ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []


def _bubblewrap(program: Path, reads: list[Path], writes: Path | None) -> list[str]:
    command = ["bwrap", "--ro-bind", "/usr", "/usr", "--proc", "/proc", "--dev", "/dev"]
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        path = Path("/", name)
        if path.is_symlink():
            command += ["--symlink", os.readlink(path), str(path)]
        elif path.is_dir():
            command += ["--ro-bind", str(path), str(path)]
    for name in ("alternatives", "fonts", "ld.so.cache"):
        command += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    if not program.is_relative_to("/usr"):
        command += ["--ro-bind", str(program.parent.parent), str(program.parent.parent)]
    for path in reads:
        command += ["--ro-bind", str(path), str(path)]
    if writes is not None:
        command += ["--bind", str(writes), str(writes)]
    # What is left writable would be memory of the host without any bound.
    command += ["--remount-ro", "/dev", "--remount-ro", "/"]
    command += ["--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"]
    return [*command, "--setenv", "PATH", "/usr/local/bin:/usr/bin:/bin", "--chdir", "/"]
