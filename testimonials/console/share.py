"""The business shares a testimonial that is on show. Each act mints a link of its own, and the ledger knows that it was you."""

from __future__ import annotations

from flask import Response, jsonify, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from testimonials.console.blueprint import blueprint
from testimonials.domain.roles import MODERATE
from testimonials.domain.sharing import NETWORKS, Network
from testimonials.http import runtime
from testimonials.presentation import qr_svg
from testimonials.services import ledger, shares
from testimonials.services.accounts import Person
from testimonials.services.shares import Act
from testimonials.sessions import confirm, requires
from testimonials.visitor import visitor

PLACE = "console"


@blueprint.app_template_global("share_ways")
def share_ways(scopes: list[str]) -> list[Network]:
    """Networks with a composer of their own that the customer has allowed."""
    return [each for each in NETWORKS.values() if each.target and ("social" in scopes or not each.social)]


@blueprint.get("/testimonials/<token>/share/<network>")
@requires(MODERATE)
def share_to_network(person: Person, token: str, network: str) -> AnyResponse:
    """A plain link, so that it works without a script: mints the short link and goes on to the network."""
    ledger.name_of(runtime(), person.workspace_id, token)
    if request.method == "HEAD":
        return Response(status=204)
    given = request.args
    # Only from our own page: a link elsewhere must not lead to a server of its choice by way of us.
    host = given.get("host", "") if request.headers.get("Sec-Fetch-Site") == "same-origin" else ""
    act = Act(network=network, place=PLACE, text=given.get("text", ""), host=host)
    response = redirect(shares.network_address(runtime(), token, act, visitor(), known=True), 303)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.post("/testimonials/<token>/shares")
@requires(MODERATE)
def mint_share(person: Person, token: str) -> tuple[Response, int]:
    """The script's way: the short link, to be copied or handed to the device's own share sheet."""
    confirm()
    ledger.name_of(runtime(), person.workspace_id, token)
    act = Act(network=request.form.get("network", ""), place=PLACE)
    return jsonify(url=shares.mint(runtime(), token, act, visitor(), known=True)), 201


@blueprint.get("/testimonials/<token>/share.svg")
@requires(MODERATE)
def share_code(person: Person, token: str) -> Response:
    """A code for a poster or a shop window, with a link of its own."""
    ledger.name_of(runtime(), person.workspace_id, token)
    link = shares.mint(runtime(), token, Act(network="qr", place=PLACE), visitor(), known=True)
    response = Response(qr_svg(link), content_type="image/svg+xml")
    response.headers["Content-Disposition"] = f'attachment; filename="{token[:8]}.svg"'
    return response
