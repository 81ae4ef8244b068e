"""The share ledger: a hit is not a visit, bots and the sharer count for nothing, and what comes of a share is known."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from testimonials.domain.sharing import NETWORKS
from testimonials.models import Campaign, DailySalt, Event, EventHour, Share, Testimonial, Visit
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.services import visits
from testimonials.upkeep.maintenance import reconcile
from tests.conftest import Someone
from tests.readers import BOTS, CHROME, FIREFOX, Reader


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second in view is tested by itself; the other tests need not wait for it."""
    monkeypatch.setattr(visits, "YOUNGEST_SECONDS", -1)


def _nonce(runtime: Runtime, token: str, code: str = "") -> str:
    return visits.page_nonce(runtime, token, code)


def _share(runtime: Runtime, code: str) -> Share:
    with runtime.db.read() as session:
        return session.scalars(select(Share).where(Share.code == code)).one()


# -- visits ------------------------------------------------------------------------------------------------------------
def test_a_hit_is_not_a_visit_and_a_visit_counts_once_a_day(app: Flask, runtime: Runtime, shown: str) -> None:
    code = Reader(app, "192.0.2.1").share(shown)
    friend = Reader(app, "198.51.100.7")
    assert urlsplit(friend.get(f"/s/{code}").headers["Location"]).query == f"via={code}"
    assert (_share(runtime, code).hits, _share(runtime, code).visits) == (1, 0)
    for _ in range(3):
        assert friend.beacon(shown, code, _nonce(runtime, shown, code)) == 204
    assert friend.beacon(shown, code, _nonce(runtime, shown, code), "play") == 204
    assert friend.beacon(shown, code, _nonce(runtime, shown, code), "play") == 204
    Reader(app, "198.51.100.7", FIREFOX).beacon(shown, code, _nonce(runtime, shown, code), "click")
    found = _share(runtime, code)
    assert (found.visits, found.plays, found.clicks) == (2, 1, 1), (
        "another browser is another visitor, an act an arrival"
    )


def test_the_sharers_own_visits_do_not_count(app: Flask, runtime: Runtime, shown: str) -> None:
    sharer = Reader(app, "192.0.2.1")
    code = sharer.share(shown)
    sharer.beacon(shown, code, _nonce(runtime, shown, code))
    assert _share(runtime, code).visits == 0


@pytest.mark.parametrize("agent", BOTS)
def test_bots_count_for_nothing_and_still_get_the_page(app: Flask, runtime: Runtime, shown: str, agent: str) -> None:
    code = Reader(app, "192.0.2.1").share(shown)
    bot = Reader(app, "203.0.113.9", agent)
    assert bot.get(f"/s/{code}").status_code == 302
    assert bot.get(f"/t/{shown}?via={code}").status_code == 200
    bot.beacon(shown, code, _nonce(runtime, shown, code))
    assert bot.get(f"/t/{shown}/share/x").headers["Location"].endswith(f"/t/{shown}")
    found = _share(runtime, code)
    assert (found.hits, found.visits) == (0, 0)
    with runtime.db.read() as session:
        assert session.scalar(select(func.count()).select_from(Share)) == 1


@pytest.mark.parametrize("header", ["Purpose", "Sec-Purpose", "X-Moz"])
def test_a_browser_that_looks_ahead_is_not_there_yet(app: Flask, runtime: Runtime, shown: str, header: str) -> None:
    code = Reader(app, "192.0.2.1").share(shown)
    Reader(app, "198.51.100.7").get(f"/s/{code}", **{header: "prefetch;prerender"})
    assert _share(runtime, code).hits == 0
    Reader(app, "198.51.100.7").client.head(f"/s/{code}", headers={"User-Agent": CHROME})
    assert _share(runtime, code).hits == 0


def test_who_asks_not_to_be_followed_is_counted_but_not_recognized(app: Flask, runtime: Runtime, shown: str) -> None:
    code = Reader(app, "192.0.2.1").share(shown)
    for _ in range(2):
        private = Reader(app, "198.51.100.7", **{"Sec-GPC": "1"})
        private.beacon(shown, code, _nonce(runtime, shown, code))
    with runtime.db.read() as session:
        assert len(set(session.scalars(select(Visit.visitor)))) == 2
        assert session.scalar(select(func.count()).select_from(DailySalt)) == 1, "made for the sharer alone"


