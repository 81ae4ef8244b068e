"""What went wrong is said in the page's own language, with ways that are open here; a link can always be copied."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests import clips
from tests.installation import Installation, embedded

pytestmark = [pytest.mark.browser, pytest.mark.media]
NO_CAMERA = "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', 'NotReadableError'); };"
NO_DEVICES = "delete Navigator.prototype.mediaDevices;"
NO_CLIPBOARD = "delete Navigator.prototype.clipboard;"
ENGLISH = "The server said this in English, for whoever reads logs."
WAYS = {
    "all": ["record", "upload", "audio", "text", "photo"],
    "camera": ["record"],
    "voice": ["audio", "text"],
    "words": ["text", "photo"],
}
WORDS = "They fixed in a day what others had given up on."


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with embedded(tmp_path_factory.mktemp("out"), recognizer="off") as found:
        with found.api() as api:
            for slug, ways in WAYS.items():
                answer = api.post("/campaigns", json={"slug": slug, "name": slug, "ways": ways})
                assert answer.status_code == 201, answer.text
        yield found


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 375, "height": 812}, reduced_motion="reduce")
    yield context
    context.close()


def opened(context: BrowserContext, house: Installation, slug: str, script: str = "") -> Page:
    page = context.new_page()
    if script:
        page.add_init_script(script)
    page.goto(f"{house.base}/c/{slug}")
    return page


@pytest.mark.parametrize(
    ("slug", "act", "script", "buttons"),
    [
        (
            "all",
            "camera",
            NO_CAMERA,
            ["Try the camera again", "Record my voice alone", "Upload a video", "In writing", "A photo and words"],
        ),
        ("camera", "camera", NO_CAMERA, ["Try the camera again"]),
        ("camera", "camera", NO_DEVICES, ["Copy the link"]),
        ("voice", "audio", NO_DEVICES, ["In writing", "Copy the link"]),
    ],
)
def test_only_open_ways_are_offered(
    house: Installation, phone: BrowserContext, slug: str, act: str, script: str, buttons: list[str]
) -> None:
    page = opened(phone, house, slug, script)
    page.locator(f"[data-act={act}]").first.click()
    expect(page.locator('[data-screen="problem"]')).to_be_visible()
    assert page.locator('[data-screen="problem"] button:visible').all_inner_texts() == buttons
    assert Axe().run(page).response["violations"] == []
    if "In writing" in buttons:
        page.locator('[data-screen="problem"]').get_by_role("button", name="In writing").click()
        expect(page.get_by_label("In your words")).to_be_focused()


def test_a_link_is_there_to_be_copied_by_hand(house: Installation, phone: BrowserContext) -> None:
    page = opened(phone, house, "words", NO_CLIPBOARD)
    page.get_by_role("button", name="In writing").click()
    page.get_by_label("In your words").fill(WORDS)
    page.get_by_role("textbox", name="Your name").fill("Maya")
    page.get_by_role("textbox", name="Email").fill("maya@example.org")
    page.get_by_role("checkbox", name="On their website").check(force=True)
    page.wait_for_timeout(2100)
    page.get_by_role("button", name=re.compile("^Send to")).click()
    page.get_by_role("button", name="Copy the link to my page").click()
    field = page.get_by_label("The link is selected. Copy it with your keyboard or by holding it.")
    expect(field).to_be_focused()
    expect(field).to_be_in_viewport()
    manage = page.locator('[data-part="manage-link"]').get_attribute("href")
    assert field.input_value() == manage
    assert page.evaluate("String(getSelection())") == manage
    assert Axe().run(page).response["violations"] == []


def answering(status: int, code: str, method: str, **more: object) -> object:
    """A route that refuses requests of this kind, in English."""
    body = json.dumps({"detail": ENGLISH, "title": ENGLISH, "code": code, **more})

    def answer(route: Route) -> None:
        if route.request.method == method:
            route.fulfill(status=status, content_type="application/problem+json", body=body)
        else:
            route.continue_()

    return answer


@pytest.fixture
def german(browser: Browser, house: Installation) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 375, "height": 812}, locale="en-US", reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{house.base}/c/all?lang=de")
    yield page
    context.close()


def said(page: Page, sentence: str) -> bool:
    """Whether it is one of the translations, with its places filled in."""
    known = page.evaluate("Object.values(JSON.parse(document.getElementById('words').textContent))")
    patterns = (re.escape(each).replace(r"\{limit\}", ".+") for each in known)
    return any(re.fullmatch(pattern, sentence) for pattern in patterns)


def choose(page: Page) -> None:
    with page.expect_file_chooser() as choosing:
        page.locator('[data-screen="welcome"] [data-act="upload"]').click()
    choosing.value.set_files(clips.webm(2))


@pytest.mark.parametrize("code", ["upload_too_large", "unknown_campaign", "a_code_of_tomorrow"])
def test_an_upload_that_is_refused_speaks_the_pages_language(german: Page, code: str) -> None:
    german.route(re.compile("/uploads$"), answering(422, code, "POST"))  # type: ignore[arg-type]
    choose(german)
    german.locator('[data-act="use"]').click()
    expect(german.get_by_role("heading", level=1)).to_have_text("Der Server hat dieses Video nicht angenommen")
    words = german.locator('[data-part="problem-words"]').inner_text()
    assert said(german, words)


@pytest.mark.parametrize("code", ["invitation_used", "upload_expired", "a_code_of_tomorrow"])
def test_a_submission_that_is_refused_speaks_the_pages_language(german: Page, code: str) -> None:
    german.route(re.compile("/submissions$"), answering(409, code, "POST"))  # type: ignore[arg-type]
    german.locator('[data-act="write"]').click()
    german.locator('[name="text"]').fill(WORDS)
    german.locator('[name="name"]').fill("Maya")
    german.locator('[name="email"]').fill("maya@example.org")
    german.locator('[name="consent"]').first.check(force=True)
    german.locator('[data-act="send"]').click()
    words = german.locator('[data-part="problem-words"]')
    expect(words).to_be_visible()
    assert ENGLISH not in german.locator("body").inner_text()
    assert said(german, words.inner_text())


AMOUNTS = """
import(new URL("messages.js", document.querySelector('script[type="module"]').src).href)
  .then(({ amount, amountOf }) => [amount(4_200_000), amount(300), amountOf(34_000_000, 1_500_000_000)])
