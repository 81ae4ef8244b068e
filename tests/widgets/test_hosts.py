"""Pages that are hostile, drawn by the server, built by a framework or of two minds: the page never breaks."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from testimonials.domain.widget_config import embed_snippet
from tests.widgets.conftest import TOKEN, Answer, Host, Widget
from tests.widgets.test_element import COUNT_EVENTS, VIDEO, WATCH_SHIFTS, open_page

pytestmark = pytest.mark.browser

RUDE = {
    "styles": "<style>* { all: unset !important; color: #123456 !important } button, img { display: none !important }</style>",
    "toJSON": "<script>Array.prototype.toJSON = () => '[]'</script>",
    "pollution": "<script>for (const name of ['more', 'src', 'layout', 'feed', 'items', 'class', 'share', 'get', 'value'])"
    " Object.prototype[name] = 1; Array.prototype.more = 1</script>",
    "append": "<script>Element.prototype.after = Element.prototype.append = () => { throw Error('mine') }</script>",
    "attachShadow": "<script>Element.prototype.attachShadow = () => { throw Error('no shadows here') }</script>",
    "fetch throws": "<script>window.fetch = () => { throw Error('no network here') }</script>",
    "fetch gives nothing": "<script>window.fetch = async () => undefined</script>",
    "observers": "<script>window.IntersectionObserver = window.ResizeObserver = undefined</script>",
    "storage": "<script>for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches'])"
    " Object.defineProperty(window, name, { get() { throw new DOMException('blocked', 'SecurityError') } })</script>",
}
SHOWS_ALL_THE_SAME = {"styles", "toJSON", "storage"}


@pytest.mark.parametrize("what", RUDE)
def test_a_rude_page_gets_the_wall_or_keeps_its_own_words_and_never_breaks(
    page: Page, host: Host, widget: Widget, what: str
) -> None:
    """The fixture fails on any error that reaches the page."""
    page.goto(host.page(host.snippet(widget) + "<p id=after>after</p>", head=RUDE[what]))
    card = page.locator(".card").first
    expect(page.locator(".card:visible, testimonial-widget > a:visible").first).to_be_visible()
    if what in SHOWS_ALL_THE_SAME:
        expect(card).to_be_visible()
        assert card.evaluate("(card) => getComputedStyle(card).display") == "flex"
        page.locator(".share").first.click()
        expect(page.get_by_role("dialog")).to_be_visible()
        page.keyboard.press("Escape")
        page.locator(".play").first.click()
        page.wait_for_function(f"{VIDEO}?.currentTime > 0.2")
        page.wait_for_timeout(1500)
        assert "play" in {event["type"] for event in widget.origin.events()}
    page.wait_for_timeout(500)
    expect(page.get_by_text("after")).to_have_count(1)


def test_what_the_server_drew_stays_until_the_feed_is_there_and_nothing_moves(
    page: Page, host: Host, widget: Widget
) -> None:
    page.add_init_script(WATCH_SHIFTS)
    drawn = (
        f'<testimonial-widget src="{widget.src}"><template shadowrootmode="open">'
        f'<link rel="stylesheet" href="{widget.origin.url}/widget/v1.css"><div class="root wall"><div class="frame">'
        '<div class="content"><div class="column"><article class="card text"><div class="words"><blockquote class="quote">'
        "Drawn by the server</blockquote></div></article></div></div></div></div></template></testimonial-widget>"
    )
    script = f'<script src="{widget.origin.url}/widget/v1.js" async></script>'
    path = f"/widget/{TOKEN}.json"
    good = widget.origin.answers.pop(path)
    page.goto(host.page(f"{drawn}<p>below</p>{script}"))
    quote = page.get_by_text("Drawn by the server")
    expect(quote).to_be_visible()
    assert page.locator(".card").evaluate("(card) => getComputedStyle(card).display") == "flex"
    height = page.locator("testimonial-widget").bounding_box()["height"]  # type: ignore[index]
    page.wait_for_timeout(1000)
    expect(quote).to_be_visible()
    widget.origin.answers[path] = good
    expect(page.get_by_role("article", name="Maya 0")).to_be_visible(timeout=9000)
    expect(quote).to_have_count(0)
    assert page.locator("testimonial-widget").bounding_box()["height"] == height  # type: ignore[index]
    assert page.evaluate("shifts") == []


def test_what_the_server_drew_stays_for_good_without_a_feed(page: Page, host: Host, widget: Widget) -> None:
    page.add_init_script(COUNT_EVENTS)
    del widget.origin.answers[f"/widget/{TOKEN}.json"]
    drawn = f'<testimonial-widget src="{widget.src}"><template shadowrootmode="open"><p>Drawn</p></template></testimonial-widget>'
    page.goto(host.page(f'{drawn}<script src="{widget.origin.url}/widget/v1.js" async></script>'))
    page.wait_for_function("heard.length > 0", timeout=9000)
    expect(page.get_by_text("Drawn")).to_be_visible()


def test_a_pointer_is_followed_once(page: Page, host: Host, widget: Widget) -> None:
    path, base = f"/widget/{TOKEN}.json", widget.origin.url
    feed = widget.origin.answers[path]
    widget.origin.answers["/feeds/abc123.json"] = feed
    widget.origin.answers[path] = Answer(json.dumps({"feed": f"{base}/feeds/abc123.json"}).encode(), "application/json")
    open_page(page, host.page(host.snippet(widget)))
    cdn = host.origin.url
    host.origin.answers["/pointer.json"] = Answer(b'{"feed":"abc.json"}', "application/json")
    host.origin.answers["/abc.json"] = feed
    before = widget.origin.asked.count(path)
    open_page(page, host.page(host.snippet(widget, attributes=f'feed="{cdn}/pointer.json"')))
    assert widget.origin.asked.count(path) == before
    widget.origin.answers[path] = Answer(json.dumps({"feed": f"{base}{path}"}).encode(), "application/json")
    before = widget.origin.asked.count(path)
    page.goto(host.page(host.snippet(widget)))
    page.wait_for_timeout(1500)
    assert widget.origin.asked.count(path) - before <= 2
    expect(page.get_by_text("Read our stories")).to_be_visible()


def test_with_a_cdn_of_its_own_the_feed_is_read_only_from_there(page: Page, host: Host, widget: Widget) -> None:
    cdn, origin = host.origin, widget.origin
    hashed = f"/feeds/{TOKEN}/1f0c.json"
    cdn.answers[hashed] = origin.answers.pop(f"/widget/{TOKEN}.json")
    pointer = json.dumps({"feed": f"{cdn.url}{hashed}"}).encode()
    cdn.answers[f"/feeds/{TOKEN}/current.json"] = Answer(pointer, "application/json")
    open_page(page, host.page(embed_snippet(origin.url, TOKEN, "wall", feed_url=f"{cdn.url}/feeds")))
    assert [path for path in cdn.asked if path != "/"] == [f"/feeds/{TOKEN}/current.json", hashed]
    assert [path for path in origin.asked if path.endswith(".json")] == []


def test_a_feed_that_was_withdrawn_is_looked_for_anew_from_the_pointer(page: Page, host: Host, widget: Widget) -> None:
    cdn, origin = host.origin, widget.origin
    fresh = {"Cache-Control": "public, max-age=600"}
    cdn.answers["/current.json"] = Answer(b'{"feed":"gone.json"}', "application/json", headers=fresh)
    cdn.answers["/gone.json"] = cdn.answers["/new.json"] = origin.answers[f"/widget/{TOKEN}.json"]
    address = host.page(host.snippet(widget, attributes=f'feed="{cdn.url}/current.json"'))
    open_page(page, address)
    # The browser keeps the pointer of before, and what it names is no more.
    cdn.answers["/current.json"] = Answer(b'{"feed":"new.json"}', "application/json", headers=fresh)
    del cdn.answers["/gone.json"]
    cdn.asked.clear()
    begun = time.monotonic()
    page.goto(address)
    page.locator(".card").first.wait_for()
    assert time.monotonic() - begun < 4.5, "at once, and not after the five seconds for a server that is down"
    assert [path for path in cdn.asked if path != "/"] == ["/gone.json", "/current.json", "/new.json"]
    # Once only: a pointer to nothing is no reason to go round and round.
    del cdn.answers["/new.json"]
    cdn.asked.clear()
    page.goto(address)
    page.wait_for_timeout(1500)
    assert [path for path in cdn.asked if path != "/"] == ["/new.json", "/current.json", "/new.json"]


@pytest.mark.parametrize(
    ("answer", "layout"),
    [
        ({"arm": "b", "layout": "grid", "show": True}, "grid"),
        ({"arm": "a", "layout": None, "show": True}, "wall"),
        ({"arm": "b", "layout": None, "show": False}, None),
        (None, "wall"),
    ],
)
def test_an_experiment_is_obeyed_and_does_without_its_server(
    page: Page, host: Host, widget: Widget, answer: dict[str, Any] | None, layout: str | None
) -> None:
    page.add_init_script(COUNT_EVENTS)
    path = f"/widget/{TOKEN}/arm"
    widget.serve(widget.wall(5), experiment={"address": f"{widget.origin.url}{path}"})
    if answer:
        widget.origin.answers[f"POST {path}"] = Answer(json.dumps(answer).encode(), "application/json")
    sent: list[Any] = []
    page.on("request", lambda request: sent.append(request) if request.url.endswith("/arm") else None)
    page.goto(host.page(host.snippet(widget)))
    page.wait_for_function("heard.length > 0")
    kind, detail = page.evaluate("heard[0]")
    assert (kind, detail.get("layout")) == (("ready", layout) if layout else ("empty", None))
    assert [(request.method, request.post_data, request.headers.get("cookie")) for request in sent] == [
        ("POST", None, None)
    ]


@pytest.mark.parametrize("arm", ["a", None])
def test_the_first_play_is_told_to_the_experiment(page: Page, host: Host, widget: Widget, arm: str | None) -> None:
    path = f"/widget/{TOKEN}/arm"
    widget.serve([widget.testimonial(0), widget.testimonial(1)], experiment={"address": f"{widget.origin.url}{path}"})
    told = json.dumps({"arm": arm, "layout": None, "show": True}).encode()
    widget.origin.answers[f"POST {path}"] = Answer(told, "application/json")
    page.add_init_script(COUNT_EVENTS)
    open_page(page, host.page(host.snippet(widget)))
    for number in range(2):
        page.locator(".play").nth(number).click()
        page.wait_for_function(f"heard.filter(([kind]) => kind === 'play').length > {number}")
    page.wait_for_timeout(500)
    asked = [body for posted, _, body in widget.origin.posted if posted == path]
    assert asked == ([None, {"act": "play"}] if arm else [None]), "once, and only by who is counted"


def test_an_experiment_waits_for_no_slow_server(page: Page, host: Host, widget: Widget) -> None:
    widget.serve(widget.wall(5), experiment={"address": f"{widget.origin.url}/slow"})
    page.route("**/slow", lambda route: None)  # asked, and never answered
    begun = time.monotonic()
    open_page(page, host.page(host.snippet(widget)))
    assert time.monotonic() - begun < 3.9


@pytest.mark.parametrize(("above", "room"), [("60vh", "kept"), ("110vh", "closed")])
def test_who_sees_no_wall_sees_no_gap_and_no_jump(
    page: Page, host: Host, widget: Widget, above: str, room: str
) -> None:
    """Below the window its room closes up; in view it stays, because the page must not move before anybody's eyes."""
    path = f"/widget/{TOKEN}/arm"
    widget.serve(widget.wall(5), experiment={"address": f"{widget.origin.url}{path}"})
    told = json.dumps({"arm": "a", "layout": None, "show": False}).encode()
    widget.origin.answers[f"POST {path}"] = Answer(told, "application/json")
    page.add_init_script(COUNT_EVENTS)
    page.goto(host.page(f"<div style='height:{above}'></div>{host.snippet(widget)}<footer>The shop</footer>"))
    page.wait_for_function("heard.length > 0")
    height = page.locator("testimonial-widget").evaluate("(wall) => wall.offsetHeight")
    assert height == 0 if room == "closed" else height > 300
    assert page.locator(".card").count() == 0
    moved = """new Promise((told) => new PerformanceObserver((list) =>
      told(list.getEntries().length)).observe({ type: 'layout-shift', buffered: true }) || setTimeout(() => told(0), 500))"""
    assert page.evaluate(moved) == 0


