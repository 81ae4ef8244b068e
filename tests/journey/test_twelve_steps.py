"""The whole way, in a real browser, on both profiles: a recorded clip ends up playing in a widget on another site."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from testimonials.domain.widget_config import embed_snippet
from tests.installation import Installation, wait_for
from tests.journey.host_site import HostSite

pytestmark = [pytest.mark.browser, pytest.mark.media]


def test_from_the_camera_to_a_wall_on_another_site(
    installation: Installation, browser: Browser, host_site: HostSite, tmp_path: Path
) -> None:
    with installation.api() as api:
        assert api.post("/campaigns", json={"slug": "spring", "name": "Spring tune-up"}).status_code == 201
        widget = api.post("/widgets", json={"name": "Home"}).json()["token"]

        token = record_and_submit(browser, installation)  # steps 1 to 5
        ready = wait_for(lambda: settled(api, token), 90, lambda: api.get(f"/testimonials/{token}").text)  # 6 to 9
    assert (ready["media"], ready["failure"]) == ("ready", None)
    looks_and_sounds_like_the_camera(ready, tmp_path)

    moderate(browser, installation)  # step 10
    host_site.snippet = embed_snippet(installation.base, widget, "wall")
    shown_and_shared(browser, host_site, installation, token)  # step 11
    wait_for(lambda: counted(browser, installation), 20)  # step 12


def record_and_submit(browser: Browser, installation: Installation) -> str:
    """Steps 1 to 5. Returns the testimonial's token."""
    context = browser.new_context(
        viewport={"width": 375, "height": 812}, permissions=["camera", "microphone"], reduced_motion="reduce"
    )
    page = context.new_page()
    errors = watch_for_errors(page)
    sent: list[int] = []
    page.on(
        "request",
        lambda request: sent.append(len(request.post_data_buffer or b"")) if request.method == "PATCH" else None,
    )
    page.goto(f"{installation.base}/c/spring")
    page.get_by_role("button", name="Start with my camera").click()
    page.get_by_role("button", name="Start recording").click()
    wait_for(lambda: pause(page) or sum(sent) > 50_000, 30, lambda: "no chunk was sent while recording")
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Use this video").click()
    page.get_by_role("textbox", name="Your name").fill("Daniel Whitlow")
    page.get_by_role("textbox", name="Email").fill("daniel@example.org")
    for place in ("On their website", "On social networks"):
        page.get_by_role("checkbox", name=re.compile(place)).check()
    with page.expect_response(re.compile("/submissions$")) as answered:
        page.get_by_role("button", name=re.compile("^Send")).click()
    expect(page.get_by_role("heading", name=re.compile("Thank you, Daniel"))).to_be_visible()
    given = answered.value.json()["testimonial"]
    page.get_by_role("link", name="Open my page").click()
    assert page.url == given["manage_url"]
    assert errors == []
    context.close()
    return str(given["token"])


def settled(api: httpx.Client, token: str) -> dict[str, Any] | None:
    found: dict[str, Any] = api.get(f"/testimonials/{token}").json()
    return found if found["media"] in ("ready", "failed") else None


def looks_and_sounds_like_the_camera(ready: dict[str, Any], folder: Path) -> None:
    """The file is not mirrored, has the camera's colors, and holds the tone."""
    path = folder / "rendition.mp4"
    path.write_bytes(httpx.get(ready["renditions"][0]["url"]).content)
    left, right = (mean_color(path, crop) for crop in ("iw/4:ih/4:0:0", "iw/4:ih/4:iw*3/4:0"))
    assert left[2] > 150 > left[0], f"left should be blue, is {left}"
    assert right[0] > 150 > right[2], f"right should be red, is {right}"
    # The browser turns a steady tone down as if it were noise, so it is compared with its surroundings.
    tone, beside = volume(path, 440), volume(path, 3000)
    assert tone > beside + 15, f"the tone of 440 Hz is not there: {tone} dB, and {beside} dB at 3000 Hz"
    assert httpx.get(ready["poster"]["url"]).headers["Content-Type"] == "image/jpeg"


