"""Beacons a second, against a bare view that answers 204 on the same server; and none lost that was acknowledged."""

from __future__ import annotations

import itertools
import json
import os
import signal
import sqlite3
import statistics
import tempfile
import threading
from contextlib import closing, suppress
from pathlib import Path

import httpx
from flask import Flask, Response

from tests.bench.load import bare, furnish, rate
from tests.bench.measure import Result, alternating
from tests.installation import Installation, wait_for, web_only
from tests.servers.guard import family

SECONDS = 4.0
ROUNDS = 5
BAR = 2.0  # half of the bare rate
KILLS = 20
SENDERS = 16
EVENTS = 2
"""In one beacon, as a wall sends them while its reader scrolls."""
SETTINGS = {"limit_events": "3000"}  # what it is by default
_numbers = itertools.count()


def measure() -> Result:
    with tempfile.TemporaryDirectory() as folder, web_only(Path(folder, "ours"), **SETTINGS) as installation:
        wall, shown = furnish(installation, 10)
        with bare(f"{__name__}:bare_application", {}) as other:
            for base in (other, installation.base):  # the first ones pay for what is done once
                rate(base, lambda: _request(wall, shown)[1], 204, 1)
            theirs, ours = alternating(
                lambda: rate(other, lambda: _request(wall, shown)[1], 204, SECONDS),
                lambda: rate(installation.base, lambda: _request(wall, shown)[1], 204, SECONDS),
                ROUNDS,
            )
        acknowledged, lost = _killed(installation, wall, shown)
    slower = statistics.median(theirs) / statistics.median(ours)
    return Result(
        "beacon-rate",
        float("inf") if lost else slower,
        BAR,
        f"beacons of {EVENTS} events: {_words(ours)}, bare 204 view {_words(theirs)}, that is {1 / slower:.2f} of it;"
        f" {KILLS} times SIGKILL: {lost} of {acknowledged} acknowledged events lost",
    )


def bare_application() -> Flask:
    """The least that a view can do with a beacon."""
    app = Flask(__name__, static_folder=None)

    @app.post("/events")
    def events() -> Response:
        return Response(status=204)

    return app


def _request(wall: str, shown: list[str]) -> tuple[list[str], bytes]:
    """Ids of events that nobody has sent before, and the beacon with them."""
    number = next(_numbers)
    ids = [f"{os.getpid():08d}-{number:010d}-{each}" for each in range(EVENTS)]
    events = [
        {"id": key, "type": "impression", "testimonial": shown[(number + each) % len(shown)], "widget": wall}
        for each, key in enumerate(ids)
    ]
    body = json.dumps({"events": events}).encode()
    head = "POST /events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\n"
    return ids, f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _killed(installation: Installation, wall: str, shown: list[str]) -> tuple[int, int]:
    """How many events were acknowledged while the server was killed again and again, and how many of them are not there."""
    acknowledged: list[str] = []
    over = threading.Event()

    def send(address: str) -> None:
        with httpx.Client(transport=httpx.HTTPTransport(local_address=address)) as client:
            while not over.wait(0.05):  # below what an address may send in a minute, or most of it would be refused
                ids, request = _request(wall, shown)
                with suppress(httpx.HTTPError):
                    body = request.partition(b"\r\n\r\n")[2]
                    if client.post(f"{installation.base}/events", content=body).status_code == 204:
                        acknowledged.extend(ids)

    senders = [threading.Thread(target=send, args=(f"127.0.2.{number + 1}",)) for number in range(SENDERS)]
    for sender in senders:
        sender.start()
    try:
        for _ in range(KILLS):
            before = len(acknowledged)
            wait_for(lambda before=before: len(acknowledged) > before + 20, 90, lambda: installation.log()[-2000:])
            for pid in _web(installation):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            installation.kill_and_start_again(installation.processes[-1])
    finally:
        over.set()
        for sender in senders:
            sender.join()
    with closing(sqlite3.connect(installation.data / "testimonials.db")) as connection:
        stored = {key for (key,) in connection.execute("SELECT key FROM events")}
        (counted,) = connection.execute("SELECT sum(count) FROM event_hours").fetchone()
    assert counted == len(stored), f"{counted} counted, {len(stored)} stored"
    return len(acknowledged), len(set(acknowledged) - stored)


def _web(installation: Installation) -> list[int]:
    """The pids of the web server, without the process that watches it."""
    everyone = family([each.pid for each in installation.processes])
    return [pid for pid in everyone if b"testimonials.web" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")]


def _words(rates: list[float]) -> str:
    return f"{statistics.median(rates):.0f}/s ({min(rates):.0f} to {max(rates):.0f})"
