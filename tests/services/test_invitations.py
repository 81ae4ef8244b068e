"""Invitations on both databases, where several ask, work and hand in at the same moment."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from testimonials import migrations
from testimonials.db import Database
from testimonials.errors import Conflict
from testimonials.models import Campaign, Invitation, Mail, Testimonial
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.services import invitation_mails, invitations
from testimonials.services.invitations import Invitee
from testimonials.settings import Settings
from testimonials.storage.memory import MemoryStorage
from tests.acts import a_campaign
from tests.conftest import Nudges


@pytest.fixture
def runtime(both: str, settings: Settings, nudges: Nudges) -> Iterator[Runtime]:
    db = Database(both)
    migrations.upgrade(db)
    mail = {"smtp_url": "smtp://127.0.0.1:9", "mail_from": "reviews@copper.example"}  # nothing is sent here
    yield Runtime(dataclasses.replace(settings, **mail), db, MemoryStorage(), nudges)
    db.close()


@pytest.fixture
def campaign(runtime: Runtime) -> Campaign:
    with runtime.db.transaction() as transaction:
        return a_campaign(transaction)


def test_an_order_reference_is_new_once(runtime: Runtime, campaign: Campaign) -> None:
    def ask(_: int) -> tuple[str, bool]:
        invitee = Invitee(name="Maya", order_reference="A-1")
        listed, new = invitations.create(runtime, campaign.workspace_id, "c", invitee)
        return listed.invitation.token, new

    with ThreadPoolExecutor(8) as crowd:
        answers = list(crowd.map(ask, range(16)))
    assert len({token for token, _ in answers}) == 1
    assert [new for _, new in answers].count(True) == 1


def test_a_mail_that_is_due_is_written_once(runtime: Runtime, campaign: Campaign) -> None:
    for number in range(20):
        invitee = Invitee(name="Maya", email=f"maya{number}@example.org")
        invitations.create(runtime, campaign.workspace_id, "c", invitee)
    for expected in (20, 40, 60, 80, 80):
        with ThreadPoolExecutor(4) as workers:
            list(workers.map(lambda _: invitation_mails.write_due(runtime), range(4)))
        with runtime.db.transaction() as transaction:
            assert transaction.scalar(select(func.count()).select_from(Mail)) == expected
            due = update(Invitation).where(Invitation.next_mail_at.is_not(None))
            transaction.execute(due.values(next_mail_at=now() - timedelta(seconds=1)))


def test_an_invitation_is_used_once(runtime: Runtime, campaign: Campaign) -> None:
    invitee = Invitee(name="Maya", email="maya@example.org")
    token = invitations.create(runtime, campaign.workspace_id, "c", invitee)[0].invitation.token
    invitation_mails.write_due(runtime)

    def hand_in(_: int) -> bool:
        try:
            with runtime.db.transaction() as transaction:
                testimonial = Testimonial(workspace_id=campaign.workspace_id, campaign_id=campaign.id)
                transaction.add(testimonial)
                transaction.flush()
                invitations.redeem(transaction, token, testimonial)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(6) as crowd:
        assert list(crowd.map(hand_in, range(12))).count(True) == 1
    with runtime.db.read() as session:
        assert session.scalar(select(func.count()).select_from(Testimonial)) == 1
        assert session.scalar(select(func.count()).select_from(Mail)) == 0, "what waited is taken back"
        assert session.scalars(select(Invitation)).one().next_mail_at is None
