"""The customer's pages: recording and uploading at `/c/{campaign}`, and their own page at `/my/{token}`."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from testimonials.collect.forms import SubmissionForm
from testimonials.domain.failures import failure
from testimonials.errors import AppError, Invalid
from testimonials.http import client_address, json_body, runtime, wants_json
from testimonials.models import Campaign
from testimonials.models.asset import AssetKind
from testimonials.services import campaigns, consents, editing, erasure, playback, submissions
from testimonials.services.playback import media_url
from testimonials.services.submissions import Progress, Submitted
from testimonials.sessions import ConfirmForm, confirm

blueprint = Blueprint("collect", __name__)


@blueprint.get("/c/<slug>")
def page(slug: str) -> str:
    campaign = campaigns.by_slug(runtime(), slug)
    return _render(campaign, SubmissionForm(), None)


@blueprint.post("/c/<slug>/submissions")
def submit(slug: str) -> AnyResponse | tuple[str, int]:
    if request.is_json:
        return _answer(_submit_json(slug))
    campaign = campaigns.by_slug(runtime(), slug)
    if request.mimetype == "multipart/form-data":  # its files go to disk; any other form would be held in memory
        request.max_content_length = runtime().settings.max_upload_bytes + 1_000_000
    form = SubmissionForm(MultiDict([*request.form.items(multi=True), *request.files.items()]))
    try:
        submitted = _submit_form(slug, form)
    except AppError as error:
        if wants_json():
            raise
        return _render(campaign, form, error.detail), error.status
    if wants_json():
        return _answer(submitted)
    return redirect(url_for("collect.my_page", manage_token=submitted.manage_token), 303)


@blueprint.get("/my/<manage_token>")
def my_page(manage_token: str) -> str:
    found = submissions.progress(runtime(), manage_token)
    testimonial = found.testimonial
    player = playback.player(runtime(), testimonial)
    poster = media_url(runtime(), testimonial, testimonial.poster) if testimonial.poster else None
    video = {"player": player, "poster": poster} if player.sources else None
    return render_template(
        "my/page.html",
        testimonial=_customer_view(found),
        manage_token=manage_token,
        video=video,
        share_url=f"{runtime().settings.base_url}/t/{testimonial.token}" if testimonial.public else None,
        consent={"status": testimonial.consent_status, "scopes": testimonial.consent_scopes},
        workspace_name=found.campaign.workspace.name,
        brand_color=found.campaign.brand_color,
        retry_url=url_for("collect.page", slug=found.campaign.slug),
        candidates=[
            {"label": asset.label, "url": media_url(runtime(), testimonial, asset)}
            for asset in sorted(testimonial.assets_of(AssetKind.CANDIDATE), key=lambda asset: asset.label)
        ],
        chosen="chosen" in request.args,
        withdraw_form=ConfirmForm(),
        erase_form=ConfirmForm(),
    )


@blueprint.get("/my/<manage_token>/state.json")
def my_state(manage_token: str) -> Response:
    view = _customer_view(submissions.progress(runtime(), manage_token))
    response = jsonify(
        media=view["media"],
        review=view["review"],
        public=view["is_public"],
        percent=view["progress_percent"],
        detail=view["failure_sentence"],
        code=view["failure"],
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/my/<manage_token>/poster")
def choose_poster(manage_token: str) -> AnyResponse:
    confirm()
    editing.choose_poster_as_customer(runtime(), manage_token, request.form.get("candidate", ""))
    return redirect(url_for("collect.my_page", manage_token=manage_token, chosen=1), 303)


@blueprint.post("/my/<manage_token>/withdraw")
def withdraw(manage_token: str) -> AnyResponse:
    confirm()
    consents.withdraw(runtime(), manage_token, address=client_address())
    return redirect(url_for("collect.my_page", manage_token=manage_token), 303)


@blueprint.post("/my/<manage_token>/erase")
def erase(manage_token: str) -> str:
    confirm()
    receipt = erasure.erase_by_customer(runtime(), manage_token)
    return render_template("my/erased.html", receipt=receipt)


def _submit_json(slug: str) -> Submitted:
    body = json_body()
    form = SubmissionForm(_as_form(body))
    _validated(form)
    return submissions.finalize(
        runtime(),
        slug=slug,
        upload_token=str(body.get("upload", "")),
        details=form.details(),
        address=client_address(),
    )


def _submit_form(slug: str, form: SubmissionForm) -> Submitted:
    _validated(form)
    token = request.form.get("upload", "")
    if token:
        return submissions.finalize(
            runtime(), slug=slug, upload_token=token, details=form.details(), address=client_address()
        )
    file = request.files.get("video")
    if file is None or not file.filename:
        raise Invalid("Please choose a video.", code="no_file", fields={"video": ["Please choose a video."]})
    size = file.stream.seek(0, 2)
    file.stream.seek(0)
    return submissions.submit_file(
        runtime(),
        slug=slug,
        stream=file.stream,  # type: ignore[arg-type]
        size=size,
        details=form.details(),
        address=client_address(),
    )


def _as_form(body: dict[str, Any]) -> MultiDict[str, str]:
    """JSON values as a form has them. Anything that is no text, number or list of texts counts as not given."""
    return MultiDict(
        (name, str(each))
        for name, value in body.items()
        for each in (value if isinstance(value, list) else [value])
        if isinstance(each, str | int | float) and not isinstance(each, bool)
    )


def _validated(form: SubmissionForm) -> None:
    if not form.validate():
        first = next(iter(form.errors.values()))[0]
        raise Invalid(
            str(first),
            code="invalid_form",
            fields={k: [str(e) for e in v] for k, v in form.errors.items() if k},
        )


def _answer(submitted: Submitted) -> Response:
    manage_url = f"{runtime().settings.base_url}/my/{submitted.manage_token}"
    response = jsonify(testimonial={"token": submitted.token, "manage_url": manage_url})
    response.status_code = 201
    return response


def _render(campaign: Campaign, form: SubmissionForm, error: str | None) -> str:
    limits = {
        "max_bytes": runtime().settings.max_upload_bytes,
        "max_seconds": campaign.max_seconds,
    }
    endpoints = {"uploads": "/uploads", "submit": url_for("collect.submit", slug=campaign.slug)}
    view = {
        "name": campaign.name,
        "slug": campaign.slug,
        "brand_color": campaign.brand_color,
        "greeting": campaign.greeting,
        "questions": campaign.questions,
        "max_seconds": campaign.max_seconds,
        "consent_text": campaign.consent_text,
        "workspace_name": campaign.workspace.name,
        "thanks_text": campaign.thanks_text,
        "logo_url": None,
    }
    config = {"campaign": campaign.slug, "questions": campaign.questions, **endpoints, **limits}
    return render_template(
        "collect/page.html",
        campaign=view,
        form=form,
        error=error,
        limits=limits,
        endpoints=endpoints,
        config=config,
        brand_color=campaign.brand_color,
    )


def _customer_view(found: Progress) -> dict[str, Any]:
    testimonial = found.testimonial
    sentence = failure(testimonial.failure).customer if testimonial.failure else None
    return {
        "author_name": testimonial.name,
        "media": str(testimonial.media),
        "review": str(testimonial.review),
        "is_public": testimonial.public,
        "failure": testimonial.failure,
        "failure_sentence": sentence,
        "progress_percent": found.percent,
        "rating": testimonial.rating,
        "quote": testimonial.text,
        "token": testimonial.token,
    }
