"""Sharing, conversions, rewards, experiments and the widget builder in a browser: no accessibility violation, nothing sticks
out, nothing a person typed runs, and what a hand does there works."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select, update

from testimonials.models import Experiment, ExperimentDay, Share
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.services import accounts, campaigns, experiments, widgets
from tests.browsers import signed_in
from tests.month import converted, month, shared, shown
from tests.served import served

pytestmark = pytest.mark.browser
NAUGHTY = '"><img src=x onerror="window.ran=1"> </title><script>window.ran=1</script> \u202e {{7*7}}'


@pytest.fixture
def house(runtime: Runtime) -> Iterator[tuple[Runtime, str, str, dict[str, str]]]:
    """A running house with a month of sharing in it: its runtime, its address, a link that signs in, and the pages."""
    with served(runtime) as here:
        workspace = accounts.create_workspace(here, name="Copper Spoke")
        campaigns.create(here, workspace, slug="spring", name="Spring tune-up")
        farthest = month(here, workspace, "spring")
        evil = shown(here, workspace, NAUGHTY[:80], text=NAUGHTY)
        share = shared(here, evil, visits=4, plays=1)
        converted(here, workspace, share, share, key=NAUGHTY[:100])
        wall = widgets.create(here, workspace, name=NAUGHTY[:100])
        running = experiments.create(here, workspace, widget=wall.token, name=NAUGHTY[:100])
        done = experiments.create(
            here, workspace, widget=wall.token, name="Done", kind="layout", layout_a="wall", layout_b="list"
        )
        experiments.start(here, workspace, running.id)
        _finish(here, done.id)
        member = accounts.add_member(here, workspace, email="marta@copper.example", role="owner")
        paths = {
            "sharing": "/console/sharing?days=90",
            "tree": f"/console/sharing?tree={farthest.token}",
            "bad-dates": "/console/sharing?from=x&to=y",
            "waiting": "/console/conversions",
            "counted": "/console/conversions?state=approved",
            "rewards": "/console/rewards",
            "experiments": "/console/experiments",
            "running": f"/console/experiments/{running.id}",
            "answered": f"/console/experiments/{done.id}",
            "widgets": "/console/widgets",
            "builder": f"/console/widgets/{wall.token}",
            "campaign": "/console/campaigns/spring",
        }
        yield here, here.settings.base_url, accounts.sign_in_link(here, member), paths


def _finish(runtime: Runtime, made: str) -> None:
    with runtime.db.transaction() as transaction:
        transaction.execute(
            update(Experiment).where(Experiment.id == made).values(state="full", ended_at=now().replace(year=2025))
        )
        for arm, conversions in (("a", 150), ("b", 240)):
            row = ExperimentDay(experiment_id=made, day=now().date(), arm=arm, visitors=5400, conversions=conversions)
            row.plays = row.shares = 7
            transaction.add(row)


def _faults(page: Page, name: str) -> list[str]:
    found = []
    for width in (320, 768, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
            found.append(f"{name}: {wide} px wide at {width}")
    violations = Axe().run(page).response["violations"]
    found += [f"{name}: {each['id']}: {each['nodes'][0]['html'][:160]}" for each in violations]
    if page.evaluate("window.ran || document.querySelector('iframe')?.contentWindow.ran"):
        found.append(f"{name}: something that a person typed was run")
    return found


def test_every_page_of_it(house: tuple[Runtime, str, str, dict[str, str]], browser: Browser, tmp_path: Path) -> None:
    _, base, link, paths = house
    state = signed_in(browser, link, tmp_path)
    faults: list[str] = []
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme, storage_state=state)  # type: ignore[arg-type]
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error, errors=errors: errors.append(str(error)))
        for name, path in paths.items():
            answer = page.goto(base + path)
            assert answer is not None
            assert answer.status == 200, name
            page.wait_for_load_state("networkidle")
            faults += _faults(page, f"{scheme} {name}")
        faults += errors
        context.close()
    assert faults == [], "\n".join(faults)


def test_a_hand_at_the_builder_and_at_the_queue(
    house: tuple[Runtime, str, str, dict[str, str]], browser: Browser, tmp_path: Path
) -> None:
    runtime, base, link, paths = house
    context = browser.new_context(
        storage_state=signed_in(browser, link, tmp_path), viewport={"width": 1440, "height": 900}
    )
    page = context.new_page()
    page.goto(base + paths["builder"])
    frame = page.frame_locator("[data-preview]")
    expect(frame.locator("testimonial-widget")).to_contain_text("Nobody noticed", timeout=15_000)
    page.locator(".lay", has_text="List").click()
    expect(frame.locator("testimonial-widget")).to_have_attribute("layout", "list")
    expect(page.locator("[data-state-words]")).to_have_text("Not saved yet.")
    page.get_by_role("button", name="Phone").click()
    expect(page.get_by_role("button", name="Phone")).to_have_attribute("aria-pressed", "true")
    assert frame.locator("html").evaluate("() => innerWidth") == 375
    page.get_by_role("button", name="Move X up").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Name", exact=True).fill("Front page")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("[data-state-words]")).to_have_text("Saved.")
    token = paths["builder"].rsplit("/", 1)[1]
    with runtime.db.read() as session:
        workspace = session.query(Experiment.workspace_id).first()[0]  # type: ignore[index]
    saved = widgets.read(runtime, workspace, token)
    assert (saved.widget.name, saved.widget.layout, saved.widget.share[0]) == ("Front page", "list", "x")
    assert saved.seen_at is None, "looking at it is not being installed"
    page.goto(base + paths["waiting"])
    before = page.locator("article").count()
    page.get_by_role("button", name="Count it").first.click()
    expect(page.locator("article")).to_have_count(before - 1)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("article")).to_have_count(before)
    page.goto(base + paths["rewards"])
    page.get_by_text("Give it", exact=True).first.click()
    page.get_by_role("button", name="Give the code").first.click()
    expect(page.get_by_role("status").filter(has_text="Given: SPOKE-")).to_be_visible()
    context.close()


def test_the_business_shares_from_the_console_by_the_common_row(
    house: tuple[Runtime, str, str, dict[str, str]], browser: Browser, tmp_path: Path
) -> None:
    """On a testimonial that came without loading the page anew, with a live CSRF token."""
    runtime, base, link, _ = house
    context = browser.new_context(
        storage_state=signed_in(browser, link, tmp_path),
        viewport={"width": 1440, "height": 900},
        permissions=["clipboard-read", "clipboard-write"],
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(f"{base}/console/?status=approved")
    page.locator(".queue .row").nth(1).click()
    expect(page.locator(".queue .row").nth(1)).to_have_attribute("aria-current", "true")
    page.get_by_text("Share it yourself").click()
    page.get_by_text("More ways to share").click()
    page.get_by_role("link", name="Copy link").click()
    expect(page.get_by_role("link", name="Link copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").startswith(f"{base}/s/")
    page.get_by_role("link", name="QR code").click()
    expect(page.get_by_role("dialog").locator("img")).to_have_js_property("complete", True)
    assert page.get_by_role("dialog").locator("img").evaluate("image => image.naturalWidth") > 0
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    page.screenshot(path=tmp_path / "panel.png")
    page.get_by_role("link", name="Mastodon").click()
    expect(page.get_by_label("Your Mastodon server")).to_be_focused()
    page.keyboard.type("J")
    expect(page.locator(".queue .row").nth(1)).to_have_attribute("aria-current", "true")  # no shortcut while typing
    with runtime.db.read() as session:
        made = session.execute(select(Share.network, Share.sharer).where(Share.place == "console")).all()
    assert {("copy", "business"), ("qr", "business")} <= {tuple(row) for row in made}
    context.close()
