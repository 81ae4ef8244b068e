"""What sharing brought, in the console: numbers that add up, pictures with words beside them, queues with undo, doors that stay
shut for strangers."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from testimonials.domain.campaigns import Limits, checked
from testimonials.domain.periods import Period, between, latest
from testimonials.errors import Invalid
from testimonials.models import Conversion, Reward, RewardRule, Share, ShareDay, Visit
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.services import campaigns, experiments, reports, widgets
from tests.conftest import Someone
from tests.month import converted, month, shared, shown
from tests.readers import CHROME

NAUGHTY = "\"><img src=x onerror=alert(1)>'; DROP TABLE shares;-- \u202eevil {{7*7}} ${7*7} <script>alert(1)</script>"


# -- the report --------------------------------------------------------------------------------------------------------
def test_the_report_adds_up_before_and_after_days_are_summed(
    runtime: Runtime, owner: Someone, stranger: Someone
) -> None:
    maya, tom = (shown(runtime, owner.workspace_id, name) for name in ("Maya", "Tom"))
    old = shared(runtime, maya, days_ago=40, visits=8, plays=4)
    mid = shared(runtime, maya, days_ago=10, visits=6, plays=3, network="x", sharer="customer", place="my")
    shared(runtime, tom, days_ago=0, visits=2, plays=1, network="x")
    converted(runtime, owner.workspace_id, old, mid, state="approved")
    converted(runtime, owner.workspace_id, mid, mid, state="approved")
    converted(runtime, owner.workspace_id, mid, mid)
    period = latest(30, now().date())
    first = reports.sharing(runtime, owner.workspace_id, period)
    totals = vars(first.totals)
    assert totals == {"shares": 2, "visits": 8, "plays": 4, "clicks": 1, "first": 2, "last": 2}
    assert (first.before.shares, first.before.visits, first.before.plays) == (1, 8, 4)
    assert {each.key: (each.totals.visits, each.totals.first, each.totals.last) for each in first.networks} == {
        "x": (8, 1, 2),
        "whatsapp": (0, 1, 0),
    }
    assert [(each.name, each.totals.visits) for each in first.testimonials] == [("Maya", 6), ("Tom", 2)]
    assert {each.key for each in first.sharers} == {"customer", "visitor"}
    assert first.by_day[now().date()].visits == 2
    assert reports.roll_up(runtime) == 39, "the last two days stay as they are"
    with runtime.db.transaction() as transaction:
        assert transaction.scalar(select(func.sum(ShareDay.visits))) == 14
        transaction.execute(delete(Visit).where(Visit.day < now().date() - timedelta(days=5)))
    assert reports.sharing(runtime, owner.workspace_id, period) == first, "read from the sums"
    assert reports.roll_up(runtime) == 0
    assert vars(reports.sharing(runtime, stranger.workspace_id, period).totals) == dict.fromkeys(totals, 0)


def test_the_page_and_its_csv(runtime: Runtime, owner: Someone, viewer: Someone, stranger: Someone) -> None:
    assert "Nothing was shared yet" in owner.client.get("/console/sharing").text
    farthest = month(runtime, owner.workspace_id, "spring")
    evil = shown(runtime, owner.workspace_id, f"=1+1{NAUGHTY}")
    shared(runtime, evil, visits=3, network="copy")
    page = viewer.client.get(f"/console/sharing?tree={farthest.token}&days=90").text
    assert re.search(r"<h1>\d+ conversions came by a share</h1>", page)
    assert page.count("<title id=") == page.count("<desc id=") == 3, (
        "every picture that is not repeated in words has both"
    )
    assert "Last 90 days" in page
    assert "<img src=x" not in page
    assert "<script>alert" not in page
    assert "How one video traveled" in page
    answer = viewer.client.get("/console/sharing.csv?days=90")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    report = reports.sharing(runtime, owner.workspace_id, latest(90, now().date()))
    for column, number in (("shares", report.totals.shares), ("visits", report.totals.visits)):
        assert sum(int(row[column]) for row in rows) == number
    assert sum(int(row["conversions_last_touch"]) for row in rows) == report.totals.last
    assert any(row["name"].startswith("'=1+1") for row in rows), "no formula for a spreadsheet"
    assert stranger.client.get(f"/console/sharing?tree={farthest.token}").status_code == 200, (
        "nothing of theirs, so no tree"
    )
    shared(runtime, shown_for(runtime, stranger), visits=1)
    assert stranger.client.get(f"/console/sharing?tree={farthest.token}").status_code == 404
    assert farthest.token not in stranger.client.get("/console/sharing").text
    assert farthest.token not in stranger.client.get("/console/sharing.csv").text
    for query in ("from=2026-11-31&to=2026-12-01", "from=2026-01-02&to=2026-01-01", "from=x", "days=900", "of=moon"):
        assert owner.client.get(f"/console/sharing?{query}").status_code == 200, query
    assert owner.client.get("/console/sharing.csv?from=x&to=y").status_code == 422


def shown_for(runtime: Runtime, someone: Someone):  # type: ignore[no-untyped-def]
    """A testimonial of somebody's own, in a campaign of their own."""
    campaigns.create(runtime, someone.workspace_id, slug="theirs", name="Theirs")
    return shown(runtime, someone.workspace_id, "Theirs")


