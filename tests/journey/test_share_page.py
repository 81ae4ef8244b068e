"""The share page with a real video in a real browser: the words go along with it, and every way to share works by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import cv2
import httpx
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests import clips
from tests.installation import Installation, embedded, hand_in, until, until_done, wait_for
from tests.journey.host_site import HostSite

pytestmark = [pytest.mark.browser, pytest.mark.media]
WORDS = ("We deliver bread to eleven cafes.", "By bike, every morning.", "Nobody noticed we were one short.")
# Chromium on Linux has no share sheet: this one remembers what it was given. Everything around it is the page's own.
SHEET = """
window.given = [];
navigator.canShare = () => true;
navigator.share = async (data) => {
  if (!navigator.userActivation.isActive) throw new DOMException("no tap", "NotAllowedError");
  window.given.push({ url: data.url ?? "", files: (data.files ?? []).map((file) => [file.type, file.size]) });
};
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, str]]:
    """An installation that shows one clip of six seconds with captions and an upright file."""
    with embedded(tmp_path_factory.mktemp("share-page")) as installation, installation.api() as api:
        api.post("/campaigns", json={"slug": "spring", "name": "Spring"})
        token = hand_in(installation, clips.mp4(6))
        until(api, token, "ready")
        cues = [{"start_seconds": 2.0 * n, "end_seconds": 2.0 * n + 1.9, "text": text} for n, text in enumerate(WORDS)]
        assert api.put(f"/testimonials/{token}/captions/en", json={"cues": cues}).status_code == 200
        assert api.post(f"/testimonials/{token}/social", json={"format": "9x16"}).status_code == 202
        until_done(api, token)
        api.post(f"/testimonials/{token}/approve")
        yield installation, token


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    yield made
    made.close()


@pytest.fixture
def page(house: tuple[Installation, str], context: BrowserContext) -> Page:
    opened = context.new_page()
    opened.goto(f"{house[0].base}/t/{house[1]}")
    return opened


def _shares(house: tuple[Installation, str]) -> dict[str, dict[str, Any]]:
    """All shares of the tree by their codes."""
    with house[0].api() as api:
        items: list[dict[str, Any]] = api.get(f"/testimonials/{house[1]}/shares").json()["items"]
    found: dict[str, dict[str, Any]] = {}
    while items:
        share = items.pop()
        found[share["code"]] = share
        items += share["shares"]
    return found


def _at(page: Page) -> float:
    return float(page.evaluate("document.querySelector('video').currentTime"))


def test_a_sentence_leads_to_its_moment_and_is_marked_while_it_is_said(page: Page) -> None:
    page.get_by_role("link", name=WORDS[2]).click()
    expect(page.locator("[data-sentences] [aria-current=true]")).to_contain_text(WORDS[2])
    wait_for(lambda: _at(page) > 4, 10)
    page.get_by_role("link", name=WORDS[0]).focus()
    page.keyboard.press("Enter")
    wait_for(lambda: 0 < _at(page) < 2, 10)
    expect(page.locator("[data-sentences] [aria-current=true]")).to_contain_text(WORDS[0])
    expect(page.locator("[data-sentences] [aria-current=true]")).to_contain_text(WORDS[1], timeout=10_000)


def test_captions_are_on_and_the_speed_can_be_chosen(page: Page) -> None:
    page.get_by_role("button", name="Play").click()
    expect(page.locator(".before")).to_be_hidden()
    wait_for(lambda: page.evaluate("document.querySelector('video').textTracks[0].activeCues?.length"), 10)
    assert page.evaluate("document.querySelector('video').textTracks[0].mode") == "showing"
    assert page.evaluate("document.querySelector('video').controls") is True, "full screen is among them"
    page.get_by_role("button", name=re.compile("^1.5")).click()
    expect(page.get_by_role("button", name=re.compile("^1.5"))).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("document.querySelector('video').playbackRate") == 1.5


def test_words_are_written_before_the_network_opens(house: tuple[Installation, str], page: Page) -> None:
    page.get_by_role("link", name="WhatsApp").click()
    sheet = page.get_by_role("dialog")
    words = sheet.get_by_role("textbox", name="What you say with it")
    expect(words).to_be_focused()
    expect(words).to_have_value("Maya R. about My workspace")
    words.fill("So good & fast")
    expect(sheet.get_by_text("14 / 500")).to_be_visible()
    href = sheet.get_by_role("link", name="Go on").get_attribute("href")
    answer = httpx.get(str(href), headers={"User-Agent": page.evaluate("navigator.userAgent")})
    assert "So%20good%20%26%20fast" in answer.headers["Location"]
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(page.get_by_role("link", name="WhatsApp")).to_be_focused()


def test_the_mastodon_server_is_asked_for_once(house: tuple[Installation, str], page: Page) -> None:
    page.get_by_text("More ways to share").click()
    page.get_by_role("link", name="Mastodon").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("Your Mastodon server").fill("mastodon.example")
    with page.expect_popup() as opened:
        sheet.get_by_role("link", name="Go on").click()
    wait_for(
        lambda: (
            "mastodon.example/share?text=" in opened.value.url or opened.value.url == "chrome-error://chromewebdata/"
        ),
        10,
    )
    page.reload()
    page.get_by_text("More ways to share").click()
    page.get_by_role("link", name="Mastodon").click()
    expect(page.get_by_label("Your Mastodon server")).to_have_value("mastodon.example")
    expect(page.get_by_role("textbox", name="What you say with it")).to_be_focused()


