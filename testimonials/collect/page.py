"""The recording page: for all at `/c/…`, for one invited customer at `/i/…`, and for a new video at `/my/…/replace`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template, url_for

from testimonials import i18n
from testimonials.collect.forms import SCOPE_NOTES, SubmissionForm
from testimonials.collect.screening import form_age
from testimonials.domain.sites import host_of, led_on_to
from testimonials.http import allow, runtime
from testimonials.models import Campaign
from testimonials.services import consents, funnel, outbox
from testimonials.services.campaigns import Words, words_in


@dataclass(frozen=True, kw_only=True)
class Opening:
    """How the page is opened. `replaces` is the token of the customer's page whose video is to be replaced."""

    error: str | None = None
    invitation: str = ""
    handoff: str = ""
    replaces: str = ""


def render_page(campaign: Campaign, form: SubmissionForm, opening: Opening | None = None) -> str:
    """The page in the current language."""
    opening = opening or Opening()
    words = words_in(campaign, i18n.current())
    onward = "" if opening.replaces else led_on_to(campaign.redirect_url)
    allow(frames=[] if opening.replaces else campaign.sites, forms=[onward] if onward else [])
    config = _config(campaign, words, opening)
    return render_template(
        "collect/page.html",
        campaign=_view(campaign, words),
        form=form,
        opening=opening,
        config=config,
        wording=consents.wording(campaign, i18n.current()),
        scope_notes=SCOPE_NOTES,
        form_age=form_age(runtime().settings.secret_key),
        script_words=i18n.catalog(i18n.current()).script,
        languages=i18n.LANGUAGES,
        brand_color=campaign.brand_color,
    )


def _config(campaign: Campaign, words: Words, opening: Opening) -> dict[str, Any]:
    submit = url_for("collect.submit", slug=campaign.slug)
    if opening.replaces:
        submit = url_for("mine.put_video", manage_token=opening.replaces)
    return {
        "campaign": campaign.slug,
        "questions": words.questions,
        "uploads": "/uploads",
        "submit": submit,
        "steps": "" if opening.replaces else _steps(campaign.slug),
        "handoffs": url_for("collect.begin_handoff", slug=campaign.slug),
        "max_bytes": runtime().settings.max_upload_bytes,
        "max_seconds": campaign.max_seconds,
        "ways": _ways(campaign, opening),
        "one_by_one": campaign.one_by_one,
        "invitation": opening.invitation,
        "handoff": opening.handoff,
        "replace": bool(opening.replaces),
        "mail": outbox.is_on(runtime()),
        "language": i18n.current(),
        "onward": "" if opening.replaces else campaign.redirect_url,
    }


def _steps(slug: str) -> str:
    """Where the page tells how far its visitor came. Whoever replaces a video is no new visitor."""
    return url_for("analytics.steps", slug=slug, page=funnel.page_proof(runtime(), slug))


def _ways(campaign: Campaign, opening: Opening) -> list[str]:
    """Only a clip can take the place of a clip, even where the campaign takes none any more."""
    if not opening.replaces:
        return list(campaign.ways)
    return [way for way in campaign.ways if way in ("record", "upload", "audio")] or ["record", "upload"]


def _view(campaign: Campaign, words: Words) -> dict[str, Any]:
    return {
        "name": campaign.name,
        "slug": campaign.slug,
        "brand_color": campaign.brand_color,
        "greeting": words.greeting,
        "questions": words.questions,
        "thanks_text": words.thanks_text,
        "incentive": words.incentive,
        "max_seconds": campaign.max_seconds,
        "asks_guardian": campaign.asks_guardian,
        "ways": campaign.ways,
        "asks_to_share": campaign.asks_to_share,
        "onward_site": host_of(led_on_to(campaign.redirect_url)),
        "workspace_name": campaign.workspace.name,
        "logo_url": url_for("collect.logo", slug=campaign.slug, v=campaign.logo_key[-12:])
        if campaign.logo_key
        else None,
    }
