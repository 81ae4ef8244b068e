"""Every state of the camera's screens: no accessibility violation in light and dark, nothing that sticks out or is too small."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Playwright, expect

from tests.browsers import CHROMIUM, TWO_CAMERAS
from tests.installation import Installation, embedded
from tests.journey.camera_page import NOTES, QUESTIONS, CameraPage, camera_page

pytestmark = [pytest.mark.browser, pytest.mark.media]
SIZES = ((320, 640), (375, 812), (768, 1024), (1440, 900))
SHOTS = os.environ.get("SHOTS")  # a folder: pictures of every state are put there, to be looked at
SMALL = """() => [...document.querySelectorAll("button, select, textarea, label")]
  .filter((node) => node.checkVisibility() && !(node instanceof HTMLLabelElement && !node.querySelector("input")))
  .filter((node) => { const { width, height } = node.getBoundingClientRect(); return width < 43.9 || height < 43.9; })
  .map((node) => node.outerHTML.slice(0, 90))"""


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with embedded(tmp_path_factory.mktemp("looks")) as found:
        with found.api() as api:
            answer = api.post(
                "/campaigns", json={"slug": "one", "name": "One", "questions": QUESTIONS, "one_by_one": True}
            )
            assert answer.status_code == 201, answer.text
        yield found


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=TWO_CAMERAS)
    yield browser
    browser.close()


def look(camera: CameraPage, state: str) -> list[str]:
    page = camera.page
    faults = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
                faults.append(f"{state}: {wide} px wide at {width}")
            faults += [f"{state} at {width}: too small: {each}" for each in page.evaluate(SMALL)]
            if SHOTS:
                page.screenshot(path=Path(SHOTS) / f"{state}-{width}-{scheme}.png")
        found = Axe().run(page)
        faults += [
            f"{state} {scheme}: {each['id']}: {each['nodes'][0]['html'][:120]}" for each in found.response["violations"]
        ]
    page.set_viewport_size({"width": 375, "height": 812})
    return faults


def test_with_a_camera(installation: Installation, browser: Browser) -> None:
    with camera_page(browser, installation, "one") as camera:
        camera.check()
        camera.page.wait_for_timeout(1000)
        faults = look(camera, "check")
        camera.act("notes")
        camera.page.fill("#notes-text", NOTES)
        faults += look(camera, "notes")
        camera.act("notes-done")
        camera.act("try")
        camera.page.wait_for_selector("[data-part=try-video]", timeout=15_000)
        faults += look(camera, "try")
        camera.act("try-back")
        camera.record(1)
        faults += look(camera, "recording")
        camera.act("pause")
        camera.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        faults += look(camera, "paused")
        camera.act("pause")
        camera.act("next")
        expect(camera.page.locator("[data-act=go]")).to_be_focused()
        faults += look(camera, "between")
        camera.act("finish")
        camera.events("done")
    assert faults == [], "\n".join(faults)


def test_with_the_voice_alone(installation: Installation, browser: Browser) -> None:
    with camera_page(browser, installation, "one") as camera:
        camera.check("audio")
        camera.page.wait_for_timeout(2500)
        faults = look(camera, "voice-check")
        camera.record(1)
        faults += look(camera, "voice-recording")
        camera.act("stop")
        camera.events("done")
    assert faults == [], "\n".join(faults)


def test_all_of_it_by_keyboard(installation: Installation, browser: Browser) -> None:
    """Every control is reached in order, and focus goes where the next thing is."""
    with camera_page(browser, installation, "one", viewport={"width": 1440, "height": 900}) as camera:
        page = camera.page
        camera.check()
        expect(page.locator("#check-title")).to_be_focused()
        reached = []
        for _ in range(5):
            page.keyboard.press("Tab")
            reached.append(page.evaluate("document.activeElement.dataset.act ?? document.activeElement.dataset.part"))
        assert reached == ["pick-camera", "pick-microphone", "record", "try", "notes"]
        page.locator("[data-act=notes]").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#notes-text")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator("[data-act=notes]")).to_be_focused()
        page.locator("[data-act=record]").focus()
        page.keyboard.press("Enter")
        camera.live()
        expect(page.get_by_role("button", name="Stop recording")).to_be_focused()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Ready? Go")).to_be_focused()
        page.keyboard.press("Enter")
        camera.live()
        page.keyboard.press("Enter")
        assert [each[0] for each in camera.events("done")] == ["start", "segment", "start", "done"]
