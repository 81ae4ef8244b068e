"""The Team page: who is in, who is invited, and what each may do."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from testimonials.accounts.blueprint import blueprint
from testimonials.accounts.forms import ROLE_NAMES, InviteForm, RoleForm
from testimonials.accounts.routes import Answer
from testimonials.domain.roles import ACTS, INVITE, LOOK, MANAGE, ROLES
from testimonials.errors import AppError
from testimonials.http import runtime
from testimonials.services import outbox, team
from testimonials.services.accounts import Person
from testimonials.services.team import INVITATION_DAYS, Sent
from testimonials.sessions import confirm, forget, may, requires


@blueprint.get("/console/team")
@requires(LOOK)
def team_page(person: Person) -> str:
    return _page(person)


@blueprint.post("/console/team/invitations")
@requires(INVITE)
def invite(person: Person) -> Answer:
    confirm()
    form = InviteForm()
    try:
        if form.validate():
            return _page(person, sent=team.invite(runtime(), person, email=form.email.data, role=form.role.data))
    except AppError as error:
        form.email.errors = [error.detail]
        return _page(person, form=form), error.status
    return _page(person, form=form), 422


@blueprint.post("/console/team/invitations/<token>/resend")
@requires(INVITE)
def resend_invitation(person: Person, token: str) -> str:
    confirm()
    return _page(person, sent=team.resend(runtime(), person, token))


@blueprint.post("/console/team/invitations/<token>/revoke")
@requires(INVITE)
def revoke_invitation(person: Person, token: str) -> Response:
    confirm()
    team.revoke(runtime(), person, token)
    return _back("The invitation is withdrawn; its link opens nothing any more.")


@blueprint.post("/console/team/members/<token>/role")
@requires(MANAGE)
def change_role(person: Person, token: str) -> Answer:
    confirm()
    try:
        team.change_role(runtime(), person, token, RoleForm().role.data or "")
    except AppError as error:
        return _page(person, error=error.detail), error.status
    return _back("The role is changed.")


@blueprint.post("/console/team/members/<token>/remove")
@requires(MANAGE)
def remove_member(person: Person, token: str) -> Answer:
    confirm()
    try:
        tokens_left = team.remove(runtime(), person, token)
    except AppError as error:
        return _page(person, error=error.detail), error.status
    said = "They are out of the workspace, and signed out."
    return _back(
        f"{said} API tokens that they kept still work: revoke those under API tokens." if tokens_left else said
    )


@blueprint.post("/console/team/leave")
@requires(LOOK)
def leave(person: Person) -> Answer:
    confirm()
    try:
        team.leave(runtime(), person)
    except AppError as error:
        return _page(person, error=error.detail), error.status
    forget()
    return redirect(url_for("accounts.sign_in"), 303)


def _back(said: str) -> Response:
    flash(said)
    return redirect(url_for("accounts.team_page"), 303)


def _page(person: Person, *, form: InviteForm | None = None, sent: Sent | None = None, error: str | None = None) -> str:
    return render_template(
        "accounts/team.html",
        people=team.people(runtime(), person),
        invited=team.invited(runtime(), person),
        form=(form or InviteForm(formdata=None, role="viewer")).narrow(person.role),
        sent=sent,
        error=error,
        days=INVITATION_DAYS,
        roles=ROLE_NAMES,
        acts=[(words, [act in ROLES[role] for role in ROLES]) for act, words in ACTS.items()],
        mail_on=outbox.is_on(runtime()),
        may_invite=may(person, INVITE),
        may_manage=may(person, MANAGE),
    )
