"""What the API can change about a clip: its poster, focus point, captions, and clips for networks."""

from __future__ import annotations

from flask import Response, jsonify

from testimonials.api.representation import testimonial_json
from testimonials.api.routes import blueprint, workspace
from testimonials.errors import NotFound
from testimonials.http import json_body, runtime
from testimonials.models import Testimonial
from testimonials.services import captions, editing, review


@blueprint.post("/testimonials/<token>/poster")
def choose_poster(token: str) -> tuple[Response, int]:
    candidate = str(json_body().get("candidate", ""))
    return _shown(editing.choose_poster(runtime(), workspace(), token, candidate)), 202


@blueprint.put("/testimonials/<token>/focus")
def set_focus(token: str) -> Response:
    body = json_body()
    return _shown(editing.set_focus(runtime(), workspace(), token, body.get("x"), body.get("y")))


@blueprint.get("/testimonials/<token>/captions/<language>")
def read_captions(token: str, language: str) -> Response:
    found = review.read(runtime(), workspace(), token).testimonial
    held = next((each for each in found.captions if each.language == language), None)
    if held is None:
        raise NotFound("There are no captions in this language.", code="unknown_captions")
    return jsonify(
        language=language,
        engine=held.engine,
        confidence=held.confidence,
        edited=held.edited_at is not None,
        cues=held.cues,
    )


@blueprint.put("/testimonials/<token>/captions/<language>")
def edit_captions(token: str, language: str) -> Response:
    body = json_body()
    text = body.get("text")
    edited = captions.edit(
        runtime(),
        workspace(),
        token,
        language,
        cues=body.get("cues"),
        text=text if isinstance(text, str) else None,
    )
    return _shown(edited)


@blueprint.post("/testimonials/<token>/social")
def request_social(token: str) -> tuple[Response, int]:
    return _shown(editing.request_social(runtime(), workspace(), token, json_body())), 202


def _shown(testimonial: Testimonial) -> Response:
    return jsonify(testimonial_json(runtime(), testimonial))
