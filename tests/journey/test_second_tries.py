"""What goes wrong once and is tried again: the take that was there before is still there, and goes out whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Playwright, Route, expect

from tests.installation import Installation, embedded
from tests.visitor import Visitor, visiting

pytestmark = [pytest.mark.browser, pytest.mark.media]
IN_USE = """() => {
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  window.cameraIsFree = false;
  navigator.mediaDevices.getUserMedia = (wish) =>
    window.cameraIsFree ? ask(wish) : Promise.reject(new DOMException("in use", "NotReadableError"));
}"""
UNPLUG = """() => {
  const { srcObject } = document.querySelector('[data-part="preview"]');
  srcObject.getVideoTracks()[0].dispatchEvent(new Event("ended"));
}"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with embedded(tmp_path_factory.mktemp("tries")) as found:
        with found.api() as api:
            assert api.post("/campaigns", json={"slug": "spring", "name": "Spring"}).status_code == 201
        yield found


@pytest.fixture
def visitor(
    house: Installation, playwright: Playwright, camera: tuple[Path, Path], tmp_path: Path
) -> Iterator[Visitor]:
    with visiting(playwright, tmp_path / "profile", camera) as found:
        found.open(f"{house.base}/c/spring")
        yield found


def record(visitor: Visitor, seconds: float) -> None:
    visitor.start()
    visitor.page.wait_for_timeout(seconds * 1000)


def button(visitor: Visitor, name: str) -> Locator:
    return visitor.page.get_by_role("button", name=name)


def offered(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("heading", name=re.compile("We kept what you recorded"))


def sent_segments(visitor: Visitor) -> int:
    """Sends what is on the review screen; returns how many segments went out."""
    visitor.use()
    visitor.fill_in()
    with visitor.page.expect_request(re.compile("/submissions$")) as sent:
        visitor.send()
    return len(sent.value.post_data_json["uploads"])


def test_what_the_server_refused_goes_out_when_it_is_sent_again(visitor: Visitor) -> None:
    def refuse(route: Route) -> None:
        body = '{"detail": "Not today.", "code": "too_large"}'
        answer = {"status": 413, "content_type": "application/problem+json", "body": body}
        route.fulfill(**answer) if route.request.method == "PATCH" else route.continue_()  # type: ignore[arg-type]

    line = re.compile("/uploads/")
    visitor.page.route(line, refuse)
    record(visitor, 3)
    visitor.stop()
    visitor.use()
    expect(visitor.page.get_by_role("heading", name="The server did not take this video")).to_be_visible()
    visitor.page.unroute(line)
    button(visitor, "Try again").click()
    visitor.fill_in()
    visitor.send()


def test_a_second_tap_on_add_to_it_costs_nothing(visitor: Visitor) -> None:
    record(visitor, 3)
    visitor.page.reload()
    expect(offered(visitor)).to_be_visible()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    visitor.page.route("**/studio.js", hold)  # a slow line: the screen is still there, so people tap again
    add = button(visitor, "Add to it")
    for _ in range(3):
        add.dispatch_event("click")
    visitor.page.wait_for_timeout(500)
    for route in held:
        route.continue_()
    visitor.begin()
    visitor.page.wait_for_timeout(2000)
    visitor.stop()
    assert sent_segments(visitor) == 2


def test_a_camera_that_was_in_use_adds_to_what_is_there_when_it_is_free(visitor: Visitor) -> None:
    record(visitor, 3)
    visitor.page.reload()
    expect(offered(visitor)).to_be_visible()
    visitor.page.evaluate(IN_USE)
    button(visitor, "Add to it").click()
    expect(visitor.page.get_by_role("heading", name="Another app has your camera")).to_be_visible()
    visitor.page.evaluate("window.cameraIsFree = true")
    button(visitor, "Try the camera again").click()
    visitor.begin()
    visitor.page.wait_for_timeout(2000)
    visitor.stop()
    assert sent_segments(visitor) == 2


def test_a_retake_that_is_cut_off_does_not_cost_the_first_take(visitor: Visitor) -> None:
    record(visitor, 5)
    visitor.stop()
    button(visitor, "Record again").click()
    visitor.begin()
    visitor.page.wait_for_timeout(1500)
    visitor.page.evaluate(UNPLUG)
    button(visitor, "Start over").click()
    button(visitor, "Delete it and start over").click()
    expect(offered(visitor)).to_contain_text("0:05")
    button(visitor, "Use it").click()
    assert sent_segments(visitor) == 1
