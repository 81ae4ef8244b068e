"""The review page: what waits, playable in place, and the verdicts."""

from __future__ import annotations

from flask import Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from testimonials.console.blueprint import blueprint
from testimonials.console.forms import REJECT_REASONS, RejectForm
from testimonials.domain.failures import failure
from testimonials.domain.lifecycle import ReviewStatus
from testimonials.domain.roles import LOOK, MODERATE
from testimonials.http import runtime, wants_json
from testimonials.models import Testimonial
from testimonials.services import analytics, campaigns, review
from testimonials.services.accounts import Person
from testimonials.services.playback import media_url
from testimonials.services.review import Filter
from testimonials.sessions import confirm, requires


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
        testimonials=[_row(each) for each in found],
        chosen=chosen and _detail(person, chosen),
        next_cursor=page.next_cursor,
        campaigns=campaigns.listing(runtime(), person.workspace_id),
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
    return jsonify(media=found.testimonial.media, stage=job.stage if job else "", percent=job.percent if job else 0)


def _done(testimonial: Testimonial, said: str) -> AnyResponse:
    if wants_json():
        return jsonify(token=testimonial.token, review=testimonial.review, said=f"{said} {testimonial.name}.")
    return redirect(url_for("console.review_page", status=request.args.get("status")), 303)


def _row(testimonial: Testimonial) -> dict[str, object]:
    poster = testimonial.poster
    return {
        "token": testimonial.token,
        "name": testimonial.name,
        "quote": testimonial.text,
        "rating": testimonial.rating,
        "media": testimonial.media,
        "campaign": testimonial.campaign.name,
        "duration_seconds": testimonial.duration_seconds,
        "submitted_at": testimonial.submitted_at,
        "poster": media_url(runtime(), testimonial, poster) if poster else None,
    }


def _detail(person: Person, testimonial: Testimonial) -> dict[str, object]:
    job = review.read(runtime(), person.workspace_id, testimonial.token).job
    why = failure(testimonial.failure) if testimonial.failure else None
    return _row(testimonial) | {
        "email": testimonial.email,
        "title": testimonial.title,
        "company": testimonial.company,
        "review": testimonial.review,
        "public": testimonial.public,
        "scopes": testimonial.consent_scopes,
        "consent": testimonial.consent_status,
        "reject_reason": testimonial.reject_reason,
        "failure": testimonial.failure,
        "failure_sentence": why and why.business,
        "failure_retry": bool(why and why.retry),
        "stage": job.stage if job else "",
        "percent": job.percent if job else 0,
        "attempts": job.attempts if job else 0,
        "renditions": [(asset, media_url(runtime(), testimonial, asset)) for asset in testimonial.renditions],
        "share_url": f"{runtime().settings.base_url}/t/{testimonial.token}",
        "totals": analytics.totals(runtime(), [testimonial.id])[testimonial.id],
    }
