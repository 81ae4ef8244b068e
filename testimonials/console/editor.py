"""The page on which a clip is edited: trimmed on its storyboard, its captions one by one, and names as they are spelled."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from flask import Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from testimonials.console import view
from testimonials.console.blueprint import blueprint
from testimonials.console.moderation import by
from testimonials.domain.captions import Cue, check_cues
from testimonials.domain.roles import EDIT
from testimonials.errors import Conflict, Invalid
from testimonials.http import runtime, wants_json
from testimonials.jobs import TRIM
from testimonials.models import Testimonial
from testimonials.models.asset import AssetKind
from testimonials.models.job import UNFINISHED
from testimonials.services import caption_edits, editing, review
from testimonials.services.accounts import Person
from testimonials.services.playback import media_url
from testimonials.sessions import confirm, requires

FRAMES = 12


@dataclass(frozen=True)
class Here:
    """What the parts that the review page shares ask for: forms come back to this page."""

    given: dict[str, str] = field(default_factory=lambda: {"at": "edit"})


@blueprint.get("/testimonials/<token>/edit")
@requires(EDIT)
def edit_page(person: Person, token: str) -> str:
    found = review.read(runtime(), person.workspace_id, token)
    shown = view.detail(runtime(), person, found.testimonial)
    if found.testimonial.media != "ready" or not shown["player"].sources:
        raise Conflict("There is nothing to edit yet, or nothing that plays.", code="wrong_state")
    return render_template(
        "console/edit.html",
        person=person,
        t=shown,
        asked=Here(),
        may_edit=True,
        editor=caption_edits.read(runtime(), person.workspace_id, token),
        cut=_cut(found.testimonial),
        strip=_strip(found.testimonial),
        trimming=next(
            (each for each in found.standing if each.job.name == TRIM and each.job.state in UNFINISHED), None
        ),
        failed=next((each for each in found.standing if each.job.name == TRIM and each.job.state == "failed"), None),
    )


@blueprint.get("/testimonials/<token>/edit.json")
@requires(EDIT)
def edit_state(person: Person, token: str) -> Response:
    """The work that is not finished, for the page that waits for it."""
    found = review.read(runtime(), person.workspace_id, token)
    jobs = [each for each in found.standing if each.job.state in UNFINISHED]
    about = [{"id": each.job.id, "percent": each.job.percent, "sentence": each.sentence} for each in jobs]
    return jsonify(media=found.testimonial.media, working=len(jobs), jobs=about)


@blueprint.post("/testimonials/<token>/trim")
@requires(EDIT)
def trim(person: Person, token: str) -> AnyResponse:
    confirm()
    whole = request.form.get("whole") is not None
    start = 0.0 if whole else _seconds(request.form.get("start"))
    end = math.ldexp(1, 30) if whole else _seconds(request.form.get("end"))
    editing.request_trim(runtime(), person.workspace_id, token, start, end, by(person))
    return _done(token, "trim", "The shortened version is being made.")


@blueprint.post("/testimonials/<token>/captions/<language>/cues")
@requires(EDIT)
def edit_cues(person: Person, token: str, language: str) -> AnyResponse:
    confirm()
    form = request.form
    cues = _cues()
    basis, act = form.get("version", ""), form.get("act", "save")
    caption_edits.change(runtime(), person.workspace_id, token, language, cues, basis, act, by(person))
    return _done(token, "captions", "Captions saved.")


@blueprint.post("/testimonials/<token>/captions/<language>/undo")
@requires(EDIT)
def undo_cues(person: Person, token: str, language: str) -> AnyResponse:
    confirm()
    caption_edits.undo(runtime(), person.workspace_id, token, language, by(person))
    return _done(token, "captions", "Taken back.")


@blueprint.post("/testimonials/<token>/names")
@requires(EDIT)
def spell_names(person: Person, token: str) -> AnyResponse:
    confirm()
    pairs = [each.partition(":") for each in request.form.getlist("name")]
    chosen = [
        (int(place), found) for place, _, found in pairs if place.isascii() and place.isdigit() and len(place) < 6
    ]
    basis = request.form.get("version", "")
    caption_edits.spell(runtime(), person.workspace_id, token, chosen, basis, by(person))
    return _done(token, "captions", "Names put right.")


@blueprint.post("/testimonials/<token>/glossary")
@requires(EDIT)
def set_glossary(person: Person, token: str) -> AnyResponse:
    """The workspace's, from the page of one testimonial."""
    confirm()
    review.read(runtime(), person.workspace_id, token)
    caption_edits.set_terms(runtime(), person.workspace_id, request.form.get("terms", ""))
    return _done(token, "names", "Names saved.")


def _cues() -> list[Cue]:
    form = request.form
    columns = [form.getlist(name) for name in ("start", "end", "text")]
    if len({len(column) for column in columns}) != 1:
        raise Invalid("Each caption has a beginning, an end and a text.", code="bad_captions")
    return check_cues(
        [
            {"start_seconds": _seconds(start), "end_seconds": _seconds(end), "text": text}
            for start, end, text in zip(*columns, strict=True)
        ]
    )


def _seconds(text: str | None) -> float:
    try:
        value = float((text or "").replace(",", "."))
    except ValueError as error:
        raise Invalid("A time is a number of seconds, as 4.5.", code="bad_time") from error
    if not math.isfinite(value):
        raise Invalid("A time is a number of seconds, as 4.5.", code="bad_time")
    return value


def _cut(testimonial: Testimonial) -> dict[str, float | bool]:
    whole = testimonial.whole_seconds or testimonial.duration_seconds or 0.0
    end = testimonial.cut_end_seconds
    return {
        "whole": whole,
        "start": testimonial.cut_start_seconds or 0.0,
        "end": whole if end is None else end,
        "shortened": testimonial.shortened,
        "allowed": "editing" in testimonial.consent_scopes,
    }


def _strip(testimonial: Testimonial) -> dict[str, Any] | None:
    """Frames of the storyboard, evenly spread: the viewBox of each within the picture of all of them."""
    sprite, board = testimonial.asset_of(AssetKind.STORYBOARD), testimonial.storyboard
    if sprite is None or board is None:
        return None
    wide, high = board["tile_width"], board["tile_height"]
    count = min(FRAMES, board["tiles"])
    tiles = [int((place + 0.5) * board["tiles"] / count) for place in range(count)]
    places = [(tile % board["columns"] * wide, tile // board["columns"] * high) for tile in tiles]
    return {
        "url": media_url(runtime(), testimonial, sprite),
        "size": (board["columns"] * wide, board["rows"] * high),
        "frames": [f"{x} {y} {wide} {high}" for x, y in places],
    }


def _done(token: str, part: str, said: str) -> AnyResponse:
    if wants_json():
        return jsonify(said=said)
    return redirect(f"{url_for('console.edit_page', token=token)}#{part}", 303)
