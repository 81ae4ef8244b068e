"""The wall on somebody's site, its share dialog and the iframe page, in Firefox and WebKitGTK, from phone to desktop."""

from __future__ import annotations

import pytest
from selenium.webdriver.common.keys import Keys

from testimonials.domain.widget_config import embed_snippet
from tests.installation import wait_for
from tests.journey.host_site import HostSite
from tests.journey.other.conftest import House
from tests.other_browsers import WIDTHS, OtherBrowser

pytestmark = [pytest.mark.browser, pytest.mark.media]
WIDGET = "testimonial-widget"
OPEN_DIALOG = "[role=dialog]"
SHARE = "[part~=share]"
# What is seen of each card: its place, and whether its picture is there and not cut off by the card.
CARDS = """
  return [...document.querySelector("testimonial-widget").shadowRoot.querySelectorAll("[part~=card]")].map((card) => {
    const box = card.getBoundingClientRect();
    const image = card.querySelector("img");
    const inside = !image || image.getBoundingClientRect().width <= box.width + 1;
    return { left: box.left, right: box.right, height: box.height, inside, drawn: !image || image.naturalWidth > 0 };
  });
"""
FOCUSED = "return document.querySelector('testimonial-widget').shadowRoot.activeElement === arguments[0]"
FIELD = "<p><input id=elsewhere aria-label=Elsewhere></p>"


@pytest.fixture
def site(browser: OtherBrowser, house: House, host_site: HostSite) -> str:
    """The address of a page with the wall and, above it, a field to paste into."""
    host_site.snippet = FIELD + embed_snippet(house.installation.base, house.widget, "wall")
    return host_site.url


def test_the_wall_stands_at_every_width(browser: OtherBrowser, site: str) -> None:
    for width in WIDTHS:
        browser.resize(width)
        browser.open(site)
        cards_stand(browser, width)


def test_the_wall_plays_in_place(browser: OtherBrowser, site: str) -> None:
    for width in (WIDTHS[0], WIDTHS[-1]):
        browser.resize(width)
        browser.open(site)
        browser.click("[part~=play]", within=WIDGET)
        browser.plays(browser.find("video", within=WIDGET))
        assert browser.overflow() <= 0


def test_the_share_dialog_opens_and_closes(browser: OtherBrowser, site: str) -> None:
    for width in WIDTHS:
        browser.resize(width)
        browser.open(site)
        browser.click(SHARE, within=WIDGET)
        opener = browser.find(SHARE, within=WIDGET)
        dialog = browser.find(OPEN_DIALOG, within=WIDGET)
        box = browser.place(dialog)
        assert box.left >= 0 and box.right <= width and box.top >= 0 and box.bottom <= box.window, (width, box)
        links = [str(link.get_attribute("href")) for link in browser.all_seen(f"{OPEN_DIALOG} a", within=WIDGET)]
        assert len(links) >= 3 and all("/share/" in link for link in links), links
        browser.press(Keys.ESCAPE)
        wait_for(lambda d=dialog: not d.is_displayed(), 10, lambda: "Escape did not close it")
        assert browser.run(FOCUSED, opener), f"at {width}, focus is not back at the button"


def test_the_link_is_copied(browser: OtherBrowser, house: House, site: str) -> None:
    """It is on the clipboard: pasted elsewhere, it is the short link."""
    browser.resize(1440)
    browser.open(site)
    browser.click(SHARE, within=WIDGET)
    browser.click("[part~=copy]", within=WIDGET)
    copied = browser.find("[part~=copy]", within=WIDGET)
    wait_for(lambda: "Link copied" in copied.text, 15, lambda: copied.text)
    browser.press(Keys.ESCAPE)
    field = browser.find("#elsewhere")
    field.click()
    browser.press(Keys.CONTROL, "v")
    pasted = str(field.get_property("value"))
    assert pasted.startswith(f"{house.installation.base}/s/"), pasted


def test_the_iframe_page_stands_and_plays(browser: OtherBrowser, house: House) -> None:
    for width in WIDTHS:
        browser.resize(width)
        browser.open(f"{house.installation.base}/widget/{house.widget}")
        cards_stand(browser, width)
    browser.click("[part~=play]", within=WIDGET)
    browser.plays(browser.find("video", within=WIDGET))


def test_the_iframe_works_inside_a_site(browser: OtherBrowser, house: House, host_site: HostSite) -> None:
    address = f"{house.installation.base}/widget/{house.widget}"
    host_site.snippet = (
        f'<iframe src="{address}" title=Testimonials width="100%" height=700 allow="fullscreen"></iframe>'
    )
    browser.resize(375)
    browser.open(host_site.url)
    frame = browser.find("iframe")
    browser.driver.switch_to.frame(frame)
    try:
        browser.click("[part~=play]", within=WIDGET)
        browser.plays(browser.find("video", within=WIDGET))
        assert browser.overflow() <= 0
    finally:
        browser.driver.switch_to.default_content()


def cards_stand(browser: OtherBrowser, width: int) -> None:
    """Three testimonials or more, none of them cut off at the side, their pictures drawn; and nothing to move sideways."""
    browser.find("[part~=card]", within=WIDGET)
    visible = wait_for(
        lambda: [each for each in browser.run(CARDS) if each["height"] > 40][2:] and browser.run(CARDS), 15
    )
    for card in visible:
        assert card["left"] >= 0 and card["right"] <= width, (width, card)
        assert card["inside"], (width, card)
    wait_for(lambda: browser.run(CARDS)[0]["drawn"], 15, lambda: str(browser.run(CARDS)))
    assert browser.overflow() <= 0, f"{browser.overflow()} px too wide at {width}"
