"""What the house stands on fails for a while: it is retried or refused with a named reason, and nothing is lost."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from testimonials import jobs
from testimonials.db import Database
from testimonials.domain.failures import FAILURES
from testimonials.models import Job
from tests import acts, clips
from tests.installation import (
    Installation,
    embedded,
    hand_in,
    patch,
    read,
    scaled,
    submit,
    tus,
    until_done,
    until_so,
    wait_for,
)
from tests.servers.postgres import PostgresServer
from tests.servers.redis import RedisServer
from tests.servers.refusing import RefusingProxy
from tests.servers.s3 import S3Server

pytestmark = pytest.mark.media
SETTINGS = {"job_lease_seconds": "5", "job_max_attempts": "8", "recognizer": "off"}
HANG_SECONDS = 60


@contextmanager
def house(
    folder: Path, postgres: PostgresServer, redis: RedisServer, s3: S3Server, *, port: int | None = None
) -> Iterator[Installation]:
    """The scaled profile; `port` is the storage's door where it is not its own."""
    storage = s3.storage_url(f"outages-{folder.name.replace('_', '-')}"[:60].rstrip("-"))
    with scaled(
        folder,
        database=postgres.new_database(),
        broker=redis.url,
        storage=storage.replace(f":{s3.port}", f":{port}") if port else storage,
        environment=s3.environment,
        **SETTINGS,
    ) as installation:
        yield installation


@contextmanager
def opened(installation: Installation) -> Iterator[httpx.Client]:
    with installation.api() as api:
        api.post("/campaigns", json={"slug": "spring", "name": "Spring"})
        yield api


def check_done(found: dict[str, Any], heights: list[int], attempts: list[int] | None = None) -> None:
    assert found["failure"] is None
    assert [each["height"] for each in found["renditions"]] == heights
    assert attempts is None or [job["attempts"] for job in found["jobs"]] == attempts


@pytest.mark.servers
@pytest.mark.timeout(400)
def test_a_storage_that_answers_503(
    tmp_path: Path, postgres_server: PostgresServer, redis_server: RedisServer, s3_server: S3Server
) -> None:
    with (
        RefusingProxy(s3_server.port) as door,
        house(tmp_path, postgres_server, redis_server, s3_server, port=door.port) as installation,
        opened(installation) as api,
    ):
        body = clips.webm(3).read_bytes()
        other = tus(installation, body)
        token = hand_in(installation, clips.webm(20, "1280x720"))
        wait_for(installation.ffmpegs, 60)
        with door.refusing():
            until_so(api, token, lambda found: found["jobs"][0]["failure"] == "storage_unavailable", 120)
            waiting = read(api, token)["jobs"][0]
            assert waiting["state"] == "queued"
            assert FAILURES["storage_unavailable"].business in waiting["why"]
            started = time.monotonic()
            refused = patch(other, body)
            print(f"503: the customer was answered after {time.monotonic() - started:.1f} s")
            assert (refused.status_code, refused.json()["code"]) == (503, "storage_unavailable")
            assert httpx.head(other, headers=acts.TUS).headers["Upload-Offset"] == "0"
        assert door.refused > 1
        check_done(until_done(api, token, 180), [720, 480, 360])
        assert patch(other, body).status_code == 204
        check_done(until_done(api, submit(installation, other), 120), [360])
        assert "0 orphans" in _second_sweep(installation)


@pytest.mark.servers
@pytest.mark.timeout(400)
def test_a_storage_that_hangs_for_a_minute(
    tmp_path: Path, postgres_server: PostgresServer, redis_server: RedisServer, s3_server: S3Server
) -> None:
    with house(tmp_path, postgres_server, redis_server, s3_server) as installation, opened(installation) as api:
        token = hand_in(installation, clips.webm(20, "1280x720"))
        wait_for(installation.ffmpegs, 60)
        with s3_server.hang():
            started = time.monotonic()
            # The lease of 5 s is renewed all the time, so that nobody takes the job over and makes its files twice.
            until_so(api, token, lambda found: found["jobs"][0]["stage"] == "storing", 60)
            print(f"hang: storing {time.monotonic() - started:.1f} s into it")
            while time.monotonic() - started < HANG_SECONDS:
                job = read(api, token)["jobs"][0]
                assert (job["state"], job["stage"], job["attempts"]) == ("running", "storing", 1)
                time.sleep(2)
        healed = time.monotonic()
        found = until_done(api, token, 180)
        print(f"hang: done {time.monotonic() - healed:.1f} s after it, {found['jobs'][0]['timings']}")
        check_done(found, [720, 480, 360])
        # One more where the client's patience of several time-outs ended; never one by another worker meanwhile.
        assert found["jobs"][0]["attempts"] <= 2
        assert "0 orphans" in _second_sweep(installation)


