"""The page of one campaign: what it asks, how it looks, what customers agree to."""

from __future__ import annotations

from typing import Any

from flask import jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from testimonials import i18n
from testimonials.console.blueprint import blueprint
from testimonials.console.draft import WORDED, Draft, saved, sent
from testimonials.domain import collect_snippets
from testimonials.domain.campaigns import (
    ADDRESS_CHARACTERS,
    ALL_NETWORKS,
    LABEL_CHARACTERS,
    MIN_SECONDS,
    NAME_CHARACTERS,
    QUESTION_CHARACTERS,
    TEXT_CHARACTERS,
)
from testimonials.domain.collecting import MAX_QUESTIONS
from testimonials.domain.roles import EDIT, LOOK
from testimonials.domain.sharing import MAX_TEXT, NETWORKS, suggested_text
from testimonials.domain.sites import MOST_SITES, SITE_CHARACTERS
from testimonials.errors import AppError, Invalid
from testimonials.http import runtime, wants_json
from testimonials.i18n import LANGUAGES, RIGHT_TO_LEFT
from testimonials.models import Campaign
from testimonials.services import branding, campaigns, consent_texts
from testimonials.services.accounts import Person
from testimonials.sessions import confirm, may, requires

WAYS = {
    "record": ("Record a video", "With the camera of their phone or computer"),
    "upload": ("Send a video they have", "MP4, MOV or WebM"),
    "audio": ("Just their voice", "We make a picture that moves with it"),
    "photo": ("A photo and words", "For those who would rather not speak"),
    "text": ("In writing", "With stars, if they like"),
}
FORM_BYTES = 5 * branding.MAX_BYTES  # more than a logo may have: what is too large is answered with a sentence
_LIMITS = {
    "name": NAME_CHARACTERS,
    "text": TEXT_CHARACTERS,
    "question": QUESTION_CHARACTERS,
    "questions": MAX_QUESTIONS,
    "min_seconds": MIN_SECONDS,
    "min_consent": consent_texts.MIN_CHARACTERS,
    "max_consent": consent_texts.MAX_CHARACTERS,
    "logo_bytes": branding.MAX_BYTES,
    "label": LABEL_CHARACTERS,
    "address": ADDRESS_CHARACTERS,
    "share_text": MAX_TEXT,
    "sites": MOST_SITES * (SITE_CHARACTERS + 1),
}

_LABELS = {name: NETWORKS[name].label for name in WORDED if name != ALL_NETWORKS}


@blueprint.get("/campaigns/<slug>")
@requires(LOOK)
def campaign_page(person: Person, slug: str) -> str:
    campaign = campaigns.read(runtime(), person.workspace_id, slug)
    draft = saved(campaign)
    if (added := request.args.get("translate")) in LANGUAGES and added != campaign.language:
        draft.translations.setdefault(added, {"questions": {}})
    return _page(person, campaign, draft, saved=request.args.get("saved"))


@blueprint.post("/campaigns/<slug>")
@requires(EDIT)
def save_campaign(person: Person, slug: str) -> AnyResponse | tuple[str, int]:
    confirm()
    draft = sent(request.form)
    try:
        campaigns.edit(runtime(), person.workspace_id, slug, draft.fields())
    except Invalid as error:
        faults = draft.placed(error.fields)
        sentence = "Not saved: please look at what is marked."
        if wants_json():
            raise Invalid(sentence, fields={name: [fault] for name, fault in faults.items()}) from error
        campaign = campaigns.read(runtime(), person.workspace_id, slug)
        return _page(person, campaign, draft, faults=faults, error=sentence), error.status
    if wants_json():
        return jsonify(saved=True)
    return redirect(_address(slug, saved="campaign", translate=request.form.get("add_language") or None), 303)


@blueprint.post("/campaigns/<slug>/logo")
@requires(EDIT)
def set_logo(person: Person, slug: str) -> AnyResponse | tuple[str, int]:
    request.max_content_length = FORM_BYTES
    try:
        confirm()
        file = request.files.get("logo")
        body = file.stream.read(branding.MAX_BYTES + 1) if file and file.filename else b""
    finally:
        request.close()
    try:
        return _logo_changed(branding.set_logo(runtime(), person.workspace_id, slug, body))
    except AppError as error:
        return _refused(person, slug, error, {"logo": error.detail})