def test_a_tree_too_large_for_a_picture_says_so(runtime: Runtime, owner: Someone) -> None:
    maya = shown(runtime, owner.workspace_id, "Maya")
    above = shared(runtime, maya, visits=9)
    for _ in range(6):
        above = shared(runtime, maya, visits=1, parent_id=above.id)
    for _ in range(30):
        shared(runtime, maya, visits=1)
    page = owner.client.get("/console/sharing").text
    assert re.search(r"The picture shows the <span class=\"num\">24</span>", page)
    assert re.search(r"<span class=\"num\">13</span> more are not in it", page)
    assert page.count('class="node"') == 24
    assert 'class="deep-6"' in page, "the list goes as deep as the shares do"


def test_periods() -> None:
    today = now().date()
    assert latest(7, today).length == 7
    assert latest(7, today).before == Period(today - timedelta(days=13), today - timedelta(days=7))
    assert between("2026-01-01", "2026-01-31", today).length == 31
    for first, last in (
        ("2026-01-01", "2099-01-01"),
        ("2020-01-01", "2026-01-01"),
        ("", ""),
        ("2026-1-1", "2026-02-01"),
    ):
        with pytest.raises(Invalid):
            between(first, last, today)


# -- what a campaign says when it is shared ----------------------------------------------------------------------------
LIMITS = Limits(90, ("en",))


@pytest.mark.parametrize(
    "address",
    [
        *(
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,x",
            "//evil.example",
            "/book",
            "ftp://a.example",
        ),
        *("https://user:pass@a.example", "https://a.example@evil.example", "https://", "https:///x", "http:a.example"),
        *("https://a.example/a b", "https://a.example/\\evil", "https://a.example/<x>", "https://a.example:99999/"),
        *("https://[::1", "https://a.example/" + "x" * 2000, "\tjavascript:alert(1)", 7, None, ["https://a.example"]),
    ],
)
def test_a_button_leads_to_the_web_or_nowhere(address: object) -> None:
    with pytest.raises(Invalid) as refused:
        checked({"action_url": address}, LIMITS)
    assert "action_url" in refused.value.fields


