"""The fragment: a wall without a script, under the strictest policy, which the element takes over where it may run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from testimonials.models import Share, Widget
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.services import publishing
from tests.widgets.conftest import Host
from tests.widgets.own_house import HOSTILE, House, change, own_house

PLAIN = "default-src 'none'; style-src {base}; img-src {base} data:; media-src {base}"
WITH_SCRIPT = PLAIN + "; script-src {base}; connect-src {base}"


@pytest.fixture
def house(runtime: Runtime) -> Iterator[House]:
    with own_house(runtime) as found:
        yield found


def test_a_stranger_gets_what_is_public_and_nothing_else(house: House) -> None:
    for ending in ("", ".html", ".css", ".json"):
        assert httpx.get(f"{house.base}/widget/nobody{ending}").status_code == 404
    answer = httpx.get(f"{house.address}.html")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=10"
    assert "Set-Cookie" not in answer.headers
    again = httpx.get(f"{house.address}.html", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    change(house, "Bo", archived_at=now())
    assert "Words alone" not in httpx.get(f"{house.address}.html").text


class Tags(HTMLParser):
    """All tags with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_it_holds_nothing_that_a_strict_policy_forbids(house: House) -> None:
    tags = Tags(httpx.get(f"{house.address}.html").text).found
    names = [tag for tag, _ in tags]
    assert names.count("video") == 3
    assert names.count("track") == 3
    assert "script" not in names and "style" not in names
    assert not [name for _, attributes in tags for name in attributes if name == "style" or name.startswith("on")]
    links = [attributes["href"] or "" for tag, attributes in tags if tag == "a"]
    assert links and all(link.startswith(f"{house.base}/t/") for link in links)
    assert sum("/share/x?place=widget" in link for link in links) == 4


def test_the_look_of_the_console_is_a_sheet_of_plain_values(house: House) -> None:
    assert httpx.get(f"{house.address}.css").text == ".root{--theme-accent:#1f6b52}"


@pytest.mark.parametrize(
    ("layout", "classes"),
    [("wall", ["content"]), ("grid", ["content"]), ("list", ["content beside"]), ("single", ["content beside"])]
    + [(layout, ["content", "rail beside"]) for layout in ("carousel", "marquee", "stories")],
)
def test_its_classes_are_those_of_the_element(runtime: Runtime, layout: str, classes: list[str]) -> None:
    with own_house(runtime, layout) as house:
        tags = Tags(httpx.get(f"{house.address}.html").text).found
    found = [
        attributes for _, attributes in tags if (attributes.get("class") or "").split(" ")[0] in ("content", "rail")
    ]
    assert [attributes["class"] for attributes in found] == classes
    assert [attributes["part"] for attributes in found] == classes
    (root,) = [attributes["class"] for _, attributes in tags if (attributes.get("class") or "").startswith("root")]
    assert root == f"root plain {'carousel' if layout in ('marquee', 'stories') else layout}"


@pytest.mark.browser
@pytest.mark.parametrize("layout", ["list", "single", "carousel"])
def test_pictures_stand_beside_the_words_before_and_after_the_script(
    page: Page, runtime: Runtime, host: Host, layout: str
) -> None:
    direction = "document.querySelector('testimonial-widget').shadowRoot.querySelector('.card:has(.poster)')"
    direction = f"getComputedStyle({direction}).flexDirection"
    page.set_viewport_size({"width": 1440, "height": 900})
    with own_house(runtime, layout) as house:
        change(house, "Bo", archived_at=now())  # the newest has a picture, so that `single` shows one
        body = httpx.get(f"{house.address}.html").text
        page.goto(host.page(body))
        page.wait_for_selector("testimonial-widget .plain .poster")
        assert page.evaluate(direction) == "row"
        page.goto(host.page(f'{body}<script src="{house.base}/widget/v1.js" async></script>'))
        page.wait_for_selector("testimonial-widget .play")
        assert page.locator("testimonial-widget .plain").count() == 0
        assert page.evaluate(direction) == "row"


