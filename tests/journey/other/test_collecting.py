"""The customer's way in Firefox, which records, and in WebKitGTK, which cannot and says so: there a file is sent."""

from __future__ import annotations

import pytest

from testimonials.domain.widget_config import embed_snippet
from tests import clips
from tests.installation import until_done, wait_for
from tests.journey.host_site import HostSite
from tests.journey.other.conftest import House
from tests.other_browsers import WIDTHS, OtherBrowser

pytestmark = [pytest.mark.browser, pytest.mark.media]


def test_firefox_records_and_plays_what_was_recorded(firefox: OtherBrowser, house: House, host_site: HostSite) -> None:
    firefox.resize(375)
    firefox.open(f"{house.installation.base}/c/spring")
    fits(firefox, "[data-act=camera]")
    firefox.click("[data-act=camera]")
    fits(firefox, "[data-act=record]")
    firefox.click("[data-act=record]")
    firefox.find(".live.on")
    fits(firefox, "[data-act=stop]")
    wait_for(lambda: clock(firefox) >= 3, 30, firefox.words)
    firefox.click("[data-act=stop]")
    fits(firefox, "[data-act=use]")
    firefox.plays(firefox.find("[data-part=playback]"))
    own_page = send(firefox, "Fanny Firefox")
    token = house.shown("Fanny Firefox")
    with house.installation.api() as api:
        ready = until_done(api, token)
        assert ready["duration_seconds"] > 2.5
        firefox.open(own_page)
        fits(firefox)
        firefox.plays(firefox.find("video"))
        assert api.post(f"/testimonials/{token}/approve").status_code == 200
    on_show(firefox, house, host_site, "Fanny Firefox")


def test_webkit_sends_a_file_and_plays_what_became_of_it(
    webkit: OtherBrowser, house: House, host_site: HostSite
) -> None:
    webkit.resize(375)
    webkit.open(f"{house.installation.base}/c/spring")
    fits(webkit, "[data-act=camera]")
    choose(webkit)
    fits(webkit, "[data-act=use]")
    webkit.plays(webkit.find("[data-part=playback]"))
    own_page = send(webkit, "Wanda WebKit")
    token = house.shown("Wanda WebKit")
    with house.installation.api() as api:
        until_done(api, token)
        webkit.open(own_page)
        fits(webkit)
        webkit.plays(webkit.find("video"))
        assert api.post(f"/testimonials/{token}/approve").status_code == 200
    on_show(webkit, house, host_site, "Wanda WebKit")


def test_webkit_cannot_record_and_shows_the_way_out(webkit: OtherBrowser, house: House) -> None:
    """WebKitGTK has a camera and a MediaRecorder, and the recording stays empty."""
    webkit.resize(375)
    webkit.open(f"{house.installation.base}/c/spring")
    webkit.click("[data-act=camera]")
    fits(webkit, "[data-act=record]")
    webkit.click("[data-act=record]")
    webkit.find(".live.on")
    wait_for(lambda: clock(webkit) >= 1, 30, webkit.words)
    webkit.click("[data-act=stop]")
    assert webkit.find("[data-part=problem-title]").text == "Nothing was recorded"
    assert len(webkit.find("[data-part=problem-words]").text.split()) > 5
    fits(webkit, "[data-part=problem-main]")
    webkit.find("[data-screen=problem] [data-act=upload]")
    choose(webkit)
    webkit.plays(webkit.find("[data-part=playback]"))


def fits(browser: OtherBrowser, main: str = "") -> None:
    """At every width: nothing to be moved sideways, and the main button in view without scrolling. Ends at 375."""
    for width in reversed(WIDTHS):
        browser.resize(width)
        assert browser.overflow() <= 0, f"{browser.overflow()} px too wide at {width}"
        if main:
            box = browser.place(browser.find(main))
            assert box.left >= 0 and box.right <= width and box.top >= 0 and box.bottom <= box.window, (
                width,
                main,
                box,
            )
            assert 40 <= box.bottom - box.top <= 120, (width, main, box)


def clock(browser: OtherBrowser) -> int:
    """Seconds recorded so far, as the page says."""
    minutes, _, seconds = browser.find("[data-part=elapsed]").text.partition(":")
    return int(minutes or 0) * 60 + int(seconds or 0)


def choose(browser: OtherBrowser) -> None:
    """What the system's own window for choosing a file does, which no test can click."""
    browser.hand_over("input[type=file][name=video]", clips.mp4(4))


def send(browser: OtherBrowser, name: str) -> str:
    """From the review to "thank you". Returns the address of the customer's own page."""
    browser.click("[data-act=use]")
    browser.fill("[name=name]", name)
    browser.fill("[name=email]", "customer@example.org")
    for scope in ("website", "social"):
        browser.click(f"[name=consent][value={scope}]")
    fits(browser)
    browser.click("[data-act=send]")
    browser.says(f"Thank you, {name.split(maxsplit=1)[0]}")
    fits(browser, "[data-part=manage-link]")
    return str(browser.find("[data-part=manage-link]").get_attribute("href"))


def on_show(browser: OtherBrowser, house: House, host_site: HostSite, name: str) -> None:
    """It plays on the share page, and in the widget on another site."""
    browser.open(f"{house.installation.base}/t/{house.shown(name)}")
    fits(browser)
    browser.plays(browser.find("video"))
    host_site.snippet = embed_snippet(house.installation.base, house.widget, "wall")
    browser.open(host_site.url)
    browser.click(f'[part~=card][aria-label="{name}"] [part~=play]', within="testimonial-widget")
    browser.plays(browser.find("video", within="testimonial-widget"))
