"""Looking at a take: played as one clip, shortened by marks, its picture chosen; the marks go along with the submission."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests import clips
from tests.installation import Installation, embedded, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.media]
PHONE = {"width": 375, "height": 812}
LOAD = """
async ({files, seconds, about}) => {
  const ours = (name) => import(new URL(name, document.querySelector('script[type="module"]').src).href);
  const [review, screens] = await Promise.all([ours("reviewing.js"), ours("screens.js")]);
  screens.show("review");
  const bytes = (text) => Uint8Array.from(atob(text), (each) => each.charCodeAt(0));
  return review.load(files.map(([text, type]) => new Blob([bytes(text)], {type})), seconds, about);
}
"""
MARKS = """
import(new URL("reviewing.js", document.querySelector('script[type="module"]').src).href).then((review) => review.marks())
"""
COLOR = """
() => {
  const pen = new OffscreenCanvas(2, 2).getContext("2d");
  pen.drawImage(document.querySelector('[data-part="playback"]'), 0, 0, 2, 2);
  return [...pen.getImageData(0, 0, 1, 1).data].map((part) => (part > 128 ? 1 : 0)).slice(0, 3).join("");
}
"""
STRIP = """
(where) => [...document.querySelectorAll(where)].map((canvas) => {
  const at = canvas.getContext("2d").getImageData(3, 3, 1, 1).data;
  return [...at].map((part) => (part > 128 ? 1 : 0)).slice(0, 3).join("");
})
"""
# Where it is while it plays, from the first moment to the last; the test presses play.
WATCH = """
async () => {
  const seek = document.querySelector('[data-part="seek"]');
  const stopped = document.querySelector('[data-part="play-face"]');
  const seen = [];
  document.querySelector('[data-act="play"]').click();
  const until = performance.now() + 20000;
  do {
    await new Promise(requestAnimationFrame);
    seen.push(Number(seek.value));
  } while (stopped.hidden && performance.now() < until);
  return seen;
}
"""
INK = """
(side) => {
  const canvas = document.querySelector(".soundwave");
  const half = canvas.width / 2;
  const parts = canvas.getContext("2d").getImageData(side * half, 0, half, canvas.height).data;
  return parts.filter((part, at) => at % 4 === 3 && part > 0).length;
}
"""
RED, GREEN, BLUE = "100", "010", "001"


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with embedded(tmp_path_factory.mktemp("review")) as installation:
        with installation.api() as api:
            assert api.post("/campaigns", json={"slug": "spring", "name": "Spring"}).status_code == 201
        yield installation


@pytest.fixture
def page(campaign: Installation, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE, permissions=["camera", "microphone"])  # type: ignore[arg-type]
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{campaign.base}/c/spring")
    yield page
    context.close()
    assert errors == []


def colored(color: str, seconds: float = 2, size: str = "640x480") -> Path:
    """One color for a while, as MediaRecorder makes it: without duration and index."""
    picture = ["-f", "lavfi", "-i", f"color={color}:s={size}:r=30:d={seconds}"]
    codecs = ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-pix_fmt", "yuv420p", "-c:a", "libopus"]
    return clips.make("color.webm", *picture, *clips.tone(seconds), *codecs, "-f", "webm", "-live", "1")


def load(page: Page, *files: Path, seconds: list[float | None] | None = None, **about: Any) -> float | None:
    """What the recorder does after a take; gives what it is told about the duration."""
    encoded = [[base64.b64encode(file.read_bytes()).decode(), "video/webm"] for file in files]
    known = seconds or [None for _ in files]
    found: float | None = page.evaluate(LOAD, {"files": encoded, "seconds": known, "about": about})
    return found


def shows(page: Page, script: str, where: str | None, wanted: object) -> bool:
    """Not `wait_for_function`: it evaluates text in the page, which our policy forbids."""
    return bool(page.evaluate(script, where) == wanted)


def three_colors(page: Page) -> None:
    files = [colored("red"), colored("lime", size="480x640"), colored("blue")]
    assert load(page, *files) == pytest.approx(6, abs=0.1)


def test_marks_and_the_picture_are_sent(page: Page) -> None:
    page.get_by_role("button", name="Start with my camera").click()
    page.get_by_role("button", name="Start recording").click()
    expect(page.locator('[data-part="elapsed"]')).to_have_text(re.compile("0:0[5-9]"), timeout=30_000)
    page.get_by_role("button", name="Stop recording").click()
    beginning = page.get_by_role("slider", name="Beginning")
    expect(beginning).to_have_attribute("aria-valuetext", re.compile("^Begins at 0 seconds"))
    beginning.press("Shift+ArrowRight")
    beginning.press("ArrowRight")
    beginning.press("ArrowRight")
    page.get_by_role("slider", name="End", exact=True).press("Shift+ArrowLeft")
    page.get_by_role("button", name="Choose the picture").click()
    page.get_by_role("button", name=re.compile("^The picture at")).nth(4).click()
    expect(page.get_by_role("button", name="Your picture")).to_be_visible()
    marks = page.evaluate(MARKS)
    page.get_by_role("button", name="Done").click()
    page.get_by_role("button", name="Use this video").click()
    page.get_by_role("textbox", name="Your name").fill("Daniel Whitlow")
    page.get_by_role("textbox", name="Email").fill("daniel@example.org")
    page.get_by_role("checkbox", name=re.compile("On their website")).check()
    with page.expect_request(re.compile("/submissions$")) as sent:
        page.get_by_role("button", name=re.compile("^Send")).click()
    expect(page.get_by_role("heading", name=re.compile("Thank you, Daniel"))).to_be_visible()
    body = sent.value.post_data_json
    assert {name: body[name] for name in ("trim_start", "trim_end", "poster")} == marks
    assert marks["trim_start"] == 1.2
    assert 3 < marks["trim_end"] < 9
    assert marks["trim_start"] < marks["poster"] < marks["trim_end"]


def test_nothing_is_said_about_a_take_that_stays_as_it_is(page: Page) -> None:
    page.locator('input[type="file"][name="video"]').set_input_files(clips.webm(3))
    expect(page.get_by_role("slider", name="Beginning")).to_be_visible()
    assert page.evaluate(MARKS) == {}


def test_segments_play_as_one_clip(page: Page) -> None:
    three_colors(page)
    seen = page.evaluate(WATCH)
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(6, abs=0.15)
    seek = page.get_by_role("slider", name="Position in your video")
    for at, color in (("1", RED), ("5", BLUE), ("3", GREEN), ("0.5", RED)):
        seek.fill(at)
        wait_for(partial(shows, page, COLOR, None, color), 5)
        assert float(seek.input_value()) == float(at)


def test_the_strip_shows_the_whole_clip(page: Page) -> None:
    three_colors(page)
    expected = [RED] * 3 + [GREEN] * 4 + [BLUE] * 3
    wait_for(partial(shows, page, STRIP, ".frames canvas", expected), 10)


def test_only_what_is_kept_is_played(page: Page) -> None:
    three_colors(page)
    page.get_by_role("slider", name="Beginning").press("Shift+ArrowRight")
    end = page.get_by_role("slider", name="End", exact=True)
    end.press("Shift+ArrowLeft")
    end.press("Shift+ArrowLeft")
    end.press("ArrowLeft")
    expect(page.locator('[data-part="kept"]')).to_have_text("0:02.9 of 0:06.0 kept")
    expect(end).to_have_attribute("aria-valuetext", "Ends at 3.9 seconds. You keep 2.9 seconds.")
    for _ in range(2):  # from the end it begins anew
        seen = page.evaluate(WATCH)
        playing = [at for at in seen if at < 3.5]
        assert min(playing) == pytest.approx(1, abs=0.1)
        assert max(seen) == pytest.approx(3.9, abs=0.15)


def test_grips_are_dragged_and_stop_in_time(page: Page) -> None:
    three_colors(page)
    drag(page, "grip-from", 1 / 3)
    assert page.evaluate(MARKS)["trim_start"] == pytest.approx(2, abs=0.1)
    drag(page, "grip-to", -1)  # past the other one
    marks = page.evaluate(MARKS)
    assert marks["trim_end"] - marks["trim_start"] == pytest.approx(1)
    page.get_by_role("button", name="Use all of it").click()
    assert page.evaluate(MARKS) == {}
    expect(page.locator('[data-part="use-all"]')).to_be_hidden()


def test_time_runs_to_the_right_in_every_language(page: Page) -> None:
    page.evaluate("document.documentElement.dir = 'rtl'")
    three_colors(page)
    drag(page, "grip-from", 1 / 3)
    assert page.evaluate(MARKS)["trim_start"] == pytest.approx(2, abs=0.1)


def drag(page: Page, grip: str, by: float) -> None:
    """By a share of the strip, to the right."""
    box = page.locator(f'[data-part="{grip}"]').bounding_box()
    strip = page.locator('[data-part="frames"]').bounding_box()
    assert box is not None
    assert strip is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + by * strip["width"] / 2, y)
    page.mouse.move(x + by * strip["width"], y)
    page.mouse.up()


def test_the_keyboard_moves_grips_to_their_ends(page: Page) -> None:
    three_colors(page)
    beginning, end = (page.get_by_role("slider", name=name, exact=True) for name in ("Beginning", "End"))
    beginning.press("End")
    assert page.evaluate(MARKS) == {"trim_start": 5}
    beginning.press("Home")
    end.press("Home")
    assert page.evaluate(MARKS) == {"trim_end": 1}
    end.press("End")
    assert page.evaluate(MARKS) == {}


def test_whoever_cannot_drag_presses_buttons(page: Page) -> None:
    three_colors(page)
    seek = page.get_by_role("slider", name="Position in your video")
    seek.fill("1.5")
    page.get_by_role("button", name="Begin here").click()
    seek.fill("4.5")
    page.get_by_role("button", name="End here").click()
    assert page.evaluate(MARKS) == {"trim_start": 1.5, "trim_end": 4.5}
    expect(page.get_by_role("status")).to_have_text("You keep 3 seconds.")


def test_any_moment_can_be_the_picture(page: Page) -> None:
    three_colors(page)
    page.get_by_role("slider", name="Position in your video").fill("4.4")
    page.get_by_role("button", name="Choose the picture").click()
    expected = [RED] * 3 + [GREEN] * 2 + [BLUE] * 3
    wait_for(partial(shows, page, STRIP, ".moment canvas", expected), 10)
    page.get_by_role("button", name="Use this moment").click()
    expect(page.get_by_role("button", name="Your picture")).to_be_visible()
    assert page.evaluate(MARKS) == {"poster": 4.4}
    assert page.evaluate(STRIP, '[data-part="poster-face"]') == [BLUE]
    page.get_by_role("button", name=re.compile("^The picture at 2")).first.click()
    expect(page.get_by_role("button", name=re.compile("^The picture at 2")).first).to_have_attribute(
        "aria-pressed", "true"
    )
    assert page.evaluate(COLOR) == GREEN
    page.get_by_role("button", name="Choose for me").click()
    assert page.evaluate(MARKS) == {}


def test_a_picture_that_is_cut_away_is_not_sent(page: Page) -> None:
    three_colors(page)
    page.get_by_role("slider", name="Position in your video").fill("1")
    page.get_by_role("button", name="Choose the picture").click()
    page.get_by_role("button", name="Use this moment").click()
    expect(page.get_by_role("button", name="Your picture")).to_be_visible()
    beginning = page.get_by_role("slider", name="Beginning")
    for _ in range(2):
        beginning.press("Shift+ArrowRight")
    assert page.evaluate(MARKS) == {"trim_start": 2}
    expect(page.get_by_role("button", name="Choose the picture")).to_be_visible()
    beginning.press("Home")
    assert page.evaluate(MARKS) == {"poster": 1}


def test_another_take_begins_without_marks(page: Page) -> None:
    three_colors(page)
    page.get_by_role("slider", name="Beginning").press("Shift+ArrowRight")
    assert page.evaluate(MARKS) == {"trim_start": 1}
    assert load(page, colored("red", 3), seconds=[3]) == pytest.approx(3, abs=0.1)
    assert page.evaluate(MARKS) == {}
    expect(page.locator('[data-part="kept"]')).to_have_text("0:03")


def test_what_this_browser_cannot_play_can_be_sent_all_the_same(page: Page, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(b"no video at all")
    assert load(page, broken) is None
    expect(page.get_by_text(re.compile("^This browser can.t play this kind of video"))).to_be_visible()
    assert load(page, broken, seconds=[7]) == 7
    expect(page.get_by_role("button", name="Use this video")).to_be_visible()
    for name in ("Beginning", "Position in your video"):
        expect(page.get_by_role("slider", name=name)).to_be_hidden()
    assert page.evaluate(MARKS) == {}


def test_sound_alone_has_a_shape_instead_of_pictures(page: Page) -> None:
    loud, silent = (
        clips.make(
            "voice.webm", *clips.tone(2), "-af", f"volume={volume}", "-c:a", "libopus", "-f", "webm", "-live", "1"
        )
        for volume in ("1", "0")
    )
    assert load(page, loud, silent, audioOnly=True) == pytest.approx(4, abs=0.1)
    expect(page.get_by_text("Sound without a picture")).to_be_visible()
    expect(page.locator('[data-part="poster-chip"]')).to_be_hidden()
    wait_for(lambda: page.evaluate(INK, 0) > 10_000, 10)
    assert page.evaluate(INK, 1) < 2000
    page.get_by_role("slider", name="Beginning").press("Shift+ArrowRight")
    assert page.evaluate(MARKS) == {"trim_start": 1}
    seen = page.evaluate(WATCH)
    assert (seen[0], seen[-1]) == (pytest.approx(1, abs=0.1), pytest.approx(4, abs=0.15))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_it(campaign: Installation, browser: Browser, scheme: str) -> None:
    context = browser.new_context(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    page = context.new_page()
    faults = []
    for width in (320, 375, 768, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{campaign.base}/c/spring")
        three_colors(page)
        heights = []
        for state in ("whole", "shortened", "picture"):
            if state == "shortened":
                page.get_by_role("slider", name="Beginning").press("Shift+ArrowRight")
            if state == "picture":
                page.get_by_role("button", name="Choose the picture").click()
            if width == PHONE["width"]:
                faults += [f"{state}: {each['id']}" for each in Axe().run(page).response["violations"]]
            heights.append(page.evaluate("document.querySelector('[data-act=\"use\"]').getBoundingClientRect().top"))
            if page.evaluate("document.documentElement.scrollWidth") > width:
                faults.append(f"{state} sticks out at {width}")
        assert len(set(heights)) == 1, f"it jumps at {width}: {heights}"
    context.close()
    assert faults == []
