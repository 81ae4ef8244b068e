"""The JSON API, version 1. Every route takes a bearer token; what belongs to others does not exist."""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint, Response, g, jsonify, request

from testimonials.api.openapi import document
from testimonials.api.representation import rfc3339, testimonial_json, widget_json
from testimonials.domain import roles
from testimonials.errors import AppError, Forbidden, Invalid, Unauthorized
from testimonials.http import json_body, problem, route_act, runtime
from testimonials.services import accounts, audit, erasure, review, widgets

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
MAX_BODY = 256 * 1024


@blueprint.before_request
def _authenticate() -> None:
    request.max_content_length = MAX_BODY
    if request.endpoint == "api.openapi":
        return
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthorized("Send your API token as 'Authorization: Bearer …'.", code="no_token")
    permit = accounts.permit_of_token(runtime(), token.strip())
    if not roles.may(permit.role, roles.api_act(request.endpoint or "")):
        raise Forbidden(f"The role of this token ({permit.role}) does not include this.", code="role_too_small")
    g.workspace_id = permit.workspace_id
    if request.method not in ("GET", "HEAD"):
        audit.begin(f"token:{permit.token_id}", permit.workspace_id, *route_act())


@blueprint.teardown_request
def _leave(_error: BaseException | None) -> None:
    audit.end()


@blueprint.errorhandler(AppError)
def _failed(error: AppError) -> Response:
    response = problem(error)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


@blueprint.after_request
def _private(response: Response) -> Response:
    response.headers.setdefault("Cache-Control", "no-store")
    return response


@blueprint.get("/openapi.json")
def openapi() -> Response:
    return jsonify(document(runtime().settings.base_url))


@blueprint.get("/widgets")
def list_widgets() -> Response:
    found = widgets.listing(runtime(), workspace())
    return jsonify(items=[widget_json(runtime(), widget) for widget in found], next=None)


@blueprint.post("/widgets")
def create_widget() -> tuple[Response, int]:
    body = _body(name=str)
    slugs = body.get("campaigns") or []
    if not isinstance(slugs, list) or not all(isinstance(slug, str) for slug in slugs):
        raise Invalid("'campaigns' is a list of slugs.", fields={"campaigns": ["A list of slugs."]})
    layout = body.get("layout") or "wall"
    more = {name: body[name] for name in widgets.FIELDS if name in body and name not in ("name", "layout", "campaigns")}
    created = widgets.create(runtime(), workspace(), name=body["name"], layout=str(layout), campaigns=slugs, **more)
    return jsonify(widget_json(runtime(), created)), 201


@blueprint.get("/testimonials/<token>")
def read_testimonial(token: str) -> Response:
    found = review.read(runtime(), workspace(), token)
    return jsonify(testimonial_json(runtime(), found.testimonial, found.job, found.standing))


@blueprint.delete("/testimonials/<token>")
def erase_testimonial(token: str) -> Response:
    receipt = erasure.erase_by_business(runtime(), workspace(), token)
    return jsonify(
        erased={
            "token": receipt.token,
            "erased_at": rfc3339(receipt.erased_at),
            "objects": receipt.objects,
            "renditions": receipt.renditions,
            "complete": receipt.complete,
        }
    )


@blueprint.post("/testimonials/<token>/retry")
def retry(token: str) -> tuple[Response, int]:
    return jsonify(testimonial_json(runtime(), review.retry(runtime(), workspace(), token))), 202


def workspace() -> str:
    return cast(str, g.workspace_id)


def _body(**required: type) -> dict[str, Any]:
    """The JSON object of the request, with these fields of these types."""
    body = json_body()
    wrong = {
        name: [f"Give a {kind.__name__}."] for name, kind in required.items() if not isinstance(body.get(name), kind)
    }
    if wrong:
        raise Invalid(f"Missing or of another kind: {', '.join(wrong)}.", code="invalid_body", fields=wrong)
    return body
