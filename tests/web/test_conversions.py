"""What came of a share: reported once, by whom that may be, within its time, and shown as a tree."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from testimonials.models import Conversion, Share, Testimonial, Workspace
from testimonials.models.base import now
from testimonials.runtime import Runtime
from tests.conftest import Someone
from tests.readers import Reader


def _share(runtime: Runtime, code: str) -> Share:
    with runtime.db.read() as session:
        return session.scalars(select(Share).where(Share.code == code)).one()


def _convert(owner: Someone, key: str, **body: Any) -> Any:
    return owner.client.post("/api/v1/conversions", json=body, headers={**owner.bearer, "Idempotency-Key": key})


def test_a_conversion_counts_once_however_often_it_is_reported(
    app: Flask, runtime: Runtime, owner: Someone, stranger: Someone, shown: str
) -> None:
    code = Reader(app, "192.0.2.1").share(shown)
    body = {"last": code, "value": 4900, "currency": "EUR", "order_reference": "4711"}
    assert [_convert(owner, "4711", **body).status_code for _ in range(3)] == [201, 200, 200]
    assert _convert(owner, "4711", **{**body, "value": 1}).json["code"] == "key_reused"
    assert _convert(owner, "", **body).status_code == 400
    assert _convert(owner, "2", last="guess").json["code"] == "no_share"
    assert _convert(stranger, "3", last=code).json["code"] == "no_share", "another workspace's share"
    assert _convert(owner, "4", last=code, value="free").status_code == 400
    assert _convert(owner, "5", last=code, currency="euro").status_code == 422
    (root,) = owner.client.get(f"/api/v1/testimonials/{shown}/shares", headers=owner.bearer).json["items"]
    assert root["conversions"] == 1


@pytest.mark.parametrize(("days", "counts"), [(-29, True), (-31, False), (1, False)])
def test_a_touch_counts_within_its_window(app: Flask, owner: Someone, shown: str, days: int, counts: bool) -> None:
    code = Reader(app, "192.0.2.1").share(shown)
    at = (now() + timedelta(days=days)).isoformat()
    answer = _convert(owner, "1", last={"code": code, "at": at})
    assert answer.status_code == (201 if counts else 422)


def test_the_server_outranks_what_anybody_could_have_said(
    app: Flask, runtime: Runtime, owner: Someone, shown: str
) -> None:
    code = Reader(app, "192.0.2.1").share(shown)
    with runtime.db.read() as session:
        page = session.get_one(Workspace, owner.workspace_id).conversion_token
    Reader(app, "192.0.2.9").get(f"/conversions/{page}.gif?key=order-7&via={code}&value=1&currency=EUR")
    assert _convert(owner, "order-7", last=code, value=4900, currency="EUR").status_code == 200
    late = Reader(app, "192.0.2.9").client.post(
        f"/conversions/{page}", json={"key": "order-7", "last": code, "value": 1}
    )
    assert late.status_code == 204
    (found,) = owner.client.get("/api/v1/conversions", headers=owner.bearer).json["items"]
    assert (found["source"], found["state"], found["value"]) == ("server", "approved", 4900)


def test_a_chain_of_a_thousand_shares_breaks_nothing(runtime: Runtime, owner: Someone, shown: str) -> None:
    with runtime.db.transaction() as transaction:
        testimonial = transaction.scalars(select(Testimonial)).one()
        parent = None
        for number in range(1000):
            share = Share(
                id=f"{number:032d}",
                code=f"code-{number}",
                testimonial_id=testimonial.id,
                parent_id=parent,
                network="copy",
                place="page",
                visits=1,
            )
            transaction.add(share)
            parent = share.id
    answer = owner.client.get(f"/api/v1/testimonials/{shown}/shares", headers=owner.bearer)
    assert answer.status_code == 200
    assert sum(each["reach"] for each in answer.json["items"]) == 1000


def test_first_and_last_touch_are_kept_apart(app: Flask, runtime: Runtime, owner: Someone, shown: str) -> None:
    first, last = (Reader(app, f"192.0.2.{n}").share(shown) for n in (1, 2))
    _convert(owner, "1", first={"code": first, "at": (now() - timedelta(days=3)).isoformat()}, last=last)
    with runtime.db.read() as session:
        found = session.scalars(select(Conversion)).one()
    assert (found.first_share_id, found.last_share_id) == (_share(runtime, first).id, _share(runtime, last).id)


def test_what_pages_report_waits_for_the_business(
    app: Flask, runtime: Runtime, owner: Someone, stranger: Someone, shown: str
) -> None:
    code = Reader(app, "192.0.2.1").share(shown)
    with runtime.db.read() as session:
        page = session.get_one(Workspace, owner.workspace_id).conversion_token
    reader = Reader(app, "192.0.2.9")
    touch = {"code": code, "at": now().isoformat()}
    for _ in range(2):
        answer = reader.client.post(f"/conversions/{page}", json={"key": "7", "first": touch, "last": touch})
        assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (204, "*")
    picture = reader.get(f"/conversions/{page}.gif?key=8&via={code}&value=100&currency=EUR")
    assert (picture.status_code, picture.content_type) == (200, "image/gif")
    assert reader.get("/conversions/guess.gif?key=9").status_code == 200, "a page never shows a broken picture"
    assert reader.client.post("/conversions/guess", json={"key": "7"}).status_code == 404
    waiting = owner.client.get("/api/v1/conversions?state=pending", headers=owner.bearer).json["items"]
    assert {(each["key"], each["source"]) for each in waiting} == {("7", "snippet"), ("8", "pixel")}
    path = f"/api/v1/conversions/{waiting[0]['id']}"
    assert stranger.client.post(f"{path}/approve", headers=stranger.bearer).status_code == 404
    assert owner.client.post(f"{path}/reject", headers=owner.bearer).json["state"] == "rejected"
    assert owner.client.post(f"{path}/approve", headers=owner.bearer).json["state"] == "approved"
    (root,) = owner.client.get(f"/api/v1/testimonials/{shown}/shares", headers=owner.bearer).json["items"]
    assert root["conversions"] == 1
