"""Reports in a browser: no accessibility violation, nothing sticks out; and steps that the real collect page tells of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect
from sqlalchemy import func, select

from testimonials.models import CollectHour
from testimonials.runtime import Runtime
from testimonials.services import accounts, campaigns
from tests.browsers import signed_in
from tests.installation import wait_for
from tests.readers import CHROME
from tests.report_month import furnish
from tests.served import served

pytestmark = pytest.mark.browser


@pytest.fixture
def house(runtime: Runtime) -> Iterator[tuple[Runtime, str, str]]:
    """A running house: its runtime, its address, and the id of its workspace."""
    with served(runtime) as here:
        workspace = accounts.create_workspace(here, name="Copper Spoke")
        campaigns.create(here, workspace, slug="spring", name="Spring tune-up", ways=["record", "text"])
        yield here, here.settings.base_url, workspace


def counted(runtime: Runtime) -> dict[str, int]:
    with runtime.db.read() as session:
        found = session.execute(select(CollectHour.step, func.sum(CollectHour.count)).group_by(CollectHour.step))
        return {step: int(count) for step, count in found}


def until(runtime: Runtime, expected: dict[str, int]) -> Callable[[], bool]:
    return lambda: counted(runtime) == expected


def test_pages_are_accessible_and_fit(house: tuple[Runtime, str, str], browser: Browser, tmp_path: Path) -> None:
    runtime, base, workspace = house
    member = accounts.add_member(runtime, workspace, email="marta@copper.example", role="owner")
    state = signed_in(browser, accounts.sign_in_link(runtime, member), tmp_path)
    faults: list[str] = []
    for filled in (False, True):
        wall = furnish(runtime, workspace) if filled else ""
        for scheme in ("light", "dark"):
            context = browser.new_context(color_scheme=scheme, storage_state=state)  # type: ignore[arg-type]
            page = context.new_page()
            for query in ("", "?from=x&to=y", f"?of=received&widget={wall}"):
                page.goto(f"{base}/console/reports{query}")
                for width in (320, 768, 1440):
                    page.set_viewport_size({"width": width, "height": 900})
                    if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
                        faults.append(f"{scheme} {query}: {wide} px wide at {width}")
                    violations = Axe().run(page).response["violations"]
                    faults += [
                        f"{scheme} {query} {each['id']}: {each['nodes'][0]['html'][:160]}" for each in violations
                    ]
            context.close()
    assert faults == [], "\n".join(faults)


def test_the_collect_page_tells_its_steps_once(house: tuple[Runtime, str, str], browser: Browser) -> None:
    runtime, base, _ = house
    context = browser.new_context(
        viewport={"width": 375, "height": 812}, permissions=["camera", "microphone"], user_agent=CHROME
    )
    page = context.new_page()
    page.goto(f"{base}/c/spring")
    wait_for(until(runtime, {"opened": 1}), seconds=20)
    page.locator('[data-act="camera"]').first.click()
    expect(page.locator('[data-act="record"]')).to_be_enabled(timeout=20_000)
    wait_for(until(runtime, {"opened": 1, "chosen": 1, "asked": 1, "allowed": 1}), seconds=20)
    page.locator('[data-act="record"]').click()
    expect(page.locator(".live.on")).to_be_visible(timeout=20_000)
    page.wait_for_timeout(5000)  # the countdown, and a second or two of recording
    page.locator('[data-act="stop"]').click()
    page.locator('[data-act="use"]').click(timeout=20_000)
    taken = dict.fromkeys(("opened", "chosen", "asked", "allowed", "started", "taken", "made", "form"), 1)
    wait_for(until(runtime, taken), seconds=20)
    page.get_by_role("button", name="Back", exact=True).click()
    page.locator('[data-act="use"]').click()
    page.get_by_role("textbox", name="Your name").fill("Maya")
    page.get_by_role("textbox", name="Email").fill("maya@example.org")
    page.get_by_role("checkbox", name="On their website").check(force=True)
    page.locator('[data-act="send"]').click()
    expect(page.locator('[data-screen="thanks"]')).to_be_visible(timeout=30_000)
    wait_for(until(runtime, {**taken, "sent": 1}), seconds=20)
    assert context.cookies() == []
    context.close()
