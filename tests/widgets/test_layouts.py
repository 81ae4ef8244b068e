"""Every layout: it moves nothing on the page, everybody can use it, and a part that is missing leaves the wall."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from testimonials.domain.widget_config import LAYOUTS, RESERVED_HEIGHT, embed_snippet
from tests.widgets.conftest import TOKEN, Host, Widget
from tests.widgets.test_element import COUNT_EVENTS, VIDEO, WATCH_SHIFTS, open_page

pytestmark = pytest.mark.browser

FIRST = {"stories": ".face", "bubble": ".launcher", "badge": ".rating", "popup": ".open"}
"""What each layout shows first; all others show cards."""
COLORS = {"light": "color:#2b2018;background:#fbf6ec", "dark": "color:#f3e9da;background:#1b1511"}


def make_ready(page: Page, layout: str) -> None:
    """Opens what a layout keeps closed and stops what moves, so that cards can be used."""
    if layout in FIRST:
        page.locator(FIRST[layout]).first.click()
    if layout == "marquee":
        page.get_by_role("button", name="Pause").click()


def snippet(widget: Widget, layout: str) -> str:
    """What the console gives for this layout."""
    return embed_snippet(widget.origin.url, TOKEN, layout)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("width", [375, 768, 1440])
def test_nothing_on_the_page_ever_moves(page: Page, host: Host, widget: Widget, width: int, layout: str) -> None:
    page.add_init_script(WATCH_SHIFTS)
    page.set_viewport_size({"width": width, "height": 1000})
    for count in (1, 12) if width == 768 else (12,):
        widget.serve(widget.wall(count), layout=layout)
        address = host.page(f"<h1>Stories</h1>{snippet(widget, layout)}<p id='below'>Visit us.</p>")
        open_page(page, address, wait_for=FIRST.get(layout, ".card"))
        page.wait_for_timeout(600)
        assert page.evaluate("shifts") == []
        assert page.evaluate("document.querySelector('testimonial-widget').offsetHeight") == RESERVED_HEIGHT[layout]
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page: Page, host: Host, widget: Widget, layout: str, scheme: str) -> None:
    widget.serve(widget.wall(6), layout=layout, share=["native", "x", "facebook", "email", "mastodon", "copy"])
    style = f"<style>body{{{COLORS[scheme]}}}</style>"
    body = f"<main><h1>Stories</h1>{snippet(widget, layout)}</main>"
    open_page(page, host.page(body, head=style), wait_for=FIRST.get(layout, ".card"))
    make_ready(page, layout)
    page.locator(".share").first.click()
    expect(page.locator(".own textarea").first).to_be_visible()
    page.wait_for_timeout(400)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("layout", [name for name in LAYOUTS if name != "wall"])
def test_a_layout_that_cannot_be_had_leaves_the_wall(page: Page, host: Host, widget: Widget, layout: str) -> None:
    page.add_init_script(COUNT_EVENTS)
    for path in [path for path in widget.origin.answers if "/widget/v1/" in path]:
        del widget.origin.answers[path]
    widget.serve(widget.wall(6), layout=layout)
    open_page(page, host.page(host.snippet(widget)))
    assert page.evaluate("heard") == [["ready", {"items": 6, "layout": "wall"}]]
    expect(page.locator(".column").first).to_be_visible()
    page.locator(".share").first.click()
    expect(page.get_by_role("link", name="LinkedIn")).to_be_visible()
    expect(page.get_by_role("button", name="Copy link")).to_be_visible()


def test_code_comes_from_the_scripts_own_origin_whatever_the_page_names(page: Page, host: Host, widget: Widget) -> None:
    """An element that a visitor smuggled into a page must not bring a script from elsewhere with it."""
    widget.serve(widget.wall(3), layout="grid")
    trap = f'<img name="currentScript" src="{host.origin.url}/widget/v1.js" alt="">'
    elsewhere = f'<testimonial-widget src="{host.origin.url}/widget/{TOKEN}"></testimonial-widget>'
    host.origin.answers[f"/widget/{TOKEN}.json"] = widget.origin.answers[f"/widget/{TOKEN}.json"]
    open_page(page, host.page(f"{trap}{elsewhere}{host.snippet(widget)}"))
    expect(page.locator(".grid").first).to_be_visible()
    page.wait_for_timeout(300)
    assert not [path for path in host.origin.asked if "/widget/v1/" in path]
    assert [path for path in widget.origin.asked if "/widget/v1/layout-grid-" in path]


def test_the_marquee_moves_until_somebody_wants_it_to_stand(page: Page, host: Host, widget: Widget) -> None:
    widget.serve(widget.wall(8), layout="marquee")
    open_page(page, host.page(snippet(widget, "marquee")), wait_for=".track")
    state = "(track) => getComputedStyle(track).animationPlayState"
    track = page.locator(".track")
    page.mouse.move(0, 0)
    assert track.evaluate(state) == "running"
    box = track.evaluate("(track) => track.getBoundingClientRect().left")
    page.wait_for_timeout(400)
    assert track.evaluate("(track) => track.getBoundingClientRect().left") < box
    page.get_by_role("button", name="Pause").click()
    page.mouse.move(0, 0)
    assert track.evaluate(state) == "paused"
    page.get_by_role("button", name="Go on").click()
    page.mouse.move(0, 0)
    page.evaluate("document.querySelector('testimonial-widget').shadowRoot.activeElement.blur()")
    assert track.evaluate(state) == "running"
    page.locator(".group .share").first.focus()
    assert track.evaluate(state) == "paused"
    expect(page.get_by_role("article", name="Maya 0")).to_have_count(1)  # the second time is for the eye only


def test_with_less_motion_the_marquee_is_a_row(chromium: Browser, host: Host, widget: Widget) -> None:
    context = chromium.new_context(viewport={"width": 900, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    widget.serve(widget.wall(8), layout="marquee")
    open_page(page, host.page(snippet(widget, "marquee")), wait_for=".track")
    assert page.locator(".track").evaluate("(track) => getComputedStyle(track).animationName") == "none"
    expect(page.locator(".again")).to_be_hidden()
    expect(page.locator(".pause")).to_be_hidden()
    assert page.locator(".lane").evaluate("(lane) => [lane.tabIndex, lane.scrollWidth > lane.clientWidth]") == [0, True]
    context.close()


@pytest.mark.parametrize(("motion", "goes_on"), [("no-preference", True), ("reduce", False)])
def test_a_story_hands_on_unless_less_motion_is_wanted(
    chromium: Browser, host: Host, widget: Widget, motion: str, goes_on: bool
) -> None:
    context = chromium.new_context(viewport={"width": 900, "height": 800}, reduced_motion=motion)  # type: ignore[arg-type]
    page = context.new_page()
    widget.serve([widget.testimonial(number) for number in range(2)], layout="stories")
    open_page(page, host.page(snippet(widget, "stories")), wait_for=".face")
    page.locator(".face").first.click()
    viewer = page.get_by_role("dialog", name="Stories")
    expect(viewer.get_by_role("article", name="Maya 0")).to_be_visible()
    page.wait_for_function(f"{VIDEO}?.currentTime > 0.2")
    page.evaluate(f"{VIDEO}.currentTime = 3.6")
    page.wait_for_timeout(2500)
    expect(viewer.get_by_role("article", name="Maya 1" if goes_on else "Maya 0")).to_be_visible()
    page.keyboard.press("Escape")
    expect(viewer).to_be_hidden()
    expect(page.locator("video")).to_have_count(0)
    expect(page.locator(".face").first).to_be_focused()
    context.close()


def test_words_among_the_stories_wait_for_the_reader(page: Page, host: Host, widget: Widget) -> None:
    widget.serve([widget.testimonial(0, None), widget.testimonial(1, None)], layout="stories")
    open_page(page, host.page(snippet(widget, "stories")), wait_for=".face")
    page.locator(".face").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 / 2")).to_be_visible()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("2 / 2")).to_be_visible()
    page.get_by_role("button", name="Previous").click()
    expect(page.get_by_text("1 / 2")).to_be_visible()
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_badge_says_how_many_ratings_its_average_is_of(page: Page, host: Host, widget: Widget) -> None:
    rated = [widget.testimonial(0, rating=5), widget.testimonial(1, rating=4), widget.testimonial(2, rating=None)]
    for summary, said, more in (
        ({"count": 40, "rated": 31, "average": 4.26}, "4.3 from 31 ratings", "9 more stories have none"),
        (None, "4.5 from 2 ratings", "One more story has none"),
    ):
        widget.serve(rated, layout="badge", summary=summary)
        open_page(page, host.page(snippet(widget, "badge")), wait_for=".rating")
        badge = page.locator(".rating")
        assert said in " ".join(badge.inner_text().replace("★", "").split())
        badge.click()
        expect(page.get_by_role("dialog")).to_contain_text(more)
        expect(page.get_by_role("dialog").locator(".card")).to_have_count(3)
    widget.serve([widget.testimonial(0, rating=None)], layout="badge")
    open_page(page, host.page(snippet(widget, "badge")), wait_for=".rating")
    expect(page.locator(".rating")).to_have_text("one customer story")
    expect(page.locator(".rating .stars")).to_have_count(0)


def test_the_bubble_opens_all_by_keyboard_above_the_page(page: Page, host: Host, widget: Widget) -> None:
    widget.serve(widget.wall(5), layout="bubble")
    cover = "<div style='position:fixed;inset:0;z-index:2147483647;background:#fff'></div>"
    around = f"<div style='transform:translate(0);overflow:hidden;height:10px'>{snippet(widget, 'bubble')}</div>{cover}"
    open_page(page, host.page(around), wait_for=".launcher")
    launcher = page.get_by_role("button", name="5 customer stories")
    launcher.click()  # nothing of the page is in its way
    panel = page.get_by_role("dialog", name="What customers say")
    expect(panel.locator(".card")).to_have_count(5)
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(launcher).to_be_focused()
    expect(launcher).to_have_attribute("aria-expanded", "false")
    page.evaluate("document.body.append(document.querySelector('testimonial-widget'))")
    expect(page.locator(".launcher")).to_be_visible()


def test_the_popup_comes_late_takes_no_focus_and_goes_for_good(page: Page, host: Host, widget: Widget) -> None:
    widget.serve(widget.wall(5), layout="popup")
    page.goto(host.page(f"<input autofocus>{snippet(widget, 'popup')}"))
    page.wait_for_timeout(2000)
    expect(page.locator(".notice")).to_have_count(0)
    expect(page.locator(".notice")).to_be_visible()
    assert page.evaluate("document.activeElement.tagName") == "INPUT"
    page.locator(".open").click()
    expect(page.get_by_role("dialog").locator(".card")).to_have_count(5)
    page.keyboard.press("Escape")
    page.locator(".notice").get_by_role("button", name="Close").click()
    expect(page.locator(".notice")).to_have_count(0)
    page.evaluate("document.body.append(document.querySelector('testimonial-widget'))")
    page.wait_for_timeout(300)
    expect(page.locator(".notice")).to_have_count(0)
