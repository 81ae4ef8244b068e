"""How things look in the API. What leaves the house is known by its token only."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from testimonials.domain.failures import failure
from testimonials.models import Campaign, Job, Testimonial, Widget
from testimonials.runtime import Runtime
from testimonials.services.playback import media_url


def rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def testimonial_json(runtime: Runtime, testimonial: Testimonial, job: Job | None = None) -> dict[str, Any]:
    """One testimonial. `failure` is null or the named code with a sentence for the business."""
    return {
        "id": testimonial.token,
        "token": testimonial.token,
        "campaign": testimonial.campaign.slug,
        "media": testimonial.media,
        "review": testimonial.review,
        "consent": {"status": testimonial.consent_status, "scopes": testimonial.consent_scopes},
        "public": testimonial.public,
        "author": _author(testimonial),
        "rating": testimonial.rating,
        "text": testimonial.text,
        "duration_seconds": testimonial.duration_seconds,
        "tags": testimonial.tags,
        "language": testimonial.language,
        "created_at": rfc3339(testimonial.created_at),
        "archived": testimonial.archived_at is not None,
        "reject_reason": testimonial.reject_reason or None,
        "share_url": f"{runtime.settings.base_url}/t/{testimonial.token}" if testimonial.public else None,
        **_media(runtime, testimonial),
        "failure": testimonial.failure and _failure(testimonial.failure),
        **({"processing": _processing(job)} if job else {}),
    }


def _author(testimonial: Testimonial) -> dict[str, Any]:
    names = {"name": testimonial.name, "title": testimonial.title, "company": testimonial.company}
    return {**names, "verified": None}


def _media(runtime: Runtime, testimonial: Testimonial) -> dict[str, Any]:
    poster = testimonial.poster
    return {
        "renditions": [
            {
                "kind": "video",
                "width": asset.width,
                "height": asset.height,
                "codec": asset.codec,
                "size_bytes": asset.size_bytes,
                "url": media_url(runtime, testimonial, asset),
            }
            for asset in testimonial.renditions
        ],
        "poster": poster
        and {"url": media_url(runtime, testimonial, poster), "width": poster.width, "height": poster.height},
        "captions": [],
    }


def _failure(code: str) -> dict[str, Any]:
    return {"code": code, "detail": failure(code).business, "retry": failure(code).retry}


def _processing(job: Job) -> dict[str, Any]:
    return {
        "state": job.state,
        "stage": job.stage,
        "percent": job.percent,
        "attempts": job.attempts,
        "failure": job.failure,
    }


def campaign_json(runtime: Runtime, campaign: Campaign) -> dict[str, Any]:
    return {
        "slug": campaign.slug,
        "name": campaign.name,
        "url": f"{runtime.settings.base_url}/c/{campaign.slug}",
        "created_at": rfc3339(campaign.created_at),
    }


def widget_json(runtime: Runtime, widget: Widget) -> dict[str, Any]:
    return {
        "id": widget.token,
        "token": widget.token,
        "name": widget.name,
        "layout": widget.layout,
        "feed_url": f"{runtime.settings.base_url}/widget/{widget.token}.json",
        "created_at": rfc3339(widget.created_at),
    }
