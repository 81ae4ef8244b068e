"""The API tokens of a workspace."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from testimonials.accounts.blueprint import blueprint
from testimonials.accounts.forms import TokenForm
from testimonials.accounts.routes import Answer
from testimonials.domain.roles import MANAGE
from testimonials.http import runtime
from testimonials.services import tokens
from testimonials.services.accounts import Person
from testimonials.sessions import confirm, requires


@blueprint.get("/console/tokens")
@requires(MANAGE)
def tokens_page(person: Person) -> str:
    return _page(person)


@blueprint.route("/console/tokens/new", methods=["GET", "POST"])
@requires(MANAGE, fresh=True)
def new_token(person: Person) -> Answer:
    form = TokenForm()
    if request.method == "GET":
        return render_template("accounts/new_token.html", form=form)
    confirm()
    if not form.validate():
        return render_template("accounts/new_token.html", form=form), 422
    return _page(person, made=tokens.make(runtime(), person, name=form.name.data, role=form.role.data))


@blueprint.post("/console/tokens/<token>/revoke")
@requires(MANAGE)
def revoke_token(person: Person, token: str) -> Response:
    confirm()
    tokens.revoke(runtime(), person, token)
    flash("The token is revoked. Whoever uses it is refused from now on.")
    return redirect(url_for("accounts.tokens_page"), 303)


def _page(person: Person, made: str | None = None) -> str:
    listed = tokens.listing(runtime(), person.workspace_id)
    return render_template("accounts/tokens.html", tokens=listed, made=made, base=runtime().settings.base_url)
