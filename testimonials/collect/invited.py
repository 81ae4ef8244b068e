"""What is for one invited customer alone: the recording page at `/i/{token}`, and the way out at `/unsubscribe/{token}`.

Both hold a token in their address, and nobody is signed in: there is no session that a forged request could ride on.
"""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from testimonials import i18n
from testimonials.collect.forms import SubmissionForm
from testimonials.collect.page import Opening, render_page
from testimonials.errors import AppError
from testimonials.http import runtime, speak
from testimonials.models import Invitation
from testimonials.services import invitation_mails, invitations

blueprint = Blueprint("invited", __name__)


@blueprint.after_request
def _private(response: Response) -> Response:
    """The address is the secret: no cache keeps the page, and no other site learns where it was."""
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


@blueprint.get("/i/<token>")
def page(token: str) -> str:
    speak(i18n.SOURCE)
    invitation = invitations.open_link(runtime(), token)
    speak(invitation.language)
    if invitation.used_at is not None:
        return _used(invitation, mailed="mailed" in request.args)
    form = SubmissionForm(data={"name": invitation.name, "email": invitation.email})
    return render_page(invitation.campaign, form, Opening(invitation=token))


@blueprint.post("/i/<token>/page")
def mail_page(token: str) -> AnyResponse | tuple[str, int]:
    """Mail the way to their page to who was invited. Whoever asks learns nothing that the mail does not say."""
    speak(i18n.SOURCE)
    invitation = invitations.open_link(runtime(), token)
    speak(invitation.language)
    try:
        invitation_mails.mail_page(runtime(), token)
    except AppError as error:
        return _used(invitation, error=error.detail), error.status
    return redirect(url_for("invited.page", token=token, mailed=1, lang=request.args.get("lang")), 303)


@blueprint.get("/unsubscribe/<token>")
def leave(token: str) -> str:
    """Only a question: programs that follow every link of a mail must not answer it."""
    speak(i18n.SOURCE)
    return render_template(
        "invited/unsubscribe.html",
        workspace_name=invitation_mails.workspace_to_leave(runtime(), token),
        action=url_for("invited.unsubscribe", token=token, lang=request.args.get("lang")),
        done=False,
    )


@blueprint.post("/unsubscribe/<token>")
def unsubscribe(token: str) -> str:
    """By the button of the page, or by the mail program itself (RFC 8058), which has neither cookies nor a form of ours."""
    speak(i18n.SOURCE)
    name = invitation_mails.unsubscribe(runtime(), token)
    return render_template("invited/unsubscribe.html", workspace_name=name, action="", done=True)


def _used(invitation: Invitation, *, error: str = "", mailed: bool = False) -> str:
    return render_template(
        "invited/used.html",
        workspace_name=invitation.campaign.workspace.name,
        brand_color=invitation.campaign.brand_color,
        erased=invitation.testimonial_id is None,
        action=url_for("invited.mail_page", token=invitation.token, lang=request.args.get("lang"))
        if invitation_mails.may_mail_page(runtime(), invitation)
        else None,
        error=error,
        mailed=mailed,
    )
