"""Who is signed in on this request, and proof that a form came from our own page.

The cookie holds a random word; the row that it stands for can be revoked.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from flask import g, redirect, request, session, url_for
from flask_wtf import FlaskForm

from testimonials.domain.roles import ROLES
from testimonials.errors import BadRequest, Forbidden
from testimonials.http import runtime
from testimonials.services import accounts
from testimonials.services.accounts import Person


class ConfirmForm(FlaskForm):  # type: ignore[misc]
    """A button that changes something, with its CSRF token."""


def confirm() -> None:
    """Refuse a request that does not come from a form of ours."""
    if not ConfirmForm().validate_on_submit():
        raise BadRequest("This page was open too long. Please go back, reload it, and try again.", code="csrf")


def remember(cookie: str) -> None:
    """Sign this browser in under a fresh session, so that nothing set before survives."""
    session.clear()
    session["sign_in"] = cookie
    session.permanent = True


def forget() -> None:
    """Sign this browser out, here and in the database."""
    accounts.sign_out(runtime(), current_cookie())
    session.clear()


def current_cookie() -> str:
    """The random word in this browser's cookie; empty for strangers."""
    return cast(str, session.get("sign_in", ""))


def current_person() -> Person | None:
    """Who is asking, looked up once a request."""
    if "person" not in g:
        cookie = current_cookie()
        g.person = accounts.person(runtime(), cookie) if cookie else None
    return cast(Person | None, g.person)


def may(person: Person, act: str) -> bool:
    """Whether this person's role includes the act."""
    return act in ROLES[person.role]


def requires(act: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Only for members whose role may `act`; the view gets the person first. Strangers are asked to sign in."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(*arguments: Any, **options: Any) -> Any:
            person = current_person()
            if person is None:
                return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
            if not may(person, act):
                raise Forbidden("Your role does not include this. Ask an owner of the workspace.")
            return view(person, *arguments, **options)

        return guarded

    return decorate
