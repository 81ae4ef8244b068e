"""What search engines, previews and other sites find, read by parsers that we did not write."""

from __future__ import annotations

import json
import warnings
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

import feedparser
import pytest
from flask.testing import FlaskClient
from lxml import etree
from micawber import Provider
from sqlalchemy import update

from testimonials.models import Testimonial, Widget
from testimonials.runtime import Runtime
from testimonials.services import widgets
from testimonials.sharing import discovery
from tests.conftest import Someone
from tests.web.on_show import BASE, NAME, show

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import extruct


@pytest.fixture
def shown(customer: FlaskClient, runtime: Runtime, owner: Someone) -> str:
    return show(customer, runtime)


@pytest.fixture
def widget(runtime: Runtime, owner: Someone) -> Widget:
    return widgets.create(runtime, owner.workspace_id, name="Home & garden", layout="wall", campaigns=[])


class _Client(Provider):
    """An oEmbed client of others; its requests go through the test client instead of a socket."""

    def __init__(self, customer: FlaskClient) -> None:
        super().__init__(f"{BASE}/oembed")
        self.customer = customer

    def fetch(self, url: str) -> Any:
        return self.customer.get(url.removeprefix(BASE)).text


def test_an_oembed_client_gets_a_frame_of_the_size_it_asked_for(customer: FlaskClient, shown: str) -> None:
    found = _Client(customer).request(f"{BASE}/t/{shown}", maxwidth=320)
    assert (found["type"], found["width"], found["height"], found["version"]) == ("video", 320, 180, "1.0")
    frame = etree.HTML(found["html"]).find(".//iframe")
    assert (frame.get("src"), frame.get("width")) == (f"{BASE}/t/{shown}/player", "320")
    assert frame.get("title") == f"{NAME} about Copper Spoke"
    assert customer.get(f"/t/{shown}/player").status_code == 200


@pytest.mark.parametrize(
    ("asked", "size"),
    [
        ("", (640, 360)),
        ("&maxheight=90", (160, 90)),
        ("&maxwidth=5000", (640, 360)),
        ("&maxwidth=100&maxheight=20", (35, 20)),
    ],
)
def test_sizes_keep_their_shape_and_never_grow(
    customer: FlaskClient, shown: str, asked: str, size: tuple[int, int]
) -> None:
    found = customer.get(f"/oembed?url={quote(f'{BASE}/t/{shown}')}{asked}").json
    assert (found["width"], found["height"]) == size


def test_an_upright_clip_gets_an_upright_frame(customer: FlaskClient, runtime: Runtime, owner: Someone) -> None:
    token = show(customer, runtime, size=(720, 1280))
    found = customer.get(f"/oembed?url={quote(f'{BASE}/t/{token}')}").json
    assert (found["width"], found["height"]) == (360, 640)


def test_words_alone_are_rich(customer: FlaskClient, runtime: Runtime, owner: Someone) -> None:
    sent = {"name": NAME, "email": "m@example.org", "kind": "text", "text": "Ten words & more <i>of praise</i>."}
    given = customer.post("/c/spring/submissions", json={**sent, "consent": ["website"]}).json["testimonial"]
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Testimonial).values(review="approved"))
    address = quote(f"{BASE}/t/{given['token']}")
    found = customer.get(f"/oembed?url={address}&maxwidth=300").json
    assert (found["type"], found["width"]) == ("rich", 300)
    page = customer.get(f"/t/{given['token']}/player").text
    assert "&lt;i&gt;of praise" in page
    assert "<i>of praise" not in page


def test_xml_says_the_same(customer: FlaskClient, shown: str) -> None:
    answer = customer.get(f"/oembed?url={quote(f'{BASE}/t/{shown}')}&format=xml")
    root = etree.fromstring(answer.data)
    same = customer.get(f"/oembed?url={quote(f'{BASE}/t/{shown}')}").json
    assert {each.tag: each.text for each in root} == {name: str(value) for name, value in same.items()}


@pytest.mark.parametrize(
    "url",
    [
        "", "javascript:alert(1)", "http://evil.example/t/x", "http://127.0.0.1/t/x", "//127.0.0.1:8000/t/x",
        f"{BASE}@evil.example/t/x", f"{BASE}/my/x", f"{BASE}/t/x/player", f"{BASE}/t/unknown", "file:///etc/passwd",
        f"{BASE}/t/../console/", f"{BASE}/T/x", "data:text/html,x", "http://[", "http://[::1]:8000/t/x", f"{BASE}:80/t/x",
        "http://user:pass@127.0.0.1:8000/t/{token}", "http://127.0.0.1:8000@evil.example/t/{token}", "http://localhost:8000/t/{token}",
        "http://127.0.0.1:8001/t/{token}", "http://127.1:8000/t/{token}", "http://0x7f000001:8000/t/{token}", "https://127.0.0.1:8000/t/{token}",
        f"{BASE}/t/%2e%2e/console", f"{BASE}%2ft%2f{{token}}", f"{BASE}/t%2f{{token}}", f"{BASE}\\@evil.example/t/{{token}}",
        f"{BASE}/t/{{token}}/..%2f", f"{BASE}/t/{{token}}%00", "JAVASCRIPT:alert(1)//{token}", "vbscript:{token}",
        f"view-source:{BASE}/t/{{token}}",
    ],
)  # fmt: skip
def test_foreign_addresses_get_nothing_and_are_not_echoed(customer: FlaskClient, shown: str, url: str) -> None:
    url = url.replace("{token}", shown)
    answer = customer.get(f"/oembed?url={quote(url, safe='')}")
    assert answer.status_code == 404
    assert not url or url not in answer.text


