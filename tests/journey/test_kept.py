"""What the page keeps on the device: offered again, added to, deleted, in one tab only; and what it says where it cannot."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Playwright, expect

from tests import acts
from tests.installation import Installation, embedded, until, wait_for
from tests.visitor import Visitor, visiting

pytestmark = [pytest.mark.browser, pytest.mark.media]
THROWS = "IDBFactory.prototype.open = () => { throw new DOMException('not here', 'SecurityError'); };"
NEVER = "IDBFactory.prototype.open = () => new EventTarget();"
NO_LOCKS = "Object.defineProperty(Navigator.prototype, 'locks', { get: () => undefined });"
KEPT = """() => new Promise((resolve) => {
  const request = indexedDB.open("testimonials-recorder");
  request.onsuccess = () => {
    const transaction = request.result.transaction(["takes", "chunks"]);
    const [takes, chunks] = [transaction.objectStore("takes").getAll(), transaction.objectStore("chunks").getAllKeys()];
    transaction.oncomplete = () => { request.result.close(); resolve({ takes: takes.result, chunks: chunks.result }); };
  };
})"""


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with embedded(tmp_path_factory.mktemp("kept")) as found:
        with found.api() as api:
            assert api.post("/campaigns", json={"slug": "spring", "name": "Spring"}).status_code == 201
        yield found


@pytest.fixture
def url(installation: Installation) -> str:
    return f"{installation.base}/c/spring"


@pytest.fixture
def visitor(playwright: Playwright, camera: tuple[Path, Path], tmp_path: Path) -> Iterator[Visitor]:
    with visiting(playwright, tmp_path / "profile", camera) as found:
        yield found


def record(visitor: Visitor, seconds: float) -> None:
    visitor.start()
    visitor.page.wait_for_timeout(seconds * 1000)


def offered(page: Page) -> Any:
    return page.get_by_role("heading", name=re.compile("We kept what you recorded"))


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def kept(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(KEPT)
    return found


def accessible(page: Page) -> None:
    assert Axe().run(page).response["violations"] == []


def offset(address: str) -> int:
    return int(httpx.head(address, headers=acts.TUS).headers["Upload-Offset"])


def test_a_reloaded_page_offers_it_and_a_second_segment_is_joined(
    visitor: Visitor, url: str, installation: Installation
) -> None:
    visitor.open(url)
    record(visitor, 4)
    first = visitor.recorded()
    visitor.page.reload()
    expect(offered(visitor.page)).to_be_visible()
    press(visitor.page, "Add to it")
    visitor.begin()
    visitor.page.wait_for_timeout(3000)
    visitor.stop()
    visitor.use()
    visitor.fill_in()
    with visitor.page.expect_request(re.compile("/submissions$")) as sent:
        token = visitor.send()
    assert len(sent.value.post_data_json["uploads"]) == 2
    wait_for(lambda: visitor.page.wait_for_timeout(100) or kept(visitor.page) == {"takes": [], "chunks": []}, 5)
    with installation.api() as api:
        ready = until(api, token, "ready")
    assert ready["duration_seconds"] > first - 2 + 3 - 0.5, ready


def test_what_another_tab_records_is_not_offered_until_that_tab_is_gone(visitor: Visitor, url: str) -> None:
    visitor.open(url)
    record(visitor, 2.5)
    other = visitor.context.new_page()
    other.goto(url)
    other.wait_for_timeout(2000)
    expect(offered(other)).to_be_hidden()
    visitor.page.close()
    other.reload()
    expect(offered(other)).to_be_visible()


def test_without_web_locks_a_silent_tab_counts_as_gone(
    playwright: Playwright, camera: tuple[Path, Path], tmp_path: Path, url: str
) -> None:
    with visiting(playwright, tmp_path / "profile", camera, NO_LOCKS) as visitor:
        visitor.open(url)
        record(visitor, 2.5)
        other = visitor.context.new_page()
        other.goto(url)
        other.wait_for_timeout(2000)
        expect(offered(other)).to_be_hidden()
        other.close()
        visitor.kill()
    with visiting(playwright, tmp_path / "profile", camera, NO_LOCKS) as visitor:
        visitor.open(url)
        expect(offered(visitor.page)).to_be_visible(timeout=15_000)


def test_starting_over_asks_and_then_leaves_nothing(visitor: Visitor, url: str) -> None:
    visitor.open(url)
    record(visitor, 3)
    (upload,) = {segment["url"] for take in kept(visitor.page)["takes"] for segment in take["segments"]}
    visitor.page.reload()
    expect(offered(visitor.page)).to_be_visible()
    accessible(visitor.page)
    press(visitor.page, "Start over")
    expect(visitor.page.get_by_role("group").get_by_text("It cannot be brought back")).to_be_visible()
    accessible(visitor.page)
    press(visitor.page, "Keep it")
    press(visitor.page, "Start over")
    press(visitor.page, "Delete it and start over")
    expect(visitor.page.get_by_role("button", name="Start with my camera")).to_be_visible()
    wait_for(lambda: visitor.page.wait_for_timeout(100) or kept(visitor.page) == {"takes": [], "chunks": []}, 5)
    assert httpx.head(upload, headers=acts.TUS).status_code == 404
    visitor.page.reload()
    visitor.page.wait_for_timeout(1000)
    expect(offered(visitor.page)).to_be_hidden()


def test_an_upload_that_the_server_forgot_is_sent_anew_from_the_device(
    visitor: Visitor, url: str, installation: Installation
) -> None:
    visitor.open(url)
    record(visitor, 4)
    (upload,) = {segment["url"] for take in kept(visitor.page)["takes"] for segment in take["segments"]}
    visitor.page.reload()
    expect(offered(visitor.page)).to_be_visible()
    assert httpx.delete(upload, headers=acts.TUS).status_code == 204
    press(visitor.page, "Use it")
    visitor.use()
    visitor.fill_in()
    token = visitor.send()
    with installation.api() as api:
        assert until(api, token, "ready")["duration_seconds"] > 1.5


def test_an_upload_goes_on_from_where_the_server_is(visitor: Visitor, url: str) -> None:
    visitor.open(url)
    record(visitor, 4)
    (upload,) = {segment["url"] for take in kept(visitor.page)["takes"] for segment in take["segments"]}
    # From here on nothing gets through, so that something is left to send, however fast the machine is.
    line = re.compile("/uploads/")
    visitor.page.route(line, lambda each: each.abort() if each.request.method == "PATCH" else each.continue_())
    visitor.page.wait_for_timeout(2500)
    visitor.page.reload()
    expect(offered(visitor.page)).to_be_visible()
    visitor.page.unroute(line)
    before = offset(upload)
    assert before > 0
    starts: list[int] = []
    visitor.page.on(
        "request", lambda each: starts.append(int(each.headers["upload-offset"])) if each.method == "PATCH" else None
    )
    press(visitor.page, "Use it")
    visitor.use()
    visitor.fill_in()
    visitor.send()
    assert starts and min(starts) == before
    assert offset(upload) > before


def test_a_crash_in_a_retake_leaves_the_earlier_take_too(visitor: Visitor, url: str) -> None:
    visitor.open(url)
    record(visitor, 5)
    visitor.stop()
    press(visitor.page, "Record again")
    visitor.begin()
    visitor.page.wait_for_timeout(2500)
    visitor.page.reload()
    # How much came in time depends on the machine.
    expect(offered(visitor.page)).to_contain_text(re.compile("0:0[123]"))
    press(visitor.page, "Start over")
    press(visitor.page, "Delete it and start over")
    expect(offered(visitor.page)).to_contain_text("0:05")
    press(visitor.page, "Use it")
    visitor.use()
    visitor.fill_in()
    visitor.send()


@pytest.mark.parametrize("broken", [THROWS, NEVER], ids=["throws", "never settles"])
def test_blocked_storage_is_said_and_recording_goes_on(
    playwright: Playwright, camera: tuple[Path, Path], tmp_path: Path, url: str, installation: Installation, broken: str
) -> None:
    with visiting(playwright, tmp_path / "profile", camera, broken) as visitor:
        visitor.open(url)
        record(visitor, 2)
        note = visitor.page.get_by_text("This browser keeps no copies, so please keep this page open")
        expect(note).to_be_visible(timeout=8000)
        asked: list[str] = []
        visitor.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
        visitor.page.close(run_before_unload=True)
        wait_for(lambda: visitor.page.wait_for_timeout(100) or asked == ["beforeunload"], 5)
        visitor.stop()
        visitor.use()
        expect(note).to_be_visible()
        accessible(visitor.page)
        visitor.fill_in()
        token = visitor.send()
        expect(note).to_be_hidden()
    with installation.api() as api:
        until(api, token, "ready")


def test_a_full_device_is_said_and_recording_goes_on(visitor: Visitor, url: str, installation: Installation) -> None:
    visitor.open(url)
    browser = visitor.context.new_cdp_session(visitor.page)
    browser.send("Storage.overrideQuotaForOrigin", {"origin": installation.base, "quotaSize": 20_000})
    record(visitor, 3)
    note = visitor.page.get_by_text("This device has no room for a copy, so please keep this page open")
    expect(note).to_be_visible(timeout=8000)
    browser.send("Storage.overrideQuotaForOrigin", {"origin": installation.base})
    expect(note).to_be_hidden(timeout=10_000)  # room was made, and what had waited in memory was written after all
    visitor.page.wait_for_timeout(1500)
    visitor.page.reload()
    expect(offered(visitor.page)).to_be_visible()


def test_leaving_asks_nothing_while_everything_is_kept(visitor: Visitor, url: str) -> None:
    visitor.open(url)
    record(visitor, 3)
    asked: list[str] = []
    visitor.page.on("dialog", lambda dialog: asked.append(dialog.type))
    other = visitor.context.new_page()
    visitor.page.close(run_before_unload=True)
    other.wait_for_timeout(1000)
    assert asked == []
    assert visitor.page.is_closed()


def test_uploads_go_on_after_a_sleep_and_without_the_network(visitor: Visitor, url: str) -> None:
    visitor.open(url)
    visitor.start()
    visitor.context.set_offline(True)
    visitor.page.wait_for_timeout(3000)
    visitor.stop()
    visitor.use()
    expect(visitor.page.get_by_text(re.compile("re offline"))).to_be_visible()
    browser = visitor.context.new_cdp_session(visitor.page)
    browser.send("Page.setWebLifecycleState", {"state": "frozen"})
    visitor.context.set_offline(False)
    browser.send("Page.setWebLifecycleState", {"state": "active"})
    expect(visitor.page.get_by_text("Your video has arrived")).to_be_visible(timeout=10_000)


def test_an_answer_that_got_lost_is_asked_for_again_and_is_the_same(visitor: Visitor, url: str) -> None:
    visitor.open(url)
    record(visitor, 3)
    visitor.stop()
    visitor.use()
    visitor.fill_in()
    answers: list[str] = []
    visitor.page.route(
        re.compile("/submissions$"),
        lambda route: answers.append(route.fetch().json()["testimonial"]["token"]),  # and the page never hears of it
    )
    press(visitor.page, "Send to My workspace")
    wait_for(lambda: visitor.page.wait_for_timeout(100) or answers, 10)
    visitor.page.reload()
    visitor.page.unroute_all()
    expect(offered(visitor.page)).to_be_visible()
    press(visitor.page, "Use it")
    visitor.use()
    visitor.fill_in()
    assert [visitor.send()] == answers


def test_one_question_at_a_time_makes_segments_that_are_sent_in_order(
    visitor: Visitor, installation: Installation
) -> None:
    with installation.api() as api:
        questions = [{"text": "What changed?"}, {"text": "Who else should try it?"}]
        body = {"slug": "two", "name": "Two", "one_by_one": True, "questions": questions}
        assert api.post("/campaigns", json=body).status_code == 201
    visitor.open(f"{installation.base}/c/two")
    record(visitor, 3)
    press(visitor.page, "Next")
    press(visitor.page, "Ready? Go")
    visitor.page.wait_for_timeout(3000)
    (take,) = kept(visitor.page)["takes"]
    assert [(each["question"], each["finished"]) for each in take["segments"]] == [(0, True), (1, False)]
    visitor.page.reload()
    expect(offered(visitor.page)).to_be_visible()
    press(visitor.page, "Use it")
    visitor.use()
    visitor.fill_in()
    with visitor.page.expect_request(re.compile("/submissions$")) as sent:
        token = visitor.send()
    uploads = [each["url"].rsplit("/", 1)[1] for each in take["segments"]]
    assert sent.value.post_data_json["uploads"] == uploads
    with installation.api() as api:
        assert until(api, token, "ready")["duration_seconds"] > 3
