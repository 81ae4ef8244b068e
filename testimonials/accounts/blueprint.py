"""The blueprint of the people's doors, and what all its pages share."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from testimonials import sessions
from testimonials.http import runtime
from testimonials.services import sign_ins
from testimonials.services.sign_ins import Entry

blueprint = Blueprint("accounts", __name__)
blueprint.context_processor(sessions.frame)


@blueprint.after_request
def _private(response: Response) -> Response:
    """Addresses of these pages hold secrets, so none goes to another site, and no cache keeps a page."""
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def let_in(entry: Entry, target: str = "") -> AnyResponse:
    """Sign this browser in, whoever it was before, and lead it on: to the code, to a new password, or where it wanted."""
    sign_ins.sign_out(runtime(), sessions.current_cookie())
    sessions.remember(entry.cookie)
    if entry.waits_for_code:
        return redirect(url_for("accounts.code", next=target or None), 303)
    if entry.wants_password:
        return redirect(url_for("accounts.password"), 303)
    return redirect(target or url_for("console.review_page"), 303)


def wanted_page() -> str:
    """The `next` of the address: only ever a path of ours, else empty."""
    wanted = request.args.get("next", "")
    ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if ours else ""
