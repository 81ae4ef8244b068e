"""Jobs on both databases: claims, leases, fences, attempts, and what happens when nobody finishes."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import update

from testimonials import jobs, migrations
from testimonials.db import Database
from testimonials.domain.lifecycle import MediaStatus
from testimonials.errors import LeaseLost
from testimonials.models import Job, Testimonial
from testimonials.models.base import now
from testimonials.models.job import JobState
from tests.acts import a_campaign
from tests.conftest import Nudges


@pytest.fixture
def db(both: str) -> Iterator[Database]:
    found = Database(both)
    migrations.upgrade(found)
    yield found
    found.close()


@pytest.fixture
def job(db: Database, nudges: Nudges) -> str:
    with db.transaction() as transaction:
        campaign = a_campaign(transaction)
        testimonial = Testimonial(
            workspace_id=campaign.workspace_id, campaign_id=campaign.id, media=MediaStatus.UPLOADED
        )
        transaction.add(testimonial)
        transaction.flush()
        row = jobs.enqueue(
            transaction, nudges, name=jobs.PROCESS_TESTIMONIAL, testimonial_id=testimonial.id, max_attempts=2
        )
        assert nudges.sent == [], "the broker hears of it only after the commit"
    return row.id


def claim(db: Database, job_id: str, lease: int = 30) -> jobs.Claim | None:
    return jobs.claim(db, job_id, worker="w", lease_seconds=lease)


def rewind(db: Database, job_id: str) -> None:
    """As if the pause, or the lease, had run out."""
    past = now() - timedelta(seconds=1)
    with db.transaction() as transaction:
        transaction.execute(update(Job).where(Job.id == job_id).values(run_after=past))
        transaction.execute(update(Job).where(Job.id == job_id, Job.lease_until.is_not(None)).values(lease_until=past))


def read(db: Database, job_id: str) -> tuple[Job, Testimonial]:
    with db.read() as session:
        found = session.get_one(Job, job_id)
        return found, session.get_one(Testimonial, found.testimonial_id)


def test_the_broker_is_nudged_after_the_commit(job: str, nudges: Nudges) -> None:
    assert nudges.sent == [(jobs.PROCESS_TESTIMONIAL, job)]


def test_nobody_is_nudged_after_a_rollback(db: Database, nudges: Nudges, job: str) -> None:
    testimonial = read(db, job)[1].id
    nudges.sent.clear()
    with pytest.raises(ZeroDivisionError), db.transaction() as transaction:
        jobs.enqueue(transaction, nudges, name=jobs.PROCESS_TESTIMONIAL, testimonial_id=testimonial, max_attempts=1)
        raise ZeroDivisionError
    assert nudges.sent == []


def test_only_one_of_many_claims_it(db: Database, job: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda _: claim(db, job), range(24)))
    assert len([each for each in claims if each]) == 1


def test_a_claim_counts_the_attempt_before_any_work(db: Database, job: str) -> None:
    held = claim(db, job)
    assert held and (held.attempt, held.last_attempt) == (1, False)
    row, testimonial = read(db, job)
    assert (row.state, row.attempts, testimonial.media) == (JobState.RUNNING, 1, MediaStatus.PROCESSING)


def test_a_lease_that_ran_out_is_taken_over_and_the_old_holder_can_write_nothing(db: Database, job: str) -> None:
    first = claim(db, job)
    rewind(db, job)
    second = claim(db, job)
    assert first and second and second.fence == first.fence + 1
    for act in (
        lambda: jobs.renew(db, first, stage="late", percent=1, lease_seconds=30),
        lambda: jobs.fail(db, first, failure="corrupt", detail=""),
        lambda: jobs.try_again(db, first, failure="internal", detail=""),
        lambda: jobs.release(db, first),
    ):
        with pytest.raises(LeaseLost):
            act()
    with pytest.raises(LeaseLost), db.transaction() as transaction:
        jobs.finish(transaction, first)
    with db.transaction() as transaction:
        jobs.finish(transaction, second)
    assert read(db, job)[0].state == JobState.DONE
    assert claim(db, job) is None


def test_trying_again_waits_and_ends_when_the_attempts_are_used_up(db: Database, job: str) -> None:
    held = claim(db, job)
    assert held
    jobs.try_again(db, held, failure="storage_unavailable", detail="down")
    row, testimonial = read(db, job)
    assert (row.state, testimonial.media) == (JobState.QUEUED, MediaStatus.UPLOADED)
    assert row.run_after > now()
    assert claim(db, job) is None, "its pause is not over"
    rewind(db, job)
    held = claim(db, job)
    assert held and held.last_attempt
    jobs.try_again(db, held, failure="storage_unavailable", detail="still down")
    row, testimonial = read(db, job)
    assert (row.state, testimonial.media, testimonial.failure) == (JobState.FAILED, "failed", "storage_unavailable")


def test_a_released_job_does_not_lose_an_attempt(db: Database, job: str) -> None:
    held = claim(db, job)
    assert held
    jobs.release(db, held)
    again = claim(db, job)
    assert again and again.attempt == 1


def test_recover_sends_what_waits_and_takes_over_what_was_left(db: Database, job: str, nudges: Nudges) -> None:
    nudges.sent.clear()
    assert jobs.recover(db, nudges) == 1
    assert jobs.recover(db, nudges) == 0, "a backlog must not multiply its messages"
    assert claim(db, job)
    assert jobs.recover(db, nudges) == 0, "it is being worked on"
    rewind(db, job)
    assert jobs.recover(db, nudges) == 1
    assert len(nudges.sent) == 2


def test_a_broker_that_does_not_hear_is_asked_once_a_round_and_again_later(
    db: Database, job: str, nudges: Nudges
) -> None:
    assert jobs.recover(db, lambda *_: False) == 0
    assert jobs.recover(db, nudges) == 1


def test_an_input_that_kills_every_worker_ends_as_failed(db: Database, job: str, nudges: Nudges) -> None:
    for _ in range(2):
        assert claim(db, job)
        rewind(db, job)
    assert claim(db, job) is None
    jobs.recover(db, nudges)
    row, testimonial = read(db, job)
    assert (row.state, row.failure, testimonial.media, testimonial.failure) == (
        JobState.FAILED,
        "worker_lost",
        MediaStatus.FAILED,
        "worker_lost",
    )
    assert nudges.sent[1:] == []