def mean_color(path: Path, crop: str) -> tuple[int, ...]:
    command = ["ffmpeg", "-v", "error", "-ss", "0.5", "-i", str(path), "-frames:v", "1"]
    command += ["-vf", f"crop={crop},scale=1:1:flags=area,format=rgb24", "-f", "rawvideo", "-"]
    return tuple(subprocess.run(command, capture_output=True, check=True).stdout)


def volume(path: Path, frequency: int) -> float:
    """The mean volume around a frequency, in dB."""
    heard = ["-vn", "-af", f"bandpass=f={frequency}:width_type=h:w=60,volumedetect", "-f", "null", "-"]
    said = subprocess.run(["ffmpeg", "-i", str(path), *heard], capture_output=True, text=True, check=True).stderr
    found = re.search(r"mean_volume: (-?[\d.]+) dB", said)
    assert found, said
    return float(found.group(1))


def moderate(browser: Browser, installation: Installation) -> None:
    """Step 10: sign in by the one-time link, watch it in the list, approve by key."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    errors = watch_for_errors(page)
    page.goto(installation.sign_in_link())
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("New password").fill("a long enough password")
    page.get_by_role("button", name="Save password").click()
    video = page.locator("video")
    plays(video)
    page.locator("h1").click()
    page.keyboard.press("a")
    expect(page.get_by_text("Approved Daniel Whitlow.")).to_be_visible()
    page.get_by_role("link", name=re.compile("^Approved")).click()
    expect(page.get_by_role("heading", name="Daniel Whitlow")).to_be_visible()
    assert errors == []
    context.storage_state(path=installation.data / "signed-in.json")
    context.close()


def shown_and_shared(browser: Browser, host_site: HostSite, installation: Installation, token: str) -> None:
    """Step 11: the widget plays it on a foreign origin; sharing mints links that lead to a page with Open Graph tags."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=host_site.url.rstrip("/"))
    page = context.new_page()
    errors = watch_for_errors(page)
    page.goto(host_site.url)
    page.get_by_role("button", name=re.compile("Play")).first.click()
    plays(page.locator("testimonial-widget video"))
    page.get_by_role("button", name=re.compile("Share")).first.click()
    network = page.get_by_role("link", name=re.compile(r"\bX\b")).first.get_attribute("href")
    agent = {"User-Agent": page.evaluate("navigator.userAgent")}  # a program's own would not count as sharing
    target = httpx.get(str(network), headers=agent, follow_redirects=False).headers["Location"]
    assert target.startswith("https://x.com/intent/post?")
    page.get_by_role("button", name=re.compile("Copy link")).first.click()
    expect(page.get_by_text("Link copied").first).to_be_attached()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{installation.base}/s/")
    page.wait_for_timeout(1500)  # an impression is half a card in sight for one second
    page.goto(link)
    assert page.url.startswith(f"{installation.base}/t/{token}")
    assert page.locator("meta[property='og:video']").get_attribute("content")
    assert httpx.get(str(page.locator("meta[property='og:image']").get_attribute("content"))).status_code == 200
    assert errors == []
    context.close()


def counted(browser: Browser, installation: Installation) -> bool:
    """Step 12: the console shows the play, the two shares and the click on the copied link."""
    context = browser.new_context(storage_state=json.loads((installation.data / "signed-in.json").read_text()))
    page = context.new_page()
    page.goto(f"{installation.base}/console/?status=approved")
    said = page.locator(".live").inner_text()
    context.close()
    return "1 seen · 1 played · 2 shared · 1 followed" in said


def plays(video: Any) -> None:
    """The video really plays: its clock moves and it has a picture."""
    video.evaluate("video => { video.muted = true; return video.play(); }")
    wait_for(lambda: video.evaluate("video => video.currentTime > 0.5 && video.videoWidth > 0"), 15)


def watch_for_errors(page: Page) -> list[str]:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    return errors


def pause(page: Page) -> None:
    """Let the browser's events come in."""
    page.wait_for_timeout(100)
