"""The page of an invitation, and going from one workspace to another."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from testimonials.accounts.blueprint import blueprint, let_in
from testimonials.accounts.forms import JoinForm, WorkspaceForm
from testimonials.accounts.routes import Answer
from testimonials.domain.roles import LOOK, MANAGE
from testimonials.errors import AppError, Invalid
from testimonials.http import runtime
from testimonials.services import joining
from testimonials.services.accounts import Person
from testimonials.sessions import browser, confirm, current_cookie, current_person, requires


@blueprint.route("/join/<token>", methods=["GET", "POST"])
def join(token: str) -> Answer:
    """Nothing is used up by looking: mail scanners follow links."""
    person = current_person()
    asked = joining.read(runtime(), token)
    form = JoinForm()
    shown = {"asked": asked, "form": form, "me": person, "here": url_for("accounts.join", token=token)}
    if request.method == "GET":
        return render_template("accounts/join.html", **shown)
    confirm()
    if person is not None:
        joining.as_member(runtime(), token, person, current_cookie())
        return redirect(url_for("console.review_page"), 303)
    try:
        if form.validate():
            new = {"name": form.name.data, "password": form.password.data, "browser": browser()}
            return let_in(joining.as_somebody_new(runtime(), token, **new))
    except Invalid as error:
        form.password.errors = [error.detail]
    return render_template("accounts/join.html", **shown), 422


@blueprint.post("/console/workspaces/<token>/open")
@requires(LOOK)
def open_workspace(person: Person, token: str) -> Response:
    confirm()
    joining.look_at(runtime(), person, current_cookie(), token)
    return redirect(url_for("console.review_page"), 303)


@blueprint.post("/console/workspaces")
@requires(MANAGE)
def new_workspace(person: Person) -> Response:
    confirm()
    form = WorkspaceForm()
    try:
        joining.create_workspace(runtime(), person, current_cookie(), form.name.data or "")
    except AppError as error:
        raise Invalid(error.detail, code=error.code) from error
    return redirect(url_for("console.review_page"), 303)
