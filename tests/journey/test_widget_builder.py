"""The builder of a widget in Chromium: pins with the keyboard and the pointer, the call to action in the preview, and every way
onto a page really tried on one."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from testimonials.models import Widget
from testimonials.runtime import Runtime
from testimonials.services import accounts, campaigns, search, widgets
from tests.browsers import signed_in
from tests.journey.host_site import HostSite
from tests.month import shown
from tests.served import served
from widgets import npm
from widgets.build import esbuild

pytestmark = pytest.mark.browser
REACT = "19.2.0"


@dataclass
class House:
    runtime: Runtime
    workspace: str
    base: str
    link: str
    widget: Widget


@pytest.fixture
def house(runtime: Runtime) -> Iterator[House]:
    """A running house with Ada, Bo and Cy on a widget, the newest last."""
    with served(runtime) as here:
        workspace = accounts.create_workspace(here, name="Copper Spoke")
        campaigns.create(here, workspace, slug="spring", name="Spring tune-up")
        for name in ("Ada Berg", "Bo Chen", "Cy Dahl"):
            shown(here, workspace, name, rating=5)
        search.fill(here)
        wall = widgets.create(here, workspace, name="Home")
        member = accounts.add_member(here, workspace, email="marta@copper.example", role="owner")
        yield House(here, workspace, here.settings.base_url, accounts.sign_in_link(here, member), wall)


@pytest.fixture
def page(browser: Browser, house: House, tmp_path: Path) -> Iterator[Page]:
    context = browser.new_context(
        storage_state=signed_in(browser, house.link, tmp_path),
        viewport={"width": 1440, "height": 1000},
        permissions=["clipboard-read", "clipboard-write"],
        reduced_motion="reduce",
    )
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert errors == []
    context.close()


def test_pins_move_by_keyboard_and_pointer_and_are_seen_before_they_are_saved(house: House, page: Page) -> None:
    page.goto(f"{house.base}/console/widgets/{house.widget.token}")
    frame = page.frame_locator("[data-preview]")
    cards = frame.locator(".card .name")
    expect(cards).to_have_text(["Cy Dahl", "Bo Chen", "Ada Berg"], timeout=15_000)
    page.get_by_label("Find one to pin").focus()
    page.keyboard.type("ada")
    expect(page.locator("[data-found] button")).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[data-pins] b")).to_have_text(["Ada Berg"])
    expect(cards).to_have_text(["Ada Berg", "Cy Dahl", "Bo Chen"])
    page.get_by_label("Find one to pin").fill("bo")
    page.locator("[data-found] button").click()
    page.get_by_role("button", name="Move Bo Chen up").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-pins] b")).to_have_text(["Bo Chen", "Ada Berg"])
    expect(page.get_by_text("Bo Chen is number 1 now.")).to_be_attached()
    expect(cards).to_have_text(["Bo Chen", "Ada Berg", "Cy Dahl"])
    first, second = (page.locator("[data-pins] [data-grip]").nth(place) for place in (0, 1))
    second.scroll_into_view_if_needed()
    from_, to = second.bounding_box(), first.bounding_box()
    assert from_ is not None
    assert to is not None
    page.mouse.move(from_["x"] + 8, from_["y"] + 20)
    page.mouse.down()
    page.mouse.move(to["x"] + 8, to["y"] + 4, steps=8)
    page.mouse.up()
    expect(page.locator("[data-pins] b")).to_have_text(["Ada Berg", "Bo Chen"])
    expect(cards).to_have_text(["Ada Berg", "Bo Chen", "Cy Dahl"])
    page.get_by_role("button", name="Save").click()
    expect(page.locator("[data-state-words]")).to_have_text("Saved.")
    assert len(widgets.read(house.runtime, house.workspace, house.widget.token).widget.pins) == 2
    expect(cards).to_have_text(["Ada Berg", "Bo Chen", "Cy Dahl"])


def test_the_call_to_action_is_seen_on_every_page_and_width_before_it_is_saved(house: House, page: Page) -> None:
    page.goto(f"{house.base}/console/widgets/{house.widget.token}")
    frame = page.frame_locator("[data-preview]")
    page.get_by_label("On the button").fill("Book a tune-up")
    page.get_by_label("Link", exact=True).fill("https://spoke.example/book")
    page.get_by_text("UTM parameters").click()
    page.get_by_label("utm_source").fill("wall")
    call = frame.get_by_role("link", name="Book a tune-up")
    expect(call).to_have_attribute("href", "https://spoke.example/book?utm_source=wall")
    assert widgets.read(house.runtime, house.workspace, house.widget.token).widget.call == {}, "nothing is kept yet"
    for scheme in ("Dark", "Light"):
        page.get_by_role("button", name=scheme).click()
        expect(call).to_be_visible()
    for width in ("Tablet", "Phone", "Desktop"):
        page.get_by_role("button", name=width).click()
        expect(call).to_be_visible()
    for layout in ("Carousel", "Bubble", "Wall"):
        page.locator(".lay", has_text=layout).click()
        expect(frame.locator(".call")).to_have_count(1)
    here = page.url
    call.click()
    assert page.url == here, "the preview leads nowhere"
    page.get_by_role("button", name="Save").click()
    expect(page.locator("[data-state-words]")).to_have_text("Saved.")
    expect(call).to_be_visible()
    saved = widgets.read(house.runtime, house.workspace, house.widget.token).widget
    assert saved.call["utm"] == {"source": "wall"}
    page.get_by_label("Link", exact=True).fill("http://spoke.example")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("[data-error=call]")).to_contain_text("begins with https://")
    assert Axe().run(page).response["violations"] == []
    for pixels in (320, 768, 1440):
        page.set_viewport_size({"width": pixels, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= pixels


def test_each_way_onto_a_page(house: House, page: Page, browser: Browser, host_site: HostSite, tmp_path: Path) -> None:
    changes = {"call": {"label": "Book a tune-up", "url": "https://spoke.example/book"}}
    widgets.edit(house.runtime, house.workspace, house.widget.token, changes)
    address = f"{house.base}/console/widgets/{house.widget.token}"
    page.goto(address)
    expect(page.get_by_text("No page has reported this widget yet")).to_be_visible()
    page.get_by_role("button", name="Copy: HTML").click()
    expect(page.locator(".toast")).to_have_text("Code copied.")
    lines = {
        way.get_attribute("data-way"): way.locator("[data-copy-source]").all_text_contents()
        for way in page.locator("[data-way]").all()
    }
    assert page.evaluate("navigator.clipboard.readText()") == lines["html"][0]
    assert lines["html"] == lines["wordpress"] == lines["webflow"]
    section, schema = lines["shopify"][0].split("{% schema %}")
    assert '"presets"' in schema
    ssi, _, php, shell = lines["server"]
    fragment = tmp_path / "testimonials.html"
    subprocess.run(shell.split(), cwd=tmp_path, check=True)
    assert f"/{house.widget.token}.html" in ssi
    assert f"{house.base}/widget/{house.widget.token}.html" in php
    ways = {
        "html": lines["html"][0],
        "shopify": section,
        "iframe": lines["iframe"][0],
        "server": fragment.read_text(),
        "react": f"<main></main><script>{_bundled(lines['react'][0], tmp_path)}</script>",
        "link": lines["link"][0],
    }
    for way, snippet in ways.items():
        host_site.snippet = snippet
        # Without a script where it is to be there without one.
        context = browser.new_context(java_script_enabled=way != "server", viewport={"width": 1440, "height": 1800})
        host = context.new_page()
        host.goto(host_site.url)
        place = host.frame_locator("iframe") if way == "iframe" else host
        if way == "link":
            host.get_by_role("link", name="What our customers say").click()
        expect(place.locator(".card .name"), way).to_have_text(["Cy Dahl", "Bo Chen", "Ada Berg"], timeout=15_000)
        call = place.get_by_role("link", name="Book a tune-up")
        expect(call, way).to_have_attribute("href", "https://spoke.example/book")
        expect(call, way).to_be_visible()
        if way == "html":
            with host.expect_response(re.compile("/events$"), timeout=15_000):
                pass
        context.close()
    page.goto(address)
    expect(page.get_by_role("row", name=host_site.url.split("/")[2])).to_be_visible()
    assert Axe().run(page).response["violations"] == []


def _bundled(component: str, folder: Path) -> str:
    """The React component as a page has it, mounted twice, with the types it was written in."""
    modules = npm.install(f"react-{REACT}", f"react@{REACT}", f"react-dom@{REACT}")
    (folder / "Testimonials.tsx").write_text(component)
    entry = folder / "main.tsx"
    entry.write_text(
        'import { StrictMode, createElement } from "react";\nimport { createRoot } from "react-dom/client";\n'
        'import { Testimonials } from "./Testimonials";\nconst root = createRoot(document.querySelector("main")!);\n'
        "root.render(createElement(StrictMode, null, createElement(Testimonials)));\n"
    )
    (folder / "node_modules").symlink_to(modules)
    flags = ["--bundle", "--minify", "--jsx=automatic", '--define:process.env.NODE_ENV="production"']
    return esbuild(str(entry), *flags).decode().replace("</script", "<\\/script")
