"""Invitations in the API: a shop invites who has just received an order, once, however often it asks."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request

from testimonials.api.representation import rfc3339
from testimonials.api.routes import blueprint, workspace
from testimonials.http import json_body, runtime
from testimonials.services import invitations
from testimonials.services.invitations import Invitee, Listed

FIELDS = ("name", "email", "order_reference", "language")


@blueprint.post("/campaigns/<slug>/invitations")
def invite(slug: str) -> tuple[Response, int]:
    """201 for a new one; 200 with the same one where the order reference is known."""
    body = json_body()
    given = {name: body[name] for name in FIELDS if isinstance(body.get(name), str)}
    listed, new = invitations.create(runtime(), workspace(), slug, Invitee(**given))
    return jsonify(invitation_json(listed)), 201 if new else 200


@blueprint.get("/campaigns/<slug>/invitations")
def list_invitations(slug: str) -> Response:
    page = invitations.listing(runtime(), workspace(), slug, cursor=request.args.get("cursor") or None)
    return jsonify(items=[invitation_json(each) for each in page.invitations], next=page.next_cursor)


@blueprint.delete("/campaigns/<slug>/invitations/<token>")
def delete_invitation(slug: str, token: str) -> tuple[str, int]:
    invitations.revoke(runtime(), workspace(), slug, token)
    return "", 204


def invitation_json(listed: Listed) -> dict[str, Any]:
    """One invitation. `state` is waiting, mailed, opened, used or unsubscribed; `problem` is why a mail did not arrive."""
    found = listed.invitation
    return {
        "token": found.token,
        "url": f"{runtime().settings.base_url}/i/{found.token}",
        "state": listed.state,
        "name": found.name,
        "email": found.email,
        "order_reference": found.order_reference,
        "language": found.language,
        "created_at": rfc3339(found.created_at),
        "opened_at": found.opened_at and rfc3339(found.opened_at),
        "used_at": found.used_at and rfc3339(found.used_at),
        "mails": found.mails_sent,
        "problem": listed.problem or None,
        "testimonial": listed.testimonial_token,
    }
