"""Going on at another device: a link that carries what was typed so far, and tells the first device when it is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from testimonials.db import Transaction
from testimonials.errors import NotFound
from testimonials.models import Campaign, Handoff, Testimonial
from testimonials.models.base import new_token, now
from testimonials.runtime import Runtime
from testimonials.security import token_hash

LASTS = timedelta(hours=24)
FIELDS = ("name", "email", "title", "company", "text")
MAX_FIELD = 2000


@dataclass(frozen=True)
class Carried:
    """What the second device starts with."""

    fields: dict[str, str]
    invitation: str


def begin(runtime: Runtime, slug: str, fields: dict[str, str], *, invitation: str) -> tuple[str, str]:
    """The token for the other device, and the one with which this device looks after it; both are good for a day. Only
    fields of the form are carried."""
    token, watch = new_token(), new_token()
    carried = {name: fields[name][:MAX_FIELD] for name in FIELDS if fields.get(name)}
    with runtime.db.read() as session:
        campaign_id = session.scalar(select(Campaign.id).where(Campaign.slug == slug))
    if campaign_id is None:
        raise NotFound("There is no such campaign.", code="unknown_campaign")
    with runtime.db.transaction() as transaction:
        transaction.add(
            Handoff(
                token_hash=token_hash(token),
                watch_hash=token_hash(watch),
                campaign_id=campaign_id,
                fields=carried,
                invitation=invitation,
                expires_at=now() + LASTS,
            )
        )
    return token, watch


def accept(runtime: Runtime, slug: str, token: str) -> Carried | None:
    """The second device opens the link, which is noted once. None where there is no such handoff, or it is done: the page
    still works, with empty fields."""
    with runtime.db.read() as session:  # nothing is written for a guess, nor when the page is opened again
        handoff = _live(session, token)
        if handoff is None or handoff.testimonial_id or session.get_one(Campaign, handoff.campaign_id).slug != slug:
            return None
    if handoff.opened_at is None:
        with runtime.db.transaction() as transaction:
            first = update(Handoff).where(Handoff.token_hash == handoff.token_hash, Handoff.opened_at.is_(None))
            transaction.execute(first.values(opened_at=now()))
    return Carried(dict(handoff.fields), handoff.invitation)


def complete(transaction: Transaction, token: str, testimonial: Testimonial) -> None:
    """The second device has handed in. An unknown token changes nothing: the testimonial is what counts."""
    handoff = _live(transaction, token) if token else None
    if handoff is not None and handoff.campaign_id == testimonial.campaign_id and handoff.testimonial_id is None:
        handoff.testimonial_id = testimonial.id
        handoff.fields, handoff.invitation = {}, ""


def state(runtime: Runtime, slug: str, watch: str) -> tuple[str, str]:
    """For the first device: `waiting`, `opened` or `done`, and the token of the customer's page once it is done."""
    with runtime.db.read() as session:
        handoff = session.scalar(select(Handoff).where(Handoff.watch_hash == token_hash(watch)))
        if handoff is None or handoff.expires_at < now() or session.get_one(Campaign, handoff.campaign_id).slug != slug:
            raise NotFound("This link has expired.", code="unknown_handoff")
        if handoff.testimonial_id:
            return "done", session.get_one(Testimonial, handoff.testimonial_id).manage_token
        return ("opened" if handoff.opened_at else "waiting"), ""


def forget_expired(runtime: Runtime) -> None:
    """What was typed is nobody's business after a day."""
    with runtime.db.transaction() as transaction:
        transaction.execute(delete(Handoff).where(Handoff.expires_at < now()))


def _live(session: Session, token: str) -> Handoff | None:
    handoff = session.get(Handoff, token_hash(token))
    return handoff if handoff is not None and handoff.expires_at > now() else None