def test_frameworks_may_set_the_property_and_take_the_element_out_and_in(
    page: Page, host: Host, widget: Widget
) -> None:
    """As React does: made by createElement, given a property or an attribute, mounted twice, removed and back again."""
    page.goto(host.page(f'<main></main><script src="{widget.origin.url}/widget/v1.js"></script>'))
    page.evaluate(
        """(src) => {
          window.made = Object.assign(document.createElement('testimonial-widget'), { src });
          const main = document.querySelector('main');
          main.append(made); made.remove(); main.append(made);
        }""",
        widget.src,
    )
    page.locator(".card").first.wait_for()
    assert page.evaluate("[made.getAttribute('src'), made.src]") == [widget.src, widget.src]
    assert widget.origin.asked.count(f"/widget/{TOKEN}.json") <= 2
    # A page that exchanges its content by script, and comes back.
    page.evaluate(
        "history.pushState({}, '', '/other'); made.remove(); document.querySelector('main').textContent = 'Other'"
    )
    page.evaluate("history.back(); window.kept = document.createElement('testimonial-widget')")
    page.evaluate(f"kept.setAttribute('src', '{widget.src}'); document.querySelector('main').replaceChildren(kept)")
    expect(page.locator(".card").first).to_be_visible()
    page.evaluate("made.src = null; kept.src = undefined")
    expect(page.locator(".card")).to_have_count(0)


