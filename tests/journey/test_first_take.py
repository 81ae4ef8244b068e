"""A first take as customers make it: a man at a webcam who says human sentences, through the real page of a house.

Whether it looks and sounds right cannot be asserted; that his face is on the poster, that he is as loud as all clips here
are, and that the captions are what was said, can.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import httpx
import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests import clips, faces, speech
from tests.browsers import CHROMIUM, playing
from tests.installation import Installation, embedded, until_done, wait_for
from workers.media.faces import largest_face
from workers.media.loudness import TARGET_LUFS

pytestmark = [pytest.mark.browser, pytest.mark.media]
SECONDS = 20
SENTENCES = 5


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with embedded(tmp_path_factory.mktemp("first-take")) as found:
        with found.api() as api:
            api.post("/campaigns", json={"slug": "spring", "name": "Spring"})
        yield found


@pytest.fixture(scope="module")
def person(playwright: Playwright) -> Iterator[Browser]:
    """A browser before which he sits and speaks; both go on from the beginning when they are over."""
    wav, _ = speech.joined(SENTENCES)
    as_camera = ["-vf", "scale=640:480,fps=30", "-an", "-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p"]
    picture = clips.make("talking-man.mjpeg", "-i", str(faces.talking_man()), *as_camera)
    sound = clips.make("speaking-man.wav", "-i", str(wav), "-ar", "48000", "-ac", "2")
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=playing(picture, sound))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def take(installation: Installation, person: Browser) -> dict[str, Any]:
    """What the house has made of it."""
    context = person.new_context(viewport={"width": 375, "height": 812}, permissions=["camera", "microphone"])
    page = context.new_page()
    page.goto(f"{installation.base}/c/spring")
    page.get_by_role("button", name="Start with my camera").click()
    expect(page.get_by_text("We hear you well").first).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Start recording").click()
    wait_for(lambda: recorded(page) >= SECONDS, SECONDS + 40, lambda: page.locator("body").inner_text())
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Use this video").click()
    page.get_by_role("textbox", name="Your name").fill("Daniel Whitlow")
    page.get_by_role("textbox", name="Email").fill("daniel@example.org")
    page.get_by_role("checkbox", name=re.compile("On their website")).check()
    page.get_by_role("button", name=re.compile("^Send")).click()
    expect(page.get_by_role("heading", name=re.compile("Thank you, Daniel"))).to_be_visible(timeout=30_000)
    context.close()
    with installation.api() as api:
        (given,) = api.get("/testimonials").json()["items"]
        return until_done(api, given["token"], 240)


def test_his_face_is_on_the_poster(take: dict[str, Any], tmp_path: Path) -> None:
    poster = fetched(take["poster"]["url"], tmp_path)
    picture = cv2.imread(str(poster), cv2.IMREAD_GRAYSCALE)
    small = cv2.resize(picture, (320, round(320 * picture.shape[0] / picture.shape[1])), interpolation=cv2.INTER_AREA)
    face = largest_face(small)
    assert face is not None
    assert 0.25 < face.x < 0.75 and 0.2 < face.y < 0.8 and face.size > 0.2, face


def test_he_is_as_loud_as_all_clips_here(take: dict[str, Any], tmp_path: Path) -> None:
    for each in take["renditions"]:
        found = loudness(fetched(each["url"], tmp_path))
        assert abs(found - TARGET_LUFS) <= 1.5, found


def test_the_captions_are_what_was_said(take: dict[str, Any]) -> None:
    (track,) = take["captions"]
    heard = spoken(httpx.get(track["url"]).text)
    _, said = speech.joined(SENTENCES)
    assert len(heard.split()) > SECONDS * 1.2, heard
    assert speech.error_rate_within(f"{said} {said} {said}", heard) < 0.25, heard


def recorded(page: Page) -> int:
    """Seconds recorded so far, as the page says."""
    minutes, seconds = page.locator("[data-part=elapsed]").inner_text().split(":")
    return int(minutes) * 60 + int(seconds)


def fetched(url: str, folder: Path) -> Path:
    path = folder / url.rsplit("/", 1)[1].partition("?")[0]
    path.write_bytes(httpx.get(url, timeout=30).raise_for_status().content)
    return path


def loudness(clip: Path) -> float:
    """Integrated loudness in LUFS, by ffmpeg's own meter."""
    command = ["ffmpeg", "-nostdin", "-i", str(clip), "-vn", "-af", "ebur128", "-f", "null", "-"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    return float(re.findall(r"I:\s+(-?[\d.]+) LUFS", said)[-1])


def spoken(webvtt: str) -> str:
    """The words of a file of captions."""
    lines = [line for line in webvtt.splitlines() if line and not re.match(r"WEBVTT|NOTE|\d+$|.* --> ", line)]
    return " ".join(re.sub(r"<[^>]+>", "", line) for line in lines)
