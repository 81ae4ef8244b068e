"""What a page that was killed or closed gives back besides the recording: marks, stars, consent, and what was chosen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests import clips
from tests.installation import Installation, embedded
from tests.visitor import visiting

pytestmark = [pytest.mark.browser, pytest.mark.media]
PHONE = {"width": 375, "height": 812}
MOST_BETWEEN_SECONDS = 1.7
# The longest time in which nothing new reached the device's storage, while it records.
LONGEST_GAP = """async () => {
  const database = await new Promise((resolve) => {
    const request = indexedDB.open("testimonials-recorder");
    request.onsuccess = () => resolve(request.result);
  });
  const count = () => new Promise((resolve) => {
    const request = database.transaction("chunks").objectStore("chunks").count();
    request.onsuccess = () => resolve(request.result);
  });
  let [before, since, longest] = [await count(), performance.now(), 0];
  for (const end = performance.now() + 7000; performance.now() < end;) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const now = await count();
    longest = Math.max(longest, performance.now() - since);
    if (now > before) [before, since] = [now, performance.now()];
  }
  return longest / 1000;
}"""
AGREED = "They may show what I made, until I say otherwise."


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with embedded(tmp_path_factory.mktemp("back"), recognizer="off") as found:
        with found.api() as api:
            for slug in ("spring", "autumn"):
                assert api.post("/campaigns", json={"slug": slug, "name": "Spring"}).status_code == 201
        yield found


def marks(page: Page) -> list[float]:
    """Beginning and end in seconds, as the grips say them."""
    grips = [page.locator(f'[data-part="grip-{name}"]') for name in ("from", "to")]
    expect(grips[0]).to_be_visible()
    return [float(grip.get_attribute("aria-valuenow") or "nan") for grip in grips]


def mark(page: Page) -> None:
    """Shortened by a second in the front and half a second at the end, with a picture of its own."""
    expect(page.locator('[data-part="grip-from"]')).to_be_visible()
    page.locator('[data-part="grip-from"]').press("Shift+ArrowRight")
    for _ in range(5):
        page.locator('[data-part="grip-to"]').press("ArrowLeft")
    page.locator('[data-part="poster-chip"]').click()
    page.locator(".moment").nth(3).click()
    expect(page.locator('[data-part="poster-words"]')).to_have_text("Your picture")


def test_a_killed_browser_gives_back_marks_stars_and_consent(
    house: Installation, playwright: Playwright, camera: tuple[Path, Path], tmp_path: Path
) -> None:
    url = f"{house.base}/c/spring"
    with visiting(playwright, tmp_path / "profile", camera) as visitor:
        visitor.open(url)
        visitor.start()
        visitor.page.wait_for_timeout(4000)
        visitor.stop()
        mark(visitor.page)
        before = marks(visitor.page)
        visitor.use()
        visitor.fill_in()
        visitor.page.get_by_role("radio", name="4 of 5 stars").check(force=True)
        visitor.page.wait_for_timeout(800)
        visitor.kill()
    with visiting(playwright, tmp_path / "profile", camera) as visitor:
        visitor.open(url)
        visitor.page.get_by_role("button", name="Use it").click()
        expect(visitor.page.locator('[data-part="poster-words"]')).to_have_text("Your picture")
        assert marks(visitor.page) == pytest.approx(before, abs=0.11)
        visitor.use()
        expect(visitor.page.get_by_role("textbox", name="Your name")).to_have_value("Daniel Whitlow")
        expect(visitor.page.get_by_role("radio", name="4 of 5 stars")).to_be_checked()
        expect(visitor.page.locator('[data-part="rating-words"]')).to_have_text("Happy")
        expect(visitor.page.get_by_role("checkbox", name=re.compile("On their website"))).to_be_checked()
        with visitor.page.expect_request(re.compile("/submissions$")) as sent:
            visitor.send()
    said = sent.value.post_data_json
    assert (said["rating"], said["consent"]) == (4, ["website"])
    assert said["trim_start"] == pytest.approx(1, abs=0.01)
    assert said["trim_start"] < said["poster"] < said["trim_end"]


def test_a_crash_costs_little_at_any_moment(
    house: Installation, playwright: Playwright, camera: tuple[Path, Path], tmp_path: Path
) -> None:
    with visiting(playwright, tmp_path / "profile", camera) as visitor:
        visitor.open(f"{house.base}/c/spring")
        visitor.start()
        visitor.page.wait_for_timeout(2500)
        assert visitor.page.evaluate(LONGEST_GAP) < MOST_BETWEEN_SECONDS


def test_marks_of_one_segment_do_not_cut_off_another(
    house: Installation, playwright: Playwright, camera: tuple[Path, Path], tmp_path: Path
) -> None:
    with visiting(playwright, tmp_path / "profile", camera) as visitor:
        visitor.open(f"{house.base}/c/spring")
        visitor.start()
        visitor.page.wait_for_timeout(3500)
        visitor.stop()
        mark(visitor.page)
        visitor.page.wait_for_timeout(500)
        visitor.page.reload()
        visitor.page.get_by_role("button", name="Add to it").click()
        visitor.begin()
        visitor.page.wait_for_timeout(2500)
        visitor.stop()
        begin, end = marks(visitor.page)
        assert (begin, end > 5) == (0, True)
        expect(visitor.page.locator('[data-part="poster-words"]')).to_have_text("Choose the picture")


def test_consent_to_another_text_is_asked_for_again(
    house: Installation, playwright: Playwright, camera: tuple[Path, Path], tmp_path: Path
) -> None:
    with visiting(playwright, tmp_path / "profile", camera) as visitor:
        visitor.open(f"{house.base}/c/autumn")
        visitor.start()
        visitor.page.wait_for_timeout(2500)
        visitor.stop()
        visitor.use()
        visitor.fill_in()
        visitor.page.wait_for_timeout(800)
        with house.api() as api:
            assert api.post("/campaigns/autumn/consent-texts", json={"texts": {"en": AGREED}}).status_code == 201
        visitor.page.reload()
        visitor.page.get_by_role("button", name="Use it").click()
        visitor.use()
        expect(visitor.page.get_by_text(AGREED)).to_be_visible()
        expect(visitor.page.get_by_role("textbox", name="Your name")).to_have_value("Daniel Whitlow")
        expect(visitor.page.get_by_role("checkbox", name=re.compile("On their website"))).not_to_be_checked()


@pytest.fixture
def page(browser: Browser, house: Installation) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE, reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{house.base}/c/spring")
    yield page
    context.close()


def test_a_chosen_file_has_to_be_chosen_again_and_the_page_says_so(page: Page) -> None:
    def choose(button: str) -> None:
        with page.expect_file_chooser() as choosing:
            page.get_by_role("button", name=button).click()
        choosing.value.set_files(clips.webm(2))
        page.get_by_role("button", name="Use this video").click()

    choose("A video I have")
    page.get_by_role("textbox", name="Your name").fill("Maya")
    page.get_by_role("radio", name="5 of 5 stars").check(force=True)
    page.reload()
    expect(page.get_by_text("the file has to be chosen once more")).to_be_visible()
    choose("Choose it again")
    expect(page.get_by_role("textbox", name="Your name")).to_have_value("Maya")
    expect(page.get_by_role("radio", name="5 of 5 stars")).to_be_checked()


def test_who_was_writing_goes_on_writing(page: Page) -> None:
    page.get_by_role("button", name="In writing").click()
    page.get_by_label("In your words").fill("They came at once.")
    page.reload()
    page.get_by_role("button", name="Go on writing").click()
    expect(page.get_by_label("In your words")).to_have_value("They came at once.")
    page.get_by_role("button", name="Back").click()
    page.reload()
    expect(page.get_by_role("button", name="In writing")).to_be_visible()
    expect(page.get_by_role("button", name="Go on writing")).to_be_hidden()
