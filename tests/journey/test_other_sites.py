"""A campaign and the business's own site, in a real browser: led on to it afterwards, framed by it and by nobody else.

Its pages are answered by the browser's own network layer, so that they have real names and https.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Playwright, Route, expect

from tests.browsers import CHROMIUM, QUIET
from tests.installation import Installation, web_only

pytestmark = pytest.mark.browser
ONLY_HERE = "--disable-features=LocalNetworkAccessChecks"
"""The house is on loopback only in this test: a page of the web may not frame that."""
SHOP, EVIL = "https://shop.example.com", "https://evil.example.org"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with web_only(tmp_path_factory.mktemp("sites")) as started:
        with started.api() as api:
            ways = {"sites": ["shop.example.com"], "redirect_url": f"{SHOP}/thanks"}
            assert api.post("/campaigns", json={"slug": "led", "name": "Led on", **ways}).status_code == 201
        yield started


@pytest.fixture
def page(playwright: Playwright, house: Installation) -> Iterator[Page]:
    """Any address of the two sites shows the campaign's page in a frame."""
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, ONLY_HERE])
    context = browser.new_context(viewport={"width": 390, "height": 844})

    def answer(route: Route) -> None:
        frame = f"<h1>A site</h1><iframe src='{house.base}/c/led' width='380' height='700'></iframe>"
        route.fulfill(
            content_type="text/html", body=f"<!doctype html>{frame if 'thanks' not in route.request.url else 'Thanks'}"
        )

    for site in (SHOP, EVIL):
        context.route(f"{site}/**", answer)
    yield context.new_page()
    browser.close()


def test_it_is_framed_by_the_named_site_alone(page: Page) -> None:
    page.goto(f"{SHOP}/contact")
    framed = page.frame_locator("iframe")
    expect(framed.get_by_role("button", name="In writing")).to_be_visible()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(f"{EVIL}/contact")
    page.wait_for_load_state("networkidle")
    expect(page.frame_locator("iframe").get_by_role("button", name="In writing")).to_have_count(0)
    assert any("frame-ancestors" in each for each in refused), refused


def test_who_has_sent_it_is_led_on(page: Page, house: Installation) -> None:
    page.goto(f"{house.base}/c/led")
    page.get_by_role("button", name="In writing").click()
    page.get_by_label("In your words").fill("They fixed in a day what others had given up on.")
    page.get_by_role("textbox", name="Your name").fill("Maya")
    page.get_by_role("textbox", name="Email").fill("maya@example.org")
    page.get_by_role("checkbox", name="On their website").check(force=True)
    page.wait_for_timeout(2100)  # nobody fills it in within two seconds
    page.get_by_role("button", name=re.compile("^Send to")).click()
    onward = page.get_by_role("link", name="Continue to shop.example.com")
    expect(onward).to_be_visible()
    asked: list[str | None] = []
    page.on("request", lambda request: asked.append(request.headers.get("referer")) if SHOP in request.url else None)
    onward.click()
    page.wait_for_url(f"{SHOP}/thanks")
    assert asked == [None], "and the site does not hear from which page"