@pytest.mark.parametrize("nonce", ["", "a.b.c", "a.1.0" * 9, "{}.x"])
def test_a_page_that_we_did_not_serve_counts_for_nothing(app: Flask, runtime: Runtime, shown: str, nonce: str) -> None:
    code = Reader(app, "192.0.2.1").share(shown)
    reader = Reader(app, "198.51.100.7")
    assert reader.beacon(shown, code, nonce) == 422
    assert reader.beacon(shown, code, _nonce(runtime, shown)) == 422, "a page reached without this share"
    assert reader.beacon(shown, "", _nonce(runtime, "other")) == 422
    assert _share(runtime, code).visits == 0


def test_a_page_must_have_been_looked_at(
    app: Flask, runtime: Runtime, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, nonce = Reader(app, "198.51.100.7"), _nonce(runtime, shown)
    monkeypatch.setattr(visits, "YOUNGEST_SECONDS", 0.9)
    assert reader.beacon(shown, "", nonce) == 422
    monkeypatch.setattr(visits, "YOUNGEST_SECONDS", -1)
    monkeypatch.setattr(visits, "OLDEST_SECONDS", -1)
    assert reader.beacon(shown, "", nonce) == 422


def test_what_is_not_public_counts_nothing(app: Flask, runtime: Runtime, shown: str) -> None:
    nonce = _nonce(runtime, shown)
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Testimonial).values(review="rejected"))
    assert Reader(app, "198.51.100.7").beacon(shown, "", nonce) == 404
    assert Reader(app, "198.51.100.7").beacon("guess", "", _nonce(runtime, "guess")) == 404
    assert Reader(app, "198.51.100.7").beacon(shown, "x" * 300, nonce) == 400


def test_salts_and_old_events_are_forgotten(app: Flask, runtime: Runtime, shown: str) -> None:
    Reader(app, "192.0.2.1").share(shown)
    body = {"events": [{"id": "e" * 20, "type": "play", "testimonial": shown}]}
    assert Reader(app, "192.0.2.1").client.post("/events", json=body).status_code == 204
    with runtime.db.transaction() as transaction:
        transaction.execute(update(DailySalt).values(day=now().date() - timedelta(days=1)))
        transaction.execute(update(Event).values(created_at=now() - timedelta(days=31)))
    reconcile(runtime)
    with runtime.db.read() as session:
        assert session.scalar(select(func.count()).select_from(DailySalt)) == 0
        assert session.scalar(select(func.count()).select_from(Event)) == 0
        assert session.scalar(select(EventHour.count)) == 1, "counts stay"


# -- networks ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("network", [name for name, network in NETWORKS.items() if network.target])
def test_every_network_gets_the_short_link_and_the_words(
    app: Flask, runtime: Runtime, shown: str, network: str
) -> None:
    answer = Reader(app, "198.51.100.7").get(f"/t/{shown}/share/{network}?text=So%20good%20%26%20fast")
    assert answer.status_code == 303
    address = answer.headers["Location"]
    with runtime.db.read() as session:
        share = session.scalars(select(Share)).one()
    said = str(parse_qs(urlsplit(address).query or urlsplit(address).fragment))
    assert f"/s/{share.code}" in said
    assert NETWORKS[network].longest is None or "So good & fast" in said
    assert (share.network, share.sharer) == (network, "visitor")


def test_words_of_the_business_are_suggested(app: Flask, runtime: Runtime, shown: str) -> None:
    with runtime.db.transaction() as transaction:
        transaction.execute(
            update(Campaign).values(share_texts={"all": "Hear {name} of {workspace}", "x": "X: {name}"})
        )
    reader = Reader(app, "198.51.100.7")
    assert "X%3A%20Maya%20R." in reader.get(f"/t/{shown}/share/x").headers["Location"]
    assert "Hear%20Maya%20R.%20of%20Copper%20Spoke" in reader.get(f"/t/{shown}/share/reddit").headers["Location"]


