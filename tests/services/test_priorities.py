"""Which job is done next, which is not done at all, and what is said of those that wait."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from testimonials import jobs
from testimonials.models import Job, Testimonial
from testimonials.models.base import now
from testimonials.models.job import JobState
from testimonials.runtime import Runtime
from testimonials.services import processing, submissions
from testimonials.upkeep import operations
from tests import acts
from tests.conftest import Nudges, Someone


@pytest.fixture
def testimonial_id(runtime: Runtime, customer: FlaskClient, owner: Someone) -> str:
    token = acts.hand_in(customer, b"x")["token"]
    with runtime.db.read() as session:
        found: str = session.scalars(select(Testimonial.id).where(Testimonial.token == token)).one()
    return found


def add(runtime: Runtime, testimonial_id: str, name: str, **values: object) -> str:
    with runtime.db.transaction() as transaction:
        job = jobs.enqueue(transaction, runtime.nudge, name=name, testimonial_id=testimonial_id, max_attempts=3)
        transaction.execute(update(Job).where(Job.id == job.id).values(**(values or {"percent": 0})))
        return job.id


def why(runtime: Runtime, testimonial_id: str, name: str) -> str:
    with runtime.db.read() as session:
        return {each.job.name: each.sentence for each in processing.standing(session, testimonial_id)}[name]


def test_something_to_play_goes_before_the_rest_whatever_came_first(runtime: Runtime, testimonial_id: str) -> None:
    (first,) = jobs.due(runtime.db, "media")
    rest = add(runtime, testimonial_id, jobs.RENDER_REST)
    captions = add(runtime, testimonial_id, jobs.WRITE_CAPTIONS)
    social = add(runtime, testimonial_id, jobs.RENDER_SOCIAL)
    newest = add(runtime, testimonial_id, jobs.PROCESS_TESTIMONIAL)
    assert jobs.due(runtime.db, "media") == [first, newest, social, captions, rest]


def test_small_work_has_a_queue_of_its_own(runtime: Runtime, testimonial_id: str) -> None:
    poster = add(runtime, testimonial_id, jobs.MAKE_PICTURES)
    assert jobs.due(runtime.db, "small") == [poster]
    assert poster not in jobs.due(runtime.db, "media")


def test_what_is_not_due_or_used_up_is_not_offered(runtime: Runtime, testimonial_id: str) -> None:
    before = jobs.due(runtime.db, "media")
    add(runtime, testimonial_id, jobs.RENDER_REST, run_after=now() + timedelta(minutes=1))
    add(runtime, testimonial_id, jobs.RENDER_REST, attempts=3)
    add(runtime, testimonial_id, jobs.RENDER_REST, state=JobState.DONE)
    assert jobs.due(runtime.db, "media") == before


def test_a_job_of_another_version_is_left_alone_and_said(runtime: Runtime, testimonial_id: str) -> None:
    foreign = add(runtime, testimonial_id, jobs.RENDER_REST, format=jobs.FORMAT + 1)
    assert foreign not in jobs.due(runtime.db, "media")
    assert jobs.claim(runtime.db, foreign, worker="w", lease_seconds=9) is None
    assert (jobs.refuse_foreign(runtime.db, "media"), jobs.refuse_foreign(runtime.db, "media")) == (1, 0)
    assert "Another version" in why(runtime, testimonial_id, jobs.RENDER_REST)
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Job).where(Job.id == foreign).values(format=jobs.FORMAT))
    assert foreign in jobs.due(runtime.db, "media"), "nothing is lost: the right worker takes it"


def test_only_the_first_job_decides_whether_a_clip_plays(runtime: Runtime, testimonial_id: str) -> None:
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Testimonial).values(media="ready"))
    extra = add(runtime, testimonial_id, jobs.RENDER_REST)
    held = jobs.claim(runtime.db, extra, worker="w", lease_seconds=9)
    assert held is not None
    jobs.fail(runtime.db, held, failure="corrupt", detail="")
    with runtime.db.read() as session:
        assert session.scalars(select(Testimonial.media)).one() == "ready"


def test_a_new_clip_ends_what_was_going_on_for_the_old_one(runtime: Runtime, testimonial_id: str) -> None:
    extra = add(runtime, testimonial_id, jobs.RENDER_REST)
    held = jobs.claim(runtime.db, extra, worker="w", lease_seconds=9)
    assert held is not None
    with runtime.db.transaction() as transaction:
        submissions.queue_processing(runtime, transaction, testimonial_id)
    with pytest.raises(jobs.LeaseLost):
        jobs.renew(runtime.db, held, stage="transcoding", percent=1, lease_seconds=9)
    with runtime.db.read() as session:
        states = list(session.scalars(select(Job.state).order_by(Job.id)))
    assert states == ["canceled", "canceled", "queued"]


def test_why_it_is_stuck_is_said_in_a_sentence(runtime: Runtime, nudges: Nudges, testimonial_id: str) -> None:
    process = jobs.PROCESS_TESTIMONIAL
    assert why(runtime, testimonial_id, process).startswith("No worker is running.")
    operations.beat(runtime, name="w", lane="media", slots=1, sandbox="bubblewrap", ffmpeg="5")
    assert why(runtime, testimonial_id, process) == "Next in line."
    add(runtime, testimonial_id, jobs.RENDER_REST)
    assert why(runtime, testimonial_id, jobs.RENDER_REST) == "Waits for its turn, behind 1 other job."
    held = jobs.claim(runtime.db, nudges.sent[0][1], worker="w", lease_seconds=30)
    assert held is not None
    jobs.renew(
        runtime.db,
        held,
        stage="transcoding",
        percent=40,
        lease_seconds=30,
        timings={"probing": 0.2, "transcoding": 14.2},
    )
    assert why(runtime, testimonial_id, process) == "Transcoding, 40 %, for 14 s."
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Job).values(lease_until=now() - timedelta(seconds=1)))
    assert "went away" in why(runtime, testimonial_id, process)
    jobs.try_again(runtime.db, held, failure="storage_unavailable", detail="")
    assert "It tries again in" in why(runtime, testimonial_id, process)
