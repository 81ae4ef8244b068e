"""The queue by keyboard, in a real browser: move, decide, undo, tag, search, choose several; and looks at every state."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests import acts, clips
from tests.browsers import signed_in
from tests.installation import Installation, embedded, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.media]
PEOPLE = {
    "Ada": "The brakes were silent again after a day.",
    "Ben": "They talked me out of the expensive fork.",
    "Cleo": "Forty years I have brought them bikes.",
    "Dora": "Nobody noticed that we were one short.",
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Four in writing and one video, newest last."""
    with embedded(tmp_path_factory.mktemp("moderation")) as installation:
        with installation.api() as api:
            api.post("/campaigns", json={"slug": "spring", "name": "Spring"})
            hand_in(installation, "Vera", "She rode home.", clips.webm(2))
            for name, text in PEOPLE.items():
                hand_in(installation, name, text)
            wait_for(lambda: len(api.get("/testimonials?media=ready").json()["items"]) == 5, 60)
        yield installation


def hand_in(installation: Installation, name: str, text: str, clip: Path | None = None) -> None:
    form = {**acts.DETAILS, "name": name, "text": text, "kind": "video" if clip else "text"}
    files = {"video": ("clip.webm", clip.read_bytes(), "video/webm")} if clip else None
    options = {"data": form, "files": files, "headers": {"Accept": "application/json"}}
    answer = httpx.post(f"{installation.base}/c/spring/submissions", **options)  # type: ignore[arg-type]
    assert answer.status_code == 201, answer.text


