"""The campaign's page in a browser: by keyboard, saved in place, checked by axe, and with hostile words in every field."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.installation import Installation, embedded

pytestmark = pytest.mark.browser
EVIL = '"\'><img src=x onerror="window.hurt=1"><script>window.hurt=1</script>'
PATH = "/console/campaigns/spring"
WIDTHS = (320, 375, 768, 1440)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, httpx.Client]]:
    with embedded(tmp_path_factory.mktemp("campaign")) as installation, installation.api() as api:
        yield installation, api


@pytest.fixture
def api(house: tuple[Installation, httpx.Client]) -> httpx.Client:
    """With a campaign as it is first made."""
    _, client = house
    client.post("/campaigns", json={"slug": "spring", "name": "Spring"})
    questions = [{"text": f"{word}?"} for word in ("One", "Two", "Three")]
    client.patch("/campaigns/spring", json={"name": "Spring", "questions": questions, "translations": {}})
    client.delete("/campaigns/spring/logo")
    return client


@pytest.fixture(scope="module")
def state(house: tuple[Installation, httpx.Client], browser: Browser, tmp_path_factory: Any) -> Path:
    context = browser.new_context()
    page = context.new_page()
    page.goto(house[0].sign_in_link())
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Choose a password").wait_for()
    path: Path = tmp_path_factory.mktemp("state") / "state.json"
    context.storage_state(path=path)
    context.close()
    return path


@pytest.fixture
def page(house: tuple[Installation, httpx.Client], api: httpx.Client, browser: Browser, state: Path) -> Iterator[Page]:
    context = browser.new_context(storage_state=state, base_url=house[0].base)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(PATH)
    yield page
    context.close()
    assert faults == []


def read(api: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = api.get("/campaigns/spring").json()
    return found


def asked(api: httpx.Client) -> list[str]:
    return [each["text"] for each in read(api)["questions"]]


def saved(page: Page) -> None:
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()


def test_questions_move_by_keyboard_and_take_their_translations_along(page: Page, api: httpx.Client) -> None:
    page.get_by_label("Another language").select_option("de")
    page.get_by_role("button", name="Add it").click()
    german = page.get_by_role("group", name="Deutsch")
    german.get_by_label("Question").nth(0).fill("Eins?")
    german.get_by_label("Question").nth(2).fill("Drei?")
    expect(page.get_by_text("Not saved yet.")).to_be_visible()
    first = page.locator("#question-0-text")
    first.focus()
    page.keyboard.press("Alt+ArrowDown")
    page.keyboard.press("Alt+ArrowDown")
    expect(first).to_be_focused()
    expect(page.get_by_text("Question 3 of 3 now.")).to_be_attached()
    page.get_by_role("button", name="Move question 2 up").press("Enter")
    page.get_by_role("button", name="Remove question 2").press("Enter")
    page.get_by_role("button", name="Add a question").press("Enter")
    page.keyboard.type("Four?")
    saved(page)
    assert asked(api) == ["Three?", "One?", "Four?"]
    assert [each["text"] for each in read(api)["translations"]["de"]["questions"]] == ["Drei?", "Eins?", ""]
    page.reload()
    expect(page.get_by_text("Not saved yet.")).to_have_count(0)
    expect(page.locator("[data-question] input[name$=-text]")).to_have_count(3)


def test_a_removed_question_comes_back_with_its_translation(page: Page, api: httpx.Client) -> None:
    words = [{"text": word} for word in ("Un?", "Deux?", "Trois?")]
    api.patch("/campaigns/spring", json={"translations": {"fr": {"questions": words}}})
    page.reload()
    page.get_by_role("button", name="Remove question 2").click()
    page.get_by_role("button", name="Undo").click()
    saved(page)
    assert asked(api) == ["One?", "Two?", "Three?"]
    assert read(api)["translations"]["fr"]["questions"][1]["text"] == "Deux?"


def test_ten_questions_are_the_most(page: Page, api: httpx.Client) -> None:
    add = page.get_by_role("button", name="Add a question")
    for number in range(7):
        add.click()
        page.keyboard.type(f"More {number}?")
    expect(add).to_be_disabled()
    expect(page.get_by_text("Ten questions are the most.")).to_be_visible()
    saved(page)
    assert len(asked(api)) == 10


def test_a_fault_is_said_at_its_field_and_the_rest_stays(page: Page, api: httpx.Client) -> None:
    page.get_by_label("Greeting").first.fill("A new greeting")
    page.get_by_label("Longest recording").fill("5")
    page.get_by_role("button", name="Save").click()
    field = page.get_by_label("Longest recording")
    expect(page.get_by_text("Recordings may last 10 to 600 seconds.")).to_be_visible()
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("Not saved: please look at what is marked.")).to_be_visible()
    assert read(api)["greeting"] != "A new greeting"
    field.fill("75")
    saved(page)
    expect(page.get_by_text("Recordings may last")).to_be_hidden()
    assert (read(api)["greeting"], read(api)["max_seconds"]) == ("A new greeting", 75)


def test_what_was_typed_is_not_lost_without_a_network_or_a_session(page: Page, api: httpx.Client) -> None:
    page.get_by_label("Greeting").first.fill("Typed")
    page.context.set_offline(True)
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Not saved: the server did not answer.")).to_be_visible()
    page.context.set_offline(False)
    cookies = page.context.cookies()
    page.context.clear_cookies()
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Not saved: you are signed out.")).to_be_visible()
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    saved(page)
    assert read(api)["greeting"] == "Typed"


def test_the_logo_is_saved_at_once_and_leaves_the_form_alone(page: Page, api: httpx.Client) -> None:
    drawn = io.BytesIO()
    Image.new("RGB", (300, 100), "orange").save(drawn, "PNG")
    page.get_by_label("Greeting").first.fill("Being written")
    field = page.locator("#logo")
    field.set_input_files({"name": "a.svg", "mimeType": "image/svg+xml", "buffer": b"<svg onload=alert(1)>"})
    expect(page.get_by_text("A logo is a PNG, JPEG or WebP picture.")).to_be_visible()
    field.set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": bytes(2**21 + 1)})
    expect(page.get_by_text("A logo has at most 2 MB.")).to_be_visible()
    field.set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": drawn.getvalue()})
    logo = page.get_by_alt_text("The logo of this campaign")
    expect(logo).to_be_visible()
    assert logo.evaluate("image => image.decode().then(() => image.naturalWidth)") == 300
    page.get_by_role("button", name="Remove the logo").click()
    expect(logo).to_be_hidden()
    assert read(api)["logo_url"] is None
    assert page.get_by_label("Greeting").first.input_value() == "Being written"


def test_hostile_words_run_nowhere(page: Page, api: httpx.Client, house: tuple[Installation, httpx.Client]) -> None:
    texts = dict.fromkeys(("greeting", "thanks_text", "incentive"), EVIL)
    question = [{"text": EVIL, "hint": EVIL}]
    evil = {**texts, "name": EVIL, "questions": question, "translations": {"de": {**texts, "questions": question}}}
    assert api.patch("/campaigns/spring", json=evil).status_code == 200
    consent = {"en": EVIL + " I agree to all of this.", "de": EVIL + " Ich stimme zu."}
    assert api.post("/campaigns/spring/consent-texts", json={"texts": consent}).status_code == 201
    for path in (PATH, "/console/campaigns", "/c/spring", "/c/spring?lang=de"):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        if path == PATH:
            page.get_by_role("button", name="Add a question").click()
            page.keyboard.type(EVIL)
            saved(page)
            page.get_by_role("button", name="Move question 2 up").click()
        assert page.evaluate("window.hurt") is None
        assert page.locator("img[src=x]").count() == 0


def test_it_works_without_a_script(
    house: tuple[Installation, httpx.Client], api: httpx.Client, browser: Browser, state: Path
) -> None:
    context = browser.new_context(storage_state=state, base_url=house[0].base, java_script_enabled=False)
    page = context.new_page()
    page.goto(PATH)
    page.locator("#question-0-place").fill("9")
    page.locator("input[name$=-text][name^=question-10]").first.fill("Written without a script?")
    page.get_by_label("Another language").select_option("ja")
    page.get_by_role("button", name="Save and add it").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.locator("#t-ja-greeting").fill("どうでしたか")
    page.get_by_role("button", name="Save", exact=True).click()
    assert asked(api) == ["Two?", "Three?", "Written without a script?", "One?"]
    assert read(api)["translations"]["ja"]["greeting"] == "どうでしたか"
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_shut_out_and_nothing_sticks_out(page: Page, api: httpx.Client, scheme: Any) -> None:
    api.patch(
        "/campaigns/spring", json={"translations": {"ar": {"greeting": "كيف كان؟"}, "de": {"incentive": "x" * 300}}}
    )
    page.emulate_media(color_scheme=scheme)
    page.reload()
    page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    page.get_by_label("Longest recording").fill("1")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Recordings may last").wait_for()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        found = Axe().run(page).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"][:120]) for each in found] == []
