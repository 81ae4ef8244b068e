"""Campaigns: the forms through which a business asks."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from testimonials import i18n
from testimonials.domain.campaign_templates import TEMPLATES, slug_of
from testimonials.domain.campaigns import Limits, checked, in_words, settled
from testimonials.errors import Conflict, Invalid, NotFound
from testimonials.models import Campaign, Testimonial
from testimonials.runtime import Runtime
from testimonials.services import audit

FIELDS = (
    "name",
    "language",
    "greeting",
    "thanks_text",
    "incentive",
    "questions",
    "translations",
    "ways",
    "one_by_one",
    "asks_guardian",
    "brand_color",
    "max_seconds",
    "max_frame_rate",
    "reduce_noise",
    "action_label",
    "action_url",
    "share_texts",
    "asks_to_share",
    "redirect_url",
    "sites",
)
"""What can be changed about a campaign. Its link cannot: it has been sent."""
MOST_COUNTED = 1000
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

    questions = in_words(campaign.questions, theirs.get("questions", []))
    return Words(pick("greeting"), pick("thanks_text"), pick("incentive"), questions)


def create(runtime: Runtime, workspace_id: str, /, *, slug: Any, name: Any, **more: Any) -> Campaign:
    """A new campaign. Its link is `/c/{slug}`, so the slug is unique for everybody. `more` are others of `FIELDS`.

    Raises Invalid with all faults by field, Conflict `slug_taken`.
    """
    unset = {"language": i18n.SOURCE, "questions": DEFAULT_QUESTIONS, "translations": {}}
    changes = settled(unset, checked({"slug": slug, "name": name, **more}, _limits(runtime)))
    campaign = Campaign(workspace_id=workspace_id, consent_texts=[], **{**unset, **changes})
    try:
        with runtime.db.transaction() as transaction:
            transaction.add(campaign)
            transaction.flush()
            audit.record(transaction, workspace_id, "create_campaign", f"campaign:{campaign.slug}")
    except IntegrityError as error:
        raise Conflict("This link is taken. Choose another one.", code="slug_taken") from error
    return campaign


def begin(
    runtime: Runtime, workspace_id: str, /, *, name: Any, slug: str = "", template: str = "", **more: Any
) -> Campaign:
    """A new campaign from a template (empty: from none); `more` goes before what the template says. Without a slug the link
    is made of the name. Raises as `create` does, and Invalid for a template that there is not."""
    if template and template not in TEMPLATES:
        raise Invalid("There is no such template.", fields={"template": ["There is no such template."]})
    fields = {**(TEMPLATES[template].fields if template else {}), **more}
    if slug:
        return create(runtime, workspace_id, slug=slug, name=name, **fields)
    made = slug_of(str(name))
    try:
        return create(runtime, workspace_id, slug=made, name=name, **fields)
    except Conflict:
        return create(runtime, workspace_id, slug=f"{made}-{secrets.token_hex(3)}", name=name, **fields)


def edit(runtime: Runtime, workspace_id: str, slug: str, changes: Mapping[str, Any]) -> Campaign:
    """Change what is named; everything else stays. Recordings that run go on: their page has its own copy.

    Raises NotFound for campaigns of others, Invalid with all faults by field.
    """
    with runtime.db.transaction() as transaction:
        campaign = owned(transaction, workspace_id, slug, for_update=True)
        if "slug" in changes:
            sentence = "The link cannot be changed: customers have it."
            raise Invalid(f"slug: {sentence}", fields={"slug": [sentence]})
        before = {name: getattr(campaign, name) for name in FIELDS}
        for name, value in settled(before, checked(changes, _limits(runtime))).items():
            setattr(campaign, name, value)
        changed = ", ".join(name for name in FIELDS if getattr(campaign, name) != before[name])
        audit.record(transaction, workspace_id, "edit_campaign", f"campaign:{slug}", changed or "nothing changed")
    return campaign


def read(runtime: Runtime, workspace_id: str, slug: str) -> Campaign:
    """A campaign of this workspace. Raises NotFound."""
    with runtime.db.read() as session:
        return owned(session, workspace_id, slug)


def owned(session: Session, workspace_id: str, slug: str, *, for_update: bool = False) -> Campaign:
    """The same in the caller's transaction. `for_update` makes whoever else changes it wait."""
    query = select(Campaign).where(Campaign.slug == slug, Campaign.workspace_id == workspace_id)
    campaign = session.scalar(query.with_for_update() if for_update else query)
    if campaign is None:
        raise NotFound("There is no such campaign.", code="unknown_campaign")
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


def listing(runtime: Runtime, workspace_id: str) -> list[Campaign]:
    """All campaigns of the workspace, newest first."""
    with runtime.db.read() as session:
        mine = select(Campaign).where(Campaign.workspace_id == workspace_id).order_by(Campaign.id.desc())
        return list(session.scalars(mine))


def with_numbers(runtime: Runtime, workspace_id: str) -> list[tuple[Campaign, int]]:
    """The same, each with the number of testimonials it has brought; nothing is counted past `MOST_COUNTED`."""
    brought = select(Testimonial.id).where(
        Testimonial.campaign_id == Campaign.id, Testimonial.submitted_at.is_not(None)
    )
    some = brought.correlate(Campaign).order_by(Testimonial.id.desc()).limit(MOST_COUNTED).subquery()
    number = select(func.count()).select_from(some).scalar_subquery()
    query = select(Campaign, number).where(Campaign.workspace_id == workspace_id).order_by(Campaign.id.desc())
    with runtime.db.read() as session:
        return [(campaign, number) for campaign, number in session.execute(query)]


def _limits(runtime: Runtime) -> Limits:
    return Limits(max_seconds=runtime.settings.max_duration_seconds, languages=tuple(i18n.LANGUAGES))
