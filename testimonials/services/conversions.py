"""Conversions: what a business counts as success, and which shares led to it.

Reported by its server (trusted, approved at once), by the snippet on its pages, or by a picture (anybody can call those two,
so they wait for approval). A report that comes twice counts once.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from testimonials.db import Transaction
from testimonials.domain.conversions import Reported, Touch
from testimonials.errors import Conflict, Invalid, NotFound
from testimonials.models import Conversion, Share, Testimonial, Workspace
from testimonials.models.base import new_token, now
from testimonials.models.ledger import ConversionState
from testimonials.runtime import Runtime
from testimonials.services import audit, experiments
from testimonials.services.visitors import Visitor

MAX_WINDOW_DAYS = 365
_STATES = {True: ConversionState.APPROVED, False: ConversionState.REJECTED, None: ConversionState.PENDING}
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


def report_by_page(runtime: Runtime, conversion_token: str, reported: Reported, visitor: Visitor) -> None:
    """What a page of the business says one of its visitors has done. It also counts in the arm of an experiment that the
    visitor is in, and then no share needs to have led there. Raises as `report` does, NotFound for an unknown token."""
    workspace_id = workspace_of(runtime, conversion_token)
    reported.check()
    in_experiment = experiments.converted(runtime, workspace_id, visitor)
    try:
        report(runtime, workspace_id, reported)
    except Invalid as error:
        if error.code != "no_share" or not in_experiment:
            raise


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


@dataclass(frozen=True)
class ShareTouch:
    """A share that led to a conversion: its network, and whose testimonial it was."""

    network: str
    token: str
    name: str
    shared_at: datetime


@dataclass(frozen=True)
class Told:
    """A conversion with its touches; one whose share was erased since has none."""

    conversion: Conversion
    first: ShareTouch | None
    last: ShareTouch | None


@dataclass(frozen=True)
class Reporting:
    """How pages of a workspace report, and for how many days a share counts as having brought somebody."""

    token: str
    attribution_days: int


def decide(runtime: Runtime, workspace_id: str, conversion_id: str, *, approve: bool | None) -> Conversion:
    """The business says whether a reported conversion is one; None puts it back into the queue."""
    with runtime.db.transaction() as transaction:
        found = transaction.get(Conversion, conversion_id)
        if found is None or found.workspace_id != workspace_id:
            raise NotFound("There is no such conversion.", code="unknown_conversion")
        found.state = _STATES[approve]
        return found


def waiting(runtime: Runtime, workspace_id: str) -> int:
    """How many wait for approval, up to a hundred."""
    with runtime.db.read() as session:
        pending = select(Conversion.id).where(
            Conversion.workspace_id == workspace_id, Conversion.state == ConversionState.PENDING
        )
        return session.scalar(select(func.count()).select_from(pending.limit(100).subquery())) or 0


def listing(runtime: Runtime, workspace_id: str, *, state: str | None = None) -> list[Conversion]:
    """The newest hundred."""
    with runtime.db.read() as session:
        query = select(Conversion).where(Conversion.workspace_id == workspace_id).order_by(Conversion.id.desc())
        if state:
            query = query.where(Conversion.state == state)
        return list(session.scalars(query.limit(100)))


def told(runtime: Runtime, workspace_id: str, *, state: str) -> list[Told]:
    """A hundred of a state with their touches: the oldest where they wait, else the newest."""
    order = Conversion.id.asc() if state == ConversionState.PENDING else Conversion.id.desc()
    with runtime.db.read() as session:
        query = select(Conversion).where(Conversion.workspace_id == workspace_id, Conversion.state == state)
        found = list(session.scalars(query.order_by(order).limit(100)))
        ids = {each for row in found for each in (row.first_share_id, row.last_share_id)}
        shares = select(Share.id, Share.network, Testimonial.token, Testimonial.name, Share.created_at)
        shares = shares.join(Testimonial, Testimonial.id == Share.testimonial_id).where(Share.id.in_(ids))
        touches = {row[0]: ShareTouch(*row[1:]) for row in session.execute(shares)}
    return [Told(row, touches.get(row.first_share_id or ""), touches.get(row.last_share_id or "")) for row in found]


def reporting(runtime: Runtime, workspace_id: str) -> Reporting:
    """What the workspace has set."""
    with runtime.db.read() as session:
        workspace = session.get_one(Workspace, workspace_id)
        return Reporting(workspace.conversion_token, workspace.attribution_days)


def set_window(runtime: Runtime, workspace_id: str, days: int) -> None:
    """Conversions that are reported from now on are measured by it; those that are there stay."""
    if not 1 <= days <= MAX_WINDOW_DAYS:
        raise Invalid(
            f"A window has 1 to {MAX_WINDOW_DAYS} days.", code="bad_window", fields={"days": ["1 to 365 days."]}
        )
    with runtime.db.transaction() as transaction:
        transaction.get_one(Workspace, workspace_id).attribution_days = days
        audit.record(transaction, workspace_id, "set_window", "workspace", f"{days} days")


def renew_token(runtime: Runtime, workspace_id: str) -> None:
    """Pages that report under the old token report to nobody from now on."""
    with runtime.db.transaction() as transaction:
        transaction.get_one(Workspace, workspace_id).conversion_token = new_token()


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
