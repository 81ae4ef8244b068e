"""A shop whose testimonials are moderated: what the tests of moderation and of its search share."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from testimonials.errors import AppError
from testimonials.models import Testimonial
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.services import (
    accounts,
    campaigns,
    moderation,
    review,
    search,
)
from testimonials.services.moderation import Act, By, Change
from testimonials.services.review import Filter

NUMBERS = itertools.count()


class Shop:
    """A workspace with a campaign, two moderators and testimonials that are ready to be shown."""

    def __init__(self, runtime: Runtime, name: str = "Copper Spoke") -> None:
        self.runtime = runtime
        self.id = accounts.create_workspace(runtime, name=name)
        self.slug = f"{name.split(maxsplit=1)[0].lower()}-{next(NUMBERS)}"
        campaigns.create(runtime, self.id, slug=self.slug, name="Spring")
        self.ada, self.ben = (self.member(each) for each in ("ada", "ben"))

    def member(self, name: str, role: str = "moderator") -> By:
        address = f"{name}.{self.slug}@shop.example"
        return By(member_id=accounts.add_member(self.runtime, self.id, email=address, role=role), name=name)

    def hand_in(self, name: str, **values: Any) -> str:
        with self.runtime.db.transaction() as transaction:
            campaign = campaigns.by_slug(self.runtime, self.slug)
            given = {
                "name": name,
                "email": f"{name.split(maxsplit=1)[0].lower()}@example.org",
                "media": "ready",
                **values,
            }
            given |= {"consent_status": "granted", "consent_scopes": ["website"], "allows_website": True}
            made = Testimonial(workspace_id=self.id, campaign_id=campaign.id, submitted_at=now(), **given)
            transaction.add(made)
            search.put(transaction, made)
            return made.token

    def read(self, token: str) -> Testimonial:
        return review.read(self.runtime, self.id, token).testimonial

    def do(self, token: str, act: Act, by: By | None = None, **more: Any) -> moderation.Outcome:
        return moderation.one(self.runtime, self.id, token, Change(act=act, **more), by or self.ada)

    def found(self, query: str = "", **more: Any) -> list[str]:
        page = review.listing(self.runtime, self.id, Filter(query=query or None, **more))
        return [each.name for each in page.testimonials]


def refused(code: str, act: Any) -> None:
    with pytest.raises(AppError) as raised:
        act()
    assert raised.value.code == code
