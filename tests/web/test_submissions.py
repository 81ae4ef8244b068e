"""Handing in: what is checked, what is kept, and that nothing depends on a broker or on luck."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from testimonials.broker import celery_nudge, make_celery
from testimonials.domain.consent import text_hash
from testimonials.errors import StorageError
from testimonials.models import Consent, Job, Testimonial
from testimonials.runtime import Runtime
from testimonials.settings import Settings, load
from testimonials.upkeep.maintenance import reconcile
from tests import clips
from tests.acts import DETAILS, hand_in, patch, start, submit, upload, work
from tests.conftest import Nudges, Someone

pytestmark = pytest.mark.usefixtures("owner")


def test_it_answers_the_same_however_often_it_is_sent(customer: FlaskClient, runtime: Runtime, nudges: Nudges) -> None:
    token = upload(customer, b"video")
    answers = [submit(customer, token) for _ in range(3)]
    assert [each.status_code for each in answers] == [201] * 3
    assert len({each.text for each in answers}) == 1
    with runtime.db.read() as session:
        assert len(list(session.scalars(select(Job)))) == 1
        assert len(list(session.scalars(select(Consent)))) == 1
    assert len(nudges.sent) == 1


def test_the_consent_record_proves_what_was_agreed_to(customer: FlaskClient, runtime: Runtime) -> None:
    hand_in(customer, b"video", consent=["website", "nonsense"])
    with runtime.db.read() as session:
        record = session.scalars(select(Consent)).one()
        testimonial = session.scalars(select(Testimonial)).one()
    assert (record.status, record.scopes, record.version) == ("granted", ["website"], 0)
    assert "shown where I have allowed it" in record.text
    assert record.text_hash == text_hash(record.text)
    assert len(record.address_hash) == 64
    assert (testimonial.consent_status, testimonial.consent_scopes, testimonial.allows_website) == (
        "granted",
        ["website"],
        True,
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""), ("name", "x" * 121), ("name", "two\nlines"), ("email", "nobody"), ("email", ""),
        ("rating", 6), ("rating", 0), ("rating", "five"), ("consent", []), ("consent", ["nonsense"]), ("text", "x" * 2001),
    ],
)  # fmt: skip
def test_what_the_form_refuses_is_said_at_its_field(customer: FlaskClient, field: str, value: object) -> None:
    answer = submit(customer, upload(customer, b"video"), **{field: value})
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_form")
    assert list(answer.json["errors"]) == [field]


def test_an_upload_that_is_not_complete_is_not_accepted(customer: FlaskClient) -> None:
    for length in (10, None):
        path = start(customer, length=length)
        patch(customer, path, b"01234")
        answer = submit(customer, path.rsplit("/", 1)[1])
        assert (answer.status_code, answer.json["code"]) == (409, "upload_incomplete")


def test_an_empty_file_is_said(customer: FlaskClient) -> None:
    answer = submit(customer, upload(customer, b""))
    assert (answer.status_code, answer.json["code"]) == (422, "empty_file")


def test_an_upload_belongs_to_its_campaign(customer: FlaskClient, stranger: Someone) -> None:
    answer = stranger.client.post("/api/v1/campaigns", json={"slug": "other", "name": "Other"}, headers=stranger.bearer)
    assert answer.status_code == 201
    token = upload(customer, b"video", "spring")
    assert submit(customer, token, "other").status_code == 404
    assert submit(customer, "guess").status_code == 404


@pytest.mark.parametrize("body", [b"", b"[]", b"nonsense", b'"text"', b"null"])
def test_a_body_that_is_no_object_is_refused(customer: FlaskClient, body: bytes) -> None:
    answer = customer.post("/c/spring/submissions", data=body, content_type="application/json")
    assert answer.status_code == 400


def test_the_way_without_a_script(customer: FlaskClient, runtime: Runtime) -> None:
    form = {**DETAILS, "video": (BytesIO(b"a whole video"), "clip.mp4")}
    answer = customer.post("/c/spring/submissions", data=form, content_type="multipart/form-data")
    assert answer.status_code == 303
    assert customer.get(answer.headers["Location"]).status_code == 200
    assert [b"".join(runtime.storage.open(key)) for key in runtime.storage.keys("uploads/")] == [b"a whole video"]


@pytest.mark.parametrize(("video", "sentence"), [(None, "choose a video"), ((BytesIO(b""), "empty.mp4"), "is empty")])
def test_without_a_script_mistakes_are_said_on_the_page(customer: FlaskClient, video: object, sentence: str) -> None:
    form = {**DETAILS, "name": "Maya", **({"video": video} if video else {})}
    answer = customer.post("/c/spring/submissions", data=form, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Maya" in answer.text, "what was typed is still there"


def test_a_broker_that_is_down_costs_the_customer_nothing(
    runtime: Runtime, customer: FlaskClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    down = load({"TESTIMONIALS_BROKER_URL": "redis://127.0.0.1:9/0"}, data_dir=settings.data_dir)
    object.__setattr__(runtime, "nudge", celery_nudge(make_celery(down)))
    assert submit(customer, upload(customer, b"video")).status_code == 201
    with runtime.db.read() as session:
        assert session.scalars(select(Job)).one().state == "queued"


def test_the_customers_page_shows_the_state_and_takes_consent_back(customer: FlaskClient, runtime: Runtime) -> None:
    given = hand_in(customer, b"video")
    path = given["manage_url"].removeprefix(runtime.settings.base_url)
    assert "Nobody noticed" in customer.get(path).text
    state = customer.get(f"{path}/state.json").json
    assert (state["media"], state["review"], state["public"]) == ("uploaded", "pending", False)
    for _ in range(2):
        assert customer.post(f"{path}/withdraw").status_code == 303
    with runtime.db.read() as session:
        assert [each.status for each in session.scalars(select(Consent).order_by(Consent.id))] == [
            "granted",
            "withdrawn",
        ]


def test_the_customer_erases_everything(customer: FlaskClient, runtime: Runtime) -> None:
    path = hand_in(customer, b"video")["manage_url"].removeprefix(runtime.settings.base_url)
    answer = customer.post(f"{path}/erase")
    assert answer.status_code == 200
    assert customer.get(path).status_code == 404
    assert list(runtime.storage.keys("")) == []
    with runtime.db.read() as session:
        assert all(session.scalar(select(table)) is None for table in (Testimonial, Job, Consent))


@pytest.mark.parametrize("path", ["/c/spring/submissions", "/t/x/shares", "/sign-in", "/events"])
def test_bodies_have_a_bound_everywhere(customer: FlaskClient, path: str) -> None:
    body = b'{"name": "' + b"x" * 1_500_000 + b'"}'
    assert customer.post(path, data=body, content_type="application/json").status_code == 413


def test_text_that_no_database_can_hold_is_refused(customer: FlaskClient) -> None:
    token = upload(customer, b"video")
    for text in ("half \\ud800 of it", "a \\u0000 b"):
        body = json.dumps({**DETAILS, "upload": token, "text": "HERE"}).replace("HERE", text)
        answer = customer.post("/c/spring/submissions", data=body, content_type="application/json")
        assert (answer.status_code, answer.json["code"]) == (400, "bad_text")
    assert customer.get("/c/a%00b").status_code == 404
    deep = customer.post("/c/spring/submissions", data="[" * 100_000, content_type="application/json")
    assert (deep.status_code, deep.json["code"]) == (400, "bad_json")


def test_only_files_may_be_large(customer: FlaskClient) -> None:
    form = "name=" + "x" * 1_500_000
    answer = customer.post("/c/spring/submissions", data=form, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413


def test_an_erasure_that_meets_a_dead_storage_is_finished_later(
    customer: FlaskClient, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = hand_in(customer, b"video")["manage_url"].removeprefix(runtime.settings.base_url)

    def away(key: str) -> None:
        raise StorageError

    with monkeypatch.context() as patched:
        patched.setattr(runtime.storage, "delete", away)
        page = customer.post(f"{path}/erase")
        assert (page.status_code, "within the hour" in page.text) == (200, True)
    assert customer.get(path).status_code == 404
    assert len(list(runtime.storage.keys(""))) == 1
    reconcile(runtime)
    assert list(runtime.storage.keys("")) == []


def test_what_a_job_stores_while_its_testimonial_is_erased_does_not_stay(
    customer: FlaskClient, runtime: Runtime, nudges: Nudges, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = hand_in(customer, clips.webm(1))["manage_url"].removeprefix(runtime.settings.base_url)
    save, erased = runtime.storage.save, []

    def erase_first(key: str, file: Path, content_type: str) -> None:
        if not erased:
            erased.append(customer.post(f"{path}/erase").status_code)
        save(key, file, content_type)

    monkeypatch.setattr(runtime.storage, "save", erase_first)
    work(runtime, nudges.sent[-1][1])
    assert erased == [200]
    assert list(runtime.storage.keys("")) == []


def test_unknown_pages_say_so_in_words(customer: FlaskClient) -> None:
    for path in ("/c/nobody", "/my/nobody", "/t/nobody", "/s/nobody", "/nothing"):
        answer = customer.get(path, headers={"Accept": "text/html"})
        assert (answer.status_code, answer.mimetype) == (404, "text/html")
