"""Firefox and WebKitGTK, started once for each module, and a house with something to show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from tests import acts, clips, other_browsers
from tests.installation import Installation, embedded, hand_in, until
from tests.other_browsers import OtherBrowser


@dataclass(frozen=True)
class House:
    """An installation with the campaign `spring`, and a widget that shows two clips and a few words."""

    installation: Installation
    widget: str

    def shown(self, name: str) -> str:
        """The token of somebody's testimonial."""
        with self.installation.api() as api:
            found = api.get("/testimonials").json()["items"]
        return next(str(each["token"]) for each in found if each["author"]["name"] == name)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with embedded(tmp_path_factory.mktemp("other")) as installation:
        with installation.api() as api:
            api.post("/campaigns", json={"slug": "spring", "name": "Spring"})
            widget = str(api.post("/widgets", json={"name": "Home"}).json()["token"])
            clip = clips.mp4(4)
            tokens = [hand_in(installation, clip) for _ in range(2)]
            for token in tokens:
                until(api, token, "ready")
            words = httpx.post(f"{installation.base}/c/spring/submissions", json={**acts.DETAILS, "kind": "text"})
            for token in (*tokens, words.json()["testimonial"]["token"]):
                assert api.post(f"/testimonials/{token}/approve").status_code == 200
        yield House(installation, widget)


@pytest.fixture(scope="module")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OtherBrowser]:
    with other_browsers.firefox(tmp_path_factory.mktemp("firefox")) as browser:
        yield browser


@pytest.fixture(scope="module")
def webkit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OtherBrowser]:
    with other_browsers.webkit(tmp_path_factory.mktemp("webkit")) as browser:
        yield browser


@pytest.fixture(scope="module", params=["firefox", "webkit"])
def browser(request: pytest.FixtureRequest) -> OtherBrowser:
    """One after the other."""
    found: OtherBrowser = request.getfixturevalue(request.param)
    return found
