"""Both profiles as whole installations, and a Chromium whose camera and microphone play real clips."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests import clips
from tests.installation import Installation, embedded, scaled

CHROMIUM = os.environ.get("TESTIMONIALS_CHROMIUM", "/usr/bin/chromium")
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="module", params=["embedded", pytest.param("scaled", marks=pytest.mark.servers)])
def installation(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "embedded":
        with embedded(folder) as found:
            yield found
        return
    postgres, redis, s3 = (request.getfixturevalue(f"{name}_server") for name in ("postgres", "redis", "s3"))
    with scaled(
        folder,
        database=postgres.new_database(),
        broker=redis.url,
        storage=s3.storage_url("journey"),
        environment=s3.environment,
    ) as found:
        yield found


@pytest.fixture(scope="session")
def camera() -> tuple[Path, Path]:
    """What the fake camera and microphone play: blue to the left, red to the right, and a tone of 440 Hz."""
    square = "drawbox=x=mod(t*80\\,600):y=200:w=40:h=40:color=white:t=fill"
    halves = f"color=red:s=640x480:r=30:d=4,drawbox=x=0:w=320:h=480:color=blue:t=fill,{square}"
    picture = clips.make(
        "camera.mjpeg", "-f", "lavfi", "-i", halves, "-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p"
    )
    sound = clips.make("microphone.wav", *clips.tone(4), "-ar", "48000", "-ac", "2")
    return picture, sound


@pytest.fixture(scope="session")
def browser(camera: tuple[Path, Path]) -> Iterator[Browser]:
    picture, sound = camera
    fake = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={picture}",
        f"--use-file-for-fake-audio-capture={sound}",
        "--autoplay-policy=no-user-gesture-required",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *fake])
        yield browser
        browser.close()


class HostSite:
    """A business's own page on an origin of its own. Set `snippet` before it is opened."""

    def __init__(self) -> None:
        self.snippet = ""
        site = self

        class Door(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                head = "<!doctype html><html lang=en><title>Host</title><link rel=icon href=data:,>"
                page = f"{head}<h1>Our bikes</h1>{site.snippet}<p id=below>Below</p>"
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(page.encode())

            def log_message(self, *arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def host_site() -> Iterator[HostSite]:
    site = HostSite()
    yield site
    site.close()
