"""A testimonial as the review page shows it: the row of the list, and everything about the chosen one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from testimonials.domain.captions import transcript
from testimonials.domain.failures import failure
from testimonials.domain.notices import NOTICES
from testimonials.domain.search import Term, excerpt_around, highlighted
from testimonials.jobs import MAKE_PICTURES, PROCESS_TESTIMONIAL, RENDER_SOCIAL, WRITE_CAPTIONS
from testimonials.models import Testimonial
from testimonials.models.asset import AssetKind
from testimonials.models.base import now
from testimonials.models.job import UNFINISHED, JobState
from testimonials.runtime import Runtime
from testimonials.services import analytics, playback, remarks, review
from testimonials.services.accounts import Person
from testimonials.services.captions import stored_cues
from testimonials.services.playback import media_url
from testimonials.services.processing import Standing
from testimonials.services.search import words_of

FRESH = timedelta(days=1)


def row(runtime: Runtime, testimonial: Testimonial, terms: list[Term]) -> dict[str, Any]:
    """What the list shows of each, with what the search found marked."""
    poster = testimonial.poster
    words = testimonial.shown_words
    if terms:
        found = [excerpt_around(text, terms) for text in words_of(testimonial)]
        words = next((text for text in found if text), words)
    return {
        "name_pieces": highlighted(testimonial.name, terms),
        "word_pieces": highlighted(words, terms),
        "company_pieces": highlighted(testimonial.company, terms) if terms and testimonial.company else [],
        "tags": testimonial.tags,
        "featured": testimonial.featured,
        "approvals": len(testimonial.approvals),
        "fresh": testimonial.submitted_at is not None and now() - testimonial.submitted_at < FRESH,
        "token": testimonial.token,
        "kind": testimonial.kind,
        "name": testimonial.name,
        "quote": testimonial.text,
        "excerpt": testimonial.quote,
        "rating": testimonial.rating,
        "media": testimonial.media,
        "campaign": testimonial.campaign.name,
        "duration_seconds": testimonial.duration_seconds,
        "submitted_at": testimonial.submitted_at,
        "notices": [NOTICES[code] for code in testimonial.notices],
        "poster": media_url(runtime, testimonial, poster) if poster else None,
    }


def detail(runtime: Runtime, person: Person, testimonial: Testimonial) -> dict[str, Any]:
    """What stands beside the list."""
    found = review.read(runtime, person.workspace_id, testimonial.token)
    job = found.job
    why = failure(testimonial.failure) if testimonial.failure else None
    return {
        **row(runtime, testimonial, []),
        **_work(found.standing),
        **_clip(runtime, testimonial),
        "email": testimonial.email,
        "verified": testimonial.verified,
        "title": testimonial.title,
        "company": testimonial.company,
        "language": testimonial.language,
        "review": testimonial.review,
        "public": testimonial.public,
        "scopes": testimonial.consent_scopes,
        "consent": testimonial.consent_status,
        "reject_reason": testimonial.reject_reason,
        "archived": testimonial.archived_at is not None,
        "assignee_id": testimonial.assignee_id,
        "disclosure": testimonial.edited_disclosure,
        "spoken": [text for text in words_of(testimonial)[1:] if text],
        "approved_by_me": any(each["member"] == person.member_id for each in testimonial.approvals),
        "remarks": remarks.read(runtime, person.workspace_id, testimonial.token),
        "failure": testimonial.failure,
        "failure_sentence": why and why.business,
        "failure_retry": bool(why and why.retry),
        "stage": job.stage if job else "",
        "percent": job.percent if job else 0,
        "attempts": job.attempts if job else 0,
        "player": playback.player(runtime, testimonial),
        "share_url": f"{runtime.settings.base_url}/t/{testimonial.token}",
        "totals": analytics.totals(runtime, [testimonial.id])[testimonial.id],
    }


def working(standing: list[Standing]) -> int:
    """How many jobs are not finished; the page looks again when the number changes."""
    return sum(each.job.state in UNFINISHED for each in standing)


def _work(standing: list[Standing]) -> dict[str, Any]:
    unfinished = [each for each in standing if each.job.state in UNFINISHED]
    failed = [each for each in standing if each.job.state == JobState.FAILED]
    names = {each.job.name for each in unfinished}
    return {
        "standing": standing,
        "working": len(unfinished),
        "failed_extras": any(each.job.name != PROCESS_TESTIMONIAL for each in failed),
        "needs_look": bool(failed) or any(each.job.failure for each in unfinished),
        "making_captions": WRITE_CAPTIONS in names,
        "making_poster": MAKE_PICTURES in names,
        "making_social": [each for each in unfinished if each.job.name == RENDER_SOCIAL],
    }


def _clip(runtime: Runtime, testimonial: Testimonial) -> dict[str, Any]:
    captions = next(iter(testimonial.captions), None)
    candidates = sorted(testimonial.assets_of(AssetKind.CANDIDATE), key=lambda asset: asset.label)
    return {
        "candidates": [
            {
                "label": asset.label,
                "url": media_url(runtime, testimonial, asset),
                "width": asset.width,
                "height": asset.height,
            }
            for asset in candidates
        ],
        "captions": captions
        and {
            "language": captions.language,
            "engine": captions.engine,
            "confidence": captions.confidence,
            "edited": captions.edited_at is not None,
            "text": transcript(stored_cues(captions)),
        },
        "caption_files": [
            {
                "name": "WebVTT" if asset.content_type == "text/vtt" else "SRT",
                "url": media_url(runtime, testimonial, asset),
            }
            for asset in testimonial.assets_of(AssetKind.CAPTIONS)
            if captions and asset.label == captions.language
        ],
        "social": [
            {
                "label": asset.label,
                "file": asset.file,
                "size_bytes": asset.size_bytes,
                "url": media_url(runtime, testimonial, asset),
            }
            for asset in testimonial.assets_of(AssetKind.SOCIAL)
        ],
        "focus": (
            0.5 if testimonial.focus_x is None else testimonial.focus_x,
            0.5 if testimonial.focus_y is None else testimonial.focus_y,
        ),
    }
