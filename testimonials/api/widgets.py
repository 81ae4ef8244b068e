"""One widget in the API: read, change, delete. Making and listing them stand in `routes`."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from testimonials.api.representation import rfc3339, widget_json
from testimonials.api.routes import blueprint, workspace
from testimonials.http import json_body, runtime
from testimonials.services import campaigns, widgets
from testimonials.services.widgets import Placed


@blueprint.get("/widgets/<token>")
def read_widget(token: str) -> Response:
    return jsonify(_shown(widgets.read(runtime(), workspace(), token)))


@blueprint.patch("/widgets/<token>")
def edit_widget(token: str) -> Response:
    """Changes what is named; the rest stays."""
    widgets.edit(runtime(), workspace(), token, json_body())
    return jsonify(_shown(widgets.read(runtime(), workspace(), token)))


@blueprint.delete("/widgets/<token>")
def delete_widget(token: str) -> tuple[str, int]:
    widgets.remove(runtime(), workspace(), token)
    return "", 204


def _shown(placed: Placed) -> dict[str, Any]:
    widget = placed.widget
    listed = campaigns.listing(runtime(), workspace())
    return {
        **widget_json(runtime(), widget),
        "campaigns": [campaign.slug for campaign in listed if campaign.id in widget.campaign_ids],
        "share": widget.share,
        "theme": widget.theme,
        "sort": widget.sort,
        "tags": widget.tags,
        "min_rating": widget.min_rating,
        "languages": widget.languages,
        "pins": widgets.pinned_tokens(runtime(), widget),
        "call": widget.call or None,
        "places": [
            {"host": each.host, "first_at": rfc3339(each.first_at), "last_at": rfc3339(each.last_at)}
            for each in widgets.standing(runtime(), workspace(), widget.token).places
        ],
        "seen_at": placed.seen_at and rfc3339(placed.seen_at),
    }