def test_nothing_is_kept_and_nobody_else_is_asked(
    context: BrowserContext, page: Page, host: Host, widget: Widget, tmp_path: Path
) -> None:
    """A capture of all that goes over the network while a wall loads, plays and shares."""
    asked: list[Any] = []
    page.on("request", lambda request: asked.append(request))  # noqa: PLW0108 - no built-in is taken
    widget.origin.answers["/t/t00/share/facebook"] = Answer(b"<title>Facebook</title>")
    widget.serve(widget.wall(), share=["facebook", "x", "email", "embed", "copy"])
    open_page(page, host.page(host.snippet(widget)))
    page.locator(".play").first.click()
    page.wait_for_function(f"{VIDEO}?.currentTime > 0.5")
    page.locator(".share").first.click()
    page.get_by_role("button", name="Copy link").click()
    page.get_by_role("button", name="Embed code").click()
    with context.expect_page() as opened:
        page.get_by_role("link", name="Facebook").click()
    opened.value.close()
    page.wait_for_timeout(1500)
    ours = (host.origin.url, widget.origin.url, "data:,")
    assert {request.url for request in asked if not request.url.startswith(ours)} == set()
    assert {request.resource_type for request in asked} <= {
        "document",
        "script",
        "fetch",
        "image",
        "media",
        "other",
        "texttrack",
    }
    assert [request.url for request in asked if "cookie" in request.all_headers()] == []
    state = context.storage_state()
    assert (state["cookies"], state["origins"]) == ([], [])
    assert page.evaluate("(async () => [(await indexedDB.databases()).length, document.cookie])()") == [0, ""]
