"""What a shared link leads to: the share page, the short links, and the way to each network."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from testimonials.errors import BadRequest, NotFound
from testimonials.http import json_body, on_app_error, open_to_all_origins, runtime, wants_json
from testimonials.limits import limiter, network
from testimonials.presentation import qr_svg
from testimonials.services import actions, shares, showing, visits
from testimonials.sharing.offer import offer, sharing_of
from testimonials.sharing.page import share_page, way_out
from testimonials.visitor import sent_on, shared_by_link, shared_by_script, visitor

blueprint = Blueprint("sharing", __name__)
blueprint.add_app_template_global(sharing_of)
MAX_BEACON, MAX_WORD = 4096, 200
PAGES = (
    "sharing.page",
    "sharing.bare_player",
    "sharing.to_network",
    "sharing.go",
    "sharing.short_link",
    "sharing.link",
)


@blueprint.get("/t/<token>")
def page(token: str) -> Response:
    testimonial = showing.public_testimonial(runtime(), token)
    response = Response(share_page(testimonial, via=_via(), words=request.args.get("words", "")))
    response.headers["Cache-Control"] = "private, no-cache"  # it holds a nonce of its own
    return response


@blueprint.errorhandler(NotFound)
def on_nothing_here(error: NotFound) -> AnyResponse:
    """For people: what has become of it, and what the same business shows instead."""
    if request.endpoint not in PAGES or wants_json():
        return on_app_error(error)
    return Response(way_out(str((request.view_args or {}).get("token", ""))), 404)


@blueprint.get("/t/<token>/share/<network>")
def to_network(token: str, network: str) -> AnyResponse:
    return shared_by_link(token, network, place=request.args.get("place", "page"), via=_via())


@blueprint.route("/t/<token>/shares", methods=["POST", "OPTIONS"], provide_automatic_options=False)
def mint(token: str) -> Response:
    """The script's way: `{"network": "copy"}` → the short link. Plain text, so that browsers ask no preflight."""
    if request.method == "OPTIONS":
        return open_to_all_origins(Response(status=204), methods="POST, OPTIONS", headers="Content-Type")
    request.max_content_length = MAX_BEACON
    body = json_body(force=True)
    via = str(body["via"]) if body.get("via") else None
    response = shared_by_script(token, str(body.get("network", "")), place=str(body.get("place", "widget")), via=via)
    return open_to_all_origins(response)


@blueprint.post("/t/<token>/visits")
def visit(token: str) -> Response:
    """The beacon of a share page: `{"nonce", "via", "act"}`, act being visit, play or click. 204, whether it counts or not."""
    request.max_content_length = MAX_BEACON
    body = json_body(force=True)
    given = {name: body.get(name, "") for name in ("via", "nonce", "act")}
    if not all(isinstance(value, str) and len(value) <= MAX_WORD for value in given.values()):
        raise BadRequest("A beacon holds three short texts.", code="bad_beacon")
    visits.record(
        runtime(), token, code=given["via"], nonce=given["nonce"], act=given["act"] or "visit", visitor=visitor()
    )
    return Response(status=204)


@blueprint.get("/t/<token>/go")
def go(token: str) -> AnyResponse:
    """The button below a shared video: to the business's own page, which learns what brought the visitor."""
    return sent_on(actions.address(runtime(), token, via=_via()), 302)


@blueprint.get("/s/<code>")
def short_link(code: str) -> AnyResponse:
    try:
        return sent_on(shares.follow(runtime(), code, counts=visitor().counted), 302)
    except NotFound:
        # Who guesses is told to wait. Links that exist go on working for everybody at the same address.
        limiter().take("shares", network())
        raise


@blueprint.get("/s/<code>/link")
def link(code: str) -> Response:
    """Where sharing ends that happens on the visitor's own device, without a script: the link, its QR code, the embed code."""
    token = shares.shared(runtime(), code)
    testimonial = showing.public_testimonial(runtime(), token)
    made = offer(testimonial, showing.describe(runtime(), testimonial))
    html = render_template(
        "sharing/link.html",
        offer=made,
        code=code,
        url=_short(code),
        back=f"{made.url}?via={code}",
        testimonial=testimonial,
    )
    response = Response(html)
    response.headers["Cache-Control"], response.headers["X-Robots-Tag"] = "no-store", "noindex"
    return response


@blueprint.get("/s/<code>/qr.svg")
def qr(code: str) -> Response:
    shares.shared(runtime(), code)
    response = Response(qr_svg(_short(code)), content_type="image/svg+xml")
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


def _short(code: str) -> str:
    return f"{runtime().settings.base_url}/s/{code}"


def _via() -> str | None:
    """The code of the share that brought this visitor, kept in the address only."""
    return request.args.get("via") or None
