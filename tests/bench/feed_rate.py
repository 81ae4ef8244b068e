"""Feeds a second, against the same bytes from a bare Flask view on the same server."""

from __future__ import annotations

import os
import statistics
import tempfile
from pathlib import Path

import httpx
from flask import Flask, Response

from tests.bench.load import bare, furnish, rate
from tests.bench.measure import Result, alternating
from tests.installation import web_only

PEOPLE = 60
SECONDS = 4.0
ROUNDS = 5
BAR = 1 / 0.9


def measure() -> Result:
    with tempfile.TemporaryDirectory() as folder, web_only(Path(folder, "ours")) as installation:
        token, _ = furnish(installation, PEOPLE)
        body = Path(folder, "body")
        with httpx.stream(
            "GET", f"{installation.base}/widget/{token}.json", headers={"Accept-Encoding": "br"}
        ) as answer:
            body.write_bytes(b"".join(answer.iter_raw()))
            assert answer.headers["Content-Encoding"] == "br"
        with bare(f"{__name__}:bare_application", {"BARE_BODY": str(body)}) as other:
            for base in (other, installation.base):  # the first ones pay for what is done once
                rate(base, lambda: _request(token), 200, 1)
            theirs, ours = alternating(
                lambda: rate(other, lambda: _request(token), 200, SECONDS),
                lambda: rate(installation.base, lambda: _request(token), 200, SECONDS),
                ROUNDS,
            )
    slower = statistics.median(theirs) / statistics.median(ours)
    size = body.stat().st_size if body.exists() else 0
    said = f"{PEOPLE} testimonials: {_words(ours)}, bare Flask view {_words(theirs)}, that is {1 / slower:.2f} of it"
    return Result("feed-rate", slower, BAR, said + (f"; {size} bytes" if size else ""))


def bare_application() -> Flask:
    """The least that a view can do."""
    app, body = Flask(__name__, static_folder=None), Path(os.environ["BARE_BODY"]).read_bytes()

    @app.get("/widget/<token>.json")
    def feed(token: str) -> Response:
        return Response(body, content_type="application/json", headers={"Content-Encoding": "br"})

    return app


def _request(token: str) -> bytes:
    return f"GET /widget/{token}.json HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip, br\r\n\r\n".encode()


def _words(rates: list[float]) -> str:
    return f"{statistics.median(rates):.0f}/s ({min(rates):.0f} to {max(rates):.0f})"
