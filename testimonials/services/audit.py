"""The audit log: one way in, `record`, in the transaction of the act itself; and how it is read and checked.

A door says once a request who acts (`acting`). What they do is recorded by the use case that knows best what happened; where it
says nothing, the first of its transactions that writes is recorded under the name of the route. So nothing that a person or a
token changes goes unrecorded, and nothing is recorded that did not happen.

Entries are written just before the commit: the head of the log is the last thing that a transaction locks, so that
two can never wait for each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.orm import ORMExecuteState, Session

from testimonials.db import Transaction, insert_into
from testimonials.domain.audit import GENESIS, Break, Said, chained, first_break
from testimonials.models import ApiToken, AuditEntry, AuditHead, Member, Membership, Workspace
from testimonials.models.audit import ACT_LENGTH, DETAIL_LENGTH, OBJECT_LENGTH
from testimonials.models.base import now
from testimonials.runtime import Runtime

PAGE = 50
CUSTOMER, OPERATOR = "customer", "operator"
"""Who acts without being a member: from their own page, and on the server's command line."""
_CHUNK = 1000
_PENDING, _WROTE = "audit", "audit_wrote"


@dataclass
class _Acting:
    who: str
    workspace_id: str
    act: str
    object: str
    recorded: bool = False


_acting: ContextVar[_Acting | None] = ContextVar("acting", default=None)


@dataclass(frozen=True)
class Wanted:
    """A filter. Empty fields let everything through; `since` and `until` are UTC, `until` is not included."""

    who: str = ""
    act: str = ""
    object: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Checked:
    """A look over the logs of all workspaces: how many entries, and the first fault of each log that has one."""

    workspaces: int
    entries: int
    broken: dict[str, Break]


def member(member_id: str) -> str:
    """How the log names a member."""
    return f"member:{member_id}"


@contextmanager
def acting(who: str, workspace_id: str, act: str, on: str = "") -> Iterator[None]:
    """Within it, `who` is the one who acts, and `act` and `on` are what is recorded where no use case says more."""
    token = _acting.set(_Acting(who, workspace_id, act, on))
    try:
        yield
    finally:
        _acting.reset(token)


def begin(who: str, workspace_id: str, act: str, on: str = "") -> None:
    """The same for a door that cannot wrap what it opens; `end` has to follow."""
    _acting.set(_Acting(who, workspace_id, act, on))


def end() -> None:
    """Nobody acts any more."""
    _acting.set(None)


def record(session: Session, workspace_id: str, act: str, on: str, detail: str = "", *, who: str = "") -> None:
    """Note an act, in the transaction that does it. `who` is whoever acts, unless given; the operator where nobody does.

    `detail` is in our own words: never what a customer wrote or is called.
    """
    if not isinstance(session, Transaction):
        raise TypeError("only what is written is recorded")
    actor = _acting.get()
    by = who or (actor.who if actor else OPERATOR)
    session.info.setdefault(_PENDING, []).append((workspace_id, by, act, on, detail))


def page(runtime: Runtime, workspace_id: str, wanted: Wanted, *, before: int | None = None) -> list[AuditEntry]:
    """The newest entries that fit, or those before a number: at most one more than `PAGE`, which says that there are more."""
    with runtime.db.read() as session:
        return _some(session, workspace_id, wanted, before, PAGE + 1)


def every(runtime: Runtime, workspace_id: str, wanted: Wanted) -> Iterator[AuditEntry]:
    """All that fit, the newest first, read in portions."""
    before: int | None = None
    while True:
        with runtime.db.read() as session:
            found = _some(session, workspace_id, wanted, before, _CHUNK)
        yield from found
        if len(found) < _CHUNK:
            return
        before = found[-1].number


def people(runtime: Runtime, workspace_id: str) -> dict[str, str]:
    """What to call those who may stand in the log: members and tokens of today. Others have left."""
    with runtime.db.read() as session:
        members = select(Member.id, Member.name, Member.email).join(Membership, Membership.member_id == Member.id)
        names = {
            member(row.id): row.name or row.email
            for row in session.execute(members.where(Membership.workspace_id == workspace_id))
        }
        tokens = select(ApiToken.id, ApiToken.name).where(ApiToken.workspace_id == workspace_id)
        names |= {f"token:{row.id}": f"API token “{row.name}”" for row in session.execute(tokens)}
    return dict(sorted(names.items(), key=lambda each: each[1].lower()))


