"""The share page in a real browser: a second in view is a visit, and what is shared from there knows where it came from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests import acts
from tests.installation import Installation, embedded, wait_for

pytestmark = [pytest.mark.browser]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, str]]:
    with embedded(tmp_path_factory.mktemp("shared")) as installation:
        with installation.api() as api:
            api.post("/campaigns", json={"slug": "spring", "name": "Spring"})
            body = {**acts.DETAILS, "kind": "text"}
            given = httpx.post(f"{installation.base}/c/spring/submissions", json=body).json()["testimonial"]
            api.post(f"/testimonials/{given['token']}/approve")
        yield installation, given["token"]


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    yield context.new_page()
    context.close()


def _tree(house: tuple[Installation, str]) -> list[dict[str, Any]]:
    installation, token = house
    with installation.api() as api:
        found: list[dict[str, Any]] = api.get(f"/testimonials/{token}/shares").json()["items"]
        return found


def _mint(house: tuple[Installation, str], agent: str) -> str:
    """Somebody else shares it: another browser than the visitor's."""
    installation, token = house
    answer = httpx.post(
        f"{installation.base}/t/{token}/shares", json={"network": "x", "place": "page"}, headers={"User-Agent": agent}
    )
    return str(answer.json()["url"])


def test_a_second_in_view_is_a_visit(house: tuple[Installation, str], visitor: Page) -> None:
    link = _mint(house, "Mozilla/5.0 (Macintosh) Safari/605 one")
    visitor.goto(link)
    wait_for(lambda: [each["visits"] for each in _tree(house) if link.endswith(each["code"])] == [1], 10)
    visitor.reload()
    visitor.wait_for_timeout(2000)
    (share,) = [each for each in _tree(house) if link.endswith(each["code"])]
    assert (share["hits"], share["visits"]) == (1, 1)


def test_what_is_shared_from_there_hangs_below(house: tuple[Installation, str], visitor: Page) -> None:
    link = _mint(house, "Mozilla/5.0 (Macintosh) Safari/605 two")
    visitor.goto(link)
    visitor.get_by_role("link", name="Copy link").click()
    expect(visitor.get_by_text("Link copied").first).to_be_visible()
    copied = visitor.evaluate("navigator.clipboard.readText()")
    (share,) = [each for each in _tree(house) if link.endswith(each["code"])]
    assert [copied.endswith(each["code"]) for each in share["shares"]] == [True]


def test_every_network_is_a_plain_link(house: tuple[Installation, str], browser: Browser) -> None:
    installation, token = house
    context = browser.new_context(java_script_enabled=False, viewport={"width": 375, "height": 800})
    page = context.new_page()
    page.goto(f"{installation.base}/t/{token}")
    page.get_by_text("More ways to share").click()
    links = page.locator(".sharerow a")
    assert links.count() >= 17
    assert all("/share/" in str(links.nth(n).get_attribute("href")) for n in range(links.count()))
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    context.close()
