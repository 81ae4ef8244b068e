"""Operations, for owners: what is being prepared, what failed and can be tried again, who does the work, and where."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from testimonials.console.blueprint import blueprint
from testimonials.domain.roles import MANAGE
from testimonials.errors import Conflict
from testimonials.http import runtime
from testimonials.services import review, workroom
from testimonials.services.accounts import Person
from testimonials.services.workroom import VIEWS
from testimonials.sessions import confirm, requires
from testimonials.upkeep import operations

LABELS = {"failed": "Failed", "working": "In work", "all": "All"}
SAID = {
    "retried": "It is tried again. Nothing of the original was lost.",
    "settled": "There is nothing left to try again: somebody has done it already.",
}


@blueprint.get("/operations")
@requires(MANAGE)
def operations_page(person: Person) -> str:
    figures = workroom.figures(runtime(), person.workspace_id)
    asked = request.args.get("show", "")
    view = asked if asked in VIEWS else "failed" if figures.failed else "working"
    before = request.args.get("before", "")[:32]
    return render_template(
        "console/operations.html",
        person=person,
        figures=figures,
        state=operations.worker_state(runtime()),
        version=operations.VERSION,
        page=workroom.page(runtime(), person.workspace_id, view, before=before),
        view=view,
        views=LABELS,
        before=before,
        most=workroom.MOST_COUNTED,
        measured=workroom.MOST_MEASURED,
        said=SAID.get(request.args.get("said", "")),
    )


@blueprint.post("/operations/testimonials/<token>/retry")
@requires(MANAGE)
def retry_work(person: Person, token: str) -> AnyResponse:
    """Pressed twice, the second finds nothing that has failed, and that is fine."""
    confirm()
    try:
        review.retry(runtime(), person.workspace_id, token)
    except Conflict:
        return redirect(url_for("console.operations_page", said="settled"), 303)
    return redirect(url_for("console.operations_page", said="retried"), 303)
