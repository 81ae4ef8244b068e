"""Cards without anything to play: a photo, and words alone."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.widgets.conftest import Host, Widget


def test_a_photo_is_looked_at_and_not_played(widget: Widget, host: Host, page: Page) -> None:
    widget.serve([widget.testimonial(1, "square", kind="photo", sources=[], captions=[], duration_seconds=None)])
    page.goto(host.page(host.snippet(widget)))
    picture = page.get_by_alt_text("Maya 1")
    expect(picture).to_be_visible()
    box = picture.bounding_box()
    assert box is not None
    assert abs(box["width"] / box["height"] - 1) < 0.02, "a square one keeps its shape"
    picture.click()
    expect(page.locator("testimonial-widget video, testimonial-widget .play")).to_have_count(0)
    expect(page.get_by_role("button", name="Share")).to_be_visible()


def test_words_alone_are_set_larger_than_words_below_a_picture(widget: Widget, host: Host, page: Page) -> None:
    widget.serve([widget.testimonial(1, None, kind="text"), widget.testimonial(2, "wide", kind="video")])
    page.goto(host.page(host.snippet(widget)))
    quotes = page.locator("testimonial-widget blockquote")
    expect(quotes).to_have_count(2)
    alone, below = (
        float(quotes.nth(n).evaluate("node => parseFloat(getComputedStyle(node).fontSize)")) for n in (0, 1)
    )
    assert alone > 1.2 * below


def test_a_video_that_nobody_here_can_play_leaves_its_words(widget: Widget, host: Host, page: Page) -> None:
    """A frame with a play mark that does nothing would be worse."""
    sources = [{"src": f"{widget.origin.url}/x.bin", "type": "video/unknown", "width": 320, "height": 180}]
    widget.serve([widget.testimonial(1, "wide", kind="video", sources=sources)])
    page.goto(host.page(host.snippet(widget)))
    expect(page.locator("testimonial-widget blockquote")).to_be_visible()
    expect(page.locator("testimonial-widget img")).to_have_count(0)
