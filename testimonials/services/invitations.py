"""Invitations: personal links that one customer can use once. What is mailed about them is in `invitation_mails`."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, joinedload

from testimonials import i18n
from testimonials.db import Transaction
from testimonials.domain import invitation_list
from testimonials.domain.invitation_list import UnreadableList
from testimonials.domain.mail import deliverable, same_address
from testimonials.errors import Conflict, Invalid, NotFound
from testimonials.i18n import gettext as _
from testimonials.models import Campaign, Invitation, Mail, Testimonial, Unsubscribe
from testimonials.models.base import now
from testimonials.models.mail import MailState
from testimonials.runtime import Runtime
from testimonials.security import address_hash, derived_key
from testimonials.services import outbox
from testimonials.services.campaigns import owned

VERIFIED = "invitation"
PAGE = 50
MAX_TEXT = 120
STATES = ("waiting", "mailed", "opened", "used", "unsubscribed")


@dataclass(frozen=True, kw_only=True)
class Invitee:
    """Who is invited. `language` may be empty: then it is the campaign's."""

    name: str = ""
    email: str = ""
    order_reference: str = ""
    language: str = ""


@dataclass(frozen=True)
class Listed:
    """An invitation, its state (one of `STATES`), and what kept its mail from arriving, or empty."""

    invitation: Invitation
    state: str
    problem: str
    testimonial_token: str | None


@dataclass(frozen=True)
class Page:
    """`counts`: invited, opened and used in the whole campaign."""

    campaign: Campaign
    invitations: list[Listed]
    next_cursor: str | None
    counts: dict[str, int]


@dataclass
class Imported:
    """What came of a list: how many are invited, how many were there before, and why the others (by row) are not."""

    invited: int = 0
    known: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


def create(runtime: Runtime, workspace_id: str, slug: str, invitee: Invitee) -> tuple[Listed, bool]:
    """Invite one, and mail at once where an address is given. The same order reference gives the same invitation: the
    second value says whether it is new. Raises Invalid, and NotFound for a campaign of others."""
    with runtime.db.transaction() as transaction:
        campaign = owned(transaction, workspace_id, slug, for_update=True)
        found = _with_reference(runtime, transaction, campaign, [invitee.order_reference])
        if existing := found.get(invitee.order_reference.strip()):
            return _described(runtime, transaction, [existing])[0], False
        invitation = _new(campaign, invitee)
        transaction.add(invitation)
        _schedule(runtime, transaction, [invitation])
        transaction.flush()
        return _described(runtime, transaction, [invitation])[0], True


def import_list(runtime: Runtime, workspace_id: str, slug: str, body: bytes) -> Imported:
    """Invite everybody in a CSV file whom it is possible to invite. Raises Invalid where the file is none."""
    try:
        people = invitation_list.parse(body)
    except UnreadableList as error:
        raise Invalid(str(error), code="bad_list") from error
    came = Imported()
    with runtime.db.transaction() as transaction:
        campaign = owned(transaction, workspace_id, slug, for_update=True)
        waiting = select(Invitation.email).where(Invitation.campaign_id == campaign.id, Invitation.used_at.is_(None))
        addresses = {same_address(email) for email in transaction.scalars(waiting) if email}
        references = set(_with_reference(runtime, transaction, campaign, [each.order_reference for each in people]))
        new: list[Invitation] = []
        for person in people:
            invitee = Invitee(
                name=person.name,
                email=person.email,
                order_reference=person.order_reference,
                language=person.language,
            )
            if same_address(invitee.email) in addresses or invitee.order_reference in references:
                came.known += 1
                continue
            try:
                new.append(_new(campaign, invitee))
            except Invalid as error:
                came.refused.append((person.row, error.detail))
                continue
            addresses |= {same_address(invitee.email)} - {""}
            references |= {invitee.order_reference} - {""}
        transaction.add_all(new)
        _schedule(runtime, transaction, new)
        came.invited = len(new)
    return came


