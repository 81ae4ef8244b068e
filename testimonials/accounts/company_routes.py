"""The company's own sign-in: there, and back again."""

from __future__ import annotations

from flask import redirect, request, session, url_for
from werkzeug.wrappers import Response

from testimonials.accounts.blueprint import blueprint, let_in, wanted_page
from testimonials.accounts.forms import SignInForm
from testimonials.accounts.routes import Answer, sign_in_page
from testimonials.domain.roles import LOOK
from testimonials.errors import AppError, NotFound
from testimonials.http import runtime
from testimonials.services import company
from testimonials.services.accounts import Person
from testimonials.sessions import browser, confirm, requires

PENDING = "company"


@blueprint.get("/sign-in/company")
def to_company() -> Answer:
    """A plain link, as a form of ours may not lead to another site. It only begins something: the state in the cookie makes
    sure that it ends in the same browser."""
    if not company.is_on(runtime().settings):
        raise NotFound("There is no company sign-in here.")
    try:
        address, pending = company.begin(runtime())
    except AppError as error:
        return sign_in_page(SignInForm(formdata=None), error.detail), error.status
    session[PENDING] = {**pending, "next": wanted_page()}
    return redirect(address, 303)


@blueprint.get("/sign-in/company/back")
def from_company() -> Answer:
    if not company.is_on(runtime().settings):
        raise NotFound("There is no company sign-in here.")
    pending = session.pop(PENDING, {})
    try:
        found = company.finish(runtime(), pending, request.args.to_dict(), browser())
    except AppError as error:
        return sign_in_page(SignInForm(formdata=None), error.detail), error.status
    return let_in(found, pending["next"])


@blueprint.post("/console/account/company/remove")
@requires(LOOK, fresh=True)
def remove_company(person: Person) -> Response:
    confirm()
    company.unlink(runtime(), person)
    return redirect(url_for("accounts.account_page"), 303)
