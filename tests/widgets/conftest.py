"""Two origins on loopback, as in life: a host's page, and the place the widget, its feed and its media come from."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from tests.browsers import AUTOPLAY, CHROMIUM, QUIET

RELEASED = Path(__file__).parents[2] / "widgets" / "static" / "v1"
POSTERS = {"wide": (640, 360), "square": (600, 600), "tall": (540, 960)}
TOKEN = "w-4Zk1yT9pQ2rS6uV8xA0b"


@dataclass
class Answer:
    """What an origin says to one path."""

    body: bytes
    type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Origin:
    """A small real web server. `asked` lists what it was asked, `posted` the bodies it was sent, both in order."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        self.posted: list[tuple[str, str, Any]] = []
        origin = self

        class Door(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                origin.asked.append(self.path)
                answer = origin.answers.get(self.path.partition("?")[0], Answer(b"not here", "text/plain", 404))
                _send(self, answer, self.headers.get("Range"))

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"] or 0)) or b"null")
                origin.posted.append((self.path, self.headers["Content-Type"], body))
                answer = origin.answers.get(f"POST {self.path}", Answer(b"not here", "text/plain", 404))
                _send(self, answer, None)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def events(self, kind: str | None = None) -> list[dict[str, Any]]:
        """The events of all beacons so far."""
        sent = [event for path, _, body in self.posted if path == "/events" for event in body["events"]]
        return [event for event in sent if kind in (None, event["type"])]


def _send(door: BaseHTTPRequestHandler, answer: Answer, asked_range: str | None) -> None:
    body, status, headers = answer.body, answer.status, dict(answer.headers)
    part = re.fullmatch(r"bytes=(\d+)-(\d*)", asked_range or "")
    if part and status == 200:
        first, last = int(part[1]), min(int(part[2] or len(body) - 1), len(body) - 1)
        headers["Content-Range"] = f"bytes {first}-{last}/{len(body)}"
        body, status = body[first : last + 1], 206
    try:
        door.send_response(status)
        headers = {"Content-Type": answer.type, "Content-Length": str(len(body)), "Accept-Ranges": "bytes"} | headers
        for name, value in ({"Access-Control-Allow-Origin": "*"} | headers).items():
            door.send_header(name, value)
        door.end_headers()
        door.wfile.write(body)
    except (BrokenPipeError, ConnectionResetError):
        pass  # a browser that has seen enough of a video hangs up


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Answer]:
    """Real posters in three shapes, real H.264 clips of 4 s in two sizes, and captions, by path."""
    folder = tmp_path_factory.mktemp("widget-media")
    answers = {}
    for name, size in POSTERS.items():
        picture = Image.new("RGB", size, (86, 118, 140))
        ImageDraw.Draw(picture).ellipse((size[0] * 0.3, size[1] * 0.2, size[0] * 0.7, size[1] * 0.6), (224, 172, 138))
        picture.save(folder / f"{name}.jpg", quality=80)
        answers[f"/media/{name}.jpg"] = Answer((folder / f"{name}.jpg").read_bytes(), "image/jpeg")
    for width, height in ((320, 180), (1280, 720)):
        clip = folder / f"{width}.mp4"
        inputs = ["-f", "lavfi", "-i", f"testsrc2=size={width}x{height}:rate=15:duration=4"]
        inputs += ["-f", "lavfi", "-i", "sine=frequency=220:duration=4"]
        codec = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-c:a", "aac"]
        subprocess.run(
            ["ffmpeg", "-nostdin", "-v", "error", *inputs, *codec, "-movflags", "+faststart", str(clip)], check=True
        )
        answers[f"/media/{width}.mp4"] = Answer(clip.read_bytes(), "video/mp4")
    cues = b"WEBVTT\n\n00:00.000 --> 00:04.000\nThey kept their word.\n"
    answers["/media/en.vtt"] = Answer(cues, "text/vtt; charset=utf-8")
    return answers


