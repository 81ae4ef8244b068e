"""A customer with a browser of their own: a profile on the disk that outlives the browser, however it ends."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, Error, Page, Playwright, expect

from tests.browsers import CHROMIUM, playing
from tests.servers.guard import family, signal_all, wait_until_gone

# The page's own recorder is left as it is; this only reads its clock, so that a test knows what was recorded at a moment.
CLOCK = """(() => {
  const clock = { ms: 0, since: 0 };
  const ran = (recorder) => recorder.addEventListener("start", () => { clock.since = Date.now(); });
  const rest = () => { if (clock.since) clock.ms += Date.now() - clock.since; clock.since = 0; };
  const Native = window.MediaRecorder;
  window.MediaRecorder = class extends Native {
    constructor(...given) {
      super(...given);
      ran(this);
      this.addEventListener("pause", rest);
      this.addEventListener("resume", () => { clock.since = Date.now(); });
      this.addEventListener("stop", rest);
    }
    stop() { rest(); super.stop(); }
  };
  window.recordedMs = () => [clock.ms, clock.since];
})()"""


@dataclass
class Visitor:
    """`page` is the newest page. `recorded` reads, without stopping anything, how many seconds were recorded so far."""

    profile: Path
    context: BrowserContext
    page: Page

    def open(self, url: str) -> None:
        self.page.goto(url)

    def recorded(self) -> float:
        done, since = self.page.evaluate("window.recordedMs()")
        return (done + (time.time() * 1000 - since if since else 0)) / 1000

    def start(self) -> None:
        """From the first screen until something is being recorded."""
        self.page.get_by_role("button", name="Start with my camera").click()
        self.begin()

    def begin(self) -> None:
        before = self.recorded()
        self.page.get_by_role("button", name="Start recording").click()
        deadline = time.monotonic() + 30
        while self.recorded() <= before:
            assert time.monotonic() < deadline, self.page.locator("h1:visible").all_inner_texts()
            self.page.wait_for_timeout(50)

    def stop(self) -> None:
        self.page.get_by_role("button", name=re.compile("^Stop")).click()

    def fill_in(self, name: str = "Daniel Whitlow") -> None:
        self.page.get_by_role("textbox", name="Your name").fill(name)
        self.page.get_by_role("textbox", name="Email").fill("daniel@example.org")
        self.page.get_by_role("checkbox", name=re.compile("On their website")).check()

    def use(self) -> None:
        self.page.get_by_role("button", name="Use this video").click()

    def send(self) -> str:
        """The last tap. Returns the testimonial's token."""
        with self.page.expect_response(lambda each: each.url.endswith("/submissions") and each.ok) as answered:
            self.page.get_by_role("button", name=re.compile("^Send")).click()
        expect(self.page.get_by_role("heading", name=re.compile("Thank you"))).to_be_visible()
        return str(answered.value.json()["testimonial"]["token"])

    def kill(self) -> float:
        """SIGKILL for every process of this browser. Returns the seconds that were recorded by then."""
        done, since = self.page.evaluate("window.recordedMs()")
        pids = self.processes()
        assert pids
        at = time.time() * 1000
        signal_all(pids, signal.SIGKILL)
        wait_until_gone(pids, 5)
        return float(done + (at - since if since else 0)) / 1000

    def processes(self) -> list[int]:
        """Whoever names the profile on its command line, and what it has started."""
        wanted = os.fsencode(self.profile)
        named = []
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                if b"user-data-dir" in (line := entry.read_bytes()) and wanted in line:
                    named.append(int(entry.parent.name))
        return family([pid for pid in named if pid != os.getpid()])


@contextmanager
def visiting(
    playwright: Playwright, profile: Path, camera: tuple[Path, Path], *scripts: str, **options: object
) -> Iterator[Visitor]:
    """A browser on this profile. `scripts` run in every page before its own."""
    context = playwright.chromium.launch_persistent_context(
        str(profile), executable_path=CHROMIUM, args=playing(*camera), reduced_motion="reduce",
        permissions=["camera", "microphone"], viewport={"width": 375, "height": 812}, **options,  # type: ignore[arg-type]
    )  # fmt: skip
    for script in (CLOCK, *scripts):
        context.add_init_script(script)
    try:
        yield Visitor(profile, context, context.pages[0] if context.pages else context.new_page())
    finally:
        with suppress(Error):  # it may have been killed
            context.close()
