"""The share page and the sitemap once more, through readers that others use: npm's Open Graph parser, a validator of structured
data after a large search engine's rules, Google's own types of the vocabulary, and a reader of sitemaps."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import etree

from testimonials.runtime import Runtime
from tests.conftest import Someone
from tests.web.on_show import BASE, NAME, change, show, speak
from tests.web.preview_readers import read_page, read_sitemap, sitemap_schema, vocabulary_errors

TITLE = f"{NAME} about Copper Spoke"


@pytest.fixture
def page(customer: FlaskClient, runtime: Runtime, owner: Someone) -> tuple[str, str]:
    token = show(customer, runtime)
    speak(runtime, token, "en", "We deliver bread.", "By bike & <i>on time</i>.")
    return token, customer.get(f"/t/{token}").text


def test_an_open_graph_parser_finds_title_picture_and_video(page: tuple[str, str]) -> None:
    token, html = page
    found = read_page(html)
    assert found["error"] is False
    graph = found["graph"]
    assert (graph["ogTitle"], graph["ogUrl"]) == (TITLE, f"{BASE}/t/{token}")
    assert (graph["ogType"], graph["ogSiteName"]) == ("video.other", "Copper Spoke")
    (picture,), (video,) = graph["ogImage"], graph["ogVideo"]
    assert (picture["width"], picture["height"], picture["type"]) == ("1200", "630", "image/jpeg")
    assert picture["alt"] == f"{NAME} on video"
    assert (video["type"], video["width"], video["height"]) == ("video/mp4", "1280", "720")
    assert (graph["twitterCard"], graph["twitterTitle"]) == ("summary_large_image", TITLE)
    assert graph["twitterImage"][0]["url"] == picture["url"]


def test_a_validator_has_no_fault_to_find_with_the_structured_data(page: tuple[str, str]) -> None:
    _, html = page
    found = read_page(html)
    assert list(found["structured"]) == ["VideoObject"]
    assert [each["issueMessage"] for each in found["issues"] if each["severity"] != "WARNING"] == []
    # What it would like to see besides; none of it is ours to say.
    missing = {name for each in found["issues"] for name in each["fieldNames"]}
    assert not missing & {"name", "thumbnailUrl", "uploadDate", "description", "duration", "contentUrl", "embedUrl"}
    broken = read_page(html.replace('"uploadDate"', '"uploaded"'))
    assert [each["severity"] for each in broken["issues"] if "uploadDate" in each["fieldNames"]] == ["ERROR"]


def test_every_property_is_of_the_vocabulary(page: tuple[str, str]) -> None:
    (described,) = read_page(page[1])["graph"]["jsonLD"]
    assert vocabulary_errors(described, "VideoObject") == []
    assert {each["inLanguage"] for each in described["caption"]} == {"en"}
    assert vocabulary_errors({**described, "duration": 61}, "VideoObject") != [], "the check sees what is wrong"


def test_a_photo_is_no_video_to_anybody(customer: FlaskClient, runtime: Runtime, owner: Someone) -> None:
    sent: dict[str, Any] = {
        "name": NAME,
        "email": "m@example.org",
        "kind": "text",
        "text": "Ten words of praise are here.",
    }
    token = customer.post("/c/spring/submissions", json={**sent, "consent": ["website"]}).json["testimonial"]["token"]
    change(runtime, token, review="approved")
    found = read_page(customer.get(f"/t/{token}").text)
    assert found["graph"]["ogType"] == "article"
    assert "ogVideo" not in found["graph"]
    assert not found["structured"]


def test_a_reader_of_sitemaps_reads_the_videos(customer: FlaskClient, page: tuple[str, str]) -> None:
    token, _ = page
    xml = customer.get("/sitemap.xml").data
    (entry,) = read_sitemap(xml)
    assert entry["url"] == f"{BASE}/t/{token}"
    (video,) = entry["video"]
    assert (video["title"], video["duration"], video["player_loc"]) == (TITLE, 61, f"{BASE}/t/{token}/player")
    assert video["content_loc"].endswith("720.mp4") and video["thumbnail_loc"].endswith("share.jpg")


def test_the_sitemap_keeps_to_the_schema_of_sitemaps(customer: FlaskClient, page: tuple[str, str]) -> None:
    """The package carries the schema of the protocol; that of the video extension is Google's and not to be had here, so its
    elements are taken out, and the reader above has checked them."""
    schema = etree.XMLSchema(etree.parse(sitemap_schema()))
    root = etree.fromstring(customer.get("/sitemap.xml").data)
    for video in root.findall(".//{*}video"):
        video.getparent().remove(video)
    schema.assertValid(root)
    root[0].append(etree.SubElement(root[0], "{http://www.sitemaps.org/schemas/sitemap/0.9}never"))
    assert not schema.validate(root)
