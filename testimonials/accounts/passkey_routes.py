"""Passkeys: what the browser asks before it makes one or answers with one, and what it brings back. In JSON, by our script."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from testimonials.accounts.blueprint import blueprint, let_in, wanted_page
from testimonials.domain.roles import LOOK
from testimonials.errors import BadRequest
from testimonials.http import json_body, runtime
from testimonials.services import passkeys
from testimonials.services.accounts import Person
from testimonials.sessions import browser, confirm, current_cookie, remember, requires


@blueprint.post("/sign-in/passkey/question")
def passkey_question() -> Response:
    confirm()
    return Response(passkeys.question(runtime()), content_type="application/json")


@blueprint.post("/sign-in/passkey")
def by_passkey() -> dict[str, str]:
    confirm()
    led = let_in(passkeys.sign_in(runtime(), _credential(), browser()), wanted_page())
    return {"next": led.headers["Location"]}


@blueprint.post("/console/prove/passkey")
@requires(LOOK)
def prove_by_passkey(person: Person) -> dict[str, str]:
    confirm()
    remember(passkeys.prove(runtime(), person, current_cookie(), _credential()))
    return {"next": wanted_page() or url_for("accounts.account_page")}


@blueprint.post("/console/account/passkeys/question")
@requires(LOOK, fresh=True)
def new_passkey_question(person: Person) -> Response:
    confirm()
    return Response(passkeys.registration(runtime(), person), content_type="application/json")


@blueprint.post("/console/account/passkeys")
@requires(LOOK, fresh=True)
def add_passkey(person: Person) -> dict[str, str]:
    confirm()
    passkeys.register(runtime(), person, _credential(), name=str(json_body().get("name") or ""))
    flash("The passkey is added. Next time, sign in with it.")
    return {"next": url_for("accounts.account_page")}


@blueprint.post("/console/account/passkeys/<token>/remove")
@requires(LOOK, fresh=True)
def remove_passkey(person: Person, token: str) -> AnyResponse:
    confirm()
    passkeys.remove(runtime(), person, token)
    flash("The passkey is removed here. Delete it on your device too.")
    return redirect(url_for("accounts.account_page"), 303)


def _credential() -> dict[str, Any]:
    found = json_body().get("credential") if request.is_json else None
    if not isinstance(found, dict):
        raise BadRequest("Send the credential as JSON.", code="bad_json")
    return found