@pytest.mark.browser
def test_the_qr_code_is_of_a_short_link_and_within_the_documented_policy(page: Page, house: House, host: Host) -> None:
    change(house, "Bo", archived_at=now())
    with house.runtime.db.transaction() as transaction:
        transaction.get_one(Widget, house.widget.id).share = ["x", "qr"]
        publishing.changed(transaction, house.widget.workspace_id)
    said = _listened(page)
    policy = "default-src 'none'; script-src {base}; connect-src {base}; img-src {base} data:; media-src {base}"
    snippet = f'<script src="{house.base}/widget/v1.js" async></script><testimonial-widget src="{house.address}">'
    page.goto(host.page(f"{snippet}</testimonial-widget>", policy=policy.format(base=house.base)))
    page.locator("testimonial-widget .share").first.click()
    page.locator(".qr").click()
    code = page.get_by_alt_text("QR code of the link")
    code.wait_for()
    address = code.get_attribute("src") or ""
    assert re.fullmatch(re.escape(house.base) + r"/s/[\w-]+/qr\.svg", address)
    for _ in range(40):
        if code.evaluate("(image) => image.naturalWidth"):
            break
        page.wait_for_timeout(100)
    assert code.evaluate("(image) => image.naturalWidth") > 0
    followed = httpx.get(address.removesuffix("/qr.svg"))
    assert followed.headers["Location"].startswith(f"{house.base}/t/")
    with house.runtime.db.read() as session:
        share = session.scalars(select(Share)).one()
    assert (share.network, share.place) == ("qr", "widget")
    assert said == []


@pytest.mark.browser
@pytest.mark.parametrize("width", [375, 1440])
def test_without_a_script_it_is_complete(chromium: Browser, house: House, host: Host, width: int) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport={"width": width, "height": 900})
    page = context.new_page()
    said = _listened(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(host.page(httpx.get(f"{house.address}.html").text, policy=PLAIN.format(base=house.base)))
    cards = page.locator("testimonial-widget article.card")
    assert cards.count() == 4
    assert page.locator("testimonial-widget video[controls]").first.is_visible()
    assert page.get_by_text("They were there", exact=False).is_visible()
    boxes = [cards.nth(number).bounding_box() for number in range(4)]
    assert all(box and box["width"] > 200 and box["x"] >= 0 and box["x"] + box["width"] <= width for box in boxes)
    share = page.locator("testimonial-widget details.sharing").first
    share.locator("summary").click()
    assert share.get_by_role("link", name="X", exact=True).is_visible()
    assert said == []
    assert {re.match(r"http://[^/]+", url)[0] for url in asked if url.startswith("http")} == {
        house.base,
        host.origin.url,
    }  # type: ignore[index]
    context.close()


@pytest.mark.browser
def test_the_element_takes_it_over(page: Page, house: House, host: Host) -> None:
    said = _listened(page)
    script = f'<script src="{house.base}/widget/v1.js" async></script>'
    page.goto(host.page(httpx.get(f"{house.address}.html").text + script, policy=WITH_SCRIPT.format(base=house.base)))
    page.wait_for_selector("testimonial-widget .play")
    assert page.locator("testimonial-widget .plain").count() == 0
    assert page.locator("testimonial-widget article.card").count() == 4
    assert page.evaluate("window.hit") is None
    assert page.locator("testimonial-widget .name").get_by_text(HOSTILE, exact=True).is_visible()
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert said == []


@pytest.mark.browser
@pytest.mark.parametrize("layout", ["wall", "grid", "list", "single", "carousel", "badge"])
def test_axe_finds_nothing(chromium: Browser, runtime: Runtime, host: Host, layout: str) -> None:
    with own_house(runtime, layout) as house:
        page = chromium.new_page(viewport={"width": 1024, "height": 900})
        page.goto(host.page(f"<main><h1>Stories</h1>{httpx.get(f'{house.address}.html').text}</main>"))
        page.wait_for_selector("testimonial-widget .plain")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        page.close()


def _listened(page: Page) -> list[str]:
    """What the console complains of, violations of the policy among it."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said
