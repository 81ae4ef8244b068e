"""From `make run` in a fresh clone to the first page, and the same again: the second time nothing may be installed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import httpx

from tests.bench.measure import Result
from tests.project.tracked import ROOT, tracked
from tests.servers.ports import free_ports

FIRST_SECONDS, AGAIN_SECONDS = 180, 5


def measure() -> Result:
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder, "clone")
        for path in tracked():
            target = clone / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
        first, again = (_start(clone) for _ in range(2))
    return Result(
        "cold-start",
        max(first / FIRST_SECONDS, again / AGAIN_SECONDS),
        1,
        f"`make run` to the first page: {first:.1f} s without .venv (bar {FIRST_SECONDS}; system packages already there),"
        f" {again:.1f} s the second time (bar {AGAIN_SECONDS})",
    )


def _start(clone: Path) -> float:
    port = free_ports(2)
    environment = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    started = time.monotonic()
    process = subprocess.Popen(
        ["make", "run", f"ARGS=--port {port}"],
        cwd=clone,
        env=environment,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while time.monotonic() - started < 600:
            if process.poll() is not None:
                raise RuntimeError(f"make run ended with {process.returncode}")
            try:
                if httpx.get(f"http://127.0.0.1:{port}/c/spring").status_code == 200:
                    return time.monotonic() - started
            except httpx.HTTPError:
                time.sleep(0.05)
        raise RuntimeError("no page within ten minutes")
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()