@pytest.mark.parametrize("tail", ["", "/", "?via=abc&x=1", "#words"])
def test_the_address_that_people_paste_is_ours_too(customer: FlaskClient, shown: str, tail: str) -> None:
    assert customer.get("/oembed", query_string={"url": f"{BASE}/t/{shown}{tail}"}).json["type"] == "video"


def test_odd_questions_are_refused(customer: FlaskClient, shown: str) -> None:
    url = f"/oembed?url={quote(f'{BASE}/t/{shown}')}"
    assert customer.get(f"{url}&format=yaml").status_code == 501
    for size in ("0", "-1", "x", "1e9", "9" * 40):
        assert customer.get(f"{url}&maxwidth={size}").status_code == 400


def test_previews_find_image_video_and_description(customer: FlaskClient, shown: str) -> None:
    page = customer.get(f"/t/{shown}").text
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = extruct.extract(page, base_url=f"{BASE}/t/{shown}", syntaxes=["opengraph", "json-ld"])
    graph = dict(found["opengraph"][0]["properties"])
    assert graph["og:title"] == f"{NAME} about Copper Spoke"
    assert (graph["og:type"], graph["og:image:width"], graph["og:video:type"]) == ("video.other", "1200", "video/mp4")
    assert graph["og:url"] == f"{BASE}/t/{shown}"
    (video,) = found["json-ld"]
    assert (video["@type"], video["duration"]) == ("VideoObject", "PT1M1S")
    assert video["name"] == f"{NAME} about Copper Spoke"
    assert datetime.fromisoformat(video["uploadDate"]).tzinfo == UTC
    assert {"name", "description", "thumbnailUrl", "uploadDate", "contentUrl", "embedUrl"} <= set(video)
    assert "Review" not in json.dumps(found), "a business's own testimonials are no reviews to search engines"
    head = etree.HTML(page)
    (discovery,) = head.xpath("//link[@type='application/json+oembed']/@href")
    assert customer.get(discovery.removeprefix(BASE)).json["type"] == "video"


def test_a_feed_reader_reads_the_feed(customer: FlaskClient, shown: str, widget: Widget) -> None:
    feed = feedparser.parse(customer.get(f"/feed/{widget.token}.rss").data)
    assert not feed.bozo, feed.get("bozo_exception")
    assert feed.feed.title == "Home & garden"
    (entry,) = feed.entries
    assert (entry.link, entry.enclosures[0].type) == (f"{BASE}/t/{shown}", "video/mp4")
    assert entry.media_thumbnail[0]["url"].endswith("share.jpg")
    assert customer.get("/feed/unknown.rss").status_code == 404


def test_the_sitemap_names_what_is_onshow(
    customer: FlaskClient, runtime: Runtime, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "SITEMAP_FRESH_SECONDS", 0)

    def listed() -> list[str]:
        root = etree.fromstring(customer.get("/sitemap.xml").data)
        found = root.findall("{http://www.sitemaps.org/schemas/sitemap/0.9}url")
        assert all(each.find("{http://www.google.com/schemas/sitemap-video/1.1}video") is not None for each in found)
        return [each[0].text for each in found]

    assert listed() == [f"{BASE}/t/{shown}"]
    assert f"Sitemap: {BASE}/sitemap.xml" in customer.get("/robots.txt").text
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Testimonial).values(consent_status="withdrawn", allows_website=False))
    assert listed() == []


def test_what_is_not_public_is_nowhere(customer: FlaskClient, runtime: Runtime, shown: str, widget: Widget) -> None:
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Testimonial).values(review="pending"))
    for path in (f"/t/{shown}", f"/t/{shown}/player", f"/oembed?url={quote(f'{BASE}/t/{shown}')}"):
        assert customer.get(path).status_code == 404
    assert feedparser.parse(customer.get(f"/feed/{widget.token}.rss").data).entries == []


def test_frames_on_any_site_may_hold_the_player(customer: FlaskClient, shown: str) -> None:
    answer = customer.get(f"/t/{shown}/player")
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
    assert urlsplit(etree.HTML(answer.text).find(".//video/source").get("src")).path.endswith("720.mp4")
