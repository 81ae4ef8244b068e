"""What a job has to know before it starts: limits, wishes, and the words that go into pictures. Read once, held by nobody."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from testimonials.domain.collecting import Kind
from testimonials.errors import LeaseLost
from testimonials.models import Campaign, Testimonial
from testimonials.runtime import Runtime
from workers.media.plan import Wishes

GRACE, GRACE_SECONDS = 1.1, 5


@dataclass(frozen=True)
class Brief:
    """`max_seconds` is the campaign's limit with some grace for a slow finger, never above the installation's. `kind` is what
    the customer says it is, and once it was looked at, what it is."""

    max_seconds: float
    wishes: Wishes
    name: str
    detail: str
    brand: str
    brand_color: str
    rating: int | None
    language: str
    kind: Kind
    text: str


def read_brief(runtime: Runtime, testimonial_id: str) -> Brief:
    """Raises LeaseLost where the testimonial was erased meanwhile."""
    with runtime.db.read() as session:
        query = select(Testimonial).options(joinedload(Testimonial.campaign).joinedload(Campaign.workspace))
        testimonial = session.scalar(query.where(Testimonial.id == testimonial_id))
    if testimonial is None:
        raise LeaseLost
    campaign = testimonial.campaign
    longest = testimonial.terms.get("max_seconds", campaign.max_seconds)
    return Brief(
        max_seconds=min(float(runtime.settings.max_duration_seconds), longest * GRACE + GRACE_SECONDS),
        wishes=Wishes(
            max_rate=Fraction(campaign.max_frame_rate),
            reduce_noise=campaign.reduce_noise,
            av1=runtime.settings.av1,
            start_seconds=testimonial.trim_start_seconds or 0.0,
            end_seconds=testimonial.trim_end_seconds,
            poster_seconds=_from_the_start(testimonial),
        ),
        name=testimonial.name,
        detail=", ".join(filter(None, (testimonial.title, testimonial.company))),
        brand=campaign.workspace.name,
        brand_color=campaign.brand_color,
        rating=testimonial.rating,
        language=testimonial.language,
        kind=Kind(testimonial.kind),
        text=testimonial.text,
    )


def _from_the_start(testimonial: Testimonial) -> float | None:
    """The customer chose in the whole clip; the plan counts from where it is shown. What was trimmed away is no choice."""
    if testimonial.poster_seconds is None:
        return None
    moment = testimonial.poster_seconds - (testimonial.trim_start_seconds or 0.0)
    return moment if moment >= 0 else None
