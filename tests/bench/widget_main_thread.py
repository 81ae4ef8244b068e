"""How long the widget keeps the main thread of a slow phone from the host page: the tasks of its load with 50 testimonials."""

from __future__ import annotations

import io
import json
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from testimonials.domain.widget_config import embed_snippet
from tests.bench.measure import Result, alternating
from tests.browsers import CHROMIUM, QUIET
from tests.widgets.conftest import POSTERS, TOKEN, Answer, Host, Origin, Widget, released

BAR_MS = 50
SLOWER = 4
ITEMS = 50
ROUNDS = 9


def measure() -> Result:
    """`TaskDuration` of the page with the widget, less that of the same page without it, in turns; the median of all turns.

    The wall is in view from the start. Where it is far below, as on most pages, its cards wait; that is said beside it.
    """
    with _origins() as (widget, host), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        seen, without = _of_a_page(browser, widget, host, paragraphs=4, cards=True)
        below, _ = _of_a_page(browser, widget, host, paragraphs=40, cards=False)
        browser.close()
    median = statistics.median(seen)
    return Result(
        "widget-main-thread",
        median / BAR_MS,
        1,
        f"{median:.0f} ms of main-thread work ({min(seen):.0f} to {max(seen):.0f}) of {BAR_MS} at {SLOWER} times CPU slow-down"
        f" with {ITEMS} testimonials in view; {statistics.median(below):.0f} ms ({min(below):.0f} to {max(below):.0f}) where the"
        f" wall is far below; the page alone {statistics.median(without):.0f} ms",
    )


def _of_a_page(
    browser: Browser, widget: Widget, host: Host, *, paragraphs: int, cards: bool
) -> tuple[list[float], list[float]]:
    """Milliseconds by the wall below so many paragraphs, one each round, and of the same page without it."""
    snippet = embed_snippet(widget.origin.url, TOKEN, "wall")
    words = "<h1>Copper Spoke</h1>" + "<p>We keep good bikes going.</p>" * paragraphs
    # The same box, so that the page itself is laid out and painted alike.
    empty = "<div style='display:block;min-height:720px'></div>"
    address = host.page(words + snippet)
    host.origin.answers["/without"] = Answer(host.origin.answers["/"].body.replace(snippet.encode(), empty.encode()))
    _task_ms(browser, address, cards=cards)  # what is compiled once per browser is no news to a visitor's
    with_it, without = alternating(
        lambda: _task_ms(browser, address, cards=cards),
        lambda: _task_ms(browser, f"{host.origin.url}/without", cards=False),
        ROUNDS,
    )
    return [one - other for one, other in zip(with_it, without, strict=True)], without


@contextmanager
def _origins() -> Iterator[tuple[Widget, Host]]:
    widget, host = Widget(Origin()), Host(Origin())
    widget.origin.answers |= released()
    widget.origin.answers["POST /events"] = Answer(b"", "text/plain", 202)
    for shape, size in POSTERS.items():
        picture = io.BytesIO()
        Image.effect_noise(size, 40).convert("RGB").save(picture, "JPEG", quality=80)
        widget.origin.answers[f"/media/{shape}.jpg"] = Answer(picture.getvalue(), "image/jpeg")
    widget.serve(widget.wall(ITEMS))
    assert len(json.loads(widget.origin.answers[f"/widget/{TOKEN}.json"].body)["items"]) == ITEMS
    try:
        yield widget, host
    finally:
        widget.origin.close()
        host.origin.close()


def _task_ms(browser: Browser, address: str, *, cards: bool) -> float:
    """All tasks of the main thread from the navigation to two seconds after, slowed down."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto("about:blank")
    session = context.new_cdp_session(page)
    session.send(
        "Performance.enable", {"timeDomain": "threadTicks"}
    )  # CPU time: what else this machine does is not counted
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    before = _task_seconds(session)
    page.goto(address)
    page.wait_for_timeout(2000)
    spent = _task_seconds(session) - before
    assert page.locator(".card").count() > 8 if cards else True
    context.close()
    return spent * 1000


def _task_seconds(session: Any) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))
