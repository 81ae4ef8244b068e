"""custom-elements.json says of the element what the element does, and docs/widget.md says the same."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page

from testimonials.domain.widget_config import LAYOUTS
from tests.project.tracked import ROOT
from tests.widgets.conftest import Answer, Host, Widget
from tests.widgets.test_element import open_page
from tests.widgets.test_layouts import FIRST, make_ready

SOURCES = ROOT / "widgets" / "src"
MANIFEST = ROOT / "widgets" / "custom-elements.json"
DOCS = (ROOT / "docs" / "widget.md").read_text()
ALL_PARTS = """[...document.querySelector('testimonial-widget').shadowRoot.querySelectorAll('[part]')]
  .flatMap((node) => [...node.part])"""


def declared() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(MANIFEST.read_text())["modules"][0]["declarations"][0]
    return found


def names(kind: str) -> set[str]:
    return {each["name"] for each in declared()[kind]}


def code() -> str:
    return "\n".join(path.read_text() for path in sorted(SOURCES.rglob("*.*")) if path.name != "conversion.js")


def test_attributes_are_those_that_the_code_reads_or_sets() -> None:
    element = (SOURCES / "element.js").read_text()
    read = set(re.findall(r"(?:get|has|set|toggle|remove)Attribute\('([\w-]+)'", element))
    observed = re.search(r"observedAttributes\(\) \{\s*return \[([^\]]+)\]", element)
    assert observed
    assert names("attributes") == read | set(re.findall(r"'(\w+)'", observed[1]))
    assert set(re.findall(r"^\| `([a-z]+)` \|", DOCS, re.MULTILINE)) >= names("attributes")


def test_the_layouts_of_the_attribute_are_those_of_the_product_and_each_has_its_part() -> None:
    [layout] = [each for each in declared()["attributes"] if each["name"] == "layout"]
    assert set(re.findall(r"'(\w+)'", layout["type"]["text"])) == set(LAYOUTS)
    assert {path.stem for path in SOURCES.glob("parts/layout-*.js")} == {f"layout-{name}" for name in LAYOUTS} - {
        "layout-wall"
    }
    assert all(f"`{name}`" in DOCS for name in LAYOUTS)


def test_events_are_those_that_are_sent() -> None:
    sent = set(re.findall(r"_announce\('(\w+)'", code()))
    reported = re.search(r"if \(/([a-z|]+)/\.test\(type\)\) host\._announce\(type", code())
    assert reported
    sent |= set(reported[1].split("|"))
    assert names("events") == {f"testimonial-widget:{name}" for name in sent}
    assert all(f"`{name}`" in DOCS for name in names("events"))


def test_custom_properties_are_those_that_are_read() -> None:
    assert names("cssProperties") == set(re.findall(r"--testimonial-[a-z]+", code()))
    assert all(f"`{name}`" in DOCS for name in names("cssProperties"))


@pytest.mark.browser
def test_every_part_is_really_there(page: Page, host: Host, widget: Widget) -> None:
    seen: set[str] = set()
    for layout in LAYOUTS:
        items = widget.wall(6)
        items[0]["disclosure"] = "Received a free tune-up."
        widget.serve(items, layout=layout, experiment={}, call={"label": "Book", "url": "https://spoke.example/"})
        open_page(page, host.page(host.snippet(widget)), wait_for=FIRST.get(layout, ".card"))
        make_ready(page, layout)
        if layout not in FIRST:
            page.locator(".play").first.click()
            page.locator(".speed").wait_for()
            page.locator(".share").first.click()
            page.locator(".own").wait_for()
        seen |= set(page.evaluate(ALL_PARTS))
    for path in [path for path in widget.origin.answers if path.endswith(".mp4")]:
        widget.origin.answers[path] = Answer(b"lost", "text/plain", 404)
    open_page(page, host.page(host.snippet(widget, attributes="layout=wall")))
    page.locator(".play").first.click()
    page.locator(".failure").wait_for()
    seen |= set(page.evaluate(ALL_PARTS))
    assert names("cssParts") - seen == set()
    listed = re.search(r"Parts for `::part\(\)`:(.+?)\. ", DOCS, re.DOTALL)
    assert listed
    assert set(re.findall(r"`(\w+)`", listed[1])) == names("cssParts")
