"""Inviting customers: one by one or by a list, how their invitations stand, and the campaign's link as a code for print."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length

from testimonials import i18n
from testimonials.console.blueprint import blueprint
from testimonials.domain.invitation_list import MAX_BYTES, MAX_ROWS
from testimonials.domain.roles import EDIT, LOOK
from testimonials.errors import Invalid
from testimonials.http import runtime
from testimonials.presentation import qr_png, qr_svg
from testimonials.services import invitations, outbox
from testimonials.services.accounts import Person
from testimonials.services.invitations import Imported, Invitee
from testimonials.sessions import confirm, may, requires

STATES = {
    "waiting": ("Not mailed", ""),  # with an address, and while mail is on: about to be mailed
    "mailed": ("Mailed", ""),
    "opened": ("Opened", "accent"),
    "used": ("Sent a testimonial", "good"),
    "unsubscribed": ("Wants no mail", "warn"),
}


class InvitationForm(FlaskForm):  # type: ignore[misc]
    name = StringField("Name", [Length(max=120)])
    email = StringField("Email", [Length(max=254)])
    order_reference = StringField("Order reference", [Length(max=120)])
    language = SelectField(
        "Language of the mail and the page",
        [InputRequired("Choose a language.")],
        choices=[SelectChoice(*each) for each in i18n.LANGUAGES.items()],
    )


@blueprint.get("/campaigns/<slug>/invitations")
@requires(LOOK)
def invitations_page(person: Person, slug: str) -> str:
    return _page(person, slug)


@blueprint.post("/campaigns/<slug>/invitations")
@requires(EDIT)
def invite(person: Person, slug: str) -> AnyResponse | tuple[str, int]:
    confirm()
    form = InvitationForm()
    try:
        if not form.validate():
            raise Invalid("Please look at the fields again.")
        invitee = Invitee(**{name: form[name].data or "" for name in ("name", "email", "order_reference", "language")})
        listed, new = invitations.create(runtime(), person.workspace_id, slug, invitee)
    except Invalid as error:
        for name, sentences in error.fields.items():
            form[name].errors = [*form[name].errors, *sentences]
        return _page(person, slug, form=form, error=error.detail), error.status
    token = listed.invitation.token
    return redirect(url_for("console.invitations_page", slug=slug, invited=token, known=None if new else 1), 303)


@blueprint.post("/campaigns/<slug>/invitations/list")
@requires(EDIT)
def invite_list(person: Person, slug: str) -> str | tuple[str, int]:
    request.max_content_length = MAX_BYTES
    confirm()
    file = request.files.get("list")
    try:
        if file is None or not file.filename:
            raise Invalid("Please choose a file first.")
        imported = invitations.import_list(runtime(), person.workspace_id, slug, file.stream.read())
    except Invalid as error:
        return _page(person, slug, list_error=error.detail), error.status
    return _page(person, slug, imported=imported)


@blueprint.post("/campaigns/<slug>/invitations/<token>/delete")
@requires(EDIT)
def delete_invitation(person: Person, slug: str, token: str) -> AnyResponse:
    confirm()
    invitations.revoke(runtime(), person.workspace_id, slug, token)
    return redirect(url_for("console.invitations_page", slug=slug, deleted=1), 303)


@blueprint.get("/campaigns/<slug>/code.svg")
@requires(LOOK)
def code_svg(person: Person, slug: str) -> Response:
    return _download(qr_svg(_link(person, slug)), "image/svg+xml", f"{slug}.svg")


@blueprint.get("/campaigns/<slug>/code.png")
@requires(LOOK)
def code_png(person: Person, slug: str) -> Response:
    return _download(qr_png(_link(person, slug)), "image/png", f"{slug}.png")


def _page(person: Person, slug: str, form: InvitationForm | None = None, **said: Any) -> str:
    cursor = request.args.get("cursor") or None
    page = invitations.listing(runtime(), person.workspace_id, slug, cursor=cursor)
    base = runtime().settings.base_url
    if form is None:
        form = InvitationForm(formdata=None, language=page.campaign.language)
    imported: Imported | None = said.get("imported")
    return render_template(
        "console/invitations.html",
        campaign=page.campaign,
        counts=page.counts,
        rows=[{"listed": each, "url": f"{base}/i/{each.invitation.token}"} for each in page.invitations],
        next_cursor=page.next_cursor,
        states=STATES,
        form=form,
        error=said.get("error"),
        list_error=said.get("list_error"),
        imported=imported,
        invited=request.args.get("invited"),
        already="known" in request.args,
        deleted="deleted" in request.args,
        mail_on=outbox.is_on(runtime()),
        most_rows=MAX_ROWS,
        campaign_url=f"{base}/c/{slug}",
        may_edit=may(person, EDIT),
    )


def _link(person: Person, slug: str) -> str:
    """The campaign's public link. Raises NotFound for a campaign of others."""
    page = invitations.listing(runtime(), person.workspace_id, slug, limit=1)
    return f"{runtime().settings.base_url}/c/{page.campaign.slug}"


def _download(body: bytes | str, content_type: str, name: str) -> Response:
    response = Response(body, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
