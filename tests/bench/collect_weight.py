"""What the recording page costs a phone before the camera opens: everything that is loaded without a click."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import brotli
import httpx
from playwright.sync_api import sync_playwright

from testimonials.i18n import LANGUAGES
from tests.bench.measure import Result
from tests.browsers import CHROMIUM, QUIET
from tests.installation import web_only

BAR_BYTES = 60_000


def measure() -> Result:
    with tempfile.TemporaryDirectory() as folder, web_only(Path(folder)) as installation:
        loaded, sent = _visit(f"{installation.base}/c/spring")
        pages = {language: _page(installation.base, language) for language in LANGUAGES}
    heaviest = max(pages, key=lambda language: pages[language])
    files = {name: size for name, size in loaded.items() if name.startswith("/static/")}
    others = sorted(set(loaded) - set(files) - {"/c/spring"})
    assert not others, f"also loaded: {others}"
    total = pages[heaviest] + sum(files.values())
    kinds = {suffix: sum(size for name, size in files.items() if name.endswith(suffix)) for suffix in _SUFFIXES}
    return Result(
        "collect-weight",
        total / BAR_BYTES,
        1,
        f"{total} B brotli of {BAR_BYTES} in {len(files) + 1} requests: page {pages[heaviest]} B ({heaviest}, the heaviest"
        f" language; en {pages['en']} B), styles {kinds['.css']} B, scripts {kinds['.js']} B, icons {kinds['.svg']} B;"
        f" on the wire {sent} B (en)",
    )


_SUFFIXES = (".css", ".js", ".svg")


def _visit(url: str) -> tuple[dict[str, int], int]:
    """Path → bytes as brotli of all that a browser loads by itself, and the bytes of all bodies on the wire."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(viewport={"width": 390, "height": 844})
        finished: list[Any] = []
        page.on("requestfinished", lambda request: finished.append(request))  # noqa: PLW0108 - no built-in is taken
        page.goto(url, wait_until="networkidle")
        page.wait_for_timeout(1000)
        ours = [each for each in finished if each.url.startswith("http") and each.method == "GET"]
        loaded = {urlsplit(request.url).path: _packed(request.response().body()) for request in ours}
        sent = sum(request.sizes()["responseBodySize"] for request in ours)
        browser.close()
    return loaded, sent


def _page(base: str, language: str) -> int:
    return _packed(httpx.get(f"{base}/c/spring?lang={language}").content)


def _packed(body: bytes) -> int:
    return min(len(brotli.compress(body, quality=11)), len(body))
