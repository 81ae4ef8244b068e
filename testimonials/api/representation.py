"""How things look in the API. What leaves the house is known by its token only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from testimonials.domain.consent import BUILT_IN, text_hash
from testimonials.domain.failures import failure
from testimonials.domain.notices import NOTICES
from testimonials.domain.widget_config import embed_snippet
from testimonials.models import Asset, Campaign, Job, Note, Testimonial, Widget
from testimonials.models.asset import AssetKind
from testimonials.runtime import Runtime
from testimonials.services.campaigns import FIELDS
from testimonials.services.consent_texts import Version
from testimonials.services.playback import media_url
from testimonials.services.processing import Standing


def rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def testimonial_json(
    runtime: Runtime, testimonial: Testimonial, job: Job | None = None, standing: list[Standing] | None = None
) -> dict[str, Any]:
    """One testimonial. `failure` is null or the named code with a sentence for the business."""
    return {
        "id": testimonial.token,
        "token": testimonial.token,
        "kind": testimonial.kind,
        "campaign": testimonial.campaign.slug,
        "media": testimonial.media,
        "review": testimonial.review,
        "consent": {"status": testimonial.consent_status, "scopes": testimonial.consent_scopes},
        "public": testimonial.public,
        "author": _author(testimonial),
        "rating": testimonial.rating,
        "text": testimonial.text,
        "duration_seconds": testimonial.duration_seconds,
        "quote": testimonial.quote or None,
        "disclosure": testimonial.edited_disclosure or None,
        "tags": testimonial.tags,
        "featured": testimonial.featured,
        "assignee": testimonial.assignee_id,
        "approvals": len(testimonial.approvals),
        "language": testimonial.language,
        "created_at": rfc3339(testimonial.created_at),
        "archived": testimonial.archived_at is not None,
        "reject_reason": testimonial.reject_reason or None,
        "share_url": f"{runtime.settings.base_url}/t/{testimonial.token}" if testimonial.public else None,
        **_media(runtime, testimonial),
        "failure": testimonial.failure and _failure(testimonial.failure),
        "notices": [{"code": code, "detail": NOTICES[code]} for code in testimonial.notices],
        "focus": None if testimonial.focus_x is None else {"x": testimonial.focus_x, "y": testimonial.focus_y},
        **({"processing": _processing(job)} if job else {}),
        **({"jobs": [_standing(each) for each in standing]} if standing is not None else {}),
    }


def note_json(note: Note) -> dict[str, Any]:
    """A note of the team. `by` is null for one that came through the API."""
    said = {"id": note.id, "by": note.member_name or None, "text": note.text}
    return said | {"created_at": rfc3339(note.created_at)}


def _author(testimonial: Testimonial) -> dict[str, Any]:
    names = {"name": testimonial.name, "title": testimonial.title, "company": testimonial.company}
    return {**names, "verified": testimonial.verified or None}


def _media(runtime: Runtime, testimonial: Testimonial) -> dict[str, Any]:
    def picture(asset: Asset | None) -> dict[str, Any] | None:
        return {"url": url(asset), "width": asset.width, "height": asset.height} if asset else None

    def url(asset: Asset) -> str:
        return media_url(runtime, testimonial, asset)

    def file(asset: Asset) -> dict[str, Any]:
        size = {"width": asset.width, "height": asset.height}
        return size | {"codec": asset.codec, "size_bytes": asset.size_bytes, "url": url(asset)}

    preview = testimonial.asset_of(AssetKind.PREVIEW)
    return {
        "renditions": [{"kind": "video"} | file(asset) for asset in testimonial.renditions],
        "poster": picture(testimonial.poster),
        "candidates": [
            {"candidate": asset.label, **(picture(asset) or {})} for asset in testimonial.assets_of(AssetKind.CANDIDATE)
        ],
        "share_image": picture(testimonial.asset_of(AssetKind.SHARE_IMAGE)),
        "storyboard": _storyboard(testimonial, url),
        "preview": preview and file(preview),
        "captions": _captions(testimonial, url),
        "social": [{"format": asset.label} | file(asset) for asset in testimonial.assets_of(AssetKind.SOCIAL)],
    }


def _storyboard(testimonial: Testimonial, url: Callable[[Asset], str]) -> dict[str, Any] | None:
    """The sprite, how it is laid out, and its index as WebVTT."""
    sprite, index = (testimonial.asset_of(kind) for kind in (AssetKind.STORYBOARD, AssetKind.STORYBOARD_INDEX))
    if sprite is None or index is None or testimonial.storyboard is None:
        return None
    return {"url": url(sprite), "index_url": url(index), **testimonial.storyboard}


def _captions(testimonial: Testimonial, url: Callable[[Asset], str]) -> list[dict[str, Any]]:
    files = {(asset.label, asset.content_type): asset for asset in testimonial.assets_of(AssetKind.CAPTIONS)}
    return [
        {
            "language": each.language,
            "url": url(files[each.language, "text/vtt"]),
            "srt_url": url(files[each.language, "application/x-subrip"]),
            "engine": each.engine,
            "confidence": each.confidence,
            "edited": each.edited_at is not None,
        }
        for each in testimonial.captions
    ]


def _standing(each: Standing) -> dict[str, Any]:
    return {"name": each.job.name, "title": each.title, "why": each.sentence} | _processing(each.job)


def _failure(code: str) -> dict[str, Any]:
    return {"code": code, "detail": failure(code).business, "retry": failure(code).retry}


def _processing(job: Job) -> dict[str, Any]:
    return {
        "state": job.state,
        "stage": job.stage,
        "percent": job.percent,
        "attempts": job.attempts,
        "failure": job.failure,
        "timings": job.timings,
    }


def campaign_json(runtime: Runtime, campaign: Campaign) -> dict[str, Any]:
    """All that can be changed, as it can be sent back, and what follows from it."""
    address = f"{runtime.settings.base_url}/c/{campaign.slug}"
    return {
        "slug": campaign.slug,
        "url": address,
        **{name: getattr(campaign, name) for name in FIELDS},
        "logo_url": f"{address}/logo?v={campaign.logo_key[-12:]}" if campaign.logo_key else None,
        "consent_version": max((each.version for each in campaign.consent_texts), default=BUILT_IN),
        "created_at": rfc3339(campaign.created_at),
    }


def consent_version_json(version: Version) -> dict[str, Any]:
    return {
        "version": version.number,
        "in_force": version.in_force,
        "since": rfc3339(version.since),
        "until": rfc3339(version.until) if version.until else None,
        "agreed": version.agreed,
        "texts": {language: {"text": text, "sha256": text_hash(text)} for language, text in version.texts.items()},
    }


def widget_json(runtime: Runtime, widget: Widget) -> dict[str, Any]:
    settings = runtime.settings
    return {
        "id": widget.token,
        "token": widget.token,
        "name": widget.name,
        "layout": widget.layout,
        "feed_url": f"{settings.base_url}/widget/{widget.token}.json",
        "snippet": embed_snippet(settings.base_url, widget.token, widget.layout, feed_url=settings.feed_url),
        "created_at": rfc3339(widget.created_at),
    }
