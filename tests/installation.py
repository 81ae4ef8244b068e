"""A whole installation as an operator starts it: real processes, on free ports, in a temporary folder."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests import acts
from tests.servers.guard import family, is_alive
from tests.servers.ports import free_ports

COMMAND = str(Path(sys.executable).with_name("testimonials"))
START_SECONDS = 60
# All customers of a test come from one address.
NO_LIMITS = dict.fromkeys(
    ["limit_uploads", "limit_open_uploads", "limit_upload_bytes", "limit_submissions", "limit_events", "limit_shares"],
    "0",
)


@dataclass
class Installation:
    """Commands run with `environment`; `processes` are what was started and is ended with it."""

    base: str
    data: Path
    environment: dict[str, str]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.data / "log").open("ab") as log:
            process = subprocess.Popen(
                [COMMAND, *arguments], env=self.environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        self.processes.append(process)
        return process

    def command(self, *arguments: str) -> str:
        """Run a command to its end and return what it said."""
        done = subprocess.run(
            [COMMAND, *arguments], env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def sign_in_link(self) -> str:
        return self.command("init").split()[-1]

    def api(self) -> httpx.Client:
        token = self.command("token", "add", "tests").split()[-1]
        return httpx.Client(base_url=f"{self.base}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=30)

    def workers(self, lane: str = "") -> list[int]:
        """The pids of the Celery workers, of one lane or of all."""
        everyone = family([each.pid for each in self.processes])
        return [pid for pid in everyone if b"workers" in _words(pid) and (not lane or lane.encode() in _words(pid))]

    def ffmpegs(self) -> list[int]:
        """The pids of all ffmpeg processes of this installation, wherever in the process tree they are."""
        return self.tools("ffmpeg")

    def tools(self, *names: str) -> list[int]:
        """The pids of all processes that name this installation's folder and run, or wrap, a program of such a name."""
        ends = tuple(name.encode() for name in names)
        lines = [(pid, _words(pid)) for pid in _all_pids()]
        ours = [(pid, words) for pid, words in lines if any(str(self.data).encode() in word for word in words)]
        return [pid for pid, words in ours if any(word.endswith(ends) for word in words)]

    def kill_and_start_again(self, process: subprocess.Popen[bytes]) -> None:
        """`kill -9` of a parent, and what the init system does then, once its orphans have ended themselves."""
        orphans = [pid for pid in family([process.pid]) if pid != process.pid]
        process.kill()
        process.wait()
        self.processes.remove(process)
        wait_for(lambda: not any(map(is_alive, orphans)), 30, lambda: f"{orphans} outlived their parent")
        self.start(*process.args[1:])  # type: ignore[index]

    def scratch(self) -> list[str]:
        """What lies in the scratch folder."""
        return sorted(os.listdir(self.data / "scratch"))

    def answers(self) -> bool:
        """Whether the web server is there."""
        try:
            return httpx.get(f"{self.base}/healthz", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def log(self) -> str:
        return (self.data / "log").read_text(errors="replace")

    def stop(self) -> None:
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise


@contextmanager
def embedded(folder: Path, **settings: str) -> Iterator[Installation]:
    """`testimonials serve` and nothing else."""
    port = free_ports()
    installation = _installation(folder, port, settings)
    with _running(installation):
        installation.start("serve", "--port", str(port))
        wait_until_ready(installation)
        yield installation


@contextmanager
def web_only(folder: Path, **settings: str) -> Iterator[Installation]:
    """The web server of the embedded profile with the campaign `spring`: for what needs no worker."""
    port = free_ports()
    installation = _installation(folder, port, settings)
    with _running(installation):
        installation.start("serve", "--no-worker", "--port", str(port))
        wait_for(installation.answers, START_SECONDS, lambda: installation.log()[-3000:])
        with installation.api() as api:
            api.post("/campaigns", json={"slug": "spring", "name": "Spring"})
        yield installation


def stored(installation: Installation, address: str) -> Iterator[bytes]:
    """The bytes of an upload as they lie in the folder of the embedded profile, chunk after chunk."""
    token = address.rsplit("/", 1)[1]
    with sqlite3.connect(f"file:{installation.data}/testimonials.db?mode=ro", uri=True) as connection:
        query = (
            "SELECT key FROM chunks JOIN uploads ON uploads.id = upload_id WHERE token = ? ORDER BY chunks.offset_bytes"
        )
        keys = [key for (key,) in connection.execute(query, (token,))]
    connection.close()
    for key in keys:
        yield (installation.data / "storage" / key).read_bytes()


@contextmanager
def scaled(
    folder: Path, *, database: str, broker: str, storage: str, environment: dict[str, str], **settings: str
) -> Iterator[Installation]:
    """PostgreSQL, Redis and S3; the web and the worker are processes of their own."""
    port = free_ports()
    given = {"database_url": database, "broker_url": broker, "storage_url": storage, **settings}
    installation = _installation(folder, port, given)
    installation.environment.update(environment)
    with _running(installation):
        installation.command("init")
        installation.start("serve", "--no-worker", "--port", str(port))
        installation.start("worker")
        wait_until_ready(installation)
        yield installation


def tus(installation: Installation, body: bytes, campaign: str = "spring") -> str:
    """Announce an upload; returns its address."""
    answer = httpx.post(
        f"{installation.base}/uploads",
        headers={**acts.TUS, "Upload-Length": str(len(body)), "Upload-Metadata": acts.metadata(campaign=campaign)},
    )
    assert answer.status_code == 201, answer.text
    return installation.base + answer.headers["Location"]


def patch(address: str, body: bytes, offset: int = 0, seconds: float = 60) -> httpx.Response:
    headers = {**acts.TUS, "Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
    return httpx.patch(address, content=body, headers=headers, timeout=seconds)


def submit(installation: Installation, address: str, campaign: str = "spring") -> str:
    answer = httpx.post(
        f"{installation.base}/c/{campaign}/submissions",
        json={**acts.DETAILS, "upload": address.rsplit("/", 1)[1]},
        timeout=30,
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["testimonial"]["token"])


def hand_in(installation: Installation, clip: Path) -> str:
    """Upload and submit; returns the token of the testimonial."""
    address = tus(installation, clip.read_bytes())
    assert patch(address, clip.read_bytes()).status_code == 204
    return submit(installation, address)


def read(api: httpx.Client, token: str) -> dict[str, Any]:
    answer = api.get(f"/testimonials/{token}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def until(api: httpx.Client, token: str, media: str, seconds: float = 120) -> dict[str, Any]:
    """The testimonial once its clip is so far."""
    return until_so(api, token, lambda found: found["media"] == media, seconds)


def until_done(api: httpx.Client, token: str, seconds: float = 120) -> dict[str, Any]:
    """The testimonial once it can be played and nothing is left to do for it."""

    def done(found: dict[str, Any]) -> bool:
        return found["media"] == "ready" and all(job["state"] == "done" for job in found["jobs"])

    until_so(api, token, done, seconds)
    return read(
        api, token
    )  # its files may have been read a moment before its jobs: look again, now that nothing changes


def until_so(
    api: httpx.Client, token: str, condition: Callable[[dict[str, Any]], bool], seconds: float
) -> dict[str, Any]:
    def there() -> dict[str, Any] | None:
        found = read(api, token)
        return found if condition(found) else None

    found: dict[str, Any] = wait_for(there, seconds, lambda: str(read(api, token)))
    return found


def wait_until_ready(installation: Installation) -> None:
    """Until /readyz says so: database, storage and a worker are there."""
    wait_for(lambda: _ready(installation), START_SECONDS, lambda: installation.log()[-3000:])


def wait_for(condition: Any, seconds: float, explain: Any = lambda: "") -> Any:
    """The first true answer of `condition`; fails with what `explain` says when there is none in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {explain()}")


def _installation(folder: Path, port: int, settings: dict[str, str]) -> Installation:
    folder.mkdir(parents=True, exist_ok=True)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TESTIMONIALS_")}
    base = f"http://127.0.0.1:{port}"
    own = {"data_dir": str(folder), "base_url": base, **NO_LIMITS, **settings}
    return Installation(base, folder, clean | {f"TESTIMONIALS_{name.upper()}": value for name, value in own.items()})


@contextmanager
def _running(installation: Installation) -> Iterator[None]:
    try:
        yield
    finally:
        installation.stop()


def _ready(installation: Installation) -> bool:
    try:
        return httpx.get(f"{installation.base}/readyz", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def _all_pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if re.fullmatch(r"\d+", entry.name)]


def _words(pid: int) -> list[bytes]:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return []
