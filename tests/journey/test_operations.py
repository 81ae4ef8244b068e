"""Operations and the audit log in a browser: accessible and fitting, empty and full; and what changes shows without a reload."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect
from sqlalchemy import update

from testimonials.app import create_app
from testimonials.models import Job, Testimonial
from testimonials.runtime import Runtime
from testimonials.services import accounts, campaigns
from testimonials.upkeep import operations
from tests.acts import hand_in
from tests.browsers import signed_in
from tests.served import served

pytestmark = pytest.mark.browser
PAGES = (
    "operations",
    "operations?show=failed",
    "operations?show=all",
    "operations/audit",
    "operations/audit?to=2001-01-01",
    "operations/audit?from=x",
)
SCREENS = os.environ.get("SCREENS", "")


@pytest.fixture
def house(runtime: Runtime) -> Iterator[tuple[Runtime, str, str]]:
    """A running house: its runtime, its address, and the id of its workspace."""
    with served(runtime) as here:
        workspace = accounts.create_workspace(here, name="Copper Spoke")
        campaigns.create(here, workspace, slug="spring", name="Spring tune-up")
        yield here, here.settings.base_url, workspace


def fail_all(runtime: Runtime) -> None:
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Testimonial).values(media="failed", failure="timed_out"))
        failed = {
            "state": "failed",
            "failure": "timed_out",
            "attempts": 4,
            "timings": {"probing": 0.4, "encoding": 61.2},
        }
        transaction.execute(update(Job).values(**failed))


def test_pages_are_accessible_and_fit(house: tuple[Runtime, str, str], browser: Browser, tmp_path: Path) -> None:
    runtime, base, workspace = house
    member = accounts.add_member(runtime, workspace, email="marta@copper.example", role="owner")
    state = signed_in(browser, accounts.sign_in_link(runtime, member), tmp_path)
    faults: list[str] = []
    for filled in (False, True):
        if filled:
            client = create_app(runtime=runtime).test_client()
            for _ in range(3):
                hand_in(client, b"video")
            fail_all(runtime)
            operations.beat(runtime, name="copper-1", sandbox="bubblewrap", ffmpeg="7.1", slots=2)
        for scheme in ("light", "dark"):
            context = browser.new_context(color_scheme=scheme, storage_state=state)  # type: ignore[arg-type]
            page = context.new_page()
            for place in PAGES:
                page.goto(f"{base}/console/{place}")
                for width in (375, 768, 1440):
                    page.set_viewport_size({"width": width, "height": 900})
                    if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
                        faults.append(f"{scheme} {place}: {wide} px wide at {width}")
                    if SCREENS:
                        name = place.replace("/", "-").replace("?", "-")
                        page.screenshot(path=f"{SCREENS}/{name}-{filled}-{scheme}-{width}.png", full_page=True)
                violations = Axe().run(page).response["violations"]
                faults += [f"{scheme} {place} {each['id']}: {each['nodes'][0]['html'][:160]}" for each in violations]
            context.close()
    assert faults == [], "\n".join(faults)


def test_what_changes_shows_without_a_reload(house: tuple[Runtime, str, str], browser: Browser, tmp_path: Path) -> None:
    runtime, base, workspace = house
    member = accounts.add_member(runtime, workspace, email="marta@copper.example", role="owner")
    hand_in(create_app(runtime=runtime).test_client(), b"video")
    fail_all(runtime)
    state = signed_in(browser, accounts.sign_in_link(runtime, member), tmp_path)
    context = browser.new_context(storage_state=state)
    page = context.new_page()
    page.goto(f"{base}/console/operations?show=failed")
    heading = page.get_by_role("heading", name="The server").element_handle()
    expect(page.get_by_text("went over its time limit")).to_be_visible()
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Job).values(state="done", failure=None))
    expect(page.get_by_text("Nothing has failed")).to_be_visible(timeout=15_000)
    assert heading.evaluate("each => each.isConnected"), "what did not change stays where it is: nothing flickers"
    fail_all(runtime)
    page.reload()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("It is tried again.")).to_be_visible()
    context.close()