@pytest.mark.parametrize(
    ("texts", "name"),
    [
        ({"moon": "x"}, "share_texts.moon"),
        ({"x": "Hear {nobody}"}, "share_texts.x"),
        ({"all": "x" * 501}, "share_texts.all"),
        ({"x": 7}, "share_texts.x"),
        ("x", "share_texts"),
    ],
)
def test_words_for_sharing_are_checked_by_network(texts: object, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked({"share_texts": texts}, LIMITS)
    assert name in refused.value.fields
    kept = checked({"share_texts": {"all": "{name} of {workspace}", "x": " "}}, LIMITS)["share_texts"]
    assert kept == {"all": "{name} of {workspace}"}


def test_the_campaigns_page_has_them(runtime: Runtime, owner: Someone) -> None:
    form = {"name": "Spring", "language": "en", "ways": "record", "max_seconds": "60", "brand_color": "#112233"}
    words = {
        "action_label": "Book",
        "action_url": "https://a.example/?x=1",
        "share-all": "Hear {name}",
        "share-x": NAUGHTY,
    }
    refused = owner.client.post("/console/campaigns/spring", data={**form, **words})
    assert refused.status_code == 422, "unknown things in braces"
    assert "<img src=x" not in refused.text
    words["share-x"] = "On X: {name}"
    assert owner.client.post("/console/campaigns/spring", data={**form, **words}).status_code == 303
    found = campaigns.read(runtime, owner.workspace_id, "spring")
    assert (found.action_label, found.action_url) == ("Book", "https://a.example/?x=1")
    assert found.share_texts == {"all": "Hear {name}", "x": "On X: {name}"}
    page = owner.client.get("/console/campaigns/spring").text
    assert "Hear Maya R." in page
    given = owner.client.get("/api/v1/campaigns/spring", headers=owner.bearer).json
    assert given["share_texts"] == found.share_texts
    lonely = owner.client.patch("/api/v1/campaigns/spring", json={"action_label": ""}, headers=owner.bearer)
    assert lonely.status_code == 422
    assert "action_label" in lonely.json["errors"]
    both = owner.client.patch(
        "/api/v1/campaigns/spring", json={"action_label": "", "action_url": ""}, headers=owner.bearer
    )
    assert both.status_code == 200


# -- the business shares -----------------------------------------------------------------------------------------------
def test_what_the_business_shares_is_known_as_its_own(
    runtime: Runtime, moderator: Someone, owner: Someone, viewer: Someone, stranger: Someone
) -> None:
    maya = shown(runtime, owner.workspace_id, "Maya")
    base = f"/console/testimonials/{maya.token}"
    headers = {"User-Agent": CHROME}
    answer = moderator.client.get(f"{base}/share/x?text=So%20good", headers=headers)
    assert answer.status_code == 303
    assert parse_qs(urlsplit(answer.headers["Location"]).query)["text"] == ["So good"]
    minted = moderator.client.post(f"{base}/shares", json={"network": "copy"}, headers=headers)
    assert minted.status_code == 201
    code = moderator.client.get(f"{base}/share/qr", headers=headers).headers["Location"]
    assert "QR code" in moderator.client.get(code).text, "without a script, a page has it"
    with runtime.db.read() as session:
        assert {(each.place, each.sharer) for each in session.scalars(select(Share))} == {("console", "business")}
        assert {each.network for each in session.scalars(select(Share))} == {"x", "copy", "qr"}
    assert moderator.client.head(f"{base}/share/x").status_code == 204, "a preview that only looks shares nothing"
    assert moderator.client.post(f"{base}/shares", json={"network": "moon"}).status_code == 422
    for someone, status in ((viewer, 403), (stranger, 404)):
        assert someone.client.get(f"{base}/share/x").status_code == status
        assert someone.client.post(f"{base}/shares", json={"network": "copy"}).status_code == status
    panel = moderator.client.get(f"/console/?status=approved&id={maya.token}").text
    assert f"{base}/share/whatsapp" in panel
    assert "Share it yourself" not in viewer.client.get(f"/console/?status=approved&id={maya.token}").text


# -- doors -------------------------------------------------------------------------------------------------------------
def test_every_door_is_shut_for_strangers_viewers_and_forged_forms(
    app: Flask, runtime: Runtime, owner: Someone, viewer: Someone, stranger: Someone
) -> None:
    month(runtime, owner.workspace_id, "spring")
    widget = widgets.create(runtime, owner.workspace_id, name="Home")
    made = experiments.create(runtime, owner.workspace_id, widget=widget.token, name="E")
    with runtime.db.read() as session:
        conversion = session.scalar(select(Conversion.id))
        reward, rule = session.scalar(select(Reward.id)), session.scalar(select(RewardRule.id))
    theirs = [
        *(f"/console/conversions/{conversion}/{act}" for act in ("approve", "reject", "reopen")),
        *(f"/console/rewards/{reward}/{act}" for act in ("approve", "reject", "reopen")),
        "/console/campaigns/spring/rewards/visits",
        f"/console/rewards/rules/{rule}/coupons",
        *(f"/console/experiments/{made.id}/{act}" for act in ("start", "stop", "delete", "dance")),
        *(f"/console/widgets/{widget.token}{act}" for act in ("", "/delete")),
    ]
    ours = ["/console/conversions/window", "/console/conversions/token", "/console/experiments", "/console/widgets"]
    pages = ["sharing", "sharing.csv", "conversions", "rewards", "experiments", "widgets"]
    single = [
        f"/console/experiments/{made.id}",
        f"/console/widgets/{widget.token}",
        f"/console/widgets/{widget.token}/preview",
    ]
    nobody = app.test_client()
    for path in theirs:
        assert stranger.client.post(path).status_code == 404, path
        assert viewer.client.post(path).status_code == 403, path
        assert nobody.post(path).status_code == 302, path
    given = {"codes": (io.BytesIO(b"A"), "c.csv")}
    assert stranger.client.post(f"/console/rewards/rules/{rule}/codes", data=given).status_code == 404
    for path in ours[:3]:
        assert viewer.client.post(path).status_code == 403, path
    for name in pages:
        assert nobody.get(f"/console/{name}").status_code == 302, name
        assert viewer.client.get(f"/console/{name}").status_code == 200, name
        assert "Front page" not in stranger.client.get(f"/console/{name}").text
    for path in single:
        assert viewer.client.get(path).status_code == 200, path
        assert stranger.client.get(path).status_code == 404, path
        assert nobody.get(path).status_code == 302, path
    app.config["WTF_CSRF_ENABLED"] = True
    for path in (*theirs, *ours[:3]):
        assert owner.client.post(path).status_code == 400, path
