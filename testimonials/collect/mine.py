"""The customer's own page at `/my/{token}`: see, watch, download, share, replace, narrow, withdraw, erase."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from testimonials import i18n
from testimonials.collect.forms import MarksForm, SubmissionForm
from testimonials.collect.page import Opening, render_page
from testimonials.collect.routes import answer, as_form, upload_tokens
from testimonials.domain.collecting import Kind
from testimonials.domain.failures import failure
from testimonials.http import client_address, json_body, runtime, speak
from testimonials.models.asset import AssetKind
from testimonials.notifications import PLACES
from testimonials.services import consents, earning, editing, erasure, playback, receipts, rewards, submissions
from testimonials.services.playback import media_url
from testimonials.services.submissions import Progress
from testimonials.sessions import ConfirmForm, confirm
from testimonials.visitor import shared_by_link, shared_by_script

blueprint = Blueprint("mine", __name__)


@blueprint.get("/my/<manage_token>")
def my_page(manage_token: str) -> str:
    found = submissions.progress(runtime(), manage_token)
    testimonial = found.testimonial
    speak(testimonial.language)
    player = playback.player(runtime(), testimonial)
    poster = media_url(runtime(), testimonial, testimonial.poster) if testimonial.poster else None
    return render_template(
        "my/page.html",
        testimonial=_customer_view(found),
        manage_token=manage_token,
        video={"player": player, "poster": poster} if player.sources else None,
        picture=poster,
        poster=testimonial.poster,
        download_url=_download_url(found),
        share_url=f"{runtime().settings.base_url}/t/{testimonial.token}" if testimonial.public else None,
        consent={"status": testimonial.consent_status, "scopes": testimonial.consent_scopes},
        scope_labels=PLACES,
        workspace_name=found.campaign.workspace.name,
        brand_color=found.campaign.brand_color,
        retry_url=url_for("mine.replace_page", manage_token=manage_token),
        candidates=[
            {"label": asset.label, "url": media_url(runtime(), testimonial, asset)}
            for asset in sorted(testimonial.assets_of(AssetKind.CANDIDATE), key=lambda asset: asset.label)
        ],
        achieved=earning.achieved(runtime(), testimonial.id),
        earned=rewards.earned_by(runtime(), testimonial.id),
        promises=rewards.promises(runtime(), testimonial.campaign_id),
        chosen="chosen" in request.args,
        confirm_form=ConfirmForm(),
        script_words=i18n.catalog(i18n.current()).script,
    )


@blueprint.get("/my/<manage_token>/state.json")
def my_state(manage_token: str) -> Response:
    found = submissions.progress(runtime(), manage_token)
    speak(found.testimonial.language)
    view = _customer_view(found)
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


@blueprint.get("/my/<manage_token>/receipt.json")
def receipt(manage_token: str) -> Response:
    """What was agreed to and when, signed. The key to check it with is at `/receipt-key.pem`."""
    response = jsonify(receipts.receipt(runtime(), manage_token))
    response.headers["Content-Disposition"] = 'attachment; filename="consent-receipt.json"'
    return response


@blueprint.get("/receipt-key.pem")
def receipt_key() -> Response:
    return Response(receipts.public_key(runtime()), content_type="application/x-pem-file")


@blueprint.post("/my/<manage_token>/poster")
def choose_poster(manage_token: str) -> AnyResponse:
    confirm()
    editing.choose_poster_as_customer(runtime(), manage_token, request.form.get("candidate", ""))
    return redirect(url_for("mine.my_page", manage_token=manage_token, chosen=1), 303)


@blueprint.post("/my/<manage_token>/consent")
def narrow(manage_token: str) -> AnyResponse:
    confirm()
    consents.narrow(runtime(), manage_token, request.form.getlist("consent"), address=client_address())
    return redirect(url_for("mine.my_page", manage_token=manage_token), 303)


@blueprint.post("/my/<manage_token>/withdraw")
def withdraw(manage_token: str) -> AnyResponse:
    confirm()
    consents.withdraw(runtime(), manage_token, address=client_address())
    return redirect(url_for("mine.my_page", manage_token=manage_token), 303)


@blueprint.post("/my/<manage_token>/erase")
def erase(manage_token: str) -> str:
    confirm()
    speak(submissions.progress(runtime(), manage_token).testimonial.language)
    return render_template("my/erased.html", receipt=erasure.erase_by_customer(runtime(), manage_token))


@blueprint.get("/my/<manage_token>/share/<network>")
def share(manage_token: str, network: str) -> AnyResponse:
    """Whoever shares from here is the customer, and the ledger knows it."""
    token = submissions.progress(runtime(), manage_token).testimonial.token
    return shared_by_link(token, network, place="my", known=True)


@blueprint.post("/my/<manage_token>/shares")
def mint_share(manage_token: str) -> Response:
    """The script's way: `{"network": "copy"}` → the customer's own short link."""
    token = submissions.progress(runtime(), manage_token).testimonial.token
    return shared_by_script(token, str(json_body(force=True).get("network", "")), place="my", known=True)


@blueprint.get("/my/<manage_token>/replace")
def replace_page(manage_token: str) -> str:
    """The recording page once more, for another video in the place of this one."""
    found = submissions.progress(runtime(), manage_token)
    speak(found.testimonial.language)
    return render_page(found.campaign, SubmissionForm(), Opening(replaces=manage_token))


@blueprint.post("/my/<manage_token>/video")
def put_video(manage_token: str) -> Response:
    """Hand in the new video. Whoever knows this address is the customer, so there is no session to ride on."""
    body = json_body()
    kind = Kind.AUDIO if body.get("kind") == Kind.AUDIO else Kind.VIDEO
    form = MarksForm(as_form(body))
    form.validate()
    submitted = submissions.replace(
        runtime(), manage_token=manage_token, upload_tokens=upload_tokens(body), marks=form.marks(), kind=kind
    )
    return answer(submitted)


def _download_url(found: Progress) -> str | None:
    """The largest rendition as a file to keep."""
    renditions = found.testimonial.renditions
    if not renditions:
        return None
    address = media_url(runtime(), found.testimonial, renditions[0])
    return f"{address}{'&' if '?' in address else '?'}download=1"


def _customer_view(found: Progress) -> dict[str, Any]:
    testimonial = found.testimonial
    sentence = i18n.gettext(failure(testimonial.failure).customer) if testimonial.failure else None
    return {
        "author_name": testimonial.name,
        "kind": str(testimonial.kind),
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
