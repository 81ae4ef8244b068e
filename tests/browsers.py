"""The one Playwright of a test session: a second one in the same process is refused."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

CHROMIUM = os.environ.get("CHROMIUM_PATH", "/usr/bin/chromium")
# Without these, Chromium asks its maker's servers at every start.
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
# As a browser that somebody looks at: one without a head counts as a program, as it has to.
QUIET.append(
    "--user-agent=Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)
AUTOPLAY = "--autoplay-policy=no-user-gesture-required"


def playing(picture: Path, sound: Path) -> list[str]:
    """A browser whose camera and microphone play these files, and whose questions are answered with yes."""
    return [
        *QUIET,
        AUTOPLAY,
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={picture}",
        f"--use-file-for-fake-audio-capture={sound}",
    ]


TWO_CAMERAS = [*QUIET, AUTOPLAY, "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream=device-count=2"]
"""A browser with two cameras that show different numbers, and microphones that beep."""


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


def signed_in(browser: Browser, link: str, folder: Path) -> Path:
    """What a browser keeps that came in by this link, for contexts that are in from the start."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Choose a password").wait_for()
    context.storage_state(path=folder / "state.json")
    context.close()
    return folder / "state.json"
