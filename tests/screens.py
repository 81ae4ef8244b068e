"""`python -m tests.screens`: the pages of a furnished house at three widths, light and dark, into docs/screens.

To be looked at whenever a page has changed; docs/screens/README.md says what is on them.
"""

from __future__ import annotations

import io
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browsers import CHROMIUM, QUIET, signed_in
from tests.installation import Installation, wait_for
from tests.servers.ports import free_ports

FOLDER = Path(__file__).parents[1] / "docs" / "screens"
WIDTHS = {375: 812, 768: 1024, 1440: 900}
SCHEMES = ("light", "dark")
SCALE = 0.6
PAGES = {
    "queue": "/console/?status=pending",
    "approved": "/console/?status=approved",
    "edit": "EDIT",
    "campaigns": "/console/campaigns",
    "campaign": "/console/campaigns/spring",
    "invitations": "/console/campaigns/spring/invitations",
    "widgets": "/console/widgets",
    "builder": "BUILDER",
    "sharing": "/console/sharing",
    "reports": "/console/reports",
    "rewards": "/console/rewards",
    "experiments": "/console/experiments",
    "balance": "/console/balance",
    "operations": "/console/operations",
    "audit": "/console/operations/audit",
    "account": "/console/account",
    "team": "/console/team",
    "collect": "/c/spring",
}


def main(wanted: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder, house(Path(folder)) as demo, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        state = signed_in(browser, links(demo)["Console"], Path(folder))
        pages = addresses(browser, demo, state)
        for name in wanted or pages:
            for width, height in WIDTHS.items():
                for scheme in SCHEMES:
                    context = browser.new_context(
                        storage_state=state,
                        viewport={"width": width, "height": height},
                        color_scheme="dark" if scheme == "dark" else "light",
                        reduced_motion="reduce",
                    )
                    page = context.new_page()
                    page.goto(demo.base + pages[name], wait_until="networkidle")
                    page.wait_for_timeout(500)
                    keep(page, f"{name}-{width}-{scheme}")
                    context.close()
        browser.close()


def keep(page: Page, name: str) -> None:
    picture = Image.open(io.BytesIO(page.screenshot()))
    size = (round(picture.width * SCALE), round(picture.height * SCALE))
    FOLDER.mkdir(parents=True, exist_ok=True)
    picture.convert("RGB").resize(size, Image.Resampling.LANCZOS).save(FOLDER / f"{name}.webp", quality=70, method=6)


def addresses(browser: Browser, demo: Installation, state: Path) -> dict[str, str]:
    """Name → path, those found that carry a token."""
    context = browser.new_context(storage_state=state)
    page = context.new_page()

    def first(path: str, pattern: str) -> str:
        page.goto(demo.base + path)
        found = re.search(pattern, page.content())
        return found.group(0) if found else ""

    edit = wait_for(lambda: first("/console/?status=approved", r"/console/testimonials/[\w-]+/edit"), 180)
    wait_for(lambda: first("/console/?status=pending", "<video"), 180)
    builder = first("/console/widgets", r"/console/widgets/[\w-]{20,}")
    context.close()
    return {name: {"EDIT": edit, "BUILDER": builder}.get(path, path) for name, path in PAGES.items()}


@contextmanager
def house(folder: Path) -> Iterator[Installation]:
    """What `make run` starts once everything is installed."""
    port = free_ports(2)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TESTIMONIALS_")}
    installation = Installation(f"http://127.0.0.1:{port}", folder, {**environment, "PYTHONUNBUFFERED": "1"})
    installation.start("demo", "--data", str(folder / "data"), "--port", str(port))
    try:
        wait_for(lambda: links(installation) and installation.answers(), 90, installation.log)
        yield installation
    finally:
        installation.stop()


def links(demo: Installation) -> dict[str, str]:
    """What the command said: label → address, once all of it is there."""
    found = dict(re.findall(r"^  (Record one|Console|Sample site) +(http\S+)", demo.log(), re.MULTILINE))
    return found if len(found) == 3 else {}


if __name__ == "__main__":
    main(sys.argv[1:])
