"""What is public, once as a function and once in SQL: both must say the same about every combination."""

from __future__ import annotations

from itertools import product

from sqlalchemy import select

from testimonials.domain.lifecycle import ConsentStatus, MediaStatus, ReviewStatus
from testimonials.models import Testimonial
from testimonials.models.base import now
from testimonials.models.testimonial import PUBLIC
from testimonials.runtime import Runtime
from tests.acts import a_campaign


def test_function_and_sql_agree_on_all_combinations(runtime: Runtime) -> None:
    scopes = ([], ["website"], ["social"], ["website", "social"])
    combinations = list(product(MediaStatus, ReviewStatus, (None, *ConsentStatus), scopes, (None, now())))
    with runtime.db.transaction() as transaction:
        campaign = a_campaign(transaction)
        transaction.add_all(
            Testimonial(
                workspace_id=campaign.workspace_id,
                campaign_id=campaign.id,
                media=media,
                review=review,
                consent_status=consent,
                consent_scopes=given,
                allows_website="website" in given,
                archived_at=archived,
            )
            for media, review, consent, given, archived in combinations
        )
    with runtime.db.read() as session:
        everything = list(session.scalars(select(Testimonial)))
        by_sql = set(session.scalars(select(Testimonial.id).where(PUBLIC)))
    assert len(everything) == len(combinations) == 5 * 3 * 3 * 4 * 2
    assert {each.id for each in everything if each.public} == by_sql
    assert len(by_sql) == 2  # with and without the social scope