@blueprint.post("/campaigns/<slug>/logo/remove")
@requires(EDIT)
def remove_logo(person: Person, slug: str) -> AnyResponse:
    confirm()
    return _logo_changed(branding.remove_logo(runtime(), person.workspace_id, slug))


@blueprint.post("/campaigns/<slug>/consent-texts")
@requires(EDIT)
def add_consent_text(person: Person, slug: str) -> AnyResponse | tuple[str, int]:
    """Languages that were left empty are not asked for; the campaign's own one always is."""
    confirm()
    own = campaigns.read(runtime(), person.workspace_id, slug).language
    given = {language: request.form.get(f"consent-{language}", "").strip() for language in LANGUAGES}
    texts = {language: text for language, text in given.items() if text or language == own}
    try:
        consent_texts.add_version(runtime(), person.workspace_id, slug, texts)
    except AppError as error:
        faults = {name.replace("texts.", "consent-"): " ".join(each) for name, each in error.fields.items()}
        return _refused(person, slug, error, faults or {f"consent-{own}": error.detail}, texts)
    return redirect(_address(slug, saved="consent", _anchor="consent"), 303)


def _logo_changed(campaign: Campaign) -> AnyResponse:
    if wants_json():
        return jsonify(logo_url=_logo_url(campaign))
    return redirect(_address(campaign.slug, saved="logo", _anchor="look"), 303)


def _refused(
    person: Person, slug: str, error: AppError, faults: dict[str, str], texts: dict[str, str] | None = None
) -> tuple[str, int]:
    """The page again, with what was wrong about the logo or the consent text. Raises on, where no page can say it."""
    if wants_json() or error.status == 404:
        raise error
    campaign = campaigns.read(runtime(), person.workspace_id, slug)
    return _page(person, campaign, saved(campaign), faults=faults, texts=texts), error.status


def _page(
    person: Person,
    campaign: Campaign,
    draft: Draft,
    *,
    faults: dict[str, str] | None = None,
    error: str = "",
    texts: dict[str, str] | None = None,
    saved: str | None = None,
) -> str:
    versions = consent_texts.history(runtime(), person.workspace_id, campaign.slug)
    return render_template(
        "console/campaign.html",
        campaign=campaign,
        draft=draft,
        faults=faults or {},
        error=error,
        saved=saved,
        versions=versions,
        texts=texts,
        ways=WAYS,
        labels=_LABELS,
        worded={f"share-{name}": label for name, label in _LABELS.items()},
        suggestion=suggested_text(
            draft.values["share_texts"],
            ALL_NETWORKS,
            author="Maya R.",
            company="Rivera Bakery",
            workspace=person.workspace_name,
        ),
        languages=LANGUAGES,
        right_to_left=RIGHT_TO_LEFT,
        limits={**_LIMITS, "max_seconds": runtime().settings.max_duration_seconds},
        logo_url=_logo_url(campaign),
        public_url=_public_url(campaign),
        sites="\n".join(draft.values["sites"]),
        snippets=_snippets(campaign),
        may_edit=may(person, EDIT),
    )


def _public_url(campaign: Campaign) -> str:
    return f"{runtime().settings.base_url}/c/{campaign.slug}"


def _snippets(campaign: Campaign) -> dict[str, str]:
    """For the business's own site, in the campaign's language."""
    with i18n.speaking(campaign.language):
        words = i18n.gettext("Tell us how it was")
    url = _public_url(campaign)
    return {
        "button": collect_snippets.button(url, words, campaign.brand_color),
        "frame": collect_snippets.frame(url, words),
    }


def _logo_url(campaign: Campaign) -> str | None:
    return url_for("collect.logo", slug=campaign.slug, v=campaign.logo_key[-12:]) if campaign.logo_key else None


def _address(slug: str, **more: Any) -> str:
    return url_for("console.campaign_page", slug=slug, **more)