@pytest.fixture(scope="module")
def state(house: Installation, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return signed_in(browser, house.sign_in_link(), tmp_path_factory.mktemp("state"))


@pytest.fixture
def page(house: Installation, browser: Browser, state: Path) -> Iterator[Page]:
    """Everything waits, and nothing is tagged."""
    with house.api() as api:
        for each in api.get("/testimonials").json()["items"]:
            api.post(f"/testimonials/{each['id']}/reopen")
            api.patch(f"/testimonials/{each['id']}", json={"tags": [], "featured": False, "quote": None})
    context = browser.new_context(viewport={"width": 1440, "height": 900}, storage_state=state)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{house.base}/console/")
    yield page
    context.close()
    assert errors == []


def shown(page: Page, name: str) -> None:
    expect(page.locator(".who2 h2")).to_have_text(name)


def waiting(page: Page, names: list[str]) -> None:
    expect(page.locator(".queue .row b")).to_have_text(names)


def test_the_whole_queue_by_keyboard(page: Page) -> None:
    shown(page, "Dora")
    page.keyboard.press("j")
    shown(page, "Cleo")
    expect(page.locator(".row[aria-current]")).to_be_focused()
    page.keyboard.press("k")
    shown(page, "Dora")
    page.keyboard.press("a")
    expect(page.get_by_text("Approved Dora.")).to_be_visible()
    shown(page, "Cleo")
    waiting(page, ["Cleo", "Ben", "Ada", "Vera"])
    page.keyboard.press("r")
    page.get_by_role("radio", name="In your own words").check()
    page.get_by_role("textbox", name="The reason in your own words").fill("Not our shop")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Rejected Cleo.")).to_be_visible()
    shown(page, "Ben")
    page.keyboard.press("u")
    expect(page.get_by_text("Undone: Cleo.")).to_be_visible()
    shown(page, "Cleo")
    page.keyboard.press("u")
    expect(page.get_by_text("Undone: Dora.")).to_be_visible()
    waiting(page, ["Dora", "Cleo", "Ben", "Ada", "Vera"])
    page.keyboard.press("u")
    expect(page.get_by_text("There is nothing to undo.")).to_be_visible()


def test_tag_feature_and_note_without_leaving(page: Page) -> None:
    page.keyboard.press("t")
    page.keyboard.type("silent brakes")
    page.keyboard.press("Enter")
    expect(page.locator(".team .worn .tag")).to_have_text(["silent brakes"])
    expect(page.get_by_role("combobox", name="Add a tag")).to_be_focused()
    page.keyboard.type("jar")  # J and A are letters while one types
    shown(page, "Dora")
    page.locator("h1").click()
    page.keyboard.press("f")
    expect(page.get_by_role("button", name=re.compile("^Featured"))).to_be_visible()
    page.keyboard.press("u")
    expect(page.get_by_role("button", name=re.compile(r"^Feature\b"))).to_be_visible()
    page.locator("h1").click()
    page.keyboard.press("n")
    page.keyboard.type("Ask her first")
    page.get_by_role("button", name="Add the note").click()
    expect(page.locator(".notes")).to_contain_text("Ask her first")


def test_search_while_typing_and_an_address_to_share(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("brak")
    waiting(page, ["Ada"])
    expect(page.locator(".queue mark")).to_have_text("brak")
    expect(page.get_by_role("searchbox")).to_be_focused()
    assert "q=brak" in page.url
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("unicorn")
    expect(page.get_by_role("heading", name="Nothing fits")).to_be_visible()
    page.get_by_role("link", name="Clear search and filters").click()
    waiting(page, ["Dora", "Cleo", "Ben", "Ada", "Vera"])
    page.get_by_text("Filters").click()
    page.get_by_label("Kind").select_option("video")
    waiting(page, ["Vera"])
    page.go_back()
    waiting(page, ["Dora", "Cleo", "Ben", "Ada", "Vera"])


def test_several_at_once_with_one_undo(page: Page) -> None:
    page.keyboard.press("x")
    page.keyboard.press("j")
    shown(page, "Cleo")
    page.keyboard.press("x")
    expect(page.get_by_text("2 chosen")).to_be_visible()
    page.locator("#bulk").get_by_role("button", name="Approve").click()
    expect(page.get_by_text("Approved 2 testimonials.")).to_be_visible()
    waiting(page, ["Ben", "Ada", "Vera"])
    page.get_by_role("button", name="Undo").click()
    waiting(page, ["Dora", "Cleo", "Ben", "Ada", "Vera"])


def test_keys_are_listed_and_can_be_turned_off(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.get_by_role("switch", name="Single keys work on this page").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.wait_for_timeout(500)
    shown(page, "Dora")
    waiting(page, ["Dora", "Cleo", "Ben", "Ada", "Vera"])
    expect(page.locator(".verdict kbd").first).to_be_hidden()
    page.keyboard.press("?")
    page.get_by_role("switch", name="Single keys work on this page").check()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    shown(page, "Cleo")


def test_marked_words_become_the_quote(page: Page) -> None:
    page.get_by_text("Choose a quote").click()
    page.locator("blockquote[data-source]").evaluate(
        """(element) => {
          const range = document.createRange();
          range.setStart(element.firstChild, 1);
          range.setEnd(element.firstChild, 15);
          getSelection().removeAllRanges();
          getSelection().addRange(range);
        }"""
    )
    expect(page.get_by_role("textbox", name="Quote")).to_have_value("Nobody noticed")
    page.get_by_role("button", name="Save the quote").click()
    expect(page.locator(".words > blockquote")).to_have_text("“Nobody noticed”")
    expect(page.get_by_text("The quote is an excerpt.")).to_be_visible()


def test_a_video_plays_in_place(page: Page) -> None:
    page.get_by_role("link", name=re.compile("Vera")).click()
    shown(page, "Vera")
    page.locator("article.detail video").evaluate("video => { video.muted = true; }")
    page.keyboard.press("Space")
    wait_for(lambda: page.locator("article.detail video").evaluate("video => video.currentTime > 0.3"), 15)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_state_looks_and_reads_right(house: Installation, browser: Browser, state: Path, scheme: str) -> None:
    faults = []
    context = browser.new_context(color_scheme=scheme, storage_state=state, reduced_motion="reduce")  # type: ignore[arg-type]
    page = context.new_page()
    states = {
        "/console/?status=all": ["reject", "keys"], "/console/?q=unicorn": [], "/console/?status=archived": [],
        "/console/?status=all&q=brak&kind=text": [], "/console/balance": [],
    }  # fmt: skip
    for path, dialogs in states.items():
        page.goto(f"{house.base}{path}")
        for width in (320, 375, 768, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
                faults.append(f"{path}: {wide} px wide at {width}")
        for part in page.locator("details").all():
            part.evaluate("part => { part.open = true; }")
        for dialog in ["", *dialogs]:
            if dialog:
                page.locator(f"#{dialog}").evaluate("dialog => dialog.showModal()")
            found = Axe().run(page)
            faults += [
                f"{path}: {each['id']}: {each['nodes'][0]['html'][:160]}" for each in found.response["violations"]
            ]
            if dialog:
                page.locator(f"#{dialog}").evaluate("dialog => dialog.close()")
    context.close()
    assert faults == [], "\n".join(faults)
