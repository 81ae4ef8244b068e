"""What goes wrong in life, done to real processes on both profiles: nothing is lost, and nothing is done twice."""

from __future__ import annotations

import os
import signal
import socket
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests import acts, clips
from tests.installation import Installation, embedded, hand_in, patch, read, submit, tus, until, until_done, wait_for
from tests.servers.guard import family
from tests.servers.redis import RedisServer
from tests.servers.s3 import S3Server

pytestmark = pytest.mark.media


@pytest.fixture(scope="module")
def api(installation: Installation) -> Any:
    with installation.api() as client:
        client.post("/campaigns", json={"slug": "spring", "name": "Spring"})
        yield client


def test_a_worker_killed_in_mid_transcode_loses_nothing(installation: Installation, api: httpx.Client) -> None:
    token = hand_in(installation, clips.mp4(25, "1920x1080"))
    wait_for(lambda: read(api, token)["processing"]["percent"] > 5, 60, lambda: str(read(api, token)))
    assert installation.ffmpegs(), "it must be encoding for this test to mean anything"
    for pid in installation.workers():
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not installation.ffmpegs(), 5, lambda: "ffmpeg outlived its worker")
    assert read(api, token)["renditions"] == []
    ready = until_done(api, token, 180)  # their parent starts them again, in both profiles
    assert ready["processing"]["attempts"] == 2
    assert [each["height"] for each in ready["renditions"]] == [1080, 720, 480]
    assert "0 orphans" in installation.command("reconcile", "--storage")


def test_a_body_cut_midway_is_kept_as_far_as_it_came(installation: Installation, api: httpx.Client) -> None:
    body = clips.mp4(2).read_bytes()
    address = tus(installation, body)
    target = urlsplit(address)
    with socket.create_connection((target.hostname, target.port)) as connection:  # type: ignore[type-var]
        lines = [
            f"PATCH {target.path} HTTP/1.1", f"Host: {target.netloc}", "Tus-Resumable: 1.0.0", "Upload-Offset: 0",
            "Content-Type: application/offset+octet-stream", f"Content-Length: {len(body)}", "", "",
        ]  # fmt: skip
        connection.sendall("\r\n".join(lines).encode() + body[:30_000])
        time.sleep(0.5)

    def kept() -> int:
        return int(httpx.head(address, headers=acts.TUS).headers["Upload-Offset"])

    wait_for(lambda: kept() > 0, 10)
    assert kept() == 30_000
    assert patch(address, body[30_000:], 30_000).status_code == 204
    until(api, submit(installation, address), "ready")


def test_the_broker_may_be_absent_when_a_customer_submits(
    installation: Installation, api: httpx.Client, request: pytest.FixtureRequest
) -> None:
    if "scaled" not in request.node.name:
        pytest.skip("the embedded profile's broker is a folder; it cannot be absent while the storage is there")
    redis: RedisServer = request.getfixturevalue("redis_server")
    with redis.outage():
        started = time.monotonic()
        token = hand_in(installation, clips.webm(1))
        assert time.monotonic() - started < 8, "the customer waits for nobody"
        assert read(api, token)["media"] == "uploaded"
    until(api, token, "ready")


def test_a_storage_that_is_away_is_said_and_the_upload_goes_on_later(
    installation: Installation, api: httpx.Client, request: pytest.FixtureRequest
) -> None:
    if "scaled" not in request.node.name:
        pytest.skip(
            "the embedded profile's storage is a folder; tests/contract shows what a full or read-only one does"
        )
    s3: S3Server = request.getfixturevalue("s3_server")
    body = clips.webm(1).read_bytes()
    address = tus(installation, body)
    with s3.outage():
        refused = patch(address, body)
        assert (refused.status_code, refused.json()["code"], refused.json()["permanent"]) == (
            503,
            "storage_unavailable",
            False,
        )
        assert httpx.head(address, headers=acts.TUS).headers["Upload-Offset"] == "0"
    assert patch(address, body).status_code == 204
    token = submit(installation, address)
    until(api, token, "ready")


def test_ending_it_politely_costs_no_attempt_and_leaves_no_process(tmp_path: Path) -> None:
    with embedded(tmp_path) as installation:
        with installation.api() as api:
            api.post("/campaigns", json={"slug": "spring", "name": "Spring"})
            token = hand_in(installation, clips.mp4(25, "1920x1080"))
            wait_for(lambda: read(api, token)["processing"]["percent"] > 5, 60)
        (serve,) = installation.processes
        everybody = family([serve.pid])
        serve.send_signal(signal.SIGTERM)
        serve.send_signal(signal.SIGINT)  # Ctrl-C twice must not get in its own way
        assert serve.wait(20) == 0
        wait_for(lambda: not [pid for pid in everybody if Path(f"/proc/{pid}/stat").exists()], 5)
        installation.processes.clear()
        installation.start("serve", "--port", installation.base.rsplit(":", 1)[1])
        with installation.api() as api:
            wait_for(installation.answers, 30)
            assert until(api, token, "ready")["processing"]["attempts"] == 1


def test_children_do_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    with embedded(tmp_path) as installation:
        (serve,) = installation.processes
        children = [pid for pid in family([serve.pid]) if pid != serve.pid]
        assert len(children) >= 2
        serve.kill()
        serve.wait()
        wait_for(
            lambda: not [pid for pid in children if Path(f"/proc/{pid}/cmdline").exists()], 20, lambda: str(children)
        )
        installation.processes.clear()
