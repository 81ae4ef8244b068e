"""A clip is edited in a real browser: captions split, re-timed and taken back; trimmed on its strip, by keys and pointer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests import acts, clips
from tests.browsers import signed_in
from tests.installation import Installation, embedded, wait_for
from tests.media.conftest import streams

pytestmark = [pytest.mark.browser, pytest.mark.media]
expect.set_options(timeout=20_000)
CUES = [
    {"start_seconds": 0.5, "end_seconds": 1.5, "text": "The brakes were silent."},
    {"start_seconds": 2.0, "end_seconds": 3.5, "text": "Marta Lindkwist fixed them."},
    {"start_seconds": 4.0, "end_seconds": 5.5, "text": "Thank you all."},
]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with embedded(tmp_path_factory.mktemp("editor")) as installation:
        yield installation


@pytest.fixture(scope="module")
def token(house: Installation) -> str:
    form = {**acts.DETAILS, "name": "Vera", "kind": "video", "consent": ["website", "social", "editing"]}
    files = {"video": ("clip.webm", clips.webm(6).read_bytes(), "video/webm")}
    with house.api() as api:
        api.post("/campaigns", json={"slug": "spring", "name": "Spring"})
        path = f"{house.base}/c/spring/submissions"
        answer = httpx.post(path, data=form, files=files, headers={"Accept": "application/json"})
        assert answer.status_code == 201, answer.text
        wait_for(lambda: len(api.get("/testimonials?media=ready").json()["items"]) == 1, 90)
        found: str = api.get("/testimonials").json()["items"][0]["id"]
        wait_for(lambda: api.get(f"/testimonials/{found}").json()["storyboard"], 90)
        assert api.put(f"/testimonials/{found}/captions/en", json={"cues": CUES}).status_code == 200
    return found


@pytest.fixture
def page(house: Installation, browser: Browser, token: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    state = signed_in(browser, house.sign_in_link(), tmp_path_factory.mktemp("state"))
    context = browser.new_context(viewport={"width": 1440, "height": 900}, storage_state=state)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if "Content Security" in said.text else None)
    page.goto(f"{house.base}/console/testimonials/{token}/edit")
    yield page
    context.close()
    assert errors == []


def texts(page: Page) -> list[str]:
    return [each.input_value() for each in page.locator(".cues textarea").all()]


def cues(house: Installation, token: str) -> Any:
    with house.api() as api:
        return api.get(f"/testimonials/{token}/captions/en").json()["cues"]


def test_captions_then_trim(page: Page, house: Installation, token: str, tmp_path: Path) -> None:
    captions(page, house, token)
    names(page, house, token)
    looks(page, tmp_path)
    trim(page, house, token, tmp_path)


def captions(page: Page, house: Installation, token: str) -> None:
    second = page.get_by_label("Text of caption 2")
    second.focus()
    second.evaluate("node => node.setSelectionRange(15, 15)")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".cues li")).to_have_count(4)
    assert texts(page)[1:3] == ["Marta Lindkwist", "fixed them."]
    expect(page.get_by_label("Text of caption 2")).to_be_focused()
    track = page.locator("track").get_attribute("src") or ""
    assert "Marta Lindkwist\n" in httpx.get(track).text
    page.get_by_role("button", name="Merge caption 1 with next").click()
    expect(page.locator(".cues li")).to_have_count(3)
    begin = page.get_by_label("Begin of caption 1")
    begin.focus()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_text("Not saved yet.")).to_be_visible()
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Not saved yet.")).to_be_hidden()
    assert cues(house, token)[0]["start_seconds"] == pytest.approx(0.6)
    page.get_by_label("End of caption 1").fill("5.0")
    page.keyboard.press("Control+s")
    expect(page.get_by_role("alert")).to_contain_text("Caption 2 starts before caption 1 ends.")
    page.get_by_label("End of caption 1").fill(str(cues(house, token)[0]["end_seconds"]))
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Not saved yet.")).to_be_hidden()
    for left in (3, 4, 3):
        before = page.locator("[data-cues] [name=version]").input_value()
        page.get_by_role("button", name="Undo").click()
        expect(page.locator("[data-cues] [name=version]")).not_to_have_value(before)
        expect(page.locator(".cues li")).to_have_count(left)
    assert cues(house, token) == CUES


def names(page: Page, house: Installation, token: str) -> None:
    page.get_by_label("How your workspace spells names").fill("Marta Lindqvist")
    page.get_by_role("button", name="Save names").click()
    expect(page.get_by_text("Marta Lindkwist → Marta Lindqvist")).to_be_visible()
    page.get_by_role("button", name="Put these right").click()
    expect(page.get_by_text("No name looks misspelled.")).to_be_visible()
    assert cues(house, token)[1]["text"] == "Marta Lindqvist fixed them."


def looks(page: Page, folder: Path) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in (375, 768, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_timeout(200)
            page.screenshot(path=folder / f"editor-{scheme}-{width}.png", full_page=True)
            over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert over <= 0, width
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    page.emulate_media(color_scheme="light")


def trim(page: Page, house: Installation, token: str, folder: Path) -> None:
    begins, ends = page.get_by_label("Begins at"), page.get_by_label("Ends at")
    begins.focus()
    page.keyboard.press("Shift+ArrowRight")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(begins).to_have_attribute("aria-valuetext", re.compile("^1.3 seconds"))
    box = ends.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] - 8, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + 20, steps=5)
    page.mouse.up()
    kept = float(page.locator("[data-kept]").inner_text().split()[0])
    assert 2.5 < kept < 3.8
    page.screenshot(path=folder / "editor-marks.png")
    page.get_by_role("button", name="Apply the marks").click()
    expect(page.get_by_text("plays on until the new one is ready")).to_be_visible()
    expect(page.get_by_role("button", name="Use all of it")).to_be_visible(timeout=90_000)
    with house.api() as api:
        made = api.get(f"/testimonials/{token}").json()
    assert made["duration_seconds"] == pytest.approx(kept, abs=0.15)
    file = folder / "made.mp4"
    file.write_bytes(httpx.get(made["renditions"][0]["url"]).content)
    assert float(streams(file)[0]["duration"]) == pytest.approx(kept, abs=0.15)
    assert cues(house, token)[0]["end_seconds"] == pytest.approx(0.2, abs=0.01) or len(cues(house, token)) == 2
    page.screenshot(path=folder / "editor-trimmed.png")