def check(runtime: Runtime) -> Checked:
    """Look over the chain of every workspace. Each is read as it stands at one moment."""
    with runtime.db.read() as session:
        workspaces = set(session.scalars(select(Workspace.id)))
        logged = set(session.scalars(select(AuditEntry.workspace_id).distinct()))
        heads = set(session.scalars(select(AuditHead.workspace_id)))
    broken: dict[str, Break] = {}
    entries = 0
    for workspace_id in sorted(workspaces | logged | heads):
        with runtime.db.read() as session:
            head = session.get(AuditHead, workspace_id)
            if head is None:
                broken[workspace_id] = Break(0, "is missing: the head of the log was taken away")
                continue
            found = ((said(each), each.hash) for each in _forward(session, workspace_id))
            fault = first_break(found, head.number, head.hash)
            entries += head.number
        if fault is not None:
            broken[workspace_id] = fault
    return Checked(len(workspaces | logged | heads), entries, broken)


def said(entry: AuditEntry) -> Said:
    """What an entry says, as it is hashed."""
    return Said(
        workspace_id=entry.workspace_id,
        number=entry.number,
        at=entry.at,
        who=entry.who,
        act=entry.act,
        object=entry.object,
        detail=entry.detail,
    )


def _forward(session: Session, workspace_id: str) -> Iterator[AuditEntry]:
    query = select(AuditEntry).where(AuditEntry.workspace_id == workspace_id).order_by(AuditEntry.number)
    last: int | None = None
    while True:
        portion = query if last is None else query.where(AuditEntry.number > last)
        found = session.scalars(portion.limit(_CHUNK)).all()
        yield from found
        if len(found) < _CHUNK:
            return
        last = found[-1].number
        session.expunge_all()


def _some(session: Session, workspace_id: str, wanted: Wanted, before: int | None, limit: int) -> list[AuditEntry]:
    query = select(AuditEntry).where(AuditEntry.workspace_id == workspace_id)
    for name in ("who", "act", "object"):
        if value := getattr(wanted, name):
            query = query.where(getattr(AuditEntry, name) == value)
    if wanted.since is not None:
        query = query.where(AuditEntry.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(AuditEntry.at < wanted.until)
    if before is not None:
        query = query.where(AuditEntry.number < before)
    return list(session.scalars(query.order_by(AuditEntry.number.desc()).limit(limit)))


def _append(session: Session, workspace_id: str, who: str, act: str, on: str, detail: str) -> None:
    """The head's row is locked until the commit, so that numbers have neither gaps nor twins."""
    query = select(AuditHead).where(AuditHead.workspace_id == workspace_id).with_for_update()
    head = session.scalar(query.execution_options(populate_existing=True))
    if head is None:
        first = insert_into(session, AuditHead).values(workspace_id=workspace_id, number=0, hash=GENESIS)
        session.execute(first.on_conflict_do_nothing())
        head = session.scalars(query).one()
    entry = Said(
        workspace_id=workspace_id,
        number=head.number + 1,
        at=now(),
        who=who,
        act=act[:ACT_LENGTH],
        object=on[:OBJECT_LENGTH],
        detail=detail[:DETAIL_LENGTH],
    )
    head.number, head.hash = entry.number, chained(head.hash, entry)
    session.add(AuditEntry(**vars(entry), hash=head.hash))
    session.flush()


@event.listens_for(Transaction, "after_flush")
def _flushed(session: Session, _context: Any) -> None:
    if session.new or session.dirty or session.deleted:
        session.info[_WROTE] = True


@event.listens_for(Transaction, "do_orm_execute")
def _executed(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        state.session.info[_WROTE] = True


@event.listens_for(Transaction, "before_commit")
def _write(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    pending = session.info.pop(_PENDING, [])
    actor = _acting.get()
    if actor is not None and not actor.recorded and not pending and session.info.get(_WROTE):
        pending = [(actor.workspace_id, actor.who, actor.act, actor.object, "")]
    if pending:
        for each in sorted(
            pending, key=lambda each: each[0]
        ):  # heads of several workspaces: in one order for everybody
            _append(session, *each)
        session.info["audit_actor"] = actor


@event.listens_for(Transaction, "after_commit")
def _written(session: Session) -> None:
    actor = session.info.pop("audit_actor", None)
    if actor is not None:
        actor.recorded = True
