"""Who is published and who is not, by stars; and whether two have to agree."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from testimonials.console.blueprint import blueprint
from testimonials.domain.roles import LOOK, MANAGE
from testimonials.http import runtime
from testimonials.services import balance, review_rules
from testimonials.services.accounts import Person
from testimonials.sessions import confirm, may, requires


@blueprint.get("/balance")
@requires(LOOK)
def balance_page(person: Person) -> str:
    return render_template(
        "console/balance.html",
        person=person,
        balance=balance.read(runtime(), person.workspace_id),
        two=review_rules.read(runtime(), person.workspace_id),
        reviewers=review_rules.reviewers(runtime(), person.workspace_id),
        may_manage=may(person, MANAGE),
    )


@blueprint.post("/balance/rules")
@requires(MANAGE)
def change_rules(person: Person) -> AnyResponse:
    confirm()
    review_rules.set_two(runtime(), person.workspace_id, "two_approvals" in request.form)
    return redirect(url_for("console.balance_page"), 303)