def listing(runtime: Runtime, workspace_id: str, slug: str, *, cursor: str | None = None, limit: int = PAGE) -> Page:
    """Invitations of a campaign, newest first, a page at a time by key. `cursor` is the token of the last one before."""
    with runtime.db.read() as session:
        campaign = owned(session, workspace_id, slug)
        mine = Invitation.campaign_id == campaign.id
        query = select(Invitation).where(mine).order_by(Invitation.id.desc()).limit(limit + 1)
        if cursor:
            last = session.scalar(select(Invitation.id).where(Invitation.token == cursor, mine))
            if last is None:
                raise Invalid("This cursor is not known.", code="bad_cursor")
            query = query.where(Invitation.id < last)
        found = list(session.scalars(query))
        total, opened, used = session.execute(
            select(func.count(), func.count(Invitation.opened_at), func.count(Invitation.used_at)).where(mine)
        ).one()
        more = len(found) > limit
        page = _described(runtime, session, found[:limit])
    counts = {"invited": total, "opened": opened, "used": used}
    return Page(campaign, page, found[limit - 1].token if more else None, counts)


def revoke(runtime: Runtime, workspace_id: str, slug: str, token: str) -> None:
    """Delete an invitation that was not used: its link leads nowhere, and no mail follows."""
    with runtime.db.transaction() as transaction:
        campaign = owned(transaction, workspace_id, slug)
        query = select(Invitation).where(Invitation.token == token, Invitation.campaign_id == campaign.id)
        invitation = transaction.scalar(query.with_for_update())
        if invitation is None:
            raise NotFound("There is no such invitation.", code="unknown_invitation")
        if invitation.used_at is not None:
            raise Conflict("This invitation was used. The testimonial is what can be erased.", code="invitation_used")
        transaction.delete(invitation)


def open_link(runtime: Runtime, token: str) -> Invitation:
    """The invited customer opens the link, which is noted once. With its campaign and workspace. Raises NotFound."""
    with runtime.db.read() as session:
        query = select(Invitation).where(Invitation.token == token)
        query = query.options(joinedload(Invitation.campaign).joinedload(Campaign.workspace))
        invitation = session.scalar(query)
    if invitation is None:
        raise NotFound(
            i18n.gettext("This invitation does not exist any more. Please ask who sent it for another one."),
            code="unknown_invitation",
        )
    if invitation.opened_at is None:
        with runtime.db.transaction() as transaction:
            first = update(Invitation).where(Invitation.id == invitation.id, Invitation.opened_at.is_(None))
            transaction.execute(first.values(opened_at=now()))
    return invitation


def redeem(transaction: Transaction, token: str, testimonial: Testimonial) -> None:
    """The invited customer hands in: the testimonial is verified, the link used up, and no reminder follows.

    Raises NotFound for an invitation of another campaign, Conflict `invitation_used` for a used one.
    """
    if not token:
        return
    query = select(Invitation).where(Invitation.token == token).with_for_update()
    invitation = transaction.scalar(query)
    if invitation is None or invitation.campaign_id != testimonial.campaign_id:
        raise NotFound("There is no such invitation.", code="unknown_invitation")
    if invitation.used_at is not None:
        raise Conflict(_("This invitation was used already."), code="invitation_used")
    invitation.used_at = now()
    invitation.next_mail_at = None
    invitation.testimonial_id = testimonial.id
    testimonial.verified = VERIFIED
    outbox.withdraw(transaction, Mail.invitation_id == invitation.id)


def forget_person(runtime: Runtime, transaction: Transaction, testimonial_id: str) -> None:
    """Who was invited, and for which order, goes with the testimonial that is erased. That the link was used stays, and a
    keyed hash of the order, so that a shop that reports all its orders every night does not invite them again."""
    theirs = list(transaction.scalars(select(Invitation).where(Invitation.testimonial_id == testimonial_id)))
    transaction.execute(delete(Mail).where(Mail.invitation_id.in_([each.id for each in theirs])))
    for invitation in theirs:
        if invitation.order_reference:
            invitation.spent_reference = _spent(runtime, invitation.order_reference)
        invitation.name = invitation.email = invitation.order_reference = ""


def unsubscribed(runtime: Runtime, session: Session, workspace_id: str, emails: Iterable[str]) -> set[str]:
    """Which of these addresses want no more mail from this workspace, as `same_address` writes them."""
    hashes = {hash_of(runtime, email): same_address(email) for email in emails if email}
    gone: set[str] = set()
    for some in _in_parts(list(hashes)):
        query = select(Unsubscribe.address_hash).where(Unsubscribe.workspace_id == workspace_id)
        gone |= {hashes[digest] for digest in session.scalars(query.where(Unsubscribe.address_hash.in_(some)))}
    return gone