def test_a_camera_reads_the_qr_code_of_a_share_of_its_own(house: tuple[Installation, str], page: Page) -> None:
    page.get_by_text("More ways to share").click()
    page.get_by_role("link", name="QR code").click()
    image = page.locator("img.qr")
    expect(image).to_be_visible()
    wait_for(lambda: image.evaluate("image => image.complete && image.naturalWidth"), 15)
    seen = cv2.imdecode(np.frombuffer(image.screenshot(), np.uint8), cv2.IMREAD_COLOR)
    assert seen is not None
    read, _, _ = cv2.QRCodeDetector().detectAndDecode(seen)
    assert read == page.locator("textarea.code").input_value()
    assert _shares(house)[read.rsplit("/", 1)[1]]["network"] == "qr"


def test_the_embed_code_plays_on_another_site_and_is_counted(
    house: tuple[Installation, str], page: Page, browser: Browser, host_site: HostSite
) -> None:
    page.get_by_text("More ways to share").click()
    page.get_by_role("link", name="Embed code").click()
    page.get_by_role("dialog").get_by_role("button", name="Copy").click()
    page.get_by_role("dialog").get_by_role("button", name="Code copied").wait_for()
    code = page.evaluate("navigator.clipboard.readText()")
    host_site.snippet = code
    reader = browser.new_context(user_agent="Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) Version/18.0 Safari/605.1.15")
    other = reader.new_page()
    other.goto(host_site.url)
    frame = other.frame_locator("iframe")
    frame.locator("video").evaluate("video => { video.muted = true; void video.play(); }")
    share = code.split("via=")[1].split('"')[0]
    wait_for(lambda: (_shares(house)[share]["visits"], _shares(house)[share]["plays"]) == (1, 1), 30)
    reader.close()


def test_a_phone_shares_the_link_and_the_upright_file(house: tuple[Installation, str], context: BrowserContext) -> None:
    page = context.new_page()
    page.add_init_script(SHEET)
    page.goto(f"{house[0].base}/t/{house[1]}")
    page.get_by_role("button", name="Share", exact=True).click()
    wait_for(lambda: page.evaluate("given.length") == 1, 10)
    url = page.evaluate("given[0].url")
    assert _shares(house)[url.rsplit("/", 1)[1]]["network"] == "native"
    page.get_by_role("button", name="Share the video").click()
    page.get_by_role("button", name="Share it now").click()
    wait_for(lambda: page.evaluate("given.length") == 2, 10)
    ((kind, size),) = page.evaluate("given[1].files")
    assert (kind, size > 10_000) == ("video/mp4", True)


def test_a_closed_clipboard_shows_the_link_to_take(house: tuple[Installation, str], browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(
        "navigator.clipboard.write = navigator.clipboard.writeText = async () => { throw new Error('closed'); };"
    )
    page.goto(f"{house[0].base}/t/{house[1]}")
    page.get_by_role("link", name="Copy link").click()
    link = page.get_by_role("dialog").get_by_role("textbox").input_value()
    assert _shares(house)[link.rsplit("/", 1)[1]]["network"] == "copy"
    assert page.evaluate("getSelection().toString()") == link
    context.close()


def test_without_a_script_everything_is_there(house: tuple[Installation, str], browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 375, "height": 800})
    page = context.new_page()
    page.goto(f"{house[0].base}/t/{house[1]}")
    assert page.locator("video[controls]").count() == 1
    expect(page.locator("[data-sentences] li")).to_have_count(3)
    for hidden in ("[data-speeds]", "[data-before]", "[data-native]", "[data-file]", "dialog"):
        assert not any(page.locator(hidden).nth(n).is_visible() for n in range(page.locator(hidden).count())), hidden
    page.get_by_role("link", name="Copy link").click()
    expect(page.get_by_role("heading", name="Your link is ready")).to_be_visible()
    link = page.get_by_label("Copy it from here").input_value()
    page.get_by_role("link", name="Back").click()
    assert page.url.endswith(f"via={link.rsplit('/', 1)[1]}")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_anybody_out(house: tuple[Installation, str], browser: Browser, scheme: Any) -> None:
    """The page with its sheets open, the bare player, the link page and the page of what is gone."""
    context = browser.new_context(color_scheme=scheme, reduced_motion="reduce")  # nothing is measured while it fades in
    page = context.new_page()
    base, token = house[0].base, house[1]
    code = httpx.post(f"{base}/t/{token}/shares", json={"network": "copy"}).json()["url"].rsplit("/", 1)[1]
    for path, act in (
        (f"/t/{token}", "x"),
        (f"/t/{token}", "qr"),
        (f"/t/{token}/player", ""),
        (f"/s/{code}/link", ""),
        ("/t/gone", ""),
    ):
        page.goto(base + path)
        if act:
            page.get_by_text("More ways to share").click()
            page.locator(f"[data-way={act}]").click()
            expect(page.get_by_role("dialog")).to_be_visible()
        found = Axe().run(page)
        assert [(each["id"], each["nodes"][0]["html"]) for each in found.response["violations"]] == [], path
        for width in (320, 375, 768, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
    context.close()
