"""Same path for all: how many of each rating are published, and why others were not, so that gating would be seen."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import func, select

from testimonials.domain.lifecycle import ReviewStatus
from testimonials.models import Testimonial
from testimonials.runtime import Runtime

NEWEST = 10_000
"""So many of the newest decisions are looked at, however many there are: the page stays fast, and old habits fade."""
MOST_REASONS = 3
FEW = 10
"""Below so many decisions, a share says nothing."""
NOTICEABLE = 0.2


@dataclass
class Stars:
    """What became of one rating: 1 to 5, or None for those without."""

    rating: int | None
    approved: int = 0
    rejected: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def decided(self) -> int:
        return self.approved + self.rejected

    @property
    def share(self) -> float | None:
        """Published of decided, 0 to 1; None where nothing was decided."""
        return self.approved / self.decided if self.decided else None

    @property
    def main_reasons(self) -> list[tuple[str, int]]:
        return self.reasons.most_common(MOST_REASONS)


@dataclass(frozen=True)
class Balance:
    """`uneven` where high ratings are published clearly more often than low ones."""

    stars: list[Stars]
    uneven: bool


def read(runtime: Runtime, workspace_id: str) -> Balance:
    """Over the newest decisions of this workspace."""
    decided = (
        select(Testimonial.rating, Testimonial.review, Testimonial.reject_reason)
        .where(Testimonial.workspace_id == workspace_id, Testimonial.reviewed_at.is_not(None))
        .order_by(Testimonial.id.desc())
        .limit(NEWEST)
        .subquery()
    )
    query = select(decided.c.rating, decided.c.review, decided.c.reject_reason, func.count()).group_by(
        decided.c.rating, decided.c.review, decided.c.reject_reason
    )
    found: dict[int | None, Stars] = {rating: Stars(rating) for rating in (5, 4, 3, 2, 1, None)}
    with runtime.db.read() as session:
        for rating, review, reason, number in session.execute(query):
            stars = found[rating]
            if review == ReviewStatus.APPROVED:
                stars.approved += number
            else:
                stars.rejected += number
                stars.reasons[reason or "No reason given"] += number
    high, low = _share(found, (5, 4)), _share(found, (1, 2, 3))
    uneven = high is not None and low is not None and high - low > NOTICEABLE
    return Balance(list(found.values()), uneven)


def _share(found: dict[int | None, Stars], ratings: tuple[int, ...]) -> float | None:
    approved = sum(found[rating].approved for rating in ratings)
    decided = sum(found[rating].decided for rating in ratings)
    return approved / decided if decided >= FEW else None
