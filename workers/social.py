"""A clip for networks, on demand: from the largest rendition, with captions and the brand burned in."""

from __future__ import annotations

from sqlalchemy.orm import selectinload

from testimonials import jobs
from testimonials.domain.collecting import Kind
from testimonials.domain.social import SocialClip, parse
from testimonials.errors import LeaseLost, MediaError
from testimonials.models import Asset, Testimonial
from testimonials.models.asset import AssetKind
from testimonials.runtime import Runtime
from testimonials.services.captions import stored_cues
from workers.brief import read_brief
from workers.lease import Lease
from workers.media import social
from workers.media.ass import timeline
from workers.media.sandbox import Sandbox
from workers.sources import fetch_asset, scratch
from workers.storing import output, store


def render_social(runtime: Runtime, sandbox: Sandbox, held: jobs.Claim, lease: Lease) -> None:
    """The newest clip of a format replaces the one before."""
    brief = read_brief(runtime, held.testimonial_id)
    testimonial = _testimonial(runtime, held)
    clip, facts = _wanted(testimonial, held), _facts(testimonial)
    captions = next(iter(testimonial.captions), None)
    total = timeline(clip, facts.duration_seconds).total
    with scratch(runtime) as folder:
        lease.enter("fetching")
        source = fetch_asset(runtime, _largest(testimonial), folder, lease)
        lease.enter("transcoding")
        made = social.render_social(
            sandbox,
            source,
            folder,
            clip,
            facts=facts,
            author_lines=[line for line in (brief.name, brief.detail) if line],
            brand_color=brief.brand_color,
            brand_name=brief.brand,
            cues=stored_cues(captions) if captions else [],
            language=captions.language if captions else brief.language,
            on_time=lambda seconds: lease.enter("transcoding", min(99, int(100 * seconds / total))),
        )
        shape, label = clip.shape, clip.format
        done = output(
            held,
            made,
            AssetKind.SOCIAL,
            "video/mp4",
            name=f"social-{label}",
            label=label,
            width=shape.width,
            height=shape.height,
            codec="h264",
        )
        store(
            runtime,
            held,
            lease,
            [done],
            replaces=lambda asset: asset.kind == AssetKind.SOCIAL and asset.label == label,
            change=lambda *_: None,
        )


def _testimonial(runtime: Runtime, held: jobs.Claim) -> Testimonial:
    with runtime.db.read() as session:
        loaded = (selectinload(Testimonial.assets), selectinload(Testimonial.captions))
        testimonial = session.get(Testimonial, held.testimonial_id, options=loaded)
    if testimonial is None:
        raise LeaseLost
    return testimonial


def _wanted(testimonial: Testimonial, held: jobs.Claim) -> SocialClip:
    """The options of the job; what they do not say about the focus, the testimonial does."""
    options = dict(held.arguments)
    if testimonial.focus_x is not None and testimonial.focus_y is not None:
        options = {"focus_x": testimonial.focus_x, "focus_y": testimonial.focus_y} | options
    return parse(options)


def _largest(testimonial: Testimonial) -> Asset:
    found = [asset for asset in testimonial.renditions if asset.codec == "h264"]
    if not found:
        raise MediaError("source_missing", "there is no rendition to cut from")
    return found[0]


def _facts(testimonial: Testimonial) -> social.Facts:
    largest = _largest(testimonial)
    has_audio = "no_sound" not in testimonial.notices
    size = largest.width, largest.height
    # Of a plate with words on it nothing may be cut off.
    return social.Facts(*size, testimonial.duration_seconds or 0.0, has_audio, whole=testimonial.kind == Kind.AUDIO)
