"""What the widget costs a host page before the first play: requests, bytes, and whether anything jumps."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import Page, sync_playwright

from testimonials.domain.widget_config import embed_snippet
from tests import acts, clips
from tests.bench import widget_peers
from tests.bench.measure import Result
from tests.browsers import CHROMIUM, QUIET
from tests.installation import Installation, embedded, wait_for
from tests.journey.host_site import HostSite
from widgets.build import RELEASED

SCRIPT_BYTES, PART_BYTES = 7 * 1024, 3 * 1024
CLIPS = 3
WATCH_SHIFTS = """
window.shifts = [];
new PerformanceObserver(list => shifts.push(...list.getEntries().map(entry => entry.value)))
  .observe({type: "layout-shift", buffered: true});
"""


def measure() -> Result:
    with tempfile.TemporaryDirectory() as folder, embedded(Path(folder)) as installation:
        token = _furnish(installation)
        site = HostSite()
        site.snippet = embed_snippet(installation.base, token, "wall")
        loaded, shift = _visit(site.url, installation.base)
        site.close()
    kinds = Counter(kind for kind, _ in loaded)
    script = sum(size for kind, size in loaded if kind == "script")
    total = sum(size for _, size in loaded)
    parts = {path.name.rsplit("-", 1)[0]: path.stat().st_size for path in RELEASED.glob("*-????????.js.br")}
    heaviest = max(parts, key=lambda name: parts[name])
    lean = kinds == {"script": 1, "feed": 1, "poster": CLIPS} and shift == 0 and parts[heaviest] <= PART_BYTES
    peers = ", ".join(f"{name} {size} B" for name, size in widget_peers.weights().items())
    return Result(
        "widget-weight",
        script / SCRIPT_BYTES if lean else float("inf"),
        1,
        f"script {script} B brotli of {SCRIPT_BYTES}; before the first play {dict(kinds)}, {total} B in all;"
        f" layout shift {shift:g}; heaviest of {len(parts)} parts: {heaviest} {parts[heaviest]} B of {PART_BYTES}; beside it"
        f" {peers} (players alone)",
    )


def _furnish(installation: Installation) -> str:
    with installation.api() as api:
        api.post("/campaigns", json={"slug": "spring", "name": "Spring"})
        for number in range(CLIPS):
            token = hand_in(installation, clips.webm(1 + number))
            api.post(f"/testimonials/{token}/approve")
        wait_for(lambda: len(api.get("/testimonials?media=ready").json()["items"]) == CLIPS, 60)
        return str(api.post("/widgets", json={"name": "Home"}).json()["token"])


def hand_in(installation: Installation, clip: Path) -> str:
    with clip.open("rb") as video:
        form: dict[str, Any] = {**acts.DETAILS, "rating": "5"}
        answer = httpx.post(
            f"{installation.base}/c/spring/submissions",
            data=form,
            files={"video": video},
            headers={"Accept": "application/json"},
            timeout=30,
        )
    return str(answer.json()["testimonial"]["token"])


def _visit(url: str, base: str) -> tuple[list[tuple[str, int]], float]:
    """What came from our origin, as (kind, bytes on the wire), and the layout shift."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.add_init_script(WATCH_SHIFTS)
        loaded = _listen(page, base)
        page.goto(url)
        page.get_by_role("button", name="Play").first.wait_for()
        page.wait_for_timeout(2500)
        shift = page.evaluate("shifts.reduce((sum, value) => sum + value, 0)")
        browser.close()
    return loaded, float(shift)


def _listen(page: Page, base: str) -> list[tuple[str, int]]:
    loaded: list[tuple[str, int]] = []

    def finished(request: Any) -> None:
        path = urlsplit(request.url).path
        if request.url.startswith(base) and request.method == "GET":
            kind = "script" if path.endswith(".js") else "feed" if path.endswith(".json") else "poster"
            loaded.append((kind, request.sizes()["responseBodySize"]))

    page.on("requestfinished", finished)
    return loaded
