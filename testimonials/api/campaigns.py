"""Campaigns in the API: what they ask and how they look, their logo, and the texts that customers agree to."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request

from testimonials.api.representation import campaign_json, consent_version_json
from testimonials.api.routes import blueprint, workspace
from testimonials.http import json_body, runtime
from testimonials.models import Campaign
from testimonials.services import branding, campaigns, consent_texts


@blueprint.get("/campaigns")
def list_campaigns() -> Response:
    found = campaigns.with_numbers(runtime(), workspace())
    items = [campaign_json(runtime(), campaign) | {"testimonials": number} for campaign, number in found]
    return jsonify(items=items, next=None)


@blueprint.post("/campaigns")
def create_campaign() -> tuple[Response, int]:
    given: dict[str, Any] = {"slug": None, "name": None, **json_body()}
    return _shown(campaigns.create(runtime(), workspace(), **given)), 201


@blueprint.get("/campaigns/<slug>")
def read_campaign(slug: str) -> Response:
    return _shown(campaigns.read(runtime(), workspace(), slug))


@blueprint.patch("/campaigns/<slug>")
def edit_campaign(slug: str) -> Response:
    return _shown(campaigns.edit(runtime(), workspace(), slug, json_body()))


@blueprint.put("/campaigns/<slug>/logo")
def set_logo(slug: str) -> Response:
    """The body is the picture itself. What kind it is, its bytes say."""
    request.max_content_length = branding.MAX_BYTES
    return _shown(branding.set_logo(runtime(), workspace(), slug, request.get_data()))


@blueprint.delete("/campaigns/<slug>/logo")
def remove_logo(slug: str) -> Response:
    return _shown(branding.remove_logo(runtime(), workspace(), slug))


@blueprint.get("/campaigns/<slug>/consent-texts")
def list_consent_texts(slug: str) -> Response:
    found = consent_texts.history(runtime(), workspace(), slug)
    return jsonify(items=[consent_version_json(version) for version in found], next=None)


@blueprint.post("/campaigns/<slug>/consent-texts")
def add_consent_text(slug: str) -> tuple[Response, int]:
    texts = json_body().get("texts")
    return jsonify(version=consent_texts.add_version(runtime(), workspace(), slug, texts)), 201


def _shown(campaign: Campaign) -> Response:
    return jsonify(campaign_json(runtime(), campaign))
