"""The recorder's camera: segments, limits, pauses, notes and the test take, with Chromium's own fake devices."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect

from tests.browsers import CHROMIUM, TWO_CAMERAS
from tests.installation import Installation, embedded, until_done, wait_for
from tests.journey.camera_page import NOTES, QUESTIONS, CameraPage, camera_page

pytestmark = [pytest.mark.browser, pytest.mark.media]


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with embedded(tmp_path_factory.mktemp("camera")) as found:
        with found.api() as api:
            for slug, more in (
                ("spring", {"questions": QUESTIONS}),
                ("one", {"questions": QUESTIONS, "one_by_one": True}),
                ("short", {"max_seconds": 12}),
            ):
                answer = api.post("/campaigns", json={"slug": slug, "name": slug.title(), **more})
                assert answer.status_code == 201, answer.text
        yield found


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """With two cameras that show different numbers, and microphones that beep."""
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=TWO_CAMERAS)
    yield browser
    browser.close()


def test_one_by_one_each_question_is_a_segment(installation: Installation, browser: Browser, tmp_path: Path) -> None:
    with camera_page(browser, installation, "one") as camera:
        camera.check()
        camera.record(2)
        assert camera.says("question-count") == "Question 1 of 3"
        camera.act("next")
        camera.page.wait_for_selector("[data-act=go]")
        assert camera.says("live-words") == "Not recording"
        assert camera.says("question-count") == "Question 2 of 3"
        assert camera.events() == [["start", 0]], "what follows is not known yet"
        camera.page.wait_for_timeout(1000)  # time to think is not recorded
        camera.act("skip")
        camera.act("go")
        camera.live()
        camera.page.wait_for_timeout(1500)
        expect(camera.page.locator("[data-act=next]")).to_be_hidden()
        camera.act("stop")
        start, segment, second, done = camera.events("done")
        assert (start, second, done[0], done[2]) == (["start", 0], ["start", 2], "done", "stopped")
        assert 1.9 < segment[1] < 4
        assert 1.4 < done[1] < 3
        for index, told in enumerate((segment[1], done[1])):
            kinds, seconds = camera.streams(index, tmp_path)
            assert kinds == ["audio", "video"]
            assert abs(seconds - told) < 0.5


def test_one_can_finish_between_questions(installation: Installation, browser: Browser) -> None:
    with camera_page(browser, installation, "one") as camera:
        camera.check()
        camera.act("record")
        camera.act("next")  # during 3-2-1 it skips the first question
        assert camera.says("question-count") == "Question 2 of 3"
        camera.act("go")
        camera.live()
        camera.page.wait_for_timeout(1200)
        camera.act("next")
        camera.act("finish")
        start, done = camera.events("done")
        assert (start, done[2]) == (["start", 1], "stopped")
        assert 1.1 < done[1] < 3


def test_in_one_take_the_questions_only_change(installation: Installation, browser: Browser) -> None:
    with camera_page(browser, installation, "spring") as camera:
        camera.check()
        camera.record(0.5)
        for count in ("Question 2 of 3", "Question 3 of 3", "Question 1 of 3"):
            camera.act("next")
            assert camera.says("question-count") == count
        camera.act("stop")
        assert [each[0] for each in camera.events("done")] == ["start", "done"]


def test_another_camera_in_the_middle_begins_another_segment(
    installation: Installation, browser: Browser, tmp_path: Path
) -> None:
    with camera_page(browser, installation, "spring") as camera:
        camera.check()
        in_use = "document.querySelector('[data-part=preview]').srcObject.getVideoTracks()[0].label"
        first = camera.page.evaluate(in_use)
        camera.record(1.5)
        camera.act("flip-now")
        wait_for(lambda: ["start", 0] in camera.events()[2:], 10)
        assert camera.page.evaluate(in_use) != first
        camera.page.wait_for_timeout(1500)
        camera.act("pause")
        camera.act("flip-now")
        wait_for(lambda: camera.says("live-words") == "Paused", 10)
        assert camera.page.evaluate(in_use) == first
        camera.act("pause")
        camera.live()
        camera.page.wait_for_timeout(1200)
        camera.act("stop")
        assert [each[0] for each in camera.events("done")] == ["start", "segment", "start", "segment", "start", "done"]
        for index in range(3):
            kinds, seconds = camera.streams(index, tmp_path)
            assert kinds == ["audio", "video"]
            assert seconds > 1


def test_the_limit_counts_over_all_segments_and_is_said(installation: Installation, browser: Browser) -> None:
    with camera_page(browser, installation, "short") as camera:
        said = "[data-part=status]"
        camera.page.evaluate("camera.open({ already: 5 })")
        camera.page.wait_for_selector("[data-act=record]:enabled")
        camera.record(0)
        expect(camera.page.locator(said)).to_have_text("Seconds left: 6", timeout=8000)
        assert camera.says("left").startswith("Seconds left: ")
        (start, done) = camera.events("done")
        assert (start, done[2]) == (["start", 0], "limit")
        assert 6.9 < done[1] <= 7


def test_it_pauses_by_itself_and_says_why(installation: Installation, browser: Browser) -> None:
    track = "document.querySelector('[data-part=preview]').srcObject.get{}Tracks()[0].dispatchEvent(new Event('mute'))"
    hidden = """hidden => { Object.defineProperty(document, 'hidden', { get: () => hidden, configurable: true });
        document.dispatchEvent(new Event('visibilitychange')); }"""
    locks = """navigator.wakeLock.request = async () => { window.locks = (window.locks ?? 0) + 1;
        return { release: async () => { window.released = true; } }; }"""
    with camera_page(browser, installation, "spring", script=locks) as camera:
        camera.check()
        camera.record(1)
        assert camera.page.evaluate("locks") == 1
        camera.page.evaluate(hidden, True)
        assert camera.says("live-words") == "Paused"
        assert "in the background" in camera.says("why")
        before = camera.says("elapsed")
        camera.page.wait_for_timeout(2000)
        assert camera.says("elapsed") == before
        camera.page.evaluate(hidden, False)
        assert camera.page.evaluate("locks") == 2, "the screen would go dark after a call"
        for kind, why in (("Audio", "your microphone was taken away"), ("Video", "the camera was taken away")):
            camera.act("pause")
            camera.live()
            camera.page.evaluate(track.format(kind))
            assert why in camera.says("why")
            assert camera.says("pause-label") == "Go on"
        camera.act("stop")
        camera.events("done")
        assert camera.page.evaluate("released")


def test_notes_run_while_recording_and_stay_in_this_tab(installation: Installation, browser: Browser) -> None:
    top = "document.querySelector('[data-part=lines]').scrollTop"
    with camera_page(browser, installation, "spring") as camera:
        camera.check()
        camera.act("notes")
        camera.page.fill("#notes-text", NOTES)
        camera.page.check("[name=notes-speed][value=fast]", force=True)
        camera.page.check("[name=notes-size][value=l]", force=True)
        camera.page.keyboard.press("Escape")
        expect(camera.page.locator("[data-act=notes]")).to_be_focused()
        camera.record(2)
        moved = camera.page.evaluate(top)
        assert moved > 10
        assert camera.page.locator("#record-title").is_visible()
        camera.act("pause")
        resting = camera.page.evaluate(top)
        camera.page.wait_for_timeout(700)
        assert camera.page.evaluate(top) == resting
        camera.act("stop")
        camera.events("done")
        camera.page.reload()
        camera.check()
        assert camera.says("notes-label") == "Your notes: on"
        camera.act("notes")
        assert camera.page.input_value("#notes-text") == NOTES
        camera.page.uncheck("[data-part=notes-on]")
        camera.act("notes-done")
        camera.record(0)
        expect(camera.page.locator("[data-part=prompter]")).to_be_hidden()


def test_with_less_motion_the_notes_are_turned_by_hand(installation: Installation, browser: Browser) -> None:
    top = "document.querySelector('[data-part=lines]').scrollTop"
    with camera_page(browser, installation, "spring", reduced_motion="reduce") as camera:
        camera.check()
        camera.act("notes")
        camera.page.fill("#notes-text", NOTES)
        camera.act("notes-done")
        camera.record(1)
        assert camera.page.evaluate(top) == 0
        camera.act("next-lines")
        assert camera.page.evaluate(top) > 20


def test_three_seconds_can_be_tried_and_go_nowhere(installation: Installation, browser: Browser) -> None:
    with camera_page(browser, installation, "spring") as camera:
        sent: list[str] = []
        camera.page.on("request", lambda request: sent.append(request.url) if request.method != "GET" else None)
        camera.check()
        camera.act("try")
        video = camera.page.locator("[data-part=try-video]")
        wait_for(lambda: video.evaluate("video => video.currentTime > 1 && video.videoWidth > 0"), 15)
        assert video.evaluate("video => !video.muted && video.volume === 1")
        wait_for(lambda: video.evaluate("video => video.ended"), 10)
        camera.act("try-again")
        assert video.evaluate("video => !video.ended")
        camera.page.keyboard.press("Escape")
        expect(camera.page.locator("[data-act=try]")).to_be_focused()
        camera.act("try")
        camera.act("try-back")  # in the middle
        camera.record(1)
        camera.act("stop")
        assert [each[0] for each in camera.events("done")] == ["start", "done"]
        assert [each for each in sent if "/c/spring/steps?" not in each] == []


def test_a_chosen_camera_is_kept_for_this_page(installation: Installation, browser: Browser) -> None:
    with camera_page(browser, installation, "spring") as camera:
        camera.check()
        picker = camera.page.get_by_role("combobox", name="Camera")
        picker.select_option(index=1)
        chosen = picker.input_value()
        wait_for(lambda: "fake_device_1" in picker.evaluate("select => select.selectedOptions[0].text"), 5)
        camera.page.get_by_role("combobox", name="Microphone").select_option(index=1)
        camera.page.evaluate("camera.open()")
        camera.page.wait_for_selector("[data-act=record]:enabled")
        assert picker.input_value() == chosen
        camera.page.evaluate("navigator.mediaDevices.enumerateDevices = async () => []")
        camera.page.evaluate("navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
        expect(picker).to_be_hidden()


def test_the_voice_alone(installation: Installation, browser: Browser, tmp_path: Path) -> None:
    with camera_page(browser, installation, "spring") as camera:
        camera.check("audio")
        assert camera.says("check-title") == "Sounds good. Say hello?"
        expect(camera.page.get_by_text("Light", exact=True)).to_be_hidden()
        camera.record(2)
        ink = """() => { const wave = document.querySelector('[data-part=wave]');
            return wave.getContext('2d').getImageData(0, 0, wave.width, wave.height).data.some(value => value > 0); }"""
        assert camera.page.evaluate(ink)
        camera.act("stop")
        camera.events("done")
        assert camera.page.evaluate("[segments[0].type, segments[0].about.audioOnly]") == ["audio/webm", True]
        kinds, seconds = camera.streams(0, tmp_path)
        assert kinds == ["audio"]
        assert seconds > 1.8


def test_a_huge_piece_is_passed_on_in_slices(installation: Installation, browser: Browser) -> None:
    """After a sleep, a browser may hand over minutes at once."""
    keep = "window.MediaRecorder = class extends MediaRecorder { constructor(...all) { super(...all); window.tape = this; } }"
    with camera_page(browser, installation, "spring", script=keep) as camera:
        camera.check()
        camera.record(1)
        camera.page.evaluate(
            """tape.dispatchEvent(new BlobEvent('dataavailable', { data: new Blob([new Uint8Array(12 << 20)]) }))"""
        )
        camera.act("stop")
        camera.events("done")
        sizes = camera.page.evaluate("segments[0].pieces.map(piece => piece.byteLength)")
        assert max(sizes) == 5 << 20
        assert sum(sizes) > 12 << 20


def test_two_questions_and_two_cameras_become_one_testimonial(installation: Installation, browser: Browser) -> None:
    """The whole page this time: segments of different cameras are joined to one clip."""
    context = browser.new_context(viewport={"width": 375, "height": 812}, permissions=["camera", "microphone"])
    camera = CameraPage(context.new_page())
    camera.page.goto(f"{installation.base}/c/one")
    camera.check()
    camera.record(2)
    camera.act("flip-now")
    expect(camera.page.locator("[data-part=status]")).to_have_text("Camera changed.")
    camera.page.wait_for_timeout(2000)
    camera.act("next")
    camera.act("go")
    camera.live()
    camera.page.wait_for_timeout(2000)
    camera.act("stop")
    camera.page.get_by_role("button", name="Use this video").click()
    camera.page.get_by_role("textbox", name="Your name").fill("Daniel Whitlow")
    camera.page.get_by_role("textbox", name="Email").fill("daniel@example.org")
    camera.page.get_by_role("checkbox", name=re.compile("On their website")).check()
    with camera.page.expect_response(re.compile("/submissions$")) as answered:
        camera.page.get_by_role("button", name=re.compile("^Send")).click()
    assert answered.value.status == 201, answered.value.text()
    token = answered.value.json()["testimonial"]["token"]
    context.close()
    assert camera.faults == []
    with installation.api() as api:
        ready = until_done(api, token, 90)
    assert (ready["media"], ready["failure"]) == ("ready", None)
    assert 5.5 < ready["duration_seconds"] < 10
