"""The recording page at `/c/{campaign}`: the page itself, handing in, and going on at another device."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from testimonials import i18n
from testimonials.collect.forms import SubmissionForm
from testimonials.collect.page import Opening, render_page
from testimonials.collect.screening import screen
from testimonials.domain.collecting import Kind
from testimonials.errors import AppError, Invalid
from testimonials.http import client_address, json_body, runtime, speak, wants_json
from testimonials.limits import limiter, network
from testimonials.presentation import qr_svg
from testimonials.services import campaigns, handoffs, outbox, submissions
from testimonials.services.submissions import Details, Submitted

blueprint = Blueprint("collect", __name__)


@blueprint.get("/c/<slug>")
def page(slug: str) -> Response:
    campaign = campaigns.by_slug(runtime(), slug)
    speak(campaign.language)
    handoff = request.args.get("handoff", "")
    carried = handoffs.accept(runtime(), slug, handoff) if handoff else None
    if carried is None:
        return Response(render_page(campaign, SubmissionForm()))
    opening = Opening(handoff=handoff, invitation=carried.invitation)
    response = Response(render_page(campaign, SubmissionForm(data=carried.fields), opening))
    response.headers["Cache-Control"] = "private, no-store"  # somebody's name stands in it
    return response


@blueprint.post("/c/<slug>/submissions")
def submit(slug: str) -> AnyResponse | tuple[str, int]:
    campaign = campaigns.by_slug(runtime(), slug)
    speak(campaign.language)
    if request.is_json:
        return answer(_submit_json(slug))
    if request.mimetype == "multipart/form-data":  # its files go to disk; any other form would be held in memory
        request.max_content_length = runtime().settings.max_upload_bytes + 1_000_000
    form = SubmissionForm(MultiDict([*request.form.items(multi=True), *request.files.items()]))
    try:
        submitted = _submit_form(slug, form)
    except AppError as error:
        if wants_json():
            raise
        opening = Opening(error=error.detail, invitation=form.invitation.data or "", handoff=form.handoff.data or "")
        return render_page(campaign, form, opening), error.status
    if wants_json():
        return answer(submitted)
    if campaign.redirect_url and outbox.is_on(runtime()):  # the way to their page is in their mail
        return redirect(campaign.redirect_url, 303)
    return redirect(url_for("mine.my_page", manage_token=submitted.manage_token), 303)


@blueprint.post("/c/<slug>/handoffs")
def begin_handoff(slug: str) -> tuple[Response, int]:
    """A link for the phone, and its QR code as SVG."""
    given = json_body()
    texts = {name: value for name, value in given.items() if isinstance(value, str)}
    token, watch = handoffs.begin(runtime(), slug, texts, invitation=texts.get("invitation", "")[:43])
    language = i18n.choose(texts.get("language"))
    path = url_for("collect.page", slug=slug, handoff=token, lang=language)
    url = f"{runtime().settings.base_url}{path}"
    state = url_for("collect.handoff_state", slug=slug, watch=watch)
    return jsonify(token=token, url=url, qr=qr_svg(url), state=state), 201


@blueprint.get("/c/<slug>/handoffs/<watch>.json")
def handoff_state(slug: str, watch: str) -> Response:
    state, manage_token = handoffs.state(runtime(), slug, watch)
    response = jsonify(state=state, manage_url=_manage_url(manage_token) if manage_token else None)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/c/<slug>/logo")
def logo(slug: str) -> Response:
    campaign = campaigns.by_slug(runtime(), slug)
    body = campaigns.logo(runtime(), campaign)
    response = Response(body, content_type="image/png")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if "v" in request.args else "no-cache"
    return response


def answer(submitted: Submitted) -> Response:
    response = jsonify(
        testimonial={"token": submitted.token, "manage_url": _manage_url(submitted.manage_token)},
    )
    response.status_code = 201
    return response


def upload_tokens(body: dict[str, Any]) -> list[str]:
    """`uploads`, the segments in order, or `upload`, the only one."""
    given = body.get("uploads") or [body.get("upload")]
    return [each for each in given if isinstance(each, str) and each] if isinstance(given, list) else []


def as_form(body: dict[str, Any]) -> MultiDict[str, str]:
    """JSON values as a form has them. Anything that is no text, number or list of texts counts as not given."""
    return MultiDict(
        (name, str(each))
        for name, value in body.items()
        for each in (value if isinstance(value, list) else [value])
        if isinstance(each, str | int | float) and not isinstance(each, bool)
    )


def _manage_url(manage_token: str) -> str:
    return f"{runtime().settings.base_url}/my/{manage_token}"


def _submit_json(slug: str) -> Submitted:
    body = json_body()
    form = SubmissionForm(as_form(body))
    _validated(form)
    tokens = upload_tokens(body)
    if not tokens and form.kind.data == Kind.TEXT:
        return _submit_words(slug, form)
    return submissions.finalize(
        runtime(), slug=slug, upload_tokens=tokens, details=_details(form), address=client_address()
    )


def _submit_form(slug: str, form: SubmissionForm) -> Submitted:
    _validated(form)
    tokens = [token for token in request.form.getlist("upload") if token]
    if tokens:
        return submissions.finalize(
            runtime(), slug=slug, upload_tokens=tokens, details=_details(form), address=client_address()
        )
    file = request.files.get("video")
    if file is None or not file.filename:
        if form.kind.data == Kind.TEXT:
            return _submit_words(slug, form)
        sentence = i18n.gettext("Please choose a video.")
        raise Invalid(sentence, code="no_file", fields={"video": [sentence]})
    size = file.stream.seek(0, 2)
    file.stream.seek(0)
    limiter().check_bytes(network(), size)
    limiter().add_bytes(network(), size)
    return submissions.submit_file(
        runtime(),
        slug=slug,
        stream=file.stream,  # type: ignore[arg-type]
        size=size,
        details=_details(form),
        address=client_address(),
    )


def _submit_words(slug: str, form: SubmissionForm) -> Submitted:
    details = _details(form)
    return submissions.submit_file(runtime(), slug=slug, stream=None, size=0, details=details, address=client_address())


def _details(form: SubmissionForm) -> Details:
    secret = runtime().settings.secret_key
    return form.details(screen(secret, trap=form.trap.data or "", opened=form.opened.data or ""))


def _validated(form: SubmissionForm) -> None:
    if not form.validate():
        first = next(iter(form.errors.values()))[0]
        raise Invalid(
            str(first),
            code="invalid_form",
            fields={k: [str(e) for e in v] for k, v in form.errors.items() if k},
        )
