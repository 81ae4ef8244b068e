"""The share dialog in full: every way of the registry, the sharer's own words, files and codes."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from testimonials.domain.sharing import NETWORKS
from tests.widgets.conftest import Answer, Host, Widget
from tests.widgets.test_element import COUNT_EVENTS, open_page

pytestmark = pytest.mark.browser

LINKED = [each for each in NETWORKS.values() if each.target]
SAME_TAB = {"email", "sms"}
SHARES_FILES = """
navigator.canShare = ({ files }) => files.every((file) => file.type === 'video/mp4');
navigator.share = async (data) => {
  window.given = [...(window.given || []), data.files ? [data.files[0].name, data.files[0].size] : data.text];
  if (window.stale) { window.stale = false; throw new DOMException('too late', 'NotAllowedError'); }
};
"""


def open_dialog(page: Page, host: Host, widget: Widget, number: int = 0) -> Locator:
    open_page(page, host.page(host.snippet(widget)))
    page.locator(".share").nth(number).click()
    dialog = page.get_by_role("dialog")
    dialog.locator(".own").wait_for()
    return dialog


def shared(page: Page) -> list[str]:
    """The networks of the events so far, in order."""
    found: list[str] = page.evaluate("heard.filter(([kind]) => kind === 'share').map(([, detail]) => detail.network)")
    return found


def test_every_network_of_the_registry_is_a_plain_link_in_the_feeds_order(
    page: Page, host: Host, widget: Widget
) -> None:
    names = list(reversed(list(NETWORKS)))
    widget.serve([widget.testimonial(0)], share=names)
    dialog = open_dialog(page, host, widget)
    for network in LINKED:
        link = dialog.get_by_role("link", name=network.label, exact=True)
        expect(link).to_have_attribute("href", f"{widget.origin.url}/t/t00/share/{network.name}")
        target, relation, signs = link.evaluate("(a) => [a.target, a.rel, a.querySelectorAll('svg path').length]")
        assert (target, relation, signs) == ("" if network.name in SAME_TAB else "_blank", "noopener", 1)
    shown = dialog.locator(".targets > *").evaluate_all("(all) => all.map((each) => each.textContent)")
    linked = {each.label for each in LINKED}
    assert [label for label in shown if label in linked] == [
        NETWORKS[name].label for name in names if NETWORKS[name].target
    ]
    box = dialog.bounding_box()
    assert box is not None
    assert box["height"] <= 900


def test_only_private_ways_where_the_customer_did_not_allow_the_networks(
    page: Page, host: Host, widget: Widget
) -> None:
    widget.serve([widget.testimonial(0, social=False, file=_file(widget))], share=list(NETWORKS))
    dialog = open_dialog(page, host, widget)
    shown = set(dialog.locator("a").evaluate_all("(all) => all.map((each) => each.textContent)"))
    assert shown == {each.label for each in LINKED if not each.social}


def test_the_sharers_own_words_go_with_every_link(page: Page, host: Host, widget: Widget) -> None:
    page.add_init_script(SHARES_FILES)
    links = {"share": f"{widget.origin.url}/t/{{token}}/share/{{network}}?place=widget"}
    widget.serve([widget.testimonial(0)], share=["native", "x", "mastodon", "email"], links=links)
    dialog = open_dialog(page, host, widget)
    words = dialog.get_by_label("Your words")
    expect(words).to_have_value("")
    words.fill("Ask for <Ruth> & co")
    for name in ("x", "mastodon", "email"):
        href = f"{widget.origin.url}/t/t00/share/{name}?place=widget&text=Ask+for+%3CRuth%3E+%26+co"
        expect(dialog.locator(f".{name}")).to_have_attribute("href", href)
    dialog.get_by_role("button", name="More", exact=True).click()
    assert page.evaluate("given") == ["Ask for <Ruth> & co"]
    words.fill(" ")
    expect(dialog.locator(".x")).to_have_attribute("href", f"{widget.origin.url}/t/t00/share/x?place=widget")


def test_mastodon_asks_for_the_server_once(context: BrowserContext, page: Page, host: Host, widget: Widget) -> None:
    page.add_init_script(COUNT_EVENTS)
    context.route("https://mastodon.example/**", lambda route: route.fulfill(body="<title>Toot</title>"))
    widget.serve(
        [widget.testimonial(0, quote="Good."), widget.testimonial(1, quote="Better.")], share=["mastodon", "copy"]
    )
    dialog = open_dialog(page, host, widget)
    dialog.get_by_role("link", name="Mastodon").click()
    server = dialog.get_by_label("Your Mastodon server")
    server.fill("no server")
    dialog.get_by_role("button", name="Go on").click()
    expect(server).to_be_focused()
    server.fill("https://mastodon.example/")
    with context.expect_page() as opened:
        page.keyboard.press("Enter")
    opened.value.wait_for_url("https://mastodon.example/**")
    assert opened.value.url.endswith(
        "/share?text=" + "Good.%20" + widget.origin.url.replace(":", "%3A").replace("/", "%2F") + "%2Fs%2FZq81kd02xP"
    )
    opened.value.close()
    page.keyboard.press("Escape")
    page.locator(".share").nth(1).click()
    with context.expect_page() as again:
        page.get_by_role("dialog").get_by_role("link", name="Mastodon").click()
    again.value.wait_for_url("https://mastodon.example/**")
    assert shared(page) == ["mastodon", "mastodon"]


def test_the_embed_code_frames_the_player_and_nothing_else(
    context: BrowserContext, page: Page, host: Host, widget: Widget
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=host.origin.url)
    page.add_init_script(COUNT_EVENTS)
    hostile = {"name": '"><script>alert(1)</script>', "title": "", "company": "", "verified": None}
    widget.serve([widget.testimonial(0, author=hostile)], share=["embed"])
    dialog = open_dialog_without_words(page, host, widget)
    dialog.get_by_role("button", name="Embed code").click()
    expect(page.get_by_role("status")).to_have_text("Copied")
    code = page.evaluate("navigator.clipboard.readText()")
    expect(dialog.get_by_label("Embed code")).to_have_value(code)
    host.origin.answers["/code"] = Answer(code.encode())
    page.goto(f"{host.origin.url}/code")
    frame = page.locator("iframe")
    expect(frame).to_have_attribute("src", f"{widget.origin.url}/t/t00/player")
    expect(frame).to_have_attribute("title", hostile["name"] or "")
    assert page.evaluate("document.body.children.length") == 1


def test_the_file_can_be_kept(page: Page, host: Host, widget: Widget) -> None:
    page.add_init_script(COUNT_EVENTS)
    widget.serve([widget.testimonial(0, file=_file(widget))], share=["download"])
    dialog = open_dialog_without_words(page, host, widget)
    link = dialog.get_by_role("link", name="Download")
    expect(link).to_have_attribute("href", f"{widget.origin.url}/media/320.mp4?download=")
    link.evaluate("(a) => a.addEventListener('click', (event) => event.preventDefault())")
    link.click()
    assert shared(page) == ["download"]
    widget.serve([widget.testimonial(0, file={"src": "javascript:alert(1)", "type": "video/mp4"})], share=["download"])
    dialog = open_dialog_without_words(page, host, widget)
    page.wait_for_timeout(500)
    expect(dialog.locator(".targets > *")).to_have_count(0)


def test_a_qr_code_that_cannot_be_had_says_so_and_may_be_asked_for_again(
    page: Page, host: Host, widget: Widget
) -> None:
    page.add_init_script(COUNT_EVENTS)
    widget.serve([widget.testimonial(0)], share=["qr"])
    mint = widget.origin.answers.pop("POST /t/t00/shares")
    dialog = open_dialog_without_words(page, host, widget)
    dialog.locator(".qr").click()
    expect(dialog.locator(".qr")).to_have_text("Not there now")
    expect(dialog.locator(".code")).to_have_count(0)
    assert shared(page) == []
    widget.origin.answers["POST /t/t00/shares"] = mint
    widget.origin.answers["/s/Zq81kd02xP/qr.svg"] = widget.origin.answers["/media/square.jpg"]
    dialog.locator(".qr").click()
    expect(dialog.get_by_alt_text("QR code of the link")).to_be_visible()
    expect(dialog.locator(".qr")).to_have_text("QR code")
    page.wait_for_function("heard.some(([kind]) => kind === 'share')")
    dialog.locator(".qr").click()
    expect(dialog.locator(".code")).to_have_count(0)
    dialog.locator(".qr").click()
    expect(dialog.locator(".code")).to_be_visible()
    assert len([path for path, _, _ in widget.origin.posted if path == "/t/t00/shares"]) == 2, "one link for one dialog"
    assert [body for path, _, body in widget.origin.posted if path == "/t/t00/shares"][-1] == {"network": "qr"}


def test_the_devices_sheet_takes_the_upright_video_in_at_most_two_taps(page: Page, host: Host, widget: Widget) -> None:
    page.add_init_script(SHARES_FILES)
    page.add_init_script(COUNT_EVENTS)
    widget.serve([widget.testimonial(0, file=_file(widget))], share=["native", "copy"])
    dialog = open_dialog(page, host, widget)
    size = len(widget.origin.answers["/media/320.mp4"].body)
    assert not [path for path in widget.origin.asked if path.endswith(".mp4")], "nothing is fetched before the tap"
    page.evaluate("window.stale = true")
    dialog.get_by_role("button", name="Video").click()
    dialog.get_by_role("button", name="Tap again").click()
    expect(dialog.get_by_role("button", name="Video")).to_be_visible()
    assert page.evaluate("given") == [["testimonial.mp4", size]] * 2
    assert widget.origin.asked.count("/media/320.mp4") == 1
    assert shared(page) == ["native"]


def test_a_device_that_takes_no_files_is_offered_none(page: Page, host: Host, widget: Widget) -> None:
    page.add_init_script("navigator.share = async () => {}; navigator.canShare = ({ files }) => !files")
    widget.serve([widget.testimonial(0, file=_file(widget))], share=["native", "copy"])
    dialog = open_dialog(page, host, widget)
    expect(dialog.get_by_role("button", name="More", exact=True)).to_be_visible()
    expect(dialog.get_by_role("button", name="Video")).to_have_count(0)


def open_dialog_without_words(page: Page, host: Host, widget: Widget) -> Locator:
    open_page(page, host.page(host.snippet(widget)))
    page.locator(".share").first.click()
    return page.get_by_role("dialog")


def _file(widget: Widget) -> dict[str, str]:
    return {"src": f"{widget.origin.url}/media/320.mp4", "type": "video/mp4"}
