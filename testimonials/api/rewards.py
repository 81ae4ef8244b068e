"""The API of rewards: rules of a campaign, their codes, and the business's approval."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request

from testimonials.api.representation import rfc3339
from testimonials.api.routes import blueprint, workspace
from testimonials.domain.rewards import DOUBTS
from testimonials.errors import Invalid
from testimonials.http import json_body, runtime
from testimonials.models import Reward, RewardRule
from testimonials.services import rewards


@blueprint.get("/campaigns/<slug>/rewards")
def list_rules(slug: str) -> Response:
    found = rewards.rules(runtime(), workspace(), slug)
    items = [_rule(each.rule) | {"coupons_left": each.coupons_left, "given": each.given} for each in found]
    return jsonify(items=items, next=None)


@blueprint.put("/campaigns/<slug>/rewards/<cause>")
def put_rule(slug: str, cause: str) -> Response:
    rewards.rules(runtime(), workspace(), slug)  # somebody else's campaign does not exist, whatever the body says
    body = json_body()
    numbers = {name: body[name] for name in ("threshold", "each_at_most", "all_at_most") if name in body}
    if not all(isinstance(value, int) and not isinstance(value, bool) for value in numbers.values()):
        raise Invalid("Limits are whole numbers.", code="bad_limits")
    promise, active = str(body.get("promise", "")), body.get("active", True) is True
    rule = rewards.set_rule(runtime(), workspace(), slug, cause=cause, promise=promise, active=active, **numbers)
    return jsonify(_rule(rule))


@blueprint.post("/rewards/rules/<rule_id>/coupons")
def add_coupons(rule_id: str) -> tuple[Response, int]:
    codes = json_body().get("codes")
    if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
        raise Invalid("'codes' is a list of texts.", fields={"codes": ["A list of texts."]})
    added, skipped = rewards.add_coupons(runtime(), workspace(), rule_id, codes)
    return jsonify(added=added, skipped=skipped), 201


@blueprint.get("/rewards")
def list_rewards() -> Response:
    found = rewards.waiting(runtime(), workspace(), state=request.args.get("state", "pending"))
    return jsonify(items=[_reward(reward, rule) for reward, rule in found], next=None)


@blueprint.post("/rewards/<reward_id>/approve")
def approve_reward(reward_id: str) -> Response:
    return jsonify(code=rewards.approve(runtime(), workspace(), reward_id))


@blueprint.post("/rewards/<reward_id>/reject")
def reject_reward(reward_id: str) -> tuple[str, int]:
    rewards.reject(runtime(), workspace(), reward_id)
    return "", 204


def _rule(rule: RewardRule) -> dict[str, Any]:
    names = ("id", "cause", "promise", "threshold", "each_at_most", "all_at_most", "active")
    return {name: getattr(rule, name) for name in names}


def _reward(reward: Reward, rule: RewardRule) -> dict[str, Any]:
    return {
        "id": reward.id,
        "testimonial": reward.testimonial.token,
        "cause": rule.cause,
        "promise": rule.promise,
        "state": reward.state,
        "doubts": [{"code": code, "detail": DOUBTS[code]} for code in reward.doubts],
        "created_at": rfc3339(reward.created_at),
    }