def test_mastodon_asks_for_a_server_and_takes_no_address_for_one(app: Flask, runtime: Runtime, shown: str) -> None:
    reader = Reader(app, "198.51.100.7")
    ours = {"Sec-Fetch-Site": "same-origin"}

    def address(**headers: str) -> str:
        return str(reader.get(f"/t/{shown}/share/mastodon?host=mastodon.social", **headers).headers["Location"])

    assert address(**ours).startswith("https://mastodon.social/share?text=")
    assert address().startswith("https://share.joinmastodon.org/"), "a link elsewhere leads to no server of its choice"
    for host in (
        "evil.example/x",
        "a.b@evil.example",
        "evil.example:81",
        "evil.example?x",
        "localhost",
        "a b.example",
    ):
        answer = reader.client.get(
            f"/t/{shown}/share/mastodon", query_string={"host": host}, headers={**reader.headers, **ours}
        )
        assert answer.status_code == 422, host
    with runtime.db.read() as session:
        assert session.scalar(select(func.count()).select_from(Share)) == 2


def test_only_the_customer_shares_as_the_customer(
    app: Flask, customer: FlaskClient, runtime: Runtime, shown: str
) -> None:
    with runtime.db.read() as session:
        manage = session.scalars(select(Testimonial.manage_token)).one()
    reader = Reader(app, "198.51.100.7")
    for place in ("my", "console", "moon"):
        answer = reader.client.post(
            f"/t/{shown}/shares", json={"network": "copy", "place": place}, headers=reader.headers
        )
        assert answer.status_code == 422
    assert reader.get(f"/my/{manage}/share/x").status_code == 303
    minted = reader.client.post(f"/my/{manage}/shares", json={"network": "copy"}, headers=reader.headers)
    assert minted.status_code == 201
    with runtime.db.read() as session:
        assert set(session.scalars(select(Share.sharer))) == {"customer"}
    assert reader.get("/my/guess/share/x").status_code == 404
    assert reader.client.post("/my/guess/shares", json={"network": "copy"}).status_code == 404


# -- trees, actions, conversions ---------------------------------------------------------------------------------------
def test_the_tree_shows_who_brought_whom(
    app: Flask, runtime: Runtime, owner: Someone, stranger: Someone, shown: str
) -> None:
    first = Reader(app, "192.0.2.1").share(shown, "x")
    friend = Reader(app, "192.0.2.2")
    friend.beacon(shown, first, _nonce(runtime, shown, first))
    second = friend.share(shown, "copy", via=first)
    Reader(app, "192.0.2.3").beacon(shown, second, _nonce(runtime, shown, second))
    (root,) = owner.client.get(f"/api/v1/testimonials/{shown}/shares", headers=owner.bearer).json["items"]
    assert (root["network"], root["visits"], root["reach"]) == ("x", 1, 2)
    assert [each["code"] for each in root["shares"]] == [second]
    networks = owner.client.get("/api/v1/networks", headers=owner.bearer).json["items"]
    assert {each["network"]: each["visits"] for each in networks} == {"x": 1, "copy": 1}
    assert stranger.client.get(f"/api/v1/testimonials/{shown}/shares", headers=stranger.bearer).status_code == 404
    assert stranger.client.get("/api/v1/networks", headers=stranger.bearer).json["items"] == []


@pytest.mark.parametrize(
    ("url", "query"),
    [
        ("https://shop.example/", {"utm_source": ["x"], "utm_medium": ["social"]}),
        ("https://shop.example/?utm_source=mine&a=1#top", {"utm_source": ["mine"], "a": ["1"]}),
    ],
)
def test_the_button_tells_where_visitors_come_from(
    app: Flask, runtime: Runtime, shown: str, url: str, query: dict[str, list[str]]
) -> None:
    assert Reader(app, "192.0.2.2").get(f"/t/{shown}/go").status_code == 404
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Campaign).values(action_url=url, action_label="Book"))
    code = Reader(app, "192.0.2.1").share(shown, "x")
    address = urlsplit(Reader(app, "192.0.2.2").get(f"/t/{shown}/go?via={code}").headers["Location"])
    found = parse_qs(address.query)
    assert found["tvia"] == [code]
    assert found["utm_content"] == [shown]
    assert {name: found[name] for name in query} == query
    assert address.fragment == urlsplit(url).fragment