@pytest.mark.servers
@pytest.mark.timeout(300)
def test_a_hanging_storage_does_not_keep_a_worker_from_ending(
    tmp_path: Path, postgres_server: PostgresServer, redis_server: RedisServer, s3_server: S3Server
) -> None:
    with house(tmp_path, postgres_server, redis_server, s3_server) as installation, opened(installation) as api:
        token = hand_in(installation, clips.webm(3))
        wait_for(installation.ffmpegs, 60)
        with s3_server.hang():
            until_so(api, token, lambda found: found["jobs"][0]["stage"] == "storing", 60)
            worker = installation.processes[-1]
            started = time.monotonic()
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(25) == 0
            print(f"hang: the worker ended in {time.monotonic() - started:.1f} s")
            assert installation.workers() == []
        installation.start("worker")
        check_done(until_done(api, token, 120), [360])
        assert installation.scratch() == []
        assert "0 orphans" in _second_sweep(installation)


@pytest.mark.timeout(300)
def test_a_full_scratch_disk(tmp_path: Path) -> None:
    with (
        small_disk(tmp_path / "scratch") as fill,
        embedded(tmp_path, **SETTINGS) as installation,
        opened(installation) as api,
    ):
        body = clips.webm(3).read_bytes()
        token = hand_in(installation, clips.webm(20, "1280x720"))
        wait_for(installation.ffmpegs, 60)
        fillers = [fill()]
        stuck = until_so(api, token, lambda found: found["jobs"][0]["failure"] == "scratch_full", 90)["jobs"][0]
        assert stuck["state"] in ("queued", "running")
        fillers.append(fill())  # the attempt that failed has given its room back
        other = tus(installation, body)
        refused = patch(other, body)
        assert refused.status_code in (500, 503)
        assert httpx.head(other, headers=acts.TUS).headers["Upload-Offset"] == "0"
        for filler in fillers:
            shutil.rmtree(filler.parent)
        check_done(until_done(api, token, 200), [720, 480, 360])
        assert patch(other, body).status_code == 204
        check_done(until_done(api, submit(installation, other), 120), [360])
        assert installation.scratch() == []


def test_a_full_scratch_disk_is_named_to_the_customer(tmp_path: Path) -> None:
    with (
        small_disk(tmp_path / "scratch") as fill,
        embedded(tmp_path, **SETTINGS) as installation,
        opened(installation),
    ):
        body = clips.webm(3).read_bytes()
        address = tus(installation, body)
        fill()
        refused = patch(address, body)
        assert (refused.status_code, refused.json()["permanent"]) == (503, False)


@contextmanager
def small_disk(folder: Path) -> Iterator[Any]:
    """A disk of 32 MB mounted at `folder`; what it yields fills it to the last byte, by a file that it returns."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.strip()}")

    def fill() -> Path:
        filler = Path(tempfile.mkdtemp(dir=folder, prefix="filler-"), "bytes")
        with filler.open("wb", buffering=0) as handle, pytest.raises(OSError, match="No space left"):
            while True:
                handle.write(bytes(65536))
        return filler

    try:
        yield fill
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize("profile", ["embedded", pytest.param("scaled", marks=pytest.mark.servers)])
def test_a_worker_of_another_version(profile: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if profile == "embedded":
        run = embedded(tmp_path, **SETTINGS)
    else:
        run = house(tmp_path, *(request.getfixturevalue(f"{each}_server") for each in ("postgres", "redis", "s3")))
    with run as installation, opened(installation) as api:
        for pid in installation.workers():
            os.kill(pid, signal.SIGSTOP)  # so that nobody takes the job before it has become another version's
        token = hand_in(installation, clips.webm(1))
        set_format(installation, jobs.FORMAT + 1)
        for pid in installation.workers():
            os.kill(pid, signal.SIGCONT)
        job = until_so(api, token, lambda found: found["jobs"][0]["failure"] == "other_version", 40)["jobs"][0]
        assert (job["state"], job["attempts"]) == ("queued", 0)
        assert job["why"] == FAILURES["other_version"].business
        set_format(installation, jobs.FORMAT)
        found = until_done(api, token, 60)
        check_done(found, [360], attempts=[1, 1])
        assert found["jobs"][0]["failure"] is None


def set_format(installation: Installation, number: int) -> None:
    default = f"sqlite:///{installation.data / 'testimonials.db'}"
    db = Database(installation.environment.get("TESTIMONIALS_DATABASE_URL", default))
    with db.transaction() as transaction:
        changed = transaction.execute(update(Job).values(format=number).returning(Job.id)).all()
    db.close()
    assert len(changed) == 1


def _second_sweep(installation: Installation) -> str:
    """The first one may find what the outage left."""
    installation.command("reconcile", "--storage")
    return installation.command("reconcile", "--storage")
