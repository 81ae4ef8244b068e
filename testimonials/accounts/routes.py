"""Sign-in by password or by a link that works once, sign-out, and the password."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from testimonials.accounts.forms import PasswordForm, SignInForm
from testimonials.domain.roles import LOOK
from testimonials.errors import AppError, NotFound
from testimonials.http import client_address, runtime
from testimonials.services import accounts
from testimonials.services.accounts import Person
from testimonials.sessions import ConfirmForm, confirm, current_cookie, current_person, forget, remember, requires

blueprint = Blueprint("accounts", __name__)


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> str | Response | tuple[str, int]:
    if current_person() is not None:
        return redirect(_next())
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("accounts/sign_in.html", form=form, error=None)
    try:
        cookie = accounts.sign_in(
            runtime(), email=form.email.data, password=form.password.data, client=client_address()
        )
    except AppError as error:
        return render_template("accounts/sign_in.html", form=form, error=error.detail), error.status
    remember(cookie)
    return redirect(_next(), 303)


@blueprint.route("/sign-in/<token>", methods=["GET", "POST"])
def by_link(token: str) -> str | Response:
    """A page with one button: mail scanners follow links, and must not use up the one time that it works."""
    form = ConfirmForm()
    if not form.validate_on_submit():
        return render_template("accounts/by_link.html", form=form)
    try:
        remember(accounts.use_link(runtime(), token))
    except NotFound as error:  # with the other way in beside it
        return make_response(
            render_template("accounts/sign_in.html", form=SignInForm(formdata=None), error=error.detail), 404
        )
    person = current_person()
    if person and not person.has_password:
        return redirect(url_for("accounts.password"), 303)
    return redirect(url_for("console.review_page"), 303)


@blueprint.route("/password", methods=["GET", "POST"])
@requires(LOOK)
def password(person: Person) -> str | Response:
    form = PasswordForm()
    if not form.validate_on_submit():
        return render_template("accounts/password.html", form=form, person=person)
    accounts.set_password(runtime(), person.member_id, form.password.data, keep=current_cookie())
    return redirect(url_for("console.review_page"), 303)


@blueprint.post("/sign-out")
def sign_out() -> Response:
    confirm()
    forget()
    return redirect(url_for("accounts.sign_in"), 303)


def _next() -> str:
    """Where to go after signing in: only ever a path of ours."""
    wanted = request.args.get("next", "")
    ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if ours else url_for("console.review_page")
