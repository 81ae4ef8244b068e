"""Seconds from the last tap to "thank you" in a real browser, for a short and a long recording: it should not matter which."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Playwright, sync_playwright

from tests import clips
from tests.bench.measure import Result
from tests.installation import Installation, embedded
from tests.visitor import visiting

LENGTHS = (10, 60, 120)
BAR_SECONDS = 1.0
# Noted in the page itself, so that nothing of the way between browser and test counts.
TIMES = """(() => {
  window.times = {};
  const note = (name) => { window.times[name] ??= performance.now(); };
  addEventListener("click", ({ target }) => {
    const name = target.closest("[data-act]")?.dataset.act;
    if (name === "stop" || name === "send") note(name);
  }, true);
  addEventListener("DOMContentLoaded", () => new MutationObserver(() => {
    if (document.querySelector('[data-part="pill-words"]')?.textContent === "Your video has arrived") note("arrived");
    if (document.querySelector('[data-screen="thanks"]')?.classList.contains("on")) note("thanked");
  }).observe(document.documentElement, { subtree: true, childList: true, characterData: true, attributes: true }));
})()"""


@dataclass(frozen=True)
class Sent:
    """`arrived` is counted from the tap on stop, `thanked` from the tap on send; seconds."""

    length: int
    arrived: float
    thanked: float
    megabytes: float

    def __str__(self) -> str:
        return (
            f"{self.length} s of recording, {self.megabytes:.1f} MB: {self.thanked:.2f} s from send to thank you, "
            f"all bytes there {self.arrived:.2f} s after stop"
        )


def measure() -> Result:
    with tempfile.TemporaryDirectory() as folder, embedded(Path(folder) / "server") as installation:
        with installation.api() as api:
            api.post("/campaigns", json={"slug": "spring", "name": "Spring", "max_seconds": 180}).raise_for_status()
        with sync_playwright() as playwright:
            _sent(playwright, installation, Path(folder) / "first", 2)  # the first one pays for imports
            found = [_sent(playwright, installation, Path(folder) / str(length), length) for length in LENGTHS]
    slowest = max(each.thanked for each in found)
    return Result("submit-latency", slowest / BAR_SECONDS, 1, "; ".join(map(str, found)))


def _camera() -> tuple[Path, Path]:
    """A picture that is as much work and as many bytes as a real one: 720p with noise."""
    noisy = ["-vf", "noise=alls=18:allf=t", "-c:v", "mjpeg", "-q:v", "4", "-pix_fmt", "yuvj420p"]
    picture = clips.make("noisy.mjpeg", *clips.picture("1280x720", 4), *noisy)
    return picture, clips.make("microphone.wav", *clips.tone(4), "-ar", "48000", "-ac", "2")


def _sent(playwright: Playwright, installation: Installation, profile: Path, length: int) -> Sent:
    sizes: list[int] = []
    with visiting(playwright, profile, _camera(), TIMES) as visitor:
        visitor.page.on(
            "request", lambda each: sizes.append(len(each.post_data_buffer or b"")) if each.method == "PATCH" else None
        )
        visitor.open(f"{installation.base}/c/spring")
        visitor.start()
        visitor.page.wait_for_timeout(length * 1000)
        visitor.stop()
        visitor.use()
        visitor.fill_in()
        visitor.send()
        times = visitor.page.evaluate("window.times")
    arrived, thanked = times["arrived"] - times["stop"], times["thanked"] - times["send"]
    return Sent(length, arrived / 1000, thanked / 1000, sum(sizes) / 1e6)