def hash_of(runtime: Runtime, email: str) -> str:
    """How an address that wants no more mail is remembered."""
    return address_hash(runtime.settings.secret_key, same_address(email))


def _new(campaign: Campaign, invitee: Invitee) -> Invitation:
    name, email, reference = (each.strip() for each in (invitee.name, invitee.email, invitee.order_reference))
    if not name and not email:
        raise Invalid("Give a name or an address.", fields={"name": ["Give a name or an address."]})
    for field_name, value in (("name", name), ("order_reference", reference)):
        if len(value) > MAX_TEXT or not value.isprintable():
            sentence = f"At most {MAX_TEXT} characters, on one line."
            raise Invalid(f"The {field_name.replace('_', ' ')}: {sentence}", fields={field_name: [sentence]})
    if email and deliverable(email) is None:
        raise Invalid("The address is not complete, or cannot be written to.", fields={"email": ["No such address."]})
    language = i18n.known(invitee.language) if invitee.language.strip() else campaign.language
    if language is None:
        sentence = f"Known languages are {', '.join(i18n.LANGUAGES)}."
        raise Invalid(sentence, fields={"language": [sentence]})
    return Invitation(
        workspace_id=campaign.workspace_id,
        campaign_id=campaign.id,
        name=name,
        email=email,
        order_reference=reference,
        language=language,
    )


def _schedule(runtime: Runtime, session: Session, new: list[Invitation]) -> None:
    """The first mail is due at once, for who has an address and wants mail."""
    if outbox.is_on(runtime):
        workspace_id = new[0].workspace_id if new else ""
        gone = unsubscribed(runtime, session, workspace_id, [each.email for each in new])
        for invitation in new:
            if invitation.email and same_address(invitation.email) not in gone:
                invitation.next_mail_at = now()


def _with_reference(
    runtime: Runtime, session: Session, campaign: Campaign, references: Iterable[str]
) -> dict[str, Invitation]:
    """The campaign's invitations for these orders, those of who has erased everything among them."""
    found: dict[str, Invitation] = {}
    for some in _in_parts(sorted({each.strip() for each in references} - {""})):
        query = select(Invitation).where(Invitation.campaign_id == campaign.id)
        found |= {
            each.order_reference: each for each in session.scalars(query.where(Invitation.order_reference.in_(some)))
        }
        spent = {_spent(runtime, each): each for each in some}
        erased = session.scalars(query.where(Invitation.spent_reference.in_(spent)))
        found |= {spent[each.spent_reference]: each for each in erased}
    return found


def _spent(runtime: Runtime, reference: str) -> str:
    key = derived_key(runtime.settings.secret_key, "order reference")
    return hmac.new(key, reference.encode(), "sha256").hexdigest()


def _in_parts(values: list[str], size: int = 500) -> Iterator[list[str]]:
    """Databases take only so many values in one question."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _described(runtime: Runtime, session: Session, found: list[Invitation]) -> list[Listed]:
    workspace_id = found[0].workspace_id if found else ""
    gone = unsubscribed(runtime, session, workspace_id, [each.email for each in found])
    ids = [each.id for each in found]
    failed = select(Mail.invitation_id, Mail.detail).where(Mail.invitation_id.in_(ids), Mail.state == MailState.FAILED)
    problems: dict[str | None, str] = dict(session.execute(failed.order_by(Mail.id)).all())
    given = [each.testimonial_id for each in found if each.testimonial_id]
    query = select(Testimonial.id, Testimonial.token).where(Testimonial.id.in_(given))
    tokens: dict[str | None, str] = dict(session.execute(query).all())
    return [
        Listed(
            each,
            _state(each, gone=same_address(each.email) in gone),
            problems.get(each.id, ""),
            tokens.get(each.testimonial_id),
        )
        for each in found
    ]


def _state(invitation: Invitation, *, gone: bool) -> str:
    if invitation.used_at is not None:
        return "used"
    if gone:
        return "unsubscribed"
    if invitation.opened_at is not None:
        return "opened"
    return "mailed" if invitation.mails_sent else "waiting"
