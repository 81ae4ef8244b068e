"""The API of the share ledger: what sharing brought, and conversions that the business's server reports."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request

from testimonials.api.representation import rfc3339
from testimonials.api.routes import blueprint, workspace
from testimonials.domain.conversions import parse
from testimonials.errors import BadRequest
from testimonials.http import json_body, runtime
from testimonials.models import Conversion
from testimonials.services import conversions, ledger
from testimonials.services.ledger import Branch


@blueprint.get("/testimonials/<token>/shares")
def share_tree(token: str) -> Response:
    return jsonify(items=[_branch(each) for each in ledger.tree(runtime(), workspace(), token)], next=None)


@blueprint.get("/networks")
def network_totals() -> Response:
    return jsonify(items=[vars(each) for each in ledger.by_network(runtime(), workspace())], next=None)


@blueprint.get("/conversions")
def list_conversions() -> Response:
    found = conversions.listing(runtime(), workspace(), state=request.args.get("state"))
    return jsonify(items=[_conversion(each) for each in found], next=None)


@blueprint.post("/conversions")
def report_conversion() -> tuple[Response, int]:
    """With an `Idempotency-Key`; the same one again answers 200 with what it made the first time."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key:
        raise BadRequest("Send an Idempotency-Key: the number of the order will do.", code="no_key")
    reported = parse({**json_body(), "key": key}, source="server")
    conversion, new = conversions.report(runtime(), workspace(), reported)
    return jsonify(_conversion(conversion)), 201 if new else 200


@blueprint.post("/conversions/<conversion_id>/approve")
def approve_conversion(conversion_id: str) -> Response:
    return jsonify(_conversion(conversions.decide(runtime(), workspace(), conversion_id, approve=True)))


@blueprint.post("/conversions/<conversion_id>/reject")
def reject_conversion(conversion_id: str) -> Response:
    return jsonify(_conversion(conversions.decide(runtime(), workspace(), conversion_id, approve=False)))


def _conversion(conversion: Conversion) -> dict[str, Any]:
    return {
        "id": conversion.id,
        "key": conversion.key,
        "source": conversion.source,
        "state": conversion.state,
        "value": conversion.value_cents,
        "currency": conversion.currency or None,
        "order_reference": conversion.order_reference or None,
        "created_at": rfc3339(conversion.created_at),
    }


def _branch(branch: Branch) -> dict[str, Any]:
    counted = ("hits", "visits", "plays", "clicks", "conversions", "reach")
    return {
        "code": branch.code,
        "network": branch.network,
        "place": branch.place,
        "sharer": branch.sharer,
        "created_at": rfc3339(branch.created_at),
        **{name: getattr(branch, name) for name in counted},
        "shares": [_branch(each) for each in branch.branches],
    }
