"""Every page at every width, light and dark: no accessibility violation, nothing that sticks out, no error in the console."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext

from tests import acts, clips
from tests.browsers import signed_in
from tests.installation import Installation, embedded, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.media]
WIDTHS = (320, 375, 768, 1440)


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, dict[str, str]]]:
    """An installation with one testimonial of each fate, and the paths of all pages."""
    with embedded(tmp_path_factory.mktemp("pages")) as installation:
        with installation.api() as api:
            api.post("/campaigns", json={"slug": "spring", "name": "Spring", "greeting": "How was it?"})
            widget = api.post("/widgets", json={"name": "Home"}).json()["token"]
            given = {}
            for name, body in (("shown", clips.webm(1)), ("waiting", clips.webm(2)), ("broken", None)):
                video = body.read_bytes() if body else b"no video at all"
                form = {**acts.DETAILS, "name": name.title(), "rating": "4"}
                answer = httpx.post(
                    f"{installation.base}/c/spring/submissions",
                    data=form,
                    files={"video": ("clip", video)},
                    headers={"Accept": "application/json"},
                )
                given[name] = answer.json()["testimonial"]
            wait_for(lambda: len(api.get("/testimonials?media=ready").json()["items"]) == 2, 60)
            api.post(f"/testimonials/{given['shown']['token']}/approve")
        yield (
            installation,
            {
                "collect": "/c/spring",
                "sign-in": "/sign-in",
                "sign-in-link": "/sign-in/guess",
                "review": "/console/",
                "review-broken": f"/console/?id={given['broken']['token']}",
                "approved": "/console/?status=approved",
                "rejected": "/console/?status=rejected",
                "campaigns": "/console/campaigns",
                "campaign": "/console/campaigns/spring",
                "widgets": "/console/widgets",
                "my": given["shown"]["manage_url"].removeprefix(installation.base),
                "my-broken": given["broken"]["manage_url"].removeprefix(installation.base),
                "share": f"/t/{given['shown']['token']}",
                "iframe": f"/widget/{widget}",
                "error": "/t/nobody",
            },
        )


@pytest.fixture(scope="module")
def state(
    furnished: tuple[Installation, dict[str, str]], browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    return signed_in(browser, furnished[0].sign_in_link(), tmp_path_factory.mktemp("state"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page(furnished: tuple[Installation, dict[str, str]], browser: Browser, state: Path, scheme: str) -> None:
    installation, paths = furnished
    faults: list[str] = []
    for name, path in paths.items():
        outside = name.startswith("sign-in")
        context = browser.new_context(color_scheme=scheme, storage_state=None if outside else state)  # type: ignore[arg-type]
        faults += [
            f"{name}: {fault}" for fault in _look(context, installation.base + path, expects_404=name == "error")
        ]
        context.close()
    assert faults == [], "\n".join(faults)


def _look(context: BrowserContext, url: str, *, expects_404: bool) -> list[str]:
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.goto(url)
    page.wait_for_load_state("networkidle")
    # Axe reads the sheets of what the server drew in a way that a strict policy reports: the script has to have taken over.
    page.wait_for_function(
        "[...document.querySelectorAll('testimonial-widget')].every((each) => each.shadowRoot.adoptedStyleSheets[0])"
    )
    if expects_404:
        faults.clear()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
            faults.append(f"{wide} px wide at {width}")
    found = Axe().run(page)
    faults += [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in found.response["violations"]]
    return faults
