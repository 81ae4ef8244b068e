"""As many requests as a server answers, over connections that stay open; and the bare server to hold it against."""

from __future__ import annotations

import os
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import select

from testimonials.models import Asset, Campaign, Testimonial, Widget
from testimonials.models.base import now
from testimonials.runtime import open_runtime
from testimonials.services import publishing
from testimonials.settings import load
from tests.installation import Installation, wait_for
from tests.servers.ports import free_ports

CONNECTIONS = 128
Next = Callable[[], bytes]
"""The next request, as it goes over the wire."""


def rate(base: str, request: Next, status: int, seconds: float, connections: int = CONNECTIONS) -> float:
    """Answers a second. Each has to be of this status, and all have to be of the same length, as the first one was."""
    place = urlsplit(base)
    ready = selectors.DefaultSelector()
    expected = len(_one(place.hostname or "", place.port or 80, request(), status))
    wanted = f"HTTP/1.1 {status} ".encode()
    left: dict[socket.socket, int] = {}
    for number in range(connections):
        # Readers come from many places, and each place is counted: an address of this machine for every connection.
        line = socket.create_connection((place.hostname, place.port), source_address=(f"127.0.1.{number + 1}", 0))
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        ready.register(line, selectors.EVENT_READ)
        left[line] = expected
        line.sendall(request())
    answers, begun = 0, time.monotonic()
    while time.monotonic() < begun + seconds:
        for key, _ in ready.select(1):
            line = key.fileobj  # type: ignore[assignment]
            piece = line.recv(256 * 1024)
            assert piece, "the server has closed the connection"
            assert left[line] < expected or piece.startswith(wanted), piece[:300]
            left[line] -= len(piece)
            if left[line] == 0:
                answers += 1
                left[line] = expected
                line.sendall(request())
    took = time.monotonic() - begun
    for line in left:
        line.close()
    return answers / took


def _one(host: str, port: int, request: bytes, status: int) -> bytes:
    """A whole answer, read until the server has no more to say."""
    with socket.create_connection((host, port)) as line:
        line.sendall(request)
        line.settimeout(10)
        said = line.recv(65536)
        assert said.startswith(f"HTTP/1.1 {status} ".encode()), said[:300]
        line.settimeout(1)
        while True:
            try:
                said += line.recv(65536)
            except TimeoutError:
                return said


@contextmanager
def bare(application: str, environment: dict[str, str]) -> Iterator[str]:
    """The server of `serve` with as many threads, and an application such as `module:name` in it."""
    port = free_ports()
    options = ["--interface", "wsgi", "--port", str(port), "--workers", "1", "--blocking-threads", "64"]
    options += ["--backpressure", "2048", "--log-level", "error"]
    command = [sys.executable, "-m", "granian", "--factory", *options, application]
    with subprocess.Popen(command, env={**os.environ, **environment}) as process:
        try:
            wait_for(lambda: _listens(port), 30)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def furnish(installation: Installation, people: int) -> tuple[str, list[str]]:
    """A wall with so many testimonials, as rows; returns its token and theirs."""
    runtime = open_runtime(load({}, data_dir=Path(installation.data)))
    with runtime.db.transaction() as transaction:
        campaign = transaction.scalars(select(Campaign)).one()
        widget = Widget(workspace_id=campaign.workspace_id, name="Home", share=["native", "x", "copy"])
        transaction.add(widget)
        shown = [_person(campaign, number) for number in range(people)]
        transaction.add_all(shown)
        publishing.changed(transaction, campaign.workspace_id)
    runtime.db.close()
    return widget.token, [each.token for each in shown]


def _person(campaign: Campaign, number: int) -> Testimonial:
    person = Testimonial(workspace_id=campaign.workspace_id, campaign_id=campaign.id, name=f"Maya {number}", rating=5)
    person.company, person.text = "Copper Spoke", f"Nobody noticed that we were {number} short, and that says it all."
    person.media, person.review, person.consent_status = "ready", "approved", "granted"  # type: ignore[assignment]
    person.consent_scopes, person.allows_website, person.submitted_at = ["website", "social"], True, now()
    files = [("video", "720.mp4", 1280, 720), ("video", "1080.mp4", 1920, 1080), ("poster", "poster.jpg", 1280, 720)]
    for kind, file, width, height in files:
        more = {"content_type": "image/jpeg" if kind == "poster" else "video/mp4", "size_bytes": 1}
        asset = Asset(kind=kind, file=f"{number}-{file}", key=f"{number}-{file}", width=width, height=height, **more)  # type: ignore[arg-type]
        person.assets.append(asset)
    return person