@dataclass
class Widget:
    """The widget's own origin, and the feed it will answer with."""

    origin: Origin

    @property
    def src(self) -> str:
        return f"{self.origin.url}/widget/{TOKEN}"

    def testimonial(self, number: int, shape: str | None = "wide", **changes: Any) -> dict[str, Any]:
        """A testimonial as the feed has it: a video one with a poster of that shape, or words alone for None."""
        base = self.origin.url
        width, height = POSTERS[shape or "wide"]
        item = {
            "token": f"t{number:02}",
            "author": {"name": f"Maya {number}", "title": "Owner", "company": "North Bakery", "verified": "invitation"},
            "rating": 5,
            "quote": "They fixed our cargo bike before the morning round. Nobody noticed we were one short.",
            "duration_seconds": 4.0,
            "poster": {"src": f"{base}/media/{shape}.jpg", "srcset": "", "width": width, "height": height},
            "sources": [
                {"src": f"{base}/media/{each}.mp4", "type": "video/mp4", "width": each, "height": each * 9 // 16}
                for each in (1280, 320)
            ],
            "captions": [{"src": f"{base}/media/en.vtt", "language": "en"}],
            "share_url": f"{base}/t/t{number:02}",
            "disclosure": None,
        }
        if shape is None:
            item |= {"poster": None, "sources": [], "captions": [], "duration_seconds": None}
        return item | changes

    def serve(self, items: list[dict[str, Any]], **changes: Any) -> None:
        """Answer with these items from now on."""
        base = self.origin.url
        links = {
            "share": f"{base}/t/{{token}}/share/{{network}}",
            "shares": f"{base}/t/{{token}}/shares",
            "events": f"{base}/events",
        }
        feed = {"version": 1, "layout": "wall", "theme": {}, "share": ["native", "x", "linkedin", "whatsapp", "copy"]}
        feed |= {"campaign": None, "items": items, "links": links} | changes
        self.origin.answers[f"/widget/{TOKEN}.json"] = Answer(json.dumps(feed).encode(), "application/json")
        for item in items:
            body = json.dumps({"url": f"{base}/s/Zq81kd02xP"}).encode()
            self.origin.answers[f"POST /t/{item['token']}/shares"] = Answer(body, "application/json", 201)

    def wall(self, count: int = 9) -> list[dict[str, Any]]:
        """A mixed wall: wide, tall, words, square, and so on."""
        shapes = ["tall", "wide", None, "square"]
        return [self.testimonial(number, shapes[number % 4]) for number in range(count)]


def released() -> dict[str, Answer]:
    """The script, its style sheet and its parts, by path."""
    answers = {}
    for file in RELEASED.glob("*.[jc]s*"):
        if file.suffix in (".js", ".css"):
            path = f"/widget/{file.name}" if file.stem == "v1" else f"/widget/v1/{file.name}"
            kind = "javascript" if file.suffix == ".js" else "css"
            answers[path] = Answer(file.read_bytes(), f"text/{kind}; charset=utf-8")
    return answers


@pytest.fixture
def widget(media: dict[str, Answer]) -> Iterator[Widget]:
    origin = Origin()
    origin.answers |= media
    origin.answers |= released()
    origin.answers["POST /events"] = Answer(b"", "text/plain", 202)
    site = Widget(origin)
    site.serve(site.wall())
    yield site
    origin.close()


@dataclass
class Host:
    """Somebody else's website."""

    origin: Origin

    def page(
        self, body: str, *, head: str = "", policy: str | None = None, lang: str = "en", direction: str = "ltr"
    ) -> str:
        """Publish a page and return its address."""
        html = (
            f'<!doctype html><html lang="{lang}" dir="{direction}"><head><meta charset="utf-8"><title>Copper Spoke</title>'
            '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
            f"{head}</head><body>{body}</body></html>"
        )
        headers = {"Content-Security-Policy": policy} if policy else {}
        self.origin.answers["/"] = Answer(html.encode(), headers=headers)
        return f"{self.origin.url}/"

    def snippet(self, widget: Widget, *, style: str = "display:block;min-height:720px", attributes: str = "") -> str:
        """What a business pastes."""
        return (
            f'<script src="{widget.origin.url}/widget/v1.js" async></script>'
            f'<testimonial-widget src="{widget.src}" style="{style}" {attributes}>'
            '<a href="https://example.com/stories">Read our stories</a></testimonial-widget>'
        )


@pytest.fixture
def host() -> Iterator[Host]:
    origin = Origin()
    yield Host(origin)
    origin.close()


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, AUTOPLAY])
    yield browser
    browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(20_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page on which no script may fail."""
    page = context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    yield page
    assert failures == []
