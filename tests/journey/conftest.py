"""Both profiles as whole installations, and a Chromium whose camera and microphone play real clips."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

from tests import clips
from tests.browsers import CHROMIUM, playing
from tests.installation import Installation, embedded, scaled
from tests.journey.host_site import HostSite


@pytest.fixture(scope="module", params=["embedded", pytest.param("scaled", marks=pytest.mark.servers)])
def installation(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "embedded":
        with embedded(folder) as found:
            yield found
        return
    postgres, redis, s3 = (request.getfixturevalue(f"{name}_server") for name in ("postgres", "redis", "s3"))
    with scaled(
        folder,
        database=postgres.new_database(),
        broker=redis.url,
        storage=s3.storage_url("journey"),
        environment=s3.environment,
    ) as found:
        yield found


@pytest.fixture(scope="session")
def camera() -> tuple[Path, Path]:
    """What the fake camera and microphone play: blue to the left, red to the right, and a tone of 440 Hz."""
    square = "drawbox=x=mod(t*80\\,600):y=200:w=40:h=40:color=white:t=fill"
    halves = f"color=red:s=640x480:r=30:d=4,drawbox=x=0:w=320:h=480:color=blue:t=fill,{square}"
    picture = clips.make(
        "camera.mjpeg", "-f", "lavfi", "-i", halves, "-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p"
    )
    sound = clips.make("microphone.wav", *clips.tone(4), "-ar", "48000", "-ac", "2")
    return picture, sound


@pytest.fixture(scope="session")
def browser(camera: tuple[Path, Path], playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=playing(*camera))
    yield browser
    browser.close()


@pytest.fixture
def host_site() -> Iterator[HostSite]:
    site = HostSite()
    yield site
    site.close()
