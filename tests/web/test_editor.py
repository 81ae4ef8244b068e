"""The page on which a clip is edited: trimmed anew from what was sent, captions step by step; and who may."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from testimonials.models import Job, Testimonial, TextEdit
from testimonials.runtime import Runtime
from tests import acts, clips
from tests.conftest import Someone
from tests.media.conftest import Outputs, streams

pytestmark = pytest.mark.media
CUES = [
    {"start_seconds": 0.5, "end_seconds": 1.5, "text": "The brakes were silent."},
    {"start_seconds": 2.0, "end_seconds": 4.0, "text": "Marta Lindkwist fixed them."},
    {"start_seconds": 4.5, "end_seconds": 5.5, "text": "Thank you."},
]


@pytest.fixture
def outputs(runtime: Runtime, tmp_path: Any) -> Outputs:
    return Outputs(runtime, tmp_path)


@pytest.fixture
def token(runtime: Runtime, customer: FlaskClient, owner: Someone) -> str:
    made: str = acts.hand_in(customer, clips.webm(6), consent=["website", "social", "editing"])["token"]
    acts.work_through(runtime)
    put = owner.client.put(f"/api/v1/testimonials/{made}/captions/en", json={"cues": CUES}, headers=owner.bearer)
    assert put.status_code == 200
    return made


def read(who: Someone, token: str) -> Any:
    return who.client.get(f"/api/v1/testimonials/{token}", headers=who.bearer).json


def cues_of(who: Someone, token: str) -> Any:
    return who.client.get(f"/api/v1/testimonials/{token}/captions/en", headers=who.bearer).json["cues"]


def version(who: Someone, token: str) -> str:
    page = who.client.get(f"/console/testimonials/{token}/edit").text
    return re.findall(r'name="version" value="(\w+)"', page)[0]


def edit(who: Someone, token: str, act: str, cues: Any = None, **given: str) -> Any:
    cues = cues if cues is not None else cues_of(who, token)
    data = {
        "version": given.get("basis") or version(who, token),
        "act": act,
        "start": [each["start_seconds"] for each in cues],
        "end": [each["end_seconds"] for each in cues],
        "text": [each["text"] for each in cues],
    }
    path = f"/console/testimonials/{token}/captions/en/cues"
    return who.client.post(path, data=data, headers={"Accept": "application/json"})


def trim(who: Someone, token: str, **marks: Any) -> Any:
    path = f"/console/testimonials/{token}/trim"
    return who.client.post(path, data=marks, headers={"Accept": "application/json"})


def test_marks_shorten_the_files_move_the_captions_and_are_disclosed(
    runtime: Runtime, owner: Someone, token: str, outputs: Outputs
) -> None:
    before = read(owner, token)
    owner.client.post(f"/api/v1/testimonials/{token}/approve", headers=owner.bearer)
    assert trim(owner, token, start="1.0", end="4.2").status_code == 200
    meanwhile = owner.client.get(f"/console/testimonials/{token}/edit.json").json
    assert (meanwhile["media"], meanwhile["working"]) == ("ready", 1), "the clip plays on"
    assert owner.client.get(f"/t/{token}").status_code == 200
    refused = edit(owner, token, "merge:0", basis="x" * 16)
    assert (refused.status_code, refused.json["code"]) == (409, "being_trimmed")
    acts.work_through(runtime)
    after = read(owner, token)
    assert after["duration_seconds"] == pytest.approx(3.2, abs=0.1)
    for each in after["renditions"]:
        assert float(streams(outputs.file(each["url"]))[0]["duration"]) == pytest.approx(3.2, abs=0.15)
    assert [(each["start_seconds"], each["end_seconds"]) for each in cues_of(owner, token)] == [(0, 0.5), (1, 3)]
    assert "The video was shortened." in owner.client.get(f"/t/{token}").text
    # Nothing of it is lost: the marks go, and all is as it was.
    assert trim(owner, token, whole="yes").status_code == 200
    acts.work_through(runtime)
    whole = read(owner, token)
    assert whole["duration_seconds"] == pytest.approx(before["duration_seconds"], abs=0.05)
    assert [each["text"] for each in cues_of(owner, token)] == [each["text"] for each in CUES]
    assert "The video was shortened." not in owner.client.get(f"/t/{token}").text
    with runtime.db.read() as session:
        said = list(session.scalars(select(TextEdit.after).where(TextEdit.field == "trim").order_by(TextEdit.id)))
    assert said == ["From 1.0 s to 4.2 s", "All of it"]


def test_the_marks_of_the_business_lie_within_those_of_the_customer(
    runtime: Runtime, customer: FlaskClient, owner: Someone
) -> None:
    made = acts.hand_in(customer, clips.webm(6), consent=["website", "editing"], trim_start=1.0, trim_end=5.0)["token"]
    acts.work_through(runtime)
    assert trim(owner, made, start="0.5", end="99").status_code == 200
    acts.work_through(runtime)
    assert read(owner, made)["duration_seconds"] == pytest.approx(3.5, abs=0.1)


def test_a_cut_needs_the_customers_word_and_fails_without_taking_the_clip(
    runtime: Runtime, owner: Someone, token: str
) -> None:
    for wrong in ({"start": "3", "end": "3.5"}, {"start": "x", "end": "4"}, {"start": "nan", "end": "4"}, {}):
        assert trim(owner, token, **wrong).status_code == 422, wrong
    assert trim(owner, token, start="0", end="99").json["code"] == "nothing_changed"
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Testimonial).values(consent_scopes=["website", "social"]))
    assert trim(owner, token, start="1", end="4").json["code"] == "no_consent"
    assert "has not allowed that the clip is shortened" in (
        owner.client.get(f"/console/testimonials/{token}/edit").text
    )
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Testimonial).values(consent_scopes=["website", "social", "editing"]))
    assert trim(owner, token, start="1", end="4").status_code == 200
    with runtime.db.transaction() as transaction:
        transaction.execute(
            update(Job).where(Job.name == "testimonials.trim").values(state="failed", failure="corrupt")
        )
    page = owner.client.get(f"/console/testimonials/{token}/edit").text
    assert "could not be made" in page
    assert read(owner, token)["media"] == "ready"


def test_every_step_on_captions_is_kept_and_taken_back(runtime: Runtime, owner: Someone, token: str) -> None:
    assert edit(owner, token, "split:1:15").status_code == 200
    assert [each["text"] for each in cues_of(owner, token)] == [
        "The brakes were silent.",
        "Marta Lindkwist",
        "fixed them.",
        "Thank you.",
    ]
    moved = cues_of(owner, token)
    moved[0]["start_seconds"] = 0.2
    assert edit(owner, token, "save", moved).status_code == 200
    assert edit(owner, token, "merge:0").status_code == 200
    assert cues_of(owner, token)[0] == {
        "start_seconds": 0.2,
        "end_seconds": pytest.approx(3.154, abs=0.01),
        "text": "The brakes were silent. Marta Lindkwist",
    }
    track = owner.client.get(re.sub("^https?://[^/]+", "", _track(owner, token))).text
    assert "The brakes were silent. Marta Lindkwist" in track.replace("\n", " ")
    undo = f"/console/testimonials/{token}/captions/en/undo"
    for _ in range(3):
        assert owner.client.post(undo).status_code == 303
    assert cues_of(owner, token) == CUES
    with runtime.db.read() as session:
        edits = list(session.scalars(select(TextEdit).where(TextEdit.field == "captions en").order_by(TextEdit.id)))
    assert len(edits) == 7, "the first writing, three steps, and the three that took them back"
    assert edits[-1].member_id == owner_id(edits)
    assert owner.client.post(undo).status_code == 409


def owner_id(edits: list[TextEdit]) -> str:
    return next(each.member_id for each in edits if each.member_id)


def _track(who: Someone, token: str) -> str:
    page = who.client.get(f"/console/testimonials/{token}/edit").text
    return re.findall(r'<track[^>]* src="([^"]+)"', page)[0].replace("&amp;", "&")


def test_two_people_do_not_write_over_each_other(owner: Someone, token: str) -> None:
    stale = version(owner, token)
    assert edit(owner, token, "remove:2").status_code == 200
    refused = edit(owner, token, "remove:0", basis=stale)
    assert (refused.status_code, refused.json["code"]) == (409, "captions_changed")
    for act in ("split:9", "merge:1", "split:1:2:3", "dance", "split:-1", "split:x"):
        assert edit(owner, token, act).status_code == 422, act
    overlapping = [{**each, "start_seconds": 0} for each in cues_of(owner, token)]
    assert edit(owner, token, "save", overlapping).status_code == 422


def test_names_are_suggested_and_changed_on_request_alone(owner: Someone, stranger: Someone, token: str) -> None:
    glossary = f"/console/testimonials/{token}/glossary"
    assert owner.client.post(glossary, data={"terms": "Marta Lindqvist\n<script>alert(1)</script>"}).status_code == 303
    page = owner.client.get(f"/console/testimonials/{token}/edit").text
    assert "<script>alert" not in page
    assert "1:Marta Lindkwist" in page
    assert cues_of(owner, token) == CUES
    form = {"version": version(owner, token), "name": "1:Marta Lindkwist"}
    assert owner.client.post(f"/console/testimonials/{token}/names", data=form).status_code == 303
    assert cues_of(owner, token)[1]["text"] == "Marta Lindqvist fixed them."
    again = owner.client.post(f"/console/testimonials/{token}/names", data={**form, "version": version(owner, token)})
    assert again.status_code == 422, "it is right now"
    assert owner.client.post(glossary, data={"terms": "x" * 81}).status_code == 422


def test_only_who_may_edit_sees_the_page(owner: Someone, stranger: Someone, viewer: Someone, token: str) -> None:
    paths = ("edit", "edit.json")
    acts_of_it = ("trim", "captions/en/cues", "captions/en/undo", "names", "glossary")
    for who, status in ((stranger, 404), (viewer, 403)):
        for path in paths:
            assert who.client.get(f"/console/testimonials/{token}/{path}").status_code == status, path
        for path in acts_of_it:
            form = {
                "version": version(owner, token),
                "act": "save",
                "start": "0",
                "end": "1",
                "text": "x",
                "whole": "1",
            }
            answer = who.client.post(f"/console/testimonials/{token}/{path}", data={**form, "terms": "A"})
            assert answer.status_code == status, (path, answer.status_code)
    assert cues_of(owner, token) == CUES
