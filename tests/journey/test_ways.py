"""Every way of giving a testimonial, through the real page: words, a photo, a voice, another device, and a new video."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests import clips
from tests.installation import Installation, embedded, read, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.media]
WORDS = "They fixed in a day what others had given up on."


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with embedded(tmp_path_factory.mktemp("ways"), recognizer="off") as installation:
        with installation.api() as api:
            api.post("/campaigns", json={"slug": "spring", "name": "Spring", "max_seconds": 30})
        yield installation


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 375, "height": 812}, permissions=["camera", "microphone"])
    yield context
    context.close()


@pytest.fixture
def page(phone: BrowserContext, house: Installation) -> Page:
    page = phone.new_page()
    page.goto(f"{house.base}/c/spring")
    return page


def _sign(page: Page, name: str) -> None:
    page.get_by_role("textbox", name="Your name").fill(name)
    page.get_by_role("textbox", name="Email").fill("maya@example.org")
    page.get_by_role("checkbox", name="On their website").check(force=True)


def _sent(page: Page) -> str:
    """The address of the customer's own page."""
    expect(page.locator('[data-screen="thanks"]')).to_be_visible(timeout=30_000)
    return str(page.locator('[data-part="manage-link"]').get_attribute("href"))


def _found(house: Installation, page: Page, name: str, media: str = "ready") -> dict[str, object]:
    with house.api() as api:

        def mine() -> list[dict[str, object]]:
            items = api.get("/testimonials").json()["items"]
            return [each for each in items if each["author"]["name"] == name and each["media"] == media]

        wait_for(lambda: len(mine()) == 1, 90, lambda: house.log()[-2000:])
        return read(api, str(mine()[0]["token"]))


def test_in_writing(house: Installation, page: Page) -> None:
    page.get_by_role("button", name="In writing").click()
    send = page.get_by_role("button", name=re.compile("^Send to"))
    _sign(page, "Words")
    page.wait_for_timeout(2100)
    send.click()
    expect(page.locator('[data-error="text"]')).to_be_visible()
    page.get_by_label("In your words").fill(WORDS)
    send.click()
    manage = _sent(page)
    found = _found(house, page, "Words")
    assert (found["kind"], found["text"], found["renditions"]) == ("text", WORDS, [])
    page.goto(manage)
    expect(page.get_by_text(WORDS)).to_be_visible()


def test_a_photo_with_words(house: Installation, page: Page, tmp_path: Path) -> None:
    picture = tmp_path / "me.jpg"
    Image.new("RGB", (1200, 900), (200, 40, 40)).save(picture, quality=90)
    with page.expect_file_chooser() as choosing:
        page.get_by_role("button", name="A photo and words").click()
    choosing.value.set_files(picture)
    expect(page.get_by_role("img", name="Your photo")).to_be_visible()
    page.get_by_label("In your words").fill(WORDS)
    _sign(page, "Photo")
    page.wait_for_timeout(2100)
    page.get_by_role("button", name=re.compile("^Send to")).click()
    manage = _sent(page)
    found = _found(house, page, "Photo")
    assert found["kind"] == "photo"
    assert found["poster"]
    page.goto(manage)
    expect(page.get_by_role("img", name="Your photo")).to_be_visible()


def test_a_voice_alone(house: Installation, page: Page) -> None:
    page.get_by_role("button", name="Just my voice").click()
    start = page.get_by_role("button", name="Start recording")
    expect(start).to_be_enabled(timeout=15_000)
    start.click()
    page.wait_for_timeout(3000 + 3500)
    page.get_by_role("button", name="Stop recording").click()
    page.get_by_role("button", name="Use this").click()
    _sign(page, "Voice")
    page.get_by_role("button", name=re.compile("^Send to")).click()
    _sent(page)
    found = _found(house, page, "Voice")
    assert found["kind"] == "audio"
    assert found["renditions"]


def test_going_on_at_the_phone(house: Installation, browser: Browser, phone: BrowserContext) -> None:
    desk = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    desk.goto(f"{house.base}/c/spring")
    desk.get_by_role("button", name="Go on at my phone").click()
    expect(desk.get_by_role("img", name="QR code with the link to this page")).to_be_visible()
    link = desk.get_by_label("Or open this link on your phone").input_value()
    page = phone.new_page()
    page.goto(link)
    expect(desk.locator('[data-part="handoff-words"]')).to_contain_text("Your phone has opened it", timeout=15_000)
    page.get_by_role("button", name="In writing").click()
    page.get_by_label("In your words").fill(WORDS)
    _sign(page, "Phone")
    page.wait_for_timeout(2100)
    page.get_by_role("button", name=re.compile("^Send to")).click()
    assert _sent(page) == _sent(desk), "the desk says thank you too, and leads to the same page"
    desk.context.close()


def test_another_video_takes_the_place_of_the_first(house: Installation, page: Page, phone: BrowserContext) -> None:
    def choose(on: Page, seconds: int) -> None:
        with on.expect_file_chooser() as choosing:
            on.get_by_role("button", name="A video I have").click()
        choosing.value.set_files(clips.mp4(seconds))
        on.get_by_role("button", name="Use this video").click()

    choose(page, 4)
    _sign(page, "Twice")
    page.wait_for_timeout(2100)
    page.get_by_role("button", name=re.compile("^Send to")).click()
    manage = _sent(page)
    assert round(float(str(_found(house, page, "Twice")["duration_seconds"]))) == 4
    page.goto(manage)
    page.get_by_text("Send another video in its place").click()
    page.get_by_role("link", name="Replace the video").click()
    expect(page.get_by_role("heading", name="Another video, in the place of the one you sent")).to_be_visible()
    choose(page, 2)
    assert _sent(page) == manage
    with house.api() as api:
        token = _found(house, page, "Twice")["token"]
        wait_for(lambda: round(read(api, str(token))["duration_seconds"] or 0) == 2, 60)
