"""What a campaign asks to agree to, in versions. A version is never edited or deleted: it is what somebody agreed to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from testimonials import i18n
from testimonials.domain.consent import BUILT_IN, text_hash
from testimonials.domain.lifecycle import ConsentStatus
from testimonials.errors import Conflict, Invalid
from testimonials.models import Campaign, Consent, ConsentText, Testimonial
from testimonials.runtime import Runtime
from testimonials.services import audit, campaigns, consents

MIN_CHARACTERS = 40
MAX_CHARACTERS = 5000


@dataclass(frozen=True)
class Version:
    """`texts` are by language; version 0 is our own text. `until` is None for the one in force, `agreed` counts customers."""

    number: int
    texts: dict[str, str]
    since: datetime
    until: datetime | None
    agreed: int

    @property
    def in_force(self) -> bool:
        return self.until is None


def add_version(runtime: Runtime, workspace_id: str, slug: str, texts: Any) -> int:
    """A new version in the campaign's language and any others, in force from its commit on; returns its number.

    Raises NotFound, Invalid with the faults by language (`texts.de`), Conflict `unchanged` or `version_taken`.
    """
    try:
        with runtime.db.transaction() as transaction:
            campaign = campaigns.owned(transaction, workspace_id, slug, for_update=True)
            given = _checked(texts, campaign.language)
            newest = max((each.version for each in campaign.consent_texts), default=BUILT_IN)
            if given == {each.language: each.text for each in campaign.consent_texts if each.version == newest}:
                raise Conflict("This is the text in force already.", code="unchanged")
            for language, text in given.items():
                transaction.add(
                    ConsentText(
                        campaign_id=campaign.id,
                        version=newest + 1,
                        language=language,
                        text=text,
                        text_hash=text_hash(text),
                    )
                )
            said = f"version {newest + 1} in {', '.join(sorted(given))}"
            audit.record(transaction, workspace_id, "add_consent_text", f"campaign:{slug}", said)
            return newest + 1
    except IntegrityError as error:
        sentence = "Somebody else has just added a version. Reload the page and look at it first."
        raise Conflict(sentence, code="version_taken") from error


def history(runtime: Runtime, workspace_id: str, slug: str) -> list[Version]:
    """All versions, newest first. Our own text is listed for as long as it was in force."""
    with runtime.db.read() as session:
        campaign = campaigns.owned(session, workspace_id, slug)
        query = (
            select(Consent.text_hash, func.count(Consent.testimonial_id.distinct()).label("customers"))
            .join(Testimonial, Testimonial.id == Consent.testimonial_id)
            .where(Testimonial.campaign_id == campaign.id, Consent.status == ConsentStatus.GRANTED)
            .group_by(Consent.text_hash)
        )
        agreed = {row.text_hash: row.customers for row in session.execute(query)}
    return _versions(campaign, agreed)


def _versions(campaign: Campaign, agreed: dict[str, int]) -> list[Version]:
    rows: dict[int, list[ConsentText]] = {}
    for each in campaign.consent_texts:
        rows.setdefault(each.version, []).append(each)
    found: list[Version] = []
    until: datetime | None = None
    for number in sorted(rows, reverse=True):
        texts = {each.language: each.text for each in rows[number]}
        digests = {each.text_hash for each in rows[number]}
        since = min(each.created_at for each in rows[number])
        found.append(Version(number, texts, since, until, sum(agreed.get(each, 0) for each in digests)))
        until = since
    # A campaign only ever shows its own texts and ours: what is left of the consents is ours.
    ours = sum(
        number for digest, number in agreed.items() if digest not in {t.text_hash for t in campaign.consent_texts}
    )
    if until is None or until > campaign.created_at or ours:
        found.append(Version(BUILT_IN, _built_in(campaign.language), campaign.created_at, until, ours))
    return found


def _built_in(language: str) -> dict[str, str]:
    shown = consents.wording(Campaign(language=language, consent_texts=[]), language)
    return {shown.language: shown.text}


def _checked(texts: Any, needed: str) -> dict[str, str]:
    """The texts as they will be shown, with one kind of line ending."""
    if not isinstance(texts, dict):
        raise Invalid("texts: Give an object with a text for each language.", fields={"texts": ["Give an object."]})
    faults: dict[str, list[str]] = {}
    kept = {str(language): _plain(text) for language, text in texts.items()}
    if needed not in kept:
        faults[f"texts.{needed}"] = ["The campaign's own language is needed."]
    for language, text in kept.items():
        if language not in i18n.LANGUAGES:
            faults[f"texts.{language}"] = [f"One of {', '.join(i18n.LANGUAGES)}."]
        elif not MIN_CHARACTERS <= len(text) <= MAX_CHARACTERS:
            faults[f"texts.{language}"] = [f"Between {MIN_CHARACTERS} and {MAX_CHARACTERS:,} characters."]
    if faults:
        name, sentences = next(iter(faults.items()))
        raise Invalid(f"{name}: {sentences[0]}", fields=faults)
    return kept


def _plain(text: Any) -> str:
    """No control characters but line breaks; anything that is no text counts as empty."""
    if not isinstance(text, str):
        return ""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(each for each in lines if each == "\n" or each >= " ").strip()
