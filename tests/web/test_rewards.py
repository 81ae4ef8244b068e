"""Rewards: for sharing that brings somebody, never for praise; doubts are said, and no code is given twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from testimonials.domain.rewards import Achieved, doubts, earned
from testimonials.models import Conversion, Reward, Share, Testimonial, Visit
from testimonials.models.base import new_token, now
from testimonials.runtime import Runtime
from testimonials.services import earning, erasure, rewards
from tests.acts import hand_in
from tests.conftest import Someone


def _rule(owner: Someone, cause: str, **more: Any) -> str:
    body = {"promise": "10 % off", **more}
    answer = owner.client.put(f"/api/v1/campaigns/spring/rewards/{cause}", json=body, headers=owner.bearer)
    assert answer.status_code == 200, answer.text
    return str(answer.json["id"])


def _codes(owner: Someone, rule: str, *codes: str) -> Any:
    body = {"codes": list(codes)}
    return owner.client.post(f"/api/v1/rewards/rules/{rule}/coupons", json=body, headers=owner.bearer).json


def _shared(customer: FlaskClient, runtime: Runtime, *, visits: int, plays: int = 0, sharer: str = "customer") -> str:
    """A testimonial whose customer shared it, with visits that came one every hour."""
    token = hand_in(customer, b"video", email=f"{new_token()}@example.org")["token"]
    with runtime.db.transaction() as transaction:
        testimonial = transaction.scalars(select(Testimonial).where(Testimonial.token == token)).one()
        share = Share(
            code=new_token(),
            testimonial_id=testimonial.id,
            network="x",
            place="my",
            sharer=sharer,
            visits=visits,
            plays=plays,
        )
        transaction.add(share)
        transaction.flush()
        for number in range(visits):
            at = now() - timedelta(hours=number)
            transaction.add(
                Visit(
                    testimonial_id=testimonial.id,
                    share_id=share.id,
                    nonce=new_token(),
                    visitor=new_token(),
                    day=at.date(),
                    created_at=at,
                )
            )
        return testimonial.id


def _rewards(runtime: Runtime) -> list[Reward]:
    with runtime.db.read() as session:
        return list(session.scalars(select(Reward).order_by(Reward.number)))


def test_visits_earn_by_the_threshold_and_not_twice(customer: FlaskClient, runtime: Runtime, owner: Someone) -> None:
    _rule(owner, "visits", threshold=5, each_at_most=2)
    _shared(customer, runtime, visits=12, plays=6)
    _shared(customer, runtime, visits=4)
    _shared(customer, runtime, visits=50, sharer="visitor")
    assert [earning.grant_due(runtime) for _ in range(2)] == [2, 0]
    assert [each.number for each in _rewards(runtime)] == [1, 2]


def test_a_testimonial_earns_once_whatever_it_says(customer: FlaskClient, runtime: Runtime, owner: Someone) -> None:
    _rule(owner, "testimonial")
    for rating in (1, 5):
        hand_in(customer, b"video", rating=rating, email=f"{rating}@example.org", text="Never again.")
    assert earning.grant_due(runtime) == 0, "not before somebody has looked at it"
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Testimonial).where(Testimonial.rating == 1).values(review="rejected"))
        transaction.execute(update(Testimonial).where(Testimonial.rating == 5).values(review="approved"))
    assert earning.grant_due(runtime) == 2


def test_conversions_earn_once_they_are_approved(customer: FlaskClient, runtime: Runtime, owner: Someone) -> None:
    _rule(owner, "conversions")
    testimonial_id = _shared(customer, runtime, visits=1)
    with runtime.db.transaction() as transaction:
        share = transaction.scalars(select(Share).where(Share.testimonial_id == testimonial_id)).one()
        transaction.add(
            Conversion(
                workspace_id=owner.workspace_id,
                key="1",
                body_hash="x",
                source="pixel",
                state="pending",
                last_share_id=share.id,
            )
        )
    assert earning.grant_due(runtime) == 0
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Conversion).values(state="approved"))
    assert earning.grant_due(runtime) == 1


def test_the_pool_has_an_end(customer: FlaskClient, runtime: Runtime, owner: Someone) -> None:
    _rule(owner, "visits", threshold=1, each_at_most=5, all_at_most=3)
    for _ in range(2):
        _shared(customer, runtime, visits=5, plays=5)
    assert earning.grant_due(runtime) == 3


def test_each_code_is_given_once(customer: FlaskClient, runtime: Runtime, owner: Someone) -> None:
    rule = _rule(owner, "visits", threshold=1, each_at_most=3)
    assert _codes(owner, rule, "A-1", "B-2", " A-1 ", "", "x" * 81) == {"added": 2, "skipped": 3}
    assert _codes(owner, rule, "A-1") == {"added": 0, "skipped": 1}
    testimonial_id = _shared(customer, runtime, visits=3, plays=3)
    earning.grant_due(runtime)
    ids = [each.id for each in _rewards(runtime)]

    def act(reward_id: str, what: str) -> Any:
        return owner.client.post(f"/api/v1/rewards/{reward_id}/{what}", headers=owner.bearer)

    first, again = (act(ids[0], "approve").json["code"] for _ in range(2))
    second = act(ids[1], "approve").json["code"]
    assert (first == again, {first, second}) == (True, {"A-1", "B-2"})
    assert act(ids[2], "approve").json["code"] == "no_coupons"
    assert act(ids[0], "reject").status_code == 409
    assert act(ids[2], "reject").status_code == 204
    found = rewards.earned_by(runtime, testimonial_id)
    assert [(each.state, each.code) for each in found] == [
        ("approved", first),
        ("approved", second),
        ("rejected", None),
    ]
    (standing,) = rewards.rules(runtime, owner.workspace_id, "spring")
    assert (standing.coupons_left, standing.given) == (0, 2)


def test_a_code_that_is_out_is_spent_whatever_is_erased(
    customer: FlaskClient, runtime: Runtime, owner: Someone
) -> None:
    rule = _rule(owner, "visits", threshold=1, all_at_most=1)
    _codes(owner, rule, "A-1")
    testimonial_id = _shared(customer, runtime, visits=1, plays=1)
    earning.grant_due(runtime)
    (reward,) = _rewards(runtime)
    assert rewards.approve(runtime, owner.workspace_id, reward.id) == "A-1"
    with runtime.db.read() as session:
        manage = session.get_one(Testimonial, testimonial_id).manage_token
    erasure.erase_by_customer(runtime, manage)
    (standing,) = rewards.rules(runtime, owner.workspace_id, "spring")
    assert standing.coupons_left == 0
    _shared(customer, runtime, visits=1, plays=1)
    assert earning.grant_due(runtime) == 0, "one was given, though nobody knows any more to whom"


def test_one_customer_is_one_address(customer: FlaskClient, runtime: Runtime, owner: Someone) -> None:
    _rule(owner, "testimonial")
    for _ in range(3):
        hand_in(customer, b"video", email="Maya@example.org")
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Testimonial).values(review="approved"))
    assert earning.grant_due(runtime) == 1


def test_doubts_are_for_the_business_to_judge() -> None:
    assert doubts("visits", Achieved(shares=3, visits=40, plays=20, busiest_hour=5)) == []
    assert doubts("visits", Achieved(shares=1, visits=40, plays=1, busiest_hour=39)) == [
        "fast",
        "nobody_watched",
        "one_share",
    ]
    assert doubts("testimonial", Achieved(visits=40, busiest_hour=40)) == []
    assert earned("visits", Achieved(visits=1000), threshold=10, each_at_most=3) == 3


@pytest.mark.parametrize(
    ("cause", "body"),
    [
        ("praise", {"promise": "x"}), ("visits", {"promise": ""}), ("visits", {"promise": "x" * 301}),
        ("visits", {"promise": "x", "threshold": 0}), ("visits", {"promise": "x", "threshold": "5"}),
        ("visits", {"promise": "x", "each_at_most": True}),
    ],
)  # fmt: skip
def test_a_rule_without_sense_is_refused(owner: Someone, cause: str, body: dict[str, Any]) -> None:
    answer = owner.client.put(f"/api/v1/campaigns/spring/rewards/{cause}", json=body, headers=owner.bearer)
    assert answer.status_code == 422


def test_strangers_find_nothing(customer: FlaskClient, runtime: Runtime, owner: Someone, stranger: Someone) -> None:
    rule = _rule(owner, "visits", threshold=1)
    _codes(owner, rule, "A-1")
    _shared(customer, runtime, visits=1, plays=1)
    earning.grant_due(runtime)
    (reward,) = _rewards(runtime)
    asked = [
        stranger.client.get("/api/v1/campaigns/spring/rewards", headers=stranger.bearer),
        stranger.client.put("/api/v1/campaigns/spring/rewards/visits", json={"promise": "x"}, headers=stranger.bearer),
        stranger.client.post(f"/api/v1/rewards/rules/{rule}/coupons", json={"codes": ["Z"]}, headers=stranger.bearer),
        stranger.client.post(f"/api/v1/rewards/{reward.id}/approve", headers=stranger.bearer),
        stranger.client.post(f"/api/v1/rewards/{reward.id}/reject", headers=stranger.bearer),
    ]
    assert [each.status_code for each in asked] == [404] * 5
    assert stranger.client.get("/api/v1/rewards", headers=stranger.bearer).json["items"] == []
    (waiting,) = owner.client.get("/api/v1/rewards", headers=owner.bearer).json["items"]
    assert waiting["state"] == "pending"
