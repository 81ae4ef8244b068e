"""What the way into the house costs: 2 GB in one PATCH, against a bare handler that writes its stream to a file."""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests import acts
from tests.bench.load import bare
from tests.bench.measure import Result, alternating, spread
from tests.installation import Installation, web_only
from tests.servers.guard import family

LARGE_BYTES = 2_000_000_000
BYTES = 400_000_000
PIECE = os.urandom(1024 * 1024)
ROUNDS = 5
BAR = 2.0  # half of the bare throughput
MAX_GROWTH_MB = 20


def measure() -> Result:
    with (
        tempfile.TemporaryDirectory() as folder,
        bare(f"{__name__}:bare_application", {"BARE_FOLDER": folder}) as other,
        web_only(Path(folder, "ours")) as installation,
    ):
        _ours(installation, 50_000_000)  # the first ones pay for what is done once
        _send(other, 50_000_000)
        others, ours = alternating(lambda: _send(other, BYTES), lambda: _ours(installation, BYTES), ROUNDS)
        with _watched(_web(installation)) as memory:
            large = _ours(installation, LARGE_BYTES)
    slower = statistics.median(ours) / statistics.median(others)
    flat = memory.growth_mb <= MAX_GROWTH_MB
    return Result(
        "upload-throughput",
        slower if flat else float("inf"),
        BAR,
        f"{BYTES // 10**6} MB in one PATCH: {_rate(BYTES, ours)}, bare handler {_rate(BYTES, others)};"
        f" ours {spread(ours, 's')}, bare {spread(others, 's')};"
        f" {LARGE_BYTES / 1e9:g} GB in {large:.1f} s, resident memory of the web grows by {memory.growth_mb:.1f} MB"
        f" of {MAX_GROWTH_MB}, from {memory.before / 1e6:.0f} MB",
    )


def bare_application() -> Any:
    return _take


def _take(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """The least that can be done with a body."""
    with tempfile.NamedTemporaryFile(dir=os.environ["BARE_FOLDER"]) as file:
        shutil.copyfileobj(environ["wsgi.input"], file, 64 * 1024)
    start_response("204 No Content", [])
    return []


def _ours(installation: Installation, size: int) -> float:
    """Seconds of the PATCH alone. What it brought is given up afterwards, so that the disk does not fill."""
    headers = {**acts.TUS, "Upload-Length": str(size), "Upload-Metadata": acts.metadata(campaign="spring")}
    location = httpx.post(f"{installation.base}/uploads", headers=headers).headers["Location"]
    seconds = _send(installation.base + location, size)
    assert httpx.delete(installation.base + location, headers=acts.TUS, timeout=60).status_code == 204
    return seconds


def _send(address: str, size: int) -> float:
    """Seconds until the answer, which must be 204."""
    target = urlsplit(address)
    head = [
        f"PATCH {target.path or '/'} HTTP/1.1", f"Host: {target.netloc}", "Tus-Resumable: 1.0.0", "Upload-Offset: 0",
        "Content-Type: application/offset+octet-stream", f"Content-Length: {size}", "", "",
    ]  # fmt: skip
    with socket.create_connection((target.hostname, target.port)) as connection:  # type: ignore[type-var]
        started = time.monotonic()
        connection.sendall("\r\n".join(head).encode())
        left = size
        while left:
            piece = PIECE if left >= len(PIECE) else PIECE[:left]
            connection.sendall(piece)
            left -= len(piece)
        status = connection.recv(4096).split(b"\r\n", 1)[0]
        assert status.startswith(b"HTTP/1.1 204"), status
        return time.monotonic() - started


def _rate(size: int, seconds: list[float]) -> str:
    return f"{size / 1e6 / statistics.median(seconds):.0f} MB/s"


def _web(installation: Installation) -> list[int]:
    """The pids of the web server, without the workers."""
    everyone = family([each.pid for each in installation.processes])
    return [pid for pid in everyone if b"testimonials.web" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")]


class _Memory:
    before = 0
    most = 0

    @property
    def growth_mb(self) -> float:
        return (self.most - self.before) / 1e6


@contextmanager
def _watched(pids: list[int]) -> Iterator[_Memory]:
    """The most resident memory that these processes had together while the block ran."""
    web = family(pids)
    memory, done = _Memory(), threading.Event()
    memory.before = memory.most = _resident(web)

    def look() -> None:
        while not done.wait(0.02):
            memory.most = max(memory.most, _resident(web))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield memory
    finally:
        done.set()
        watcher.join()


def _resident(pids: list[int]) -> int:
    page = os.sysconf("SC_PAGE_SIZE")
    return sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * page for pid in pids)
