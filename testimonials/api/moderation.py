"""Lists, verdicts, tags and notes in the API. A token acts for nobody: where two people have to agree, it cannot approve."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, jsonify, request

from testimonials.api.representation import note_json, testimonial_json
from testimonials.api.routes import blueprint, workspace
from testimonials.errors import AppError, Invalid
from testimonials.http import json_body, runtime
from testimonials.services import moderation, remarks, review, tags
from testimonials.services.moderation import BULK_ACTS, Act, By, Change
from testimonials.services.review import Filter

NOBODY = By()
VERDICTS = (Act.APPROVE, Act.REJECT, Act.REOPEN, Act.ARCHIVE, Act.RESTORE)


@blueprint.get("/testimonials")
def list_testimonials() -> Response:
    given = request.args
    wanted = Filter(
        **{name: given.get(name) or None for name in ("media", "review", "campaign", "kind", "language", "tag")},
        rating=_rating(given.get("rating")),
        assignee=given.get("assignee") or None,
        trouble=given.get("trouble") in ("1", "true"),
        query=given.get("q") or None,
        cursor=given.get("cursor") or None,
    )
    page = review.listing(runtime(), workspace(), wanted)
    return jsonify(
        items=[testimonial_json(runtime(), testimonial) for testimonial in page.testimonials],
        next=page.next_cursor,
    )


@blueprint.patch("/testimonials/<token>")
def change_testimonial(token: str) -> Response:
    """Each field is an act of its own, so that one can be undone without the other."""
    changes = _changes(json_body())
    found = review.read(runtime(), workspace(), token).testimonial
    for change in changes:
        (found,) = moderation.one(runtime(), workspace(), token, change).done
    return jsonify(testimonial_json(runtime(), found))


def _verdict(act: Act) -> Callable[[str], Response]:
    def give(token: str) -> Response:
        body = json_body() if request.data else {}
        change = Change(act=act, reason=str(body.get("reason", "")), message=str(body.get("message", "")))
        outcome = moderation.one(runtime(), workspace(), token, change)
        return jsonify(testimonial_json(runtime(), outcome.done[0]) | {"act": outcome.act_id})

    return give


for _act in VERDICTS:
    blueprint.add_url_rule(f"/testimonials/<token>/{_act}", _act, _verdict(_act), methods=["POST"])


@blueprint.post("/testimonials/bulk")
def bulk() -> Response:
    body = json_body()
    tokens, name = _words(body.get("testimonials"), "testimonials"), body.get("act")
    if name not in BULK_ACTS:
        raise Invalid(f"Acts are {', '.join(BULK_ACTS)}.", code="unknown_act")
    change = Change(
        act=Act(name),
        reason=str(body.get("reason", "")),
        tags=tuple(_words(body.get("tags", []), "tags")),
        assignee=str(body.get("assignee") or ""),
    )
    outcome = moderation.perform(runtime(), workspace(), list(dict.fromkeys(tokens)), change)
    return jsonify(act=outcome.act_id, done=[each.token for each in outcome.done], refused=_refused(outcome.refused))


@blueprint.post("/acts/<act_id>/undo")
def undo_act(act_id: str) -> Response:
    outcome = moderation.undo(runtime(), workspace(), act_id)
    return jsonify(act=act_id, done=[each.token for each in outcome.done], refused=_refused(outcome.refused))


@blueprint.get("/testimonials/<token>/notes")
def list_notes(token: str) -> Response:
    return jsonify(items=[note_json(note) for note in remarks.read(runtime(), workspace(), token).notes], next=None)


@blueprint.post("/testimonials/<token>/notes")
def add_note(token: str) -> tuple[Response, int]:
    note = remarks.add_note(runtime(), workspace(), token, str(json_body().get("text", "")), NOBODY)
    return jsonify(note_json(note)), 201


@blueprint.get("/tags")
def list_tags() -> Response:
    return jsonify(items=tags.offered(runtime(), workspace()), next=None)


def _changes(body: dict[str, Any]) -> list[Change]:
    """What the body asks for, checked before anything is done."""
    found = []
    if "tags" in body:
        found.append(Change(act=Act.RETAG, tags=tuple(_words(body["tags"], "tags"))))
    if "featured" in body:
        if not isinstance(body["featured"], bool):
            raise Invalid("'featured' is true or false.", fields={"featured": ["True or false."]})
        found.append(Change(act=Act.FEATURE if body["featured"] else Act.UNFEATURE))
    for name, act in (("assignee", Act.ASSIGN), ("quote", Act.QUOTE)):
        if name in body:
            text = body[name] or ""
            if not isinstance(text, str):
                raise Invalid(f"'{name}' is a text or null.", fields={name: ["A text or null."]})
            found.append(Change(act=act, assignee=text, words=text))
    if not found:
        raise Invalid("Name what to change: tags, featured, assignee or quote.", code="invalid_body")
    return found


def _words(value: Any, name: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Invalid(f"'{name}' is a list of words.", fields={name: ["A list of words."]})
    return value


def _rating(text: str | None) -> int | None:
    if text and text not in ("1", "2", "3", "4", "5"):
        raise Invalid("A rating is 1 to 5.", code="bad_rating")
    return int(text) if text else None


def _refused(refused: dict[str, AppError]) -> list[dict[str, str]]:
    return [{"id": token, "code": error.code, "detail": error.detail} for token, error in refused.items()]