"""


@pytest.mark.parametrize(
    ("language", "amounts"),
    [
        ("en", ["4.2 MB", "1 kB", "0.0 of 1.5 GB"]),
        ("de", ["4,2 MB", "1 kB", "0,0 von 1,5 GB"]),
        ("he", ["\u20664.2 MB\u2069", "\u20661 kB\u2069", "0.0 מתוך \u20661.5 GB\u2069"]),
    ],
)
def test_amounts_are_written_as_in_the_pages_language(
    house: Installation, phone: BrowserContext, language: str, amounts: list[str]
) -> None:
    page = phone.new_page()
    page.goto(f"{house.base}/c/all?lang={language}")
    assert page.evaluate(AMOUNTS) == amounts


def test_the_first_way_that_is_open_is_the_large_one(house: Installation, phone: BrowserContext) -> None:
    leads = {slug: opened(phone, house, slug).locator(".welcome .btn.big").inner_text() for slug in WAYS}
    assert leads == {
        "all": "Start with my camera",
        "camera": "Start with my camera",
        "voice": "Just my voice",
        "words": "In writing",
    }


def test_what_the_server_says_beside_a_field_is_in_the_pages_language(german: Page) -> None:
    german.locator('[data-act="write"]').click()
    german.locator('[name="text"]').fill(WORDS)
    german.locator('[name="name"]').evaluate(
        "field => { field.removeAttribute('maxlength'); field.value = 'x'.repeat(121); }"
    )
    german.locator('[name="email"]').fill("maya@example.org")
    german.locator('[name="consent"]').first.check(force=True)
    german.locator('[data-act="send"]').click()
    expect(german.locator('[data-error="name"]')).to_have_text("Höchstens 120 Zeichen.")
