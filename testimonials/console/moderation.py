"""The review page: what waits, playable in place, and the verdicts."""

from __future__ import annotations

from flask import Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from testimonials.console import view
from testimonials.console.blueprint import blueprint
from testimonials.console.forms import REJECT_REASONS, RejectForm
from testimonials.domain.lifecycle import ReviewStatus
from testimonials.domain.roles import EDIT, LOOK, MODERATE
from testimonials.http import runtime, wants_json
from testimonials.models import Testimonial
from testimonials.services import campaigns, review
from testimonials.services.accounts import Person
from testimonials.services.review import Filter
from testimonials.sessions import confirm, may, requires


@blueprint.get("/")
@requires(LOOK)
def review_page(person: Person) -> str:
    status = request.args.get("status", ReviewStatus.PENDING)
    status = status if status in list(ReviewStatus) else ReviewStatus.PENDING
    page = review.listing(
        runtime(), person.workspace_id, Filter(review=status, cursor=request.args.get("cursor") or None)
    )
    found = page.testimonials
    wanted = request.args.get("id")
    chosen = next((each for each in found if each.token == wanted), found[0] if found else None)
    return render_template(
        "console/review.html",
        person=person,
        status=status,
        counts=review.counts(runtime(), person.workspace_id),
        testimonials=[view.row(runtime(), each) for each in found],
        chosen=chosen and view.detail(runtime(), person.workspace_id, chosen),
        next_cursor=page.next_cursor,
        campaigns=campaigns.listing(runtime(), person.workspace_id),
        may_edit=may(person, EDIT),
        reject_form=RejectForm(),
        reject_reasons=REJECT_REASONS,
    )


@blueprint.post("/testimonials/<token>/approve")
@requires(MODERATE)
def approve(person: Person, token: str) -> AnyResponse:
    confirm()
    return _done(review.approve(runtime(), person.workspace_id, token), "Approved")


@blueprint.post("/testimonials/<token>/reject")
@requires(MODERATE)
def reject(person: Person, token: str) -> AnyResponse:
    confirm()
    reason = request.form.get("reason", "")
    return _done(review.reject(runtime(), person.workspace_id, token, reason=reason), "Rejected")


@blueprint.post("/testimonials/<token>/reopen")
@requires(MODERATE)
def reopen(person: Person, token: str) -> AnyResponse:
    confirm()
    return _done(review.reopen(runtime(), person.workspace_id, token), "Back in the queue:")


@blueprint.post("/testimonials/<token>/retry")
@requires(MODERATE)
def retry(person: Person, token: str) -> AnyResponse:
    confirm()
    review.retry(runtime(), person.workspace_id, token)
    return redirect(url_for("console.review_page", status=request.args.get("status"), id=token), 303)


@blueprint.get("/testimonials/<token>/state.json")
@requires(LOOK)
def state(person: Person, token: str) -> Response:
    found = review.read(runtime(), person.workspace_id, token)
    job = found.job
    return jsonify(
        media=found.testimonial.media,
        stage=job.stage if job else "",
        percent=job.percent if job else 0,
        working=view.working(found.standing),
    )


def _done(testimonial: Testimonial, said: str) -> AnyResponse:
    if wants_json():
        return jsonify(token=testimonial.token, review=testimonial.review, said=f"{said} {testimonial.name}.")
    return redirect(url_for("console.review_page", status=request.args.get("status")), 303)
