"""What goes wrong with cameras and microphones: each has its own sentence and a way out that works."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests import clips
from tests.installation import Installation, embedded, wait_for
from tests.journey.camera_page import camera_page
from tests.journey.host_site import HostSite

pytestmark = [pytest.mark.browser, pytest.mark.media]

REFUSE = """const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
const refused = %s;
navigator.mediaDevices.getUserMedia = async (wish) => {
  const name = refused(wish);
  if (name) throw new DOMException("made up", name);
  return real(wish);
};
const listed = navigator.mediaDevices.enumerateDevices.bind(navigator.mediaDevices);
navigator.mediaDevices.enumerateDevices = async () => (await listed()).filter(({ kind }) => !%s.includes(kind));
const states = %s;
navigator.permissions.query = async ({ name }) => ({ state: states[name] ?? "granted" });
"""
INSTAGRAM = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Instagram 300.0"
PHONE = {"has_touch": True, "is_mobile": True}


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with embedded(tmp_path_factory.mktemp("trouble")) as found:
        with found.api() as api:
            api.post("/campaigns", json={"slug": "spring", "name": "Spring"})
        yield found


def refusing(rule: str, missing: str = "[]", states: str = "{}") -> str:
    return REFUSE % (rule, missing, states)


@pytest.mark.parametrize(
    ("act", "script", "kind", "title", "way"),
    [
        (
            "camera",
            refusing("() => 'NotAllowedError'", states="{ camera: 'denied' }"),
            "blocked",
            "switched off",
            "Try",
        ),
        (
            "camera",
            refusing("() => 'NotAllowedError'", states="{ camera: 'prompt' }"),
            "dismissed",
            "needs a yes",
            "Try",
        ),
        (
            "camera",
            refusing("wish => wish.video && 'NotFoundError'", "['videoinput']"),
            "nocamera",
            "find a camera",
            "voice",
        ),
        (
            "camera",
            refusing("() => 'NotFoundError'", "['videoinput', 'audioinput']"),
            "nodevices",
            "a camera or a microphone",
            "Upload",
        ),
        ("camera", refusing("() => 'NotReadableError'"), "inuse", "Another app has your camera", "voice"),
        ("camera", refusing("() => 'TypeError'"), "broken", "would not start", "voice"),
        ("camera", "delete Navigator.prototype.mediaDevices", "unsupported", "This browser can", "Upload"),
        ("audio", refusing("() => 'NotFoundError'", "['audioinput']"), "nomic", "find a microphone", "Use my camera"),
        (
            "audio",
            refusing("() => 'NotAllowedError'", states="{ microphone: 'denied' }"),
            "micblocked",
            "microphone is switched off",
            "Upload",
        ),
        ("audio", refusing("() => 'NotReadableError'"), "micinuse", "has your microphone", "Upload"),
    ],
)
def test_every_failure_has_a_sentence_and_a_way(
    installation: Installation, browser: Browser, act: str, script: str, kind: str, title: str, way: str
) -> None:
    with camera_page(browser, installation, "spring", script) as camera:
        camera.act(act)
        expect(camera.page.get_by_role("heading", level=1)).to_contain_text(title)
        assert camera.events() == [["problem", kind]]
        buttons = camera.page.locator("[data-screen=problem] button:visible").all_inner_texts()
        assert any(way in label for label in buttons), buttons
        assert "Upload a video" in buttons


def test_without_a_camera_the_voice_is_enough(installation: Installation, browser: Browser) -> None:
    script = refusing("wish => wish.video && 'NotFoundError'", "['videoinput']")
    with camera_page(browser, installation, "spring", script) as camera:
        camera.act("camera")
        camera.page.get_by_role("button", name="Record my voice alone").click()
        camera.page.wait_for_selector("[data-act=record]:enabled")
        camera.record(1)
        camera.act("stop")
        assert [each[0] for each in camera.events("done")] == ["problem", "start", "done"]


@pytest.mark.parametrize(
    ("script", "help_words"),
    [
        (refusing("wish => wish.audio && 'NotFoundError'", "['audioinput']"), "you can sign"),
        (refusing("wish => wish.audio && 'NotAllowedError'", states="{ microphone: 'denied' }"), "switched off"),
        (refusing("wish => wish.audio && 'NotReadableError'"), "Another app has your microphone"),
    ],
)
def test_without_a_microphone_one_is_still_seen(
    installation: Installation, browser: Browser, script: str, help_words: str
) -> None:
    with camera_page(browser, installation, "spring", script) as camera:
        camera.check()
        wait_for(lambda: camera.says("sound-words") == "No microphone, picture only", 5)
        assert help_words in camera.says("sound-help-words")
        camera.record(1)
        camera.act("stop")
        assert [each[0] for each in camera.events("done")] == ["start", "done"]


def test_a_microphone_that_another_app_holds_is_told_from_a_quiet_room(
    installation: Installation, browser: Browser
) -> None:
    """What then arrives is nothing but zeros."""
    script = """const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    window.held = true;
    navigator.mediaDevices.getUserMedia = async (wish) => {
      const stream = await real(wish);
      if (!window.held) return stream;
      const nothing = new AudioContext().createMediaStreamDestination().stream.getAudioTracks();
      return new MediaStream([...stream.getVideoTracks(), ...nothing]);
    };"""
    with camera_page(browser, installation, "spring", script) as camera:
        camera.check()
        wait_for(lambda: camera.says("sound-words") == "No sound at all arrives", 10)
        assert "another app may be using it" in camera.says("sound-help-words")
        camera.page.evaluate("window.held = false")
        camera.act("sound-again")
        wait_for(lambda: camera.says("sound-words") not in ("No sound at all arrives", "Listening"), 10)
        expect(camera.page.locator("[data-part=sound-help]")).to_be_hidden()


def test_a_question_that_never_comes_is_waited_for(installation: Installation, browser: Browser) -> None:
    script = """const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = (wish) => new Promise((resolve) => { window.allow = () => resolve(real(wish)); });"""
    with camera_page(browser, installation, "spring", script) as camera:
        camera.act("camera")
        heading = camera.page.get_by_role("heading", level=1)
        expect(heading).to_have_text("May we use your camera?")
        expect(heading).to_have_text("Still waiting for your camera", timeout=12_000)
        camera.page.evaluate("allow()")
        expect(heading).to_have_text("You look great. Say hello?")


def test_inside_another_app_the_way_leads_out(installation: Installation, browser: Browser) -> None:
    script = "delete Navigator.prototype.mediaDevices"
    with camera_page(browser, installation, "spring", script, user_agent=INSTAGRAM, **PHONE) as camera:
        camera.act("camera")
        expect(camera.page.get_by_role("heading", level=1)).to_have_text("One hop to your browser")
        buttons = camera.page.locator("[data-screen=problem] button:visible").all_inner_texts()
        assert buttons == ["Copy the link", "Use my camera app", "Upload a video", "In writing", "A photo and words"]


def test_the_phones_own_camera_is_a_way(installation: Installation, browser: Browser) -> None:
    script = refusing("() => 'NotAllowedError'", states="{ camera: 'denied' }")
    with camera_page(browser, installation, "spring", script, **PHONE) as camera:
        camera.act("camera")
        field = camera.page.locator("[data-part=native-camera]")
        assert [field.get_attribute(name) for name in ("accept", "capture")] == ["video/*,video/quicktime", "user"]
        with camera.page.expect_file_chooser() as chooser:
            camera.page.get_by_role("button", name="Use my camera app").click()
        chooser.value.set_files(clips.mp4(1))
        wait_for(lambda: camera.page.evaluate("files") == [clips.mp4(1).name], 5)


def test_in_a_frame_without_permission_it_opens_in_a_tab(
    installation: Installation, browser: Browser, host_site: HostSite
) -> None:
    """Nobody is meant to frame this page, and some sites do it through a proxy that takes our headers away."""
    with camera_page(browser, installation, "spring") as camera:

        def unprotected(route: object) -> None:
            answer = route.fetch()  # type: ignore[attr-defined]
            kept = {name: value for name, value in answer.headers.items() if "security-policy" not in name}
            route.fulfill(response=answer, headers=kept)  # type: ignore[attr-defined]

        camera.page.route(f"{installation.base}/c/spring", unprotected)
        host_site.snippet = f'<iframe src="{installation.base}/c/spring" width="375" height="700"></iframe>'
        camera.page.goto(host_site.url)
        frame = camera.page.frame_locator("iframe")
        frame.locator("[data-act=camera]").click()
        expect(frame.get_by_role("heading", level=1)).to_have_text("This page is shown inside another one")
        with camera.page.expect_popup() as popup:
            frame.get_by_role("button", name="Open in a new tab").click()
        expect(popup.value).to_have_url(re.compile("/c/spring$"))


def test_a_device_pulled_out_during_the_check_is_replaced(installation: Installation, browser: Browser) -> None:
    with camera_page(browser, installation, "spring") as camera:
        camera.check()
        camera.page.evaluate(
            "document.querySelector('[data-part=preview]').srcObject.getTracks()[0].dispatchEvent(new Event('ended'))"
        )
        expect(camera.page.locator("[data-part=status]")).to_have_text(re.compile("went away"))
        camera.record(1)
        camera.page.evaluate(
            "document.querySelector('[data-part=preview]').srcObject.getTracks()[0].dispatchEvent(new Event('ended'))"
        )
        start, done = camera.events("done")
        assert (start[0], done[2]) == ("start", "device")


def test_what_the_camera_needs_is_fetched_when_it_is_wanted(installation: Installation, browser: Browser) -> None:
    with camera_page(browser, installation, "spring") as camera:
        page = camera.page
        fetched: list[str] = []
        page.on("request", lambda request: fetched.append(request.url.rsplit("/", 1)[1]))
        page.route("**/studio.js", lambda route: route.abort())
        camera.act("camera")
        expect(page.get_by_role("heading", level=1)).to_have_text("The camera part did not arrive")
        assert "studio.js" in fetched
        page.unroute("**/studio.js")
        camera.faults.clear()  # that it failed is no surprise
        page.get_by_role("button", name="Try the camera again").click()
        page.wait_for_selector("[data-act=record]:enabled")
