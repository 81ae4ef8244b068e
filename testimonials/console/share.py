"""The business shares a testimonial that is on show. Each act mints a link of its own, and the ledger knows that it was you."""

from __future__ import annotations

from flask import Response
from werkzeug.wrappers import Response as AnyResponse

from testimonials.console.blueprint import blueprint
from testimonials.domain.roles import MODERATE
from testimonials.http import json_body, runtime
from testimonials.services import ledger
from testimonials.services.accounts import Person
from testimonials.sessions import confirm, requires
from testimonials.visitor import shared_by_link, shared_by_script

PLACE = "console"


@blueprint.get("/testimonials/<token>/share/<network>")
@requires(MODERATE)
def share_to_network(person: Person, token: str, network: str) -> AnyResponse:
    ledger.name_of(runtime(), person.workspace_id, token)
    return shared_by_link(token, network, place=PLACE, known=True)


@blueprint.post("/testimonials/<token>/shares")
@requires(MODERATE)
def mint_share(person: Person, token: str) -> Response:
    """`{"network", "csrf_token"}` → the short link."""
    body = json_body(force=True)
    confirm(str(body.get("csrf_token", "")))
    ledger.name_of(runtime(), person.workspace_id, token)
    return shared_by_script(token, str(body.get("network", "")), place=PLACE, known=True)
