"""Sign-in by password, by a link that works once, and the code after either; sign-out; a new password; proof once more."""

from __future__ import annotations

from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from testimonials.accounts.blueprint import blueprint, let_in, wanted_page
from testimonials.accounts.forms import CodeForm, LinkForm, PasswordForm, ProveForm, SignInForm
from testimonials.domain.roles import LOOK
from testimonials.errors import AppError, NotFound
from testimonials.http import client_address, runtime
from testimonials.services import accounts, company, entry, outbox, passkeys
from testimonials.services.accounts import Person
from testimonials.sessions import (
    ConfirmForm,
    browser,
    confirm,
    current_cookie,
    current_person,
    forget,
    remember,
    requires,
)

Answer = str | Response | tuple[str, int]


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Answer:
    if current_person() is not None:
        return redirect(wanted_page() or url_for("console.review_page"))
    form = SignInForm()
    if request.method == "GET":
        return sign_in_page(form)
    confirm()
    if not form.validate():
        return sign_in_page(form), 422
    try:
        found = entry.by_password(runtime(), email=form.email.data, password=form.password.data, browser=browser())
    except AppError as error:
        return sign_in_page(form, error.detail), error.status
    return let_in(found, wanted_page())


@blueprint.route("/sign-in/link", methods=["GET", "POST"])
def ask_for_link() -> Answer:
    """Asks for a mail with a link. The answer is the same whoever's address it is."""
    form, way = LinkForm(), "password" if request.args.get("for") == "password" else "mail"
    shown: dict[str, Any] = {"form": form, "way": way, "mail_on": outbox.is_on(runtime()), "error": None, "sent": False}
    if request.method == "GET":
        return render_template("accounts/ask_for_link.html", **shown)
    confirm()
    if not form.validate():
        return render_template("accounts/ask_for_link.html", **shown), 422
    try:
        entry.ask_for_link(runtime(), email=form.email.data, client=client_address(), way=way)
    except AppError as error:
        return render_template("accounts/ask_for_link.html", **{**shown, "error": error.detail}), error.status
    return render_template("accounts/ask_for_link.html", **{**shown, "sent": True})


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
def code() -> Answer:
    form = CodeForm()
    if request.method == "GET":
        return render_template("accounts/code.html", form=form, error=None)
    confirm()
    if not form.validate():
        return render_template("accounts/code.html", form=form, error=None), 422
    try:
        found = entry.by_code(runtime(), current_cookie(), form.code.data, browser())
    except NotFound as error:
        return sign_in_page(SignInForm(formdata=None), error.detail), error.status
    except AppError as error:
        return render_template("accounts/code.html", form=form, error=error.detail), error.status
    return let_in(found, wanted_page())


@blueprint.route("/sign-in/<token>", methods=["GET", "POST"])
def by_link(token: str) -> Answer:
    """A page with one button: mail scanners follow links, and must not use up the one time that it works."""
    if request.method == "GET":
        return render_template("accounts/by_link.html", form=ConfirmForm())
    confirm()
    try:
        found = entry.by_link(runtime(), token, browser())
    except NotFound as error:  # with the other way in beside it
        return make_response(sign_in_page(SignInForm(formdata=None), error.detail), 404)
    return let_in(found)


@blueprint.route("/password", methods=["GET", "POST"])
@requires(LOOK, fresh=True)
def password(person: Person) -> Answer:
    form = PasswordForm()
    if request.method == "GET":
        return render_template("accounts/password.html", form=form)
    confirm()
    if not form.validate():
        return render_template("accounts/password.html", form=form), 422
    try:
        accounts.set_password(runtime(), person.member_id, form.password.data, keep=current_cookie())
    except AppError as error:
        form.password.errors = [error.detail]
        return render_template("accounts/password.html", form=form), error.status
    if not person.has_password:
        return redirect(url_for("console.review_page"), 303)
    flash("Your password is changed. All other browsers are signed out.")
    return redirect(url_for("accounts.account_page"), 303)


@blueprint.route("/console/prove", methods=["GET", "POST"])
@requires(LOOK)
def prove(person: Person) -> Answer:
    """The password once more, before something dangerous."""
    form, error = ProveForm(), None
    if request.method == "POST":
        confirm()
        if form.validate():
            try:
                remember(entry.prove(runtime(), person, current_cookie(), form.password.data, client_address()))
                return redirect(wanted_page() or url_for("accounts.account_page"), 303)
            except AppError as refused:
                error = refused
    keys = passkeys.possible(runtime().settings) and passkeys.listing(runtime(), person.member_id)
    page = render_template(
        "accounts/prove.html", form=form, error=error and error.detail, keys=keys, next=wanted_page()
    )
    return page, (error.status if error else 422 if form.errors else 200)


@blueprint.post("/sign-out")
def sign_out() -> Response:
    confirm()
    forget()
    return redirect(url_for("accounts.sign_in"), 303)


def sign_in_page(form: SignInForm, error: str | None = None) -> str:
    """The page with every way in that this installation has."""
    settings = runtime().settings
    return render_template(
        "accounts/sign_in.html",
        form=form,
        error=error,
        next=wanted_page() or None,
        mail_on=outbox.is_on(runtime()),
        passkeys=passkeys.possible(settings),
        company=settings.oidc_name if company.is_on(settings) else None,
    )
