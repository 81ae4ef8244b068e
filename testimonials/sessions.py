"""Who is signed in on this request, and proof that a form came from our own page.

The cookie holds a random word; the row that it stands for can be revoked.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, cast

from flask import g, redirect, request, session, url_for
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict

from testimonials.domain import roles
from testimonials.errors import BadRequest, Forbidden
from testimonials.http import client_address, route_act, runtime
from testimonials.models.base import now
from testimonials.services import accounts, audit, review, sign_ins
from testimonials.services.accounts import Person
from testimonials.services.sign_ins import Browser
from testimonials.upkeep import operations

PROOF_MINUTES = 15
"""How long a password, a code or a passkey counts for dangerous acts."""


class ConfirmForm(FlaskForm):  # type: ignore[misc]
    """A button that changes something, with its CSRF token."""


def confirm(said: str | None = None) -> None:
    """Refuse a request that does not come from a form of ours. `said` is the token of a script that sends no form."""
    form = ConfirmForm() if said is None else ConfirmForm(MultiDict({"csrf_token": said}))
    if not form.validate_on_submit():
        raise BadRequest("This page was open too long. Please go back, reload it, and try again.", code="csrf")


def remember(cookie: str) -> None:
    """Sign this browser in under a fresh session, so that nothing set before survives."""
    session.clear()
    session["sign_in"] = cookie
    session.permanent = True
    g.pop("person", None)


def forget() -> None:
    """Sign this browser out, here and in the database."""
    sign_ins.sign_out(runtime(), current_cookie())
    session.clear()
    g.pop("person", None)


def browser() -> Browser:
    """The browser that sent this request."""
    return Browser(request.headers.get("User-Agent", ""), client_address())


def current_cookie() -> str:
    """The random word in this browser's cookie; empty for strangers."""
    return cast(str, session.get("sign_in", ""))


def current_person() -> Person | None:
    """Who is asking, looked up once a request."""
    if "person" not in g:
        cookie = current_cookie()
        g.person = accounts.person(runtime(), cookie, browser()) if cookie else None
    return cast(Person | None, g.person)


def may(person: Person, act: str) -> bool:
    """Whether this person's role includes the act."""
    return roles.may(person.role, act)


def is_fresh(person: Person) -> bool:
    """Whether this person has proved a moment ago who they are."""
    return person.proved_at is not None and person.proved_at > now() - timedelta(minutes=PROOF_MINUTES)


def requires(act: str, *, sending: str = "", fresh: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Only for members whose role may `act`; the view gets the person first. Strangers are asked to sign in.

    `sending` is the act of a view that also takes what is sent, where that asks for more than looking at it.

    With `fresh`, whoever signed in a while ago is asked for their password or passkey once more, and then comes back to the
    page that the dangerous act belongs to.
    """

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(*arguments: Any, **options: Any) -> Any:
            person = current_person()
            if person is None:
                return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
            wanted = act if request.method in ("GET", "HEAD") else sending or act
            if not may(person, wanted):
                raise Forbidden("Your role does not include this. Ask an owner of the workspace.")
            if fresh and not is_fresh(person):
                return redirect(url_for("accounts.prove", next=_page_of_this()), 303)
            if request.method in ("GET", "HEAD"):
                return view(person, *arguments, **options)
            with audit.acting(audit.member(person.member_id), person.workspace_id, *route_act()):
                return view(person, *arguments, **options)

        guarded.required_acts = act, sending or act  # type: ignore[attr-defined]
        return guarded

    return decorate


def frame() -> dict[str, Any]:
    """What all pages inside the console's frame show: who is in, what waits, whether a worker is there."""
    person = current_person()
    if person is None:
        return {}
    return {
        "person": person,
        "waiting": review.counts(runtime(), person.workspace_id)["pending"],
        "worker": operations.worker_state(runtime()),
        "confirm_form": ConfirmForm(),
    }


def _page_of_this() -> str:
    """Where a person comes back to. A form that was sent is not sent again for them: they see its page first."""
    rule = request.url_rule
    if request.method == "GET" or (rule is not None and "GET" in (rule.methods or ())):
        return request.full_path.rstrip("?")
    return url_for("accounts.account_page")
