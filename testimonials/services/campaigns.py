"""Campaigns: the forms through which a business asks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from testimonials.errors import Conflict, Invalid, NotFound
from testimonials.models import Campaign, Testimonial
from testimonials.runtime import Runtime

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
FRAME_RATES = (30, 60)
DEFAULT_QUESTIONS = [
    {"text": "What was going on before you came to us?", "hint": "The problem, in your own words"},
    {"text": "What changed?", "hint": "One moment you remember"},
    {"text": "Who would you recommend us to?", "hint": ""},
]


@dataclass(frozen=True)
class Words:
    """A campaign's own texts in one language. Each question has a `text` and a `hint`."""

    greeting: str
    thanks_text: str
    incentive: str
    questions: list[dict[str, str]]


def words_in(campaign: Campaign, language: str) -> Words:
    """What the business wrote for this language, and where it wrote nothing, what it wrote first."""
    theirs: dict[str, Any] = campaign.translations.get(language, {})

    def pick(name: str) -> Any:
        return theirs.get(name) or getattr(campaign, name)

    return Words(pick("greeting"), pick("thanks_text"), pick("incentive"), pick("questions"))


def create(
    runtime: Runtime,
    workspace_id: str,
    *,
    slug: str,
    name: str,
    greeting: str = "",
    brand_color: str = "#1f6b52",
    max_seconds: int = 90,
    max_frame_rate: int = 30,
    reduce_noise: bool = False,
    questions: list[dict[str, str]] | None = None,
) -> Campaign:
    """A new campaign. Its link is `/c/{slug}`, so the slug is unique for everybody."""
    if not _SLUG.fullmatch(slug):
        raise Invalid(
            "A link may hold small letters, digits and hyphens.",
            fields={"slug": ["Letters, digits, hyphens."]},
        )
    if not name.strip() or len(name) > 120:
        raise Invalid("A campaign needs a name of at most 120 characters.", fields={"name": ["Give it a name."]})
    if len(greeting) > 300:
        raise Invalid("A greeting has at most 300 characters.", fields={"greeting": ["At most 300 characters."]})
    if not _COLOR.fullmatch(brand_color):
        raise Invalid("A color looks like #1f6b52.", fields={"brand_color": ["Six hex digits after #."]})
    if not 10 <= max_seconds <= runtime.settings.max_duration_seconds:
        raise Invalid(f"Recordings may last 10 to {runtime.settings.max_duration_seconds} seconds.")
    if max_frame_rate not in FRAME_RATES:
        raise Invalid("Videos can be kept at 30 or 60 frames a second.", fields={"max_frame_rate": ["30 or 60."]})
    campaign = Campaign(
        workspace_id=workspace_id,
        slug=slug,
        name=name.strip(),
        greeting=greeting.strip(),
        questions=DEFAULT_QUESTIONS if questions is None else questions,
        brand_color=brand_color,
        max_seconds=max_seconds,
        max_frame_rate=max_frame_rate,
        reduce_noise=reduce_noise,
    )
    try:
        with runtime.db.transaction() as transaction:
            transaction.add(campaign)
    except IntegrityError as error:
        raise Conflict("This link is taken. Choose another one.", code="slug_taken") from error
    return campaign


def by_slug(runtime: Runtime, slug: str) -> Campaign:
    """The campaign behind a public link, with its workspace."""
    with runtime.db.read() as session:
        query = select(Campaign).where(Campaign.slug == slug).options(joinedload(Campaign.workspace))
        campaign = session.scalar(query)
    if campaign is None:
        raise NotFound(
            "This link does not lead to a campaign. Please check it, or ask who sent it.",
            code="unknown_campaign",
        )
    return campaign


def logo(runtime: Runtime, campaign: Campaign) -> bytes:
    """The campaign's logo as PNG, small enough to be held. Raises NotFound where it has none."""
    if not campaign.logo_key:
        raise NotFound("This campaign has no logo.", code="no_logo")
    return b"".join(runtime.storage.open(campaign.logo_key))


def listing(runtime: Runtime, workspace_id: str) -> list[tuple[Campaign, int]]:
    """All campaigns of the workspace, newest first, each with the number of testimonials it has brought."""
    with runtime.db.read() as session:
        brought = (
            select(Testimonial.campaign_id, func.count().label("number"))
            .where(Testimonial.workspace_id == workspace_id, Testimonial.submitted_at.is_not(None))
            .group_by(Testimonial.campaign_id)
            .subquery()
        )
        query = (
            select(Campaign, func.coalesce(brought.c.number, 0))
            .outerjoin(brought, brought.c.campaign_id == Campaign.id)
            .where(Campaign.workspace_id == workspace_id)
            .order_by(Campaign.id.desc())
        )
        return [(campaign, number) for campaign, number in session.execute(query)]
