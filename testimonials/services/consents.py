"""Consent: the words that are shown, the record that they leave, and the customer who changes their mind.

Records are only ever added; the newest counts, and the world sees the change at its next request.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from testimonials import i18n
from testimonials.domain.consent import BUILT_IN, known_scopes, text_hash
from testimonials.domain.lifecycle import ConsentStatus
from testimonials.errors import Conflict, Invalid
from testimonials.models import Campaign, Consent, Testimonial
from testimonials.runtime import Runtime
from testimonials.security import address_hash
from testimonials.services import publishing
from testimonials.services.customers import own_testimonial


@dataclass(frozen=True)
class Wording:
    """The exact text, its SHA-256 in hex, its version and language."""

    text: str
    text_hash: str
    version: int
    language: str


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What the customer agreed to. `guardian` is who agreed for a minor, or empty."""

    scopes: tuple[str, ...]
    wording: Wording
    guardian: str = ""


def wording(campaign: Campaign, language: str) -> Wording:
    """What is shown today: the newest version in this language, else in the campaign's own, else the built-in text."""
    newest = max((each.version for each in campaign.consent_texts), default=BUILT_IN)
    texts = {each.language: each for each in campaign.consent_texts if each.version == newest}
    found = texts.get(language) or texts.get(campaign.language) or next(iter(texts.values()), None)
    if found:
        return Wording(found.text, found.text_hash, found.version, found.language)
    return _built_in(language)


def wording_of(campaign: Campaign, digest: str) -> Wording:
    """The text with this hash, of whatever version: a page may be open for longer than a text is the newest.

    Raises Invalid `unknown_wording` where this campaign never showed such a text.
    """
    for each in campaign.consent_texts:
        if each.text_hash == digest:
            return Wording(each.text, each.text_hash, each.version, each.language)
    for language in i18n.LANGUAGES:
        if (built_in := _built_in(language)).text_hash == digest:
            return built_in
    raise Invalid("What you agreed to has changed. Please reload the page and read it again.", code="unknown_wording")


def grant(runtime: Runtime, session: Session, testimonial: Testimonial, given: Grant, *, address: str) -> None:
    """Record a consent in the caller's transaction."""
    _record(runtime, session, testimonial, ConsentStatus.GRANTED, given, address)


def narrow(runtime: Runtime, manage_token: str, scopes: list[str], *, address: str) -> None:
    """Keep only some of what was allowed. Nothing can be added here: that takes reading the text again.

    Raises Conflict after a withdrawal, Invalid where nothing of it would be left (which is a withdrawal).
    """
    with runtime.db.transaction() as transaction:
        testimonial = own_testimonial(transaction, manage_token, for_update=True)
        if testimonial.consent_status != ConsentStatus.GRANTED:
            raise Conflict("You have taken your permission back already.", code="consent_withdrawn")
        kept = tuple(scope for scope in known_scopes(scopes) if scope in testimonial.consent_scopes)
        if not kept:
            raise Invalid("Keep at least one, or take all of it back.", code="nothing_left")
        if list(kept) != testimonial.consent_scopes:
            last = records(transaction, testimonial.id)[-1]
            given = Grant(scopes=kept, wording=_wording_in(last), guardian=last.guardian)
            _record(runtime, transaction, testimonial, ConsentStatus.GRANTED, given, address)
            publishing.changed(transaction, testimonial.workspace_id)


def withdraw(runtime: Runtime, manage_token: str, *, address: str) -> None:
    """Take the consent back. Doing it twice adds no second record."""
    with runtime.db.transaction() as transaction:
        testimonial = own_testimonial(transaction, manage_token, for_update=True)
        if testimonial.consent_status == ConsentStatus.GRANTED:
            given = Grant(scopes=(), wording=_wording_in(records(transaction, testimonial.id)[-1]))
            _record(runtime, transaction, testimonial, ConsentStatus.WITHDRAWN, given, address)
            publishing.changed(transaction, testimonial.workspace_id)


def records(session: Session, testimonial_id: str) -> list[Consent]:
    """All records of a testimonial, oldest first."""
    query = select(Consent).where(Consent.testimonial_id == testimonial_id).order_by(Consent.id)
    return list(session.scalars(query))


def _record(
    runtime: Runtime, session: Session, testimonial: Testimonial, status: ConsentStatus, given: Grant, address: str
) -> None:
    testimonial.consent_status = status
    testimonial.consent_scopes = list(given.scopes)
    testimonial.allows_website = "website" in given.scopes
    session.add(
        Consent(
            testimonial_id=testimonial.id,
            status=status,
            scopes=list(given.scopes),
            text=given.wording.text,
            text_hash=given.wording.text_hash,
            version=given.wording.version,
            language=given.wording.language,
            incentive=testimonial.terms.get("incentive", testimonial.campaign.incentive),
            guardian=given.guardian,
            # Salted by the testimonial too: two receipts must not tell that they come from one household.
            address_hash=address_hash(runtime.settings.secret_key, f"{testimonial.id}|{address}"),
        )
    )


def _wording_in(last: Consent) -> Wording:
    return Wording(last.text, last.text_hash, last.version, last.language)


def _built_in(language: str) -> Wording:
    """What we ask ourselves. It says so little that it holds everywhere; a business that needs more writes its own."""
    with i18n.speaking(language):
        text = i18n.gettext(
            "I agree that my video, my name and what I say may be shown where I have allowed it."
            " I can take this back at any time."
        )
        return Wording(text, text_hash(text), BUILT_IN, i18n.current())
