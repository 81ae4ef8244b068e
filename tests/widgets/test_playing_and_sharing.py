"""What visitors do with a testimonial, and what is counted of it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from testimonials.domain.events import parse_batch
from tests.widgets.conftest import TOKEN, Answer, Host, Widget
from tests.widgets.test_element import COUNT_EVENTS, VIDEO, open_page

pytestmark = pytest.mark.browser


def test_one_video_plays_at_a_time_in_the_place_of_its_poster(page: Page, host: Host, widget: Widget) -> None:
    open_page(page, host.page(host.snippet(widget)))
    frames = page.locator(".poster")
    before = frames.first.bounding_box()
    page.locator(".play").first.click()
    page.wait_for_function(f"{VIDEO}?.currentTime > 0.5")
    assert frames.first.bounding_box() == before
    assert page.evaluate(f"{VIDEO}.textTracks[0].mode") == "showing"
    assert page.evaluate(f"{VIDEO}.textTracks[0].cues?.length") == 1
    page.evaluate(f"window.first = {VIDEO}")
    page.locator(".play").nth(1).click()
    page.wait_for_function(f"{VIDEO} !== window.first && {VIDEO}?.currentTime > 0.2")
    expect(page.locator("video")).to_have_count(1)
    assert page.evaluate("[first.isConnected, first.hasAttribute('src'), first.networkState]") == [False, False, 0]
    expect(frames.first.locator("img")).to_be_visible()


@pytest.mark.parametrize(("width", "saves", "clip"), [(375, False, "1280"), (375, True, "320")])
def test_it_takes_the_source_that_fits(
    page: Page, host: Host, widget: Widget, width: int, saves: bool, clip: str
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.add_init_script(
        f"Object.defineProperty(navigator, 'connection', {{ value: {{ saveData: {str(saves).lower()} }} }})"
    )
    open_page(page, host.page(host.snippet(widget)))
    page.locator(".play").first.click()
    page.wait_for_function(f"{VIDEO}?.currentTime > 0.1")
    assert next(path for path in widget.origin.asked if path.endswith(".mp4")) == f"/media/{clip}.mp4"


def test_a_broken_video_says_so_and_offers_the_ways_out(page: Page, host: Host, widget: Widget) -> None:
    page.add_init_script(COUNT_EVENTS)
    clips = {path: answer for path, answer in widget.origin.answers.items() if path.endswith(".mp4")}
    for path in clips:
        widget.origin.answers[path] = Answer(b"lost", "text/plain", 404)
    open_page(page, host.page(host.snippet(widget)))
    page.locator(".play").first.click()
    expect(page.get_by_role("alert")).to_contain_text("This video did not load.")
    expect(page.get_by_role("link", name="Open its page")).to_have_attribute("href", f"{widget.origin.url}/t/t00")
    assert ["error", {"reason": "a video did not load", "testimonial": "t00"}] in page.evaluate("heard")
    widget.origin.answers |= clips
    page.get_by_role("button", name="Try again").click()
    page.wait_for_function(f"{VIDEO}?.currentTime > 0.2")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_impressions_plays_and_watched_quarters_are_counted_once(page: Page, host: Host, widget: Widget) -> None:
    widget.serve([widget.testimonial(0), widget.testimonial(1)])
    tall = "<div style='height:2000px'></div>"
    page.goto(host.page(tall + host.snippet(widget)))
    page.wait_for_timeout(1500)
    assert widget.origin.events() == []
    assert page.locator(".card").count() == 0, "far below the window nothing is drawn"
    page.locator("testimonial-widget").scroll_into_view_if_needed()
    page.locator(".play").first.click()
    page.wait_for_function(f"{VIDEO}?.ended", timeout=15000)
    page.evaluate(f"{VIDEO}.play()")
    page.wait_for_timeout(2600)
    assert len(widget.origin.events("impression")) == 2
    assert len(widget.origin.events("play")) == 1
    assert [event["value"] for event in widget.origin.events("quartile")] == [25, 50, 75]
    assert len(widget.origin.events("complete")) == 1
    ids = [event["id"] for event in widget.origin.events()]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[0-9a-f]{32}", each) for each in ids)
    assert {event["widget"] for event in widget.origin.events()} == {TOKEN}
    assert {kind for path, kind, _ in widget.origin.posted} == {"text/plain;charset=UTF-8"}


def test_jumping_to_the_end_is_not_watching(page: Page, host: Host, widget: Widget) -> None:
    open_page(page, host.page(host.snippet(widget)))
    page.locator(".play").first.click()
    page.wait_for_function(f"{VIDEO}?.currentTime > 0.2")
    page.evaluate(f"{VIDEO}.currentTime = 3.5")
    page.wait_for_function(f"{VIDEO}?.ended")
    page.wait_for_timeout(1300)
    assert widget.origin.events("complete") == []
    assert {event["value"] for event in widget.origin.events("quartile")} <= {25}


def test_events_wait_out_a_dead_network(context: BrowserContext, page: Page, host: Host, widget: Widget) -> None:
    page.route("**/events", lambda route: route.abort())
    open_page(page, host.page(host.snippet(widget)))
    page.wait_for_timeout(2500)
    assert widget.origin.events() == []
    page.unroute("**/events")
    page.wait_for_timeout(3500)
    sent = widget.origin.events("impression")
    assert sent
    assert len({event["testimonial"] for event in sent}) == len(sent)


def test_a_clock_that_is_wrong_moves_no_event_into_another_hour(page: Page, host: Host, widget: Widget) -> None:
    page.add_init_script(
        "Date = class extends Date { constructor(...given) { super(...(given.length ? given : [Date.now() + 3e8])) } }"
    )
    page.route("**/events", lambda route: route.abort())  # some seconds pass between the act and the report
    open_page(page, host.page(host.snippet(widget)))
    page.wait_for_timeout(2500)
    page.unroute("**/events")
    page.wait_for_timeout(3500)
    beacon = next(body for path, _, body in widget.origin.posted if path == "/events")
    arrived_at = datetime.now(UTC)
    said = datetime.fromisoformat(beacon["sent"])
    assert said - arrived_at > timedelta(days=3), "its clock runs ahead"
    (first, *_) = parse_batch(beacon, arrived_at=arrived_at)
    assert timedelta(seconds=1) < arrived_at - first.happened_at < timedelta(seconds=10)
    assert arrived_at - first.happened_at == said - datetime.fromisoformat(beacon["events"][0]["at"])


def test_leaving_the_page_sends_what_is_left(page: Page, host: Host, widget: Widget) -> None:
    open_page(page, host.page(host.snippet(widget)))
    page.locator(".play").first.click()
    page.wait_for_function(f"{VIDEO}?.currentTime > 0.1")
    page.goto("about:blank")
    page.wait_for_timeout(500)
    assert len(widget.origin.events("play")) == 1


def test_the_share_popover_by_keyboard(page: Page, host: Host, widget: Widget) -> None:
    page.add_init_script("navigator.share = () => Promise.resolve()")
    open_page(page, host.page(host.snippet(widget) + "<p>Elsewhere</p>"))
    opener = page.locator(".share").first
    opener.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name=re.compile("Share .*Maya 0.* story"))
    expect(dialog).to_be_visible()
    expect(opener).to_have_attribute("aria-expanded", "true")
    inside = "(box) => box.contains(box.getRootNode().activeElement)"
    assert dialog.evaluate(inside)
    expect(dialog.get_by_role("button", name="More", exact=True)).to_be_visible()
    link = dialog.get_by_role("link", name="LinkedIn")
    expect(link).to_have_attribute("href", f"{widget.origin.url}/t/t00/share/linkedin")
    assert link.evaluate("(a) => [a.target, a.rel]") == ["_blank", "noopener"]
    page.keyboard.press("Tab")
    assert dialog.evaluate(inside)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    expect(opener).to_have_attribute("aria-expanded", "false")
    opener.click()
    expect(dialog).to_be_visible()
    opener.click()
    expect(dialog).to_be_hidden()
    opener.click()
    page.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    opener.click()
    page.get_by_text("Elsewhere").click()
    expect(dialog).to_be_hidden()


@pytest.mark.parametrize("width", [320, 375, 1440])
def test_the_popover_stays_inside_the_window(page: Page, host: Host, widget: Widget, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    open_page(page, host.page(host.snippet(widget)))
    for number in range(2):
        page.locator(".share").nth(number).click()
        box = page.get_by_role("dialog").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 700
        page.keyboard.press("Escape")


def test_copying_mints_a_short_link_and_says_so(
    context: BrowserContext, page: Page, host: Host, widget: Widget
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=host.origin.url)
    page.add_init_script(COUNT_EVENTS)
    open_page(page, host.page(host.snippet(widget)))
    page.locator(".share").first.click()
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("status")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == f"{widget.origin.url}/s/Zq81kd02xP"
    minted = [post for post in widget.origin.posted if post[0] == "/t/t00/shares"]
    assert minted == [("/t/t00/shares", "text/plain;charset=UTF-8", {"network": "copy"})]
    assert ["share", {"testimonial": "t00", "network": "copy"}] in page.evaluate("heard")


@pytest.mark.parametrize("broken", ["clipboard", "server"])
def test_copying_works_around_what_is_missing(
    context: BrowserContext, page: Page, host: Host, widget: Widget, broken: str
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=host.origin.url)
    if broken == "clipboard":
        page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
        page.add_init_script("document.execCommand = () => false")
    else:
        del widget.origin.answers["POST /t/t00/shares"]
    open_page(page, host.page(host.snippet(widget)))
    page.locator(".share").first.click()
    page.get_by_role("button", name="Copy link").click()
    if broken == "server":
        expect(page.get_by_role("status")).to_have_text("Copied")
        assert page.evaluate("navigator.clipboard.readText()") == f"{widget.origin.url}/t/t00"
        return
    field = page.get_by_role("textbox", name="Link", exact=True)
    expect(field).to_have_value(f"{widget.origin.url}/s/Zq81kd02xP")
    assert field.evaluate("(field) => field.selectionEnd - field.selectionStart") == len(field.input_value())


def test_the_device_sheet_gets_a_plain_link_and_a_change_of_mind_is_silent(
    page: Page, host: Host, widget: Widget
) -> None:
    page.add_init_script(
        "navigator.share = async (data) => { window.given = data; throw new DOMException('no', 'AbortError') }"
    )
    page.add_init_script(COUNT_EVENTS)
    open_page(page, host.page(host.snippet(widget)))
    page.locator(".share").first.click()
    page.get_by_role("button", name="More", exact=True).click()
    assert page.evaluate("given.url") == f"{widget.origin.url}/t/t00?via=native"
    assert [kind for kind, _ in page.evaluate("heard")] == ["ready"]


def test_a_network_opens_in_its_own_tab_and_is_reported(
    context: BrowserContext, page: Page, host: Host, widget: Widget
) -> None:
    widget.origin.answers["/t/t00/share/x"] = Answer(b"<title>X</title>")
    open_page(page, host.page(host.snippet(widget)))
    page.locator(".share").first.click()
    with context.expect_page() as opened:
        page.get_by_role("link", name="X", exact=True).click()
    assert opened.value.url == f"{widget.origin.url}/t/t00/share/x"
    page.wait_for_timeout(1300)
    assert [event["network"] for event in widget.origin.events("share")] == ["x"]
