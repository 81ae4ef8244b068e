"""What a business changes about a clip in the console: its poster, captions, focus point, and clips for networks."""

from __future__ import annotations

from flask import redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from testimonials.console.blueprint import blueprint
from testimonials.domain.roles import EDIT
from testimonials.errors import Invalid
from testimonials.http import runtime
from testimonials.services import captions, editing
from testimonials.services.accounts import Person
from testimonials.sessions import confirm, requires


@blueprint.post("/testimonials/<token>/poster")
@requires(EDIT)
def choose_poster(person: Person, token: str) -> AnyResponse:
    confirm()
    editing.choose_poster(runtime(), person.workspace_id, token, request.form.get("candidate", ""))
    return _back(token, "poster")


@blueprint.post("/testimonials/<token>/captions/<language>")
@requires(EDIT)
def edit_captions(person: Person, token: str, language: str) -> AnyResponse:
    confirm()
    text = request.form.get("text", "")
    who = {"member_id": person.member_id, "member_name": person.name}
    captions.edit(runtime(), person.workspace_id, token, language, text=text, **who)
    return _back(token, "captions")


@blueprint.post("/testimonials/<token>/social")
@requires(EDIT)
def request_social(person: Person, token: str) -> AnyResponse:
    """The focus point is set with the clip that it is meant for."""
    confirm()
    form = request.form
    focus_x, focus_y = _share(form.get("focus_x")), _share(form.get("focus_y"))
    editing.set_focus(runtime(), person.workspace_id, token, focus_x, focus_y)
    flags = {name: name in form for name in ("captions", "intro", "outro")}
    editing.request_social(runtime(), person.workspace_id, token, {"format": form.get("format", ""), **flags})
    return _back(token, "social")


def _share(text: str | None) -> float:
    """Per cent of a slider as a part of one."""
    try:
        return float(text or "50") / 100
    except ValueError as error:
        raise Invalid("A focus point is two numbers.", code="bad_focus") from error


def _back(token: str, part: str) -> AnyResponse:
    if request.args.get("at") == "edit":
        return redirect(f"{url_for('console.edit_page', token=token)}#{part}", 303)
    given = {name: value for name, value in request.args.items() if name not in ("acted", "id")}
    page = url_for("console.review_page", **given, id=token)  # type: ignore[arg-type]
    return redirect(f"{page}#{part}", 303)
