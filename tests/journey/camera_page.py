"""The camera's screens without the recorder behind them: everything else is the real page in a real browser."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.installation import Installation, wait_for

ALONE = Path(__file__).with_name("camera_alone.js")
QUESTIONS = [
    {"text": "What was your bike like before you brought it in?", "hint": "Noises, wobbles, anything"},
    {"text": "What did we do?"},
    {"text": "Would you send a friend?", "hint": "One sentence is enough"},
]
NOTES = "I came in on a Monday with a wheel that sang at every turn, and had it back by noon. " * 8


class CameraPage:
    """`page` is Playwright's; `faults` what the browser complained about."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda message: self.faults.append(message.text) if message.type == "error" else None)

    def act(self, name: str) -> None:
        self.page.click(f"[data-act={name}]")

    def says(self, part: str) -> str:
        return self.page.locator(f"[data-part={part}]").first.inner_text()

    def check(self, act: str = "camera") -> None:
        """Up to the device check."""
        self.act(act)
        self.page.wait_for_selector("[data-act=record]")

    def record(self, seconds: float = 1.5) -> None:
        """From the device check until so much is recorded."""
        self.act("record")
        self.live()
        self.page.wait_for_timeout(int(seconds * 1000))

    def live(self) -> None:
        self.page.wait_for_selector(".live.on", timeout=15_000)

    def events(self, last: str = "") -> list[Any]:
        """What the camera told so far; waits for an event of the kind `last`, if given."""
        if last:
            wait_for(lambda: last in [each[0] for each in self.page.evaluate("events")], 15)
        found: list[Any] = self.page.evaluate("events")
        return found

    def streams(self, index: int, folder: Path) -> tuple[list[str], float]:
        """What ffprobe finds in a segment: the kinds of its streams, and the seconds of its packets."""
        path = folder / f"segment-{index}"
        path.write_bytes(base64.b64decode(self.page.evaluate("index => bytesOf(index)", index)))
        asked = [
            "ffprobe",
            "-v",
            "error",
            "-show_entries",
            "stream=codec_type:packet=pts_time",
            "-of",
            "json",
            str(path),
        ]
        found = json.loads(subprocess.run(asked, capture_output=True, check=True, text=True).stdout)
        times = [float(packet["pts_time"]) for packet in found["packets"] if "pts_time" in packet]
        return sorted(stream["codec_type"] for stream in found["streams"]), max(times) - min(times)


@contextmanager
def camera_page(
    browser: Browser, installation: Installation, slug: str, script: str = "", **context: Any
) -> Iterator[CameraPage]:
    """The page of a campaign. `script` runs before the page's own."""
    options = {"viewport": {"width": 375, "height": 812}, "permissions": ["camera", "microphone"], **context}
    opened = browser.new_context(**options)
    if script:
        opened.add_init_script(script)
    opened.route("**/recorder/recorder.js", lambda route: route.fulfill(path=ALONE, content_type="text/javascript"))
    page = CameraPage(opened.new_page())
    page.page.goto(f"{installation.base}/c/{slug}")
    wait_for(lambda: page.page.evaluate("Boolean(window.bytesOf)"), 30)
    yield page
    opened.close()
    assert page.faults == []
