"""My account: name, ways to sign in, and the browsers that are signed in."""

from __future__ import annotations

from base64 import b64encode

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from testimonials.accounts.blueprint import blueprint
from testimonials.accounts.forms import AuthenticatorForm, NameForm, WorkspaceForm
from testimonials.accounts.routes import Answer
from testimonials.domain.roles import LOOK, MANAGE
from testimonials.domain.waiting_mails import CHOICES, DAILY_HOUR
from testimonials.errors import AppError
from testimonials.http import runtime
from testimonials.presentation import qr_svg
from testimonials.services import accounts, authenticator, company, outbox, passkeys, sign_ins, waiting_mails
from testimonials.services.accounts import Person
from testimonials.sessions import confirm, current_cookie, may, requires

WAYS = {
    "password": "by password",
    "link": "by a link",
    "reset": "by a link",
    "passkey": "by passkey",
    "company": "by the company sign-in",
    "invitation": "by an invitation",
}


@blueprint.route("/console/account", methods=["GET", "POST"])
@requires(LOOK)
def account_page(person: Person) -> Answer:
    form = NameForm()
    if request.method == "POST":
        confirm()
        if form.validate():
            accounts.rename(runtime(), person.member_id, form.name.data or "")
            return _back("Your name is changed.")
    elif person.name != person.email:
        form.name.data = person.name
    settings = runtime().settings
    page = render_template(
        "accounts/account.html",
        form=form,
        workspace_form=WorkspaceForm(formdata=None) if may(person, MANAGE) else None,
        sign_ins=sign_ins.listing(runtime(), person.member_id, current_cookie()),
        ways=WAYS,
        recovery_codes=authenticator.standing(runtime(), person.member_id),
        passkeys=passkeys.listing(runtime(), person.member_id),
        passkeys_possible=passkeys.possible(settings),
        company=settings.oidc_name if company.is_on(settings) else None,
        linked=company.linked(runtime(), person.member_id),
        mails=waiting_mails.choices(runtime(), person.member_id),
        mail_choices=CHOICES,
        mail_hour=DAILY_HOUR,
        mail_on=outbox.is_on(runtime()),
    )
    return page, 422 if form.errors else 200


@blueprint.get("/console/account/passkeys/new")
@requires(LOOK, fresh=True)
def new_passkey(person: Person) -> str:
    return render_template(
        "accounts/new_passkey.html", name=f"Passkey {len(passkeys.listing(runtime(), person.member_id)) + 1}"
    )


@blueprint.route("/console/account/authenticator", methods=["GET", "POST"])
@requires(LOOK, fresh=True)
def add_authenticator(person: Person) -> Answer:
    form = AuthenticatorForm()
    if request.method == "GET":
        return _authenticator(person, form, authenticator.begin(runtime(), person))
    confirm()
    if not form.validate():
        return _authenticator(person, form, authenticator.again(runtime(), person, form.sealed.data or "")), 422
    try:
        codes = authenticator.turn_on(runtime(), person, sealed=form.sealed.data, code=form.code.data)
    except AppError as error:
        form.code.errors = [error.detail]
        return _authenticator(person, form, authenticator.again(runtime(), person, form.sealed.data)), error.status
    return render_template("accounts/recovery_codes.html", codes=codes)


@blueprint.post("/console/account/authenticator/remove")
@requires(LOOK, fresh=True)
def remove_authenticator(person: Person) -> Response:
    confirm()
    authenticator.turn_off(runtime(), person)
    return _back("The authenticator is removed.")


@blueprint.post("/console/account/recovery-codes")
@requires(LOOK, fresh=True)
def new_recovery_codes(person: Person) -> str:
    confirm()
    return render_template("accounts/recovery_codes.html", codes=authenticator.renew_codes(runtime(), person))


@blueprint.post("/console/account/browsers/<token>/end")
@requires(LOOK)
def end_browser(person: Person, token: str) -> Response:
    confirm()
    sign_ins.end(runtime(), person.member_id, token)
    return _back("That browser is signed out.")


@blueprint.post("/console/account/browsers/end")
@requires(LOOK)
def end_other_browsers(person: Person) -> Response:
    confirm()
    sign_ins.end_others(runtime(), person.member_id, current_cookie())
    return _back("All other browsers are signed out.")


def _authenticator(person: Person, form: AuthenticatorForm, setup: authenticator.Setup) -> str:
    form.sealed.data = setup.sealed
    picture = b64encode(qr_svg(setup.address).encode()).decode()
    grouped = " ".join(setup.secret[at : at + 4] for at in range(0, len(setup.secret), 4))
    return render_template(
        "accounts/authenticator.html", form=form, picture=picture, secret=grouped, email=person.email
    )


def _back(said: str) -> Response:
    flash(said)
    return redirect(url_for("accounts.account_page"), 303)
