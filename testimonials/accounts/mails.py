"""Which mails a person wants about what waits for review, chosen on the page of their account."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from testimonials.accounts.blueprint import blueprint
from testimonials.domain.roles import LOOK
from testimonials.http import runtime
from testimonials.services import waiting_mails
from testimonials.services.accounts import Person
from testimonials.sessions import confirm, requires


@blueprint.post("/console/account/mails")
@requires(LOOK)
def choose_mails(person: Person) -> Response:
    confirm()
    named = {name.removeprefix("mail-"): choice for name, choice in request.form.items() if name.startswith("mail-")}
    waiting_mails.choose(runtime(), person.member_id, named)
    flash("Your choice is saved.")
    return redirect(url_for("accounts.account_page", _anchor="mails"), 303)
