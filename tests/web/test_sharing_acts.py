"""Acts of sharing through real requests: whose tree they stand in, what is refused, and what costs nothing."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree
from sqlalchemy import func, select

from testimonials.app import create_app
from testimonials.domain.sharing import NETWORKS
from testimonials.models import Share, Testimonial, Visit
from testimonials.runtime import Runtime
from testimonials.services import visits
from tests.acts import change_campaign
from tests.conftest import Someone
from tests.readers import Reader
from tests.web.on_show import BASE, change, show


@pytest.fixture
def token(customer: FlaskClient, runtime: Runtime, owner: Someone) -> str:
    return show(customer, runtime, name="Maya R.")


def _shares(runtime: Runtime) -> dict[str, Share]:
    with runtime.db.read() as session:
        return {each.code: each for each in session.scalars(select(Share).order_by(Share.id))}


def _newest(runtime: Runtime) -> Share:
    return list(_shares(runtime).values())[-1]


def _arrive(reader: Reader, code: str) -> tuple[str, Any]:
    """Follow a short link as a browser does; returns the code that the page carries on, and the page."""
    location = reader.get(f"/s/{code}").headers["Location"]
    page = etree.HTML(reader.get(location.removeprefix(BASE)).text)
    return str(page.find(".//main").get("data-via")), page


def _ways(page: Any) -> dict[str, Any]:
    return {link.get("data-way"): link for link in page.xpath("//a[@data-way]")}


# -- trees -------------------------------------------------------------------------------------------------------------
def test_a_tree_of_three_levels_grows_from_the_customer(
    app: Flask, runtime: Runtime, owner: Someone, token: str
) -> None:
    with runtime.db.read() as session:
        manage = session.scalar(select(Testimonial.manage_token))
    maya = Reader(app, "192.0.2.1")
    root = maya.client.post(f"/my/{manage}/shares", json={"network": "copy"}, headers=maya.headers).json["url"]
    root = root.rsplit("/", 1)[1]
    friend = Reader(app, "198.51.100.1")
    via, page = _arrive(friend, root)
    assert via == root
    friend.get(_ways(page)["linkedin"].get("href"))
    second = _newest(runtime)
    colleague = Reader(app, "198.51.100.2")
    via, page = _arrive(colleague, second.code)
    colleague.get(_ways(page)["qr"].get("href"))
    third = _newest(runtime)
    (tree,) = owner.client.get(f"/api/v1/testimonials/{token}/shares", headers=owner.bearer).json["items"]
    assert (tree["code"], tree["sharer"], tree["place"]) == (root, "customer", "my")
    (below,) = tree["shares"]
    assert (below["code"], below["network"], below["sharer"]) == (second.code, "linkedin", "visitor")
    assert [each["code"] for each in below["shares"]] == [third.code]
    assert (third.network, third.place) == ("qr", "page")


@pytest.mark.parametrize("network", list(NETWORKS))
def test_every_way_hangs_below_what_brought_the_sharer(app: Flask, runtime: Runtime, token: str, network: str) -> None:
    root = Reader(app, "192.0.2.1").share(token)
    friend = Reader(app, "198.51.100.1")
    via, page = _arrive(friend, root)
    by_script = friend.share(token, network, via=via)
    assert _shares(runtime)[by_script].parent_id == _shares(runtime)[root].id
    if network == "native":
        return  # the phone's own sheet is a script's alone
    answer = friend.get(_ways(page)[network].get("href"))
    assert answer.status_code == 303
    by_link = _newest(runtime)
    assert (by_link.network, by_link.parent_id) == (network, _shares(runtime)[root].id)
    assert by_link.code not in (root, by_script)


def test_a_share_of_another_testimonial_is_no_parent(app: Flask, runtime: Runtime, token: str) -> None:
    other = show(app.test_client(), runtime, name="Walter H.")
    root = Reader(app, "192.0.2.1").share(other)
    child = Reader(app, "198.51.100.1").share(token, via=root)
    assert _shares(runtime)[child].parent_id is None


# -- without a script --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("network", ["copy", "qr", "embed"])
def test_what_happens_on_the_device_ends_at_a_page_with_the_link(
    app: Flask, runtime: Runtime, token: str, network: str
) -> None:
    reader = Reader(app, "198.51.100.1")
    location = reader.get(f"/t/{token}/share/{network}").headers["Location"]
    code = _newest(runtime).code
    assert location == f"{BASE}/s/{code}/link"
    page = etree.HTML(reader.get(f"/s/{code}/link").text)
    assert page.find(".//input").get("value") == f"{BASE}/s/{code}"
    frame = etree.HTML(page.find(".//textarea").text).find(".//iframe")
    assert frame.get("src") == f"{BASE}/t/{token}/player?via={code}"
    drawn = reader.get(page.find(".//img").get("src"))
    assert (drawn.content_type, drawn.data[:5]) == ("image/svg+xml", b"<?xml")
    assert _shares(runtime)[code].hits == 0, "looking at one's own link is no hit"


def test_a_link_that_leads_nowhere_has_no_page(app: Flask, runtime: Runtime, token: str) -> None:
    reader = Reader(app, "198.51.100.1")
    code = reader.share(token)
    change(runtime, token, review="pending")
    assert [reader.get(f"/s/{code}{tail}").status_code for tail in ("/link", "/qr.svg")] == [404, 404]
    assert reader.get(f"/s/{code}").headers["Location"] == f"{BASE}/t/{token}", "whose page says what became of it"
    assert _shares(runtime)[code].hits == 0


def test_the_file_is_for_those_whose_customer_allows_it(app: Flask, runtime: Runtime, token: str) -> None:
    reader = Reader(app, "198.51.100.1")
    answer = reader.get(f"/t/{token}/share/download")
    assert answer.headers["Location"] == f"{BASE}/media/{token}/social.mp4?download=1"
    assert _newest(runtime).network == "download"
    change(runtime, token, consent_scopes=["website"])
    page = etree.HTML(reader.get(f"/t/{token}").text)
    assert set(_ways(page)) == {each.name for each in NETWORKS.values() if not each.social} - {"native"}
    assert page.xpath("//div[@class='ways']/@data-vertical") == [""]
    assert reader.get(f"/t/{token}/share/download").status_code == 404
    assert len(_shares(runtime)) == 1


def test_words_are_suggested_and_can_be_changed_on_the_page(app: Flask, runtime: Runtime, token: str) -> None:
    change_campaign(runtime, share_texts={"all": "Hear {name}", "x": "{name}: " + "so good " * 60})
    reader = Reader(app, "198.51.100.1")
    ways = _ways(etree.HTML(reader.get(f"/t/{token}").text))
    assert ways["reddit"].get("data-text") == "Hear Maya R."
    assert int(ways["x"].get("data-longest")) == NETWORKS["x"].longest
    assert len(ways["x"].get("data-text")) <= int(ways["x"].get("data-longest"))
    assert "data-text" not in ways["facebook"].attrib, "its composer takes no words"
    target = reader.get(ways["x"].get("href") + "?text=My%20own%20words").headers["Location"]
    assert parse_qs(urlsplit(target).query)["text"] == ["My own words"]


# -- embedded ----------------------------------------------------------------------------------------------------------
def test_a_frame_counts_plays_for_who_embedded_it(
    app: Flask, runtime: Runtime, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visits, "YOUNGEST_SECONDS", -1)
    code = Reader(app, "192.0.2.1").share(token, "embed")
    visitor = Reader(app, "198.51.100.1")
    page = etree.HTML(visitor.get(f"/t/{token}/player?via={code}").text)
    frame = page.find(".//*[@data-nonce]")
    assert visitor.beacon(token, frame.get("data-via"), frame.get("data-nonce"), "play") == 204
    share = _shares(runtime)[code]
    assert (share.visits, share.plays) == (1, 1)
    assert page.xpath("//a/@href") == ["#main", f"/t/{token}?via={code}"], "and the way back to the page keeps the tree"


# -- refusals ----------------------------------------------------------------------------------------------------------
def test_guessing_codes_writes_nothing(app: Flask, runtime: Runtime, token: str) -> None:
    """Somebody else holds the one writer of the database: a guess, a bot and a withdrawn link need not wait for it."""
    reader, bot = Reader(app, "198.51.100.1"), Reader(app, "198.51.100.2", "Twitterbot/1.0")
    code = reader.share(token)
    writer = sqlite3.connect(runtime.settings.data_dir / "testimonials.db", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    try:
        assert reader.get("/s/guess").status_code == 404
        assert bot.get(f"/s/{code}").status_code == 302
        assert reader.get("/s/guess/link").status_code == 404
    finally:
        writer.rollback()
        writer.close()
    assert _shares(runtime)[code].hits == 0
    assert reader.get(f"/s/{code}").status_code == 302
    assert _shares(runtime)[code].hits == 1


@pytest.fixture
def strict(runtime: Runtime) -> Flask:
    """A house where one network may share three times an hour."""
    return create_app(
        runtime=dataclasses.replace(runtime, settings=dataclasses.replace(runtime.settings, limit_shares=3))
    )


def test_who_guesses_is_told_to_wait_and_links_go_on_working(runtime: Runtime, strict: Flask, token: str) -> None:
    code = Reader(strict, "192.0.2.1").share(token)
    guesser = Reader(strict, "198.51.100.1")
    found = [guesser.get(f"/s/guess{number}", Accept="application/json") for number in range(5)]
    assert [answer.status_code for answer in found] == [404, 404, 404, 429, 429]
    assert 1 <= int(found[-1].headers["Retry-After"]) <= 3600
    assert guesser.get(f"/s/{code}").status_code == 302, "others behind the same address followed no guess"
    assert Reader(strict, "198.51.100.9").get("/s/guess").status_code == 404


def test_minting_has_a_limit_and_no_share_is_counted_beyond_it(runtime: Runtime, strict: Flask, token: str) -> None:
    reader = Reader(strict, "198.51.100.1")
    for _ in range(3):
        reader.share(token)
    body = {"network": "copy", "place": "page"}
    refused = reader.client.post(f"/t/{token}/shares", json=body, headers=reader.headers)
    assert (refused.status_code, refused.json["code"]) == (429, "rate_limited")
    assert refused.headers["Access-Control-Allow-Origin"] == "*"
    assert reader.get(f"/t/{token}/share/x").status_code == 429
    assert reader.get(f"/t/{token}/share/qr").status_code == 429
    assert len(_shares(runtime)) == 3
    assert Reader(strict, "198.51.100.2").get(f"/t/{token}/share/x").status_code == 303


@pytest.mark.parametrize("path", ["visits", "shares"])
@pytest.mark.parametrize("size", [5_000, 65_536, 5_000_000])
def test_bodies_beyond_a_beacon_are_not_read(app: Flask, runtime: Runtime, token: str, path: str, size: int) -> None:
    nonce = visits.page_nonce(runtime, token, "")
    body = json.dumps({"network": "copy", "nonce": nonce, "via": "", "act": "play", "padding": "x" * size})
    reader = Reader(app, "198.51.100.1")
    answer = reader.client.post(f"/t/{token}/{path}", data=body, content_type="text/plain", headers=reader.headers)
    assert answer.status_code == 413
    with runtime.db.read() as session:
        assert session.scalar(select(func.count()).select_from(Visit)) == 0
        assert session.scalar(select(func.count()).select_from(Share)) == 0


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", '"x"', "{" * 2000, '{"nonce": 5}', '{"nonce": "a", "via": ["x"]}']
)
def test_beacons_that_are_none_are_refused(app: Flask, token: str, body: str) -> None:
    answer = app.test_client().post(f"/t/{token}/visits", data=body, content_type="text/plain")
    assert answer.status_code == 400


def test_a_nonce_of_tomorrow_is_none(app: Flask, runtime: Runtime, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signed with our own key on a clock that runs ahead: it would outlive its half day."""
    reader = Reader(app, "198.51.100.1")
    with monkeypatch.context() as ahead:
        real = visits.time.time_ns
        ahead.setattr(visits.time, "time_ns", lambda: real() + 86_400 * 10**9)
        tomorrow = visits.page_nonce(runtime, token, "")
    assert [reader.beacon(token, "", tomorrow, act) for act in ("visit", "play", "click")] == [422, 422, 422]
    assert reader.beacon(token, "", visits.page_nonce(runtime, token, ""), "play") == 204
    assert reader.beacon(token, "", visits.page_nonce(runtime, token, ""), "hack") == 422
