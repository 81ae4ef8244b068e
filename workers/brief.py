"""What a job has to know before it starts: limits, wishes, and the words that go into pictures. Read once, held by nobody."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from testimonials.domain.collecting import Kind
from testimonials.domain.cue_edits import Cut
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


def read_brief(runtime: Runtime, testimonial_id: str, cut: Cut | None = None) -> Brief:
    """`cut` are other marks of the business than those that hold. Raises LeaseLost where the testimonial was erased meanwhile."""
    with runtime.db.read() as session:
        query = select(Testimonial).options(joinedload(Testimonial.campaign).joinedload(Campaign.workspace))
        testimonial = session.scalar(query.where(Testimonial.id == testimonial_id))
    if testimonial is None:
        raise LeaseLost
    campaign = testimonial.campaign
    start, end = _marks(testimonial, cut or held_cut(testimonial))
    longest = testimonial.terms.get("max_seconds", campaign.max_seconds)
    return Brief(
        max_seconds=min(float(runtime.settings.max_duration_seconds), longest * GRACE + GRACE_SECONDS),
        wishes=Wishes(
            max_rate=Fraction(campaign.max_frame_rate),
            reduce_noise=campaign.reduce_noise,
            av1=runtime.settings.av1,
            start_seconds=start,
            end_seconds=end,
            poster_seconds=_from_the_start(testimonial, start),
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


def held_cut(testimonial: Testimonial) -> Cut:
    """The business's marks, by which the present files were made."""
    return Cut(testimonial.cut_start_seconds or 0.0, testimonial.cut_end_seconds)


def _marks(testimonial: Testimonial, cut: Cut) -> tuple[float, float | None]:
    """In the source. The business's marks lie within the customer's: what these cut off is shown to nobody."""
    start, last = testimonial.trim_start_seconds or 0.0, testimonial.trim_end_seconds
    ends = [each for each in (last, None if cut.end_seconds is None else start + cut.end_seconds) if each is not None]
    return start + cut.start_seconds, min(ends, default=None)


def _from_the_start(testimonial: Testimonial, start: float) -> float | None:
    """The customer chose in the whole clip; the plan counts from where it is shown. What was trimmed away is no choice."""
    if testimonial.poster_seconds is None:
        return None
    moment = testimonial.poster_seconds - start
    return moment if moment >= 0 else None
