"""The page for those who embed by iframe: complete without a script, and as high as what it shows."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page

from testimonials.runtime import Runtime
from tests.widgets.conftest import Host
from tests.widgets.own_house import House, own_house

POLICY = "default-src 'none'; frame-src {base}; script-src {base}; img-src data:"


@pytest.fixture
def house(runtime: Runtime) -> Iterator[House]:
    with own_house(runtime) as found:
        yield found


def test_any_site_may_frame_it_and_it_sets_nothing(house: House) -> None:
    answer = httpx.get(house.address)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors *" in policy and "unsafe" not in policy
    assert "X-Frame-Options" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert "Words alone" in answer.text


@pytest.mark.browser
def test_the_host_gives_it_its_height_and_believes_nobody_else(page: Page, house: House, host: Host) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    body = (
        f'<iframe src="{house.address}" title="Testimonials" width="700" loading="lazy"></iframe>'
        f'<script src="{house.base}/widget/frame.js" async></script>'
    )
    page.goto(host.page(body, policy=POLICY.format(base=house.base)))
    frame = page.frame_locator("iframe")
    frame.locator("testimonial-widget .play").first.wait_for()
    inner = page.frames[1]
    page.wait_for_function("document.querySelector('iframe').offsetHeight > 400")

    def fits() -> bool:
        height = page.evaluate("document.querySelector('iframe').clientHeight")
        return abs(height - inner.evaluate("document.body.offsetHeight")) <= 1

    page.wait_for_timeout(300)
    assert fits()
    page.evaluate("document.querySelector('iframe').setAttribute('width', 320)")
    page.wait_for_timeout(600)
    assert fits()
    before = page.evaluate("document.querySelector('iframe').clientHeight")
    page.evaluate("postMessage({ type: 'testimonial-widget:height', height: 7 }, '*')")
    inner.evaluate("parent.postMessage({ type: 'testimonial-widget:height', height: NaN }, '*')")
    page.wait_for_timeout(200)
    assert page.evaluate("document.querySelector('iframe').clientHeight") == before
    assert said == []


@pytest.mark.browser
def test_it_tells_its_height_to_its_parent_alone(page: Page, house: House, host: Host) -> None:
    page.goto(host.page(f'<iframe src="{house.address}" title="Testimonials"></iframe>'))
    page.frame_locator("iframe").locator("testimonial-widget .play").first.wait_for()
    page.evaluate("window.heard = []; addEventListener('message', ({ data }) => heard.push(data.type))")
    inner = page.frames[1]
    inner.evaluate("postMessage({ type: 'testimonial-widget:hello' }, '*')")  # from itself, not from its parent
    page.wait_for_timeout(200)
    assert page.evaluate("heard") == []
    page.evaluate("frames[0].postMessage({ type: 'testimonial-widget:hello' }, '*')")
    page.wait_for_function("heard.length === 1")


@pytest.mark.browser
def test_it_needs_no_script(chromium: Browser, house: House) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(house.address)
    assert page.locator("testimonial-widget article.card").count() == 4
    assert page.locator("testimonial-widget video[controls]").first.is_visible()
    context.close()
