"""Conversions: what a business counts as success, and which shares led to it.

Reported by its server (trusted, approved at once), by the snippet on its pages, or by a picture (anybody can call those two,
so they wait for approval). A report that comes twice counts once.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from testimonials.db import Transaction
from testimonials.domain.conversions import Reported, Touch
from testimonials.errors import Conflict, Invalid, NotFound
from testimonials.models import Conversion, Share, Testimonial, Workspace
from testimonials.models.base import now
from testimonials.models.ledger import ConversionState
from testimonials.runtime import Runtime

AHEAD = timedelta(minutes=5)
"""Clocks of others may be a little fast."""


def report(runtime: Runtime, workspace_id: str, reported: Reported) -> tuple[Conversion, bool]:
    """The conversion, and whether it is new. The same report again changes nothing.

    Raises Conflict `key_reused` where the key was used for something else, Invalid for shares that are not this workspace's
    or that lie outside its window.
    """
    reported.check()
    digest = hashlib.sha256(json.dumps(asdict(reported), default=str, sort_keys=True).encode()).hexdigest()
    try:
        with runtime.db.transaction() as transaction:
            known = _known(transaction, workspace_id, reported.key)
            if known is not None and not _outranks(reported, known):
                return _same(known, digest, reported), False
            conversion = known or Conversion(workspace_id=workspace_id, key=reported.key)
            _write(transaction, conversion, reported, digest)
            transaction.add(conversion)
            transaction.flush()
            return conversion, known is None
    except IntegrityError:  # two reports of one conversion at the same moment: the other one was first
        return report(runtime, workspace_id, reported)


def _outranks(reported: Reported, known: Conversion) -> bool:
    """What the business's own server says stands over what anybody could have said before it, under the same key."""
    return reported.source == "server" and known.source != "server"


def _write(transaction: Transaction, conversion: Conversion, reported: Reported, digest: str) -> None:
    workspace = transaction.get_one(Workspace, conversion.workspace_id)
    first, last = (_share_id(transaction, workspace, touch) for touch in (reported.first, reported.last))
    if not (first or last):
        raise Invalid("No share of yours led to this, or it was too long ago.", code="no_share")
    conversion.body_hash = digest
    conversion.source = reported.source
    conversion.state = ConversionState.APPROVED if reported.source == "server" else ConversionState.PENDING
    conversion.first_share_id, conversion.last_share_id = first or last, last or first
    conversion.value_cents = reported.value_cents
    conversion.currency = reported.currency
    conversion.order_reference = reported.order_reference


def workspace_of(runtime: Runtime, conversion_token: str) -> str:
    """The workspace whose pages report under this token."""
    with runtime.db.read() as session:
        found = session.scalar(select(Workspace.id).where(Workspace.conversion_token == conversion_token))
    if found is None or not conversion_token:
        raise NotFound("There is no such workspace.", code="unknown_workspace")
    return found


def decide(runtime: Runtime, workspace_id: str, conversion_id: str, *, approve: bool) -> Conversion:
    """The business says whether a reported conversion is one. It can change its mind."""
    with runtime.db.transaction() as transaction:
        found = transaction.get(Conversion, conversion_id)
        if found is None or found.workspace_id != workspace_id:
            raise NotFound("There is no such conversion.", code="unknown_conversion")
        found.state = ConversionState.APPROVED if approve else ConversionState.REJECTED
        return found


def listing(runtime: Runtime, workspace_id: str, *, state: str | None = None) -> list[Conversion]:
    """The newest hundred."""
    with runtime.db.read() as session:
        query = select(Conversion).where(Conversion.workspace_id == workspace_id).order_by(Conversion.id.desc())
        if state:
            query = query.where(Conversion.state == state)
        return list(session.scalars(query.limit(100)))


def _known(session: Session, workspace_id: str, key: str) -> Conversion | None:
    return session.scalar(select(Conversion).where(Conversion.workspace_id == workspace_id, Conversion.key == key))


def _same(known: Conversion, digest: str, reported: Reported) -> Conversion:
    """What is there already. A page cannot tell whether the server was faster, so it hears no complaint."""
    if known.body_hash != digest and reported.source == known.source:
        raise Conflict("This key was used for another conversion.", code="key_reused")
    return known


def _share_id(session: Session, workspace: Workspace, touch: Touch | None) -> str | None:
    """The share of a touch, if it is this workspace's and within its window. A time that is still to come is no touch."""
    if touch is None or not touch.code:
        return None
    at = touch.at or now()
    if at > now() + AHEAD or at < now() - timedelta(days=workspace.attribution_days):
        return None
    query = select(Share.id).join(Testimonial, Testimonial.id == Share.testimonial_id)
    return session.scalar(query.where(Share.code == touch.code, Testimonial.workspace_id == workspace.id))
