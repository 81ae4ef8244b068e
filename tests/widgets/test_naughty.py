"""A public list of naughty strings as everything that a customer or a business can write, in every layout: text stays text."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import BrowserContext, expect

from testimonials.domain.widget_config import LAYOUTS, embed_snippet
from tests.widgets.conftest import TOKEN, Host, Widget
from tests.widgets.test_layouts import FIRST, make_ready
from widgets import npm

pytestmark = pytest.mark.browser

PACKAGE = "big-list-of-naughty-strings@1.0.0"
AT_ONCE = 60
"""Testimonials of one feed; the product shows no more."""
WATCH = """
window.ran = [];
for (const name of ['alert', 'confirm', 'prompt', 'print', 'open']) window[name] = (...said) => ran.push([name, ...said]);
addEventListener('securitypolicyviolation', (event) => ran.push(['refused', event.violatedDirective, event.blockedURI]));
new MutationObserver(() => document.querySelector('testimonial-widget script, [onerror], [onload]') && ran.push('markup'))
  .observe(document, { childList: true, subtree: true });
"""


def naughty() -> list[str]:
    found = npm.install("naughty", PACKAGE) / "big-list-of-naughty-strings" / "blns.json"
    strings: list[str] = json.loads(found.read_text())
    # What no feed can hold: the server refuses NUL, and JSON in UTF-8 has no half characters.
    return [text for text in strings if text.strip() and "\0" not in text]


def test_the_list_is_the_real_one() -> None:
    assert len(naughty()) > 400
    assert any("<script>" in text for text in naughty())


@pytest.mark.parametrize("layout", LAYOUTS)
def test_text_stays_text(context: BrowserContext, host: Host, widget: Widget, layout: str) -> None:
    strings = naughty()
    # The wall takes all of them; the others, who draw by the same cards, those that look like markup and every seventh.
    if layout != "wall":
        strings = [text for number, text in enumerate(strings) if number % 7 == 0 or "<" in text][: 3 * AT_ONCE]
    page = context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.on("dialog", lambda dialog: failures.append(dialog.message) or dialog.dismiss())  # type: ignore[func-returns-value]
    page.add_init_script(WATCH)
    snippet = (
        embed_snippet(widget.origin.url, TOKEN, layout)
        .replace("min-height", "--no")
        .replace("<testimonial-widget", "<testimonial-widget height=auto")
    )
    for start in range(0, len(strings), AT_ONCE):
        some = strings[start : start + AT_ONCE]
        items = [
            widget.testimonial(number, "square" if number % 2 else None, **_saying(text))
            for number, text in enumerate(some)
        ]
        widget.serve(items, layout=layout, theme={"accent": some[0]}, share=["x", "embed", "copy", some[0]])
        page.goto(host.page(snippet))
        page.locator(FIRST.get(layout, ".card")).first.wait_for()
        make_ready(page, layout)
        page.locator(".card .share").first.press("Enter")
        page.locator(".own").first.wait_for()
        # A word without an end breaks; it does not push its card over the next column.
        assert (
            page.locator(".column").evaluate_all("(all) => all.filter((one) => one.scrollWidth > one.clientWidth + 1)")
            == []
        )
        if layout in ("wall", "grid", "list", "carousel"):
            quotes = page.locator(".quote").evaluate_all("(all) => all.map((each) => each.textContent)")
            assert sorted(quotes) == sorted(some)
        else:
            expect(page.locator(".quote").first).to_be_attached()
        page.keyboard.press("Escape")
        assert page.evaluate("ran") == []
    assert failures == []
    page.close()


def _saying(text: str) -> dict[str, object]:
    author = {"name": text, "title": text, "company": text, "verified": text}
    return {"author": author, "quote": text, "disclosure": text, "captions": [{"src": text, "language": text}]}
