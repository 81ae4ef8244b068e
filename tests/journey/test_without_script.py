"""The recording page where scripts are blocked: one plain form, and it does its work."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests import clips
from tests.browsers import CHROMIUM, QUIET
from tests.installation import Installation, web_only

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with web_only(tmp_path_factory.mktemp("plain")) as started:
        yield started


@pytest.fixture
def page(playwright: Playwright, house: Installation) -> Iterator[Page]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    opened = context.new_page()
    opened.goto(f"{house.base}/c/spring")
    yield opened
    browser.close()


def fill_in(page: Page) -> None:
    page.get_by_role("textbox", name="Your name").fill("Maya R.")
    page.get_by_role("textbox", name="Email").fill("maya@example.org")
    page.get_by_role("checkbox", name="On their website").check(force=True)


def test_a_video_is_handed_in_by_the_form_alone(page: Page) -> None:
    expect(page.get_by_role("button", name="Start with my camera")).to_be_hidden()
    page.get_by_label("A video from your phone or computer").set_input_files(clips.webm(1))
    fill_in(page)
    page.wait_for_timeout(2100)  # nobody fills it in within two seconds
    page.get_by_role("button", name="Send to").click()
    page.wait_for_url("**/my/*")
    expect(page.get_by_role("heading", name="Thank you, Maya. We have it.")).to_be_visible()


def test_a_mistake_is_said_and_what_was_typed_is_still_there(page: Page) -> None:
    fill_in(page)
    page.get_by_role("button", name="Send to").click()
    expect(page.get_by_text("Please choose a video.").first).to_be_visible()
    expect(page.get_by_role("textbox", name="Your name")).to_have_value("Maya R.")
    expect(page.get_by_role("checkbox", name="On their website")).to_be_checked()


def test_nothing_sticks_out_and_every_file_was_found(page: Page) -> None:
    failed: list[str] = []
    page.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)
    page.reload(wait_until="networkidle")
    assert failed == []
    for name in ("Your name", "Email"):
        box = page.get_by_role("textbox", name=name).bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390
