"""Giving a testimonial in every way, and going on at another device."""

from __future__ import annotations

import time
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from testimonials.collect.screening import form_age
from testimonials.db import BUSY_TIMEOUT_MS
from testimonials.jobs import MAKE_PICTURES
from testimonials.models import Campaign, Consent, Handoff, Invitation, Job, Upload
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.upkeep.maintenance import reconcile
from tests.acts import DETAILS, change_campaign, hand_in, only_testimonial, patch, start, submit, upload
from tests.conftest import Someone

pytestmark = pytest.mark.usefixtures("owner")
WORDS = "They fixed in a day what others had given up on."


def _send(customer: FlaskClient, **details: Any) -> Any:
    return customer.post("/c/spring/submissions", json={**DETAILS, **details})


# -- segments ----------------------------------------------------------------------------------------------------------
def test_segments_become_one_testimonial_in_their_order(customer: FlaskClient, runtime: Runtime) -> None:
    tokens = [upload(customer, body) for body in (b"first", b"second", b"third")]
    answers = [_send(customer, uploads=[tokens[2], tokens[0], tokens[1]]) for _ in range(2)]
    assert [each.status_code for each in answers] == [201, 201]
    assert answers[0].text == answers[1].text
    testimonial = only_testimonial(runtime)
    with runtime.db.read() as session:
        uploads = list(session.scalars(select(Upload).order_by(Upload.position)))
        assert session.scalar(select(func.count()).select_from(Job)) == 1
    assert [each.token for each in uploads] == [tokens[2], tokens[0], tokens[1]]
    assert {each.testimonial_id for each in uploads} == {testimonial.id}


def test_segments_must_all_be_there(customer: FlaskClient) -> None:
    whole, half = upload(customer, b"video"), start(customer, length=10)
    patch(customer, half, b"01234")
    assert _send(customer, uploads=[whole, half.rsplit("/", 1)[1]]).json["code"] == "upload_incomplete"
    assert _send(customer, uploads=[whole, "guess"]).status_code == 404
    assert _send(customer, uploads=[whole, whole]).json["code"] == "bad_uploads"
    assert _send(customer, uploads=[]).status_code == 422
    assert _send(customer, uploads=[whole]).status_code == 201


def test_what_was_handed_in_cannot_be_handed_in_with_others(customer: FlaskClient) -> None:
    first, second, third = (upload(customer, body) for body in (b"a", b"b", b"c"))
    assert _send(customer, uploads=[first]).status_code == 201
    assert _send(customer, uploads=[first, second]).json["code"] == "upload_finalized"
    assert _send(customer, uploads=[second]).status_code == 201
    assert _send(customer, uploads=[first, second]).json["code"] == "upload_finalized"
    assert _send(customer, uploads=[third]).status_code == 201


def test_marks_are_kept_and_nonsense_among_them_is_not(customer: FlaskClient, runtime: Runtime) -> None:
    hand_in(customer, b"video", trim_start=1.5, trim_end=9, poster=3.25)
    found = only_testimonial(runtime)
    assert (found.trim_start_seconds, found.trim_end_seconds, found.poster_seconds) == (1.5, 9.0, 3.25)


@pytest.mark.parametrize(
    "marks", [{"trim_start": 5, "trim_end": 5}, {"trim_start": -1}, {"trim_end": 1e9}, {"poster": -3}]
)
def test_marks_without_sense_mean_the_whole_clip(
    customer: FlaskClient, runtime: Runtime, marks: dict[str, float]
) -> None:
    hand_in(customer, b"video", **marks)
    found = only_testimonial(runtime)
    assert (found.trim_start_seconds, found.trim_end_seconds, found.poster_seconds) == (None, None, None)


# -- ways --------------------------------------------------------------------------------------------------------------
def test_words_alone_are_ready_at_once(customer: FlaskClient, runtime: Runtime) -> None:
    assert _send(customer, kind="text", text=WORDS).status_code == 201
    found = only_testimonial(runtime)
    assert (found.kind, found.media, found.text) == ("text", "ready", WORDS)
    with runtime.db.read() as session:
        assert list(session.scalars(select(Job.name))) == [MAKE_PICTURES], "a share image, and nothing to wait for"


def test_words_sent_twice_are_one_testimonial_where_an_upload_names_them(
    customer: FlaskClient, runtime: Runtime
) -> None:
    token = upload(customer, b"")
    assert [_send(customer, kind="text", text=WORDS, upload=token).status_code for _ in range(2)] == [201, 201]
    assert only_testimonial(runtime).media == "ready"


@pytest.mark.parametrize("kind", ["text", "photo"])
def test_too_few_words_are_said_at_their_field(customer: FlaskClient, kind: str) -> None:
    answer = _send(customer, kind=kind, text="Nice", upload=upload(customer, b"x"))
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["text"])


@pytest.mark.parametrize("kind", ["text", "photo", "audio", "video"])
def test_a_way_that_is_not_offered_is_refused(customer: FlaskClient, runtime: Runtime, kind: str) -> None:
    change_campaign(runtime, ways=["photo"] if kind != "photo" else ["text"])
    answer = _send(customer, kind=kind, text=WORDS, upload=upload(customer, b"x"))
    assert (answer.status_code, answer.json["code"]) == (422, "way_not_offered")
    assert _send(customer, kind="hologram").json["code"] == "invalid_form"


def test_what_held_when_it_began_holds_for_it(customer: FlaskClient, runtime: Runtime) -> None:
    change_campaign(runtime, incentive="A tube", max_seconds=120)
    token = upload(customer, b"video")
    change_campaign(runtime, incentive="", ways=["text"], max_seconds=10)
    assert submit(customer, token).status_code == 201
    assert only_testimonial(runtime).terms["max_seconds"] == 120
    with runtime.db.read() as session:
        assert session.scalars(select(Consent)).one().incentive == "A tube"


def test_words_alone_without_a_script(customer: FlaskClient, runtime: Runtime) -> None:
    form = {**DETAILS, "kind": "text", "text": WORDS}
    answer = customer.post("/c/spring/submissions", data=form, content_type="multipart/form-data")
    assert answer.status_code == 303
    page = customer.get(answer.headers["Location"])
    assert page.status_code == 200
    assert WORDS in page.text


# -- invitations and other devices -------------------------------------------------------------------------------------
def _invite(runtime: Runtime) -> str:
    with runtime.db.transaction() as transaction:
        campaign = transaction.scalars(select(Campaign).where(Campaign.slug == "spring")).one()
        invitation = Invitation(
            workspace_id=campaign.workspace_id, campaign_id=campaign.id, name="Ada", next_mail_at=now()
        )
        transaction.add(invitation)
        transaction.flush()
        return invitation.token


def test_an_invitation_verifies_once(customer: FlaskClient, runtime: Runtime) -> None:
    token = _invite(runtime)
    hand_in(customer, b"video", invitation=token)
    with runtime.db.read() as session:
        invitation = session.scalars(select(Invitation)).one()
    testimonial = only_testimonial(runtime)
    assert (testimonial.verified, invitation.testimonial_id) == ("invitation", testimonial.id)
    assert invitation.used_at is not None
    assert invitation.next_mail_at is None, "nobody is reminded of what they did"
    again = submit(customer, upload(customer, b"video"), invitation=token)
    assert (again.status_code, again.json["code"]) == (409, "invitation_used")
    assert submit(customer, upload(customer, b"video"), invitation="guess").status_code == 404


def _hand_off(customer: FlaskClient, **fields: str) -> dict[str, str]:
    answer = customer.post("/c/spring/handoffs", json=fields)
    assert answer.status_code == 201
    found: dict[str, str] = answer.json
    return found


def test_the_phone_goes_on_where_the_desk_was(customer: FlaskClient, runtime: Runtime) -> None:
    invitation = _invite(runtime)
    begun = _hand_off(customer, name="Ada L.", email="ada@example.org", invitation=invitation, secret="no field")
    assert begun["qr"].startswith("<?xml")
    assert customer.get(begun["state"]).json == {"state": "waiting", "manage_url": None}
    page = customer.get(begun["url"].removeprefix("http://127.0.0.1:8000"))
    assert "Ada L." in page.text
    assert invitation in page.text
    assert "no field" not in page.text
    assert customer.get(begun["state"]).json["state"] == "opened"
    given = hand_in(customer, b"video", handoff=begun["token"], invitation=invitation)
    assert customer.get(begun["state"]).json == {"state": "done", "manage_url": given["manage_url"]}
    assert customer.get(f"/c/spring/handoffs/{begun['token']}.json").status_code == 404, "who saw the code sees no more"
    assert "Ada L." not in customer.get(begun["url"].removeprefix("http://127.0.0.1:8000")).text


def test_a_handoff_of_another_campaign_or_day_tells_nothing(
    customer: FlaskClient, runtime: Runtime, stranger: Someone
) -> None:
    stranger.client.post("/api/v1/campaigns", json={"slug": "other", "name": "Other"}, headers=stranger.bearer)
    begun = _hand_off(customer, name="Ada L.")
    assert customer.get(begun["state"].replace("spring", "other")).status_code == 404
    assert "Ada L." not in customer.get(f"/c/other?handoff={begun['token']}").text
    assert customer.get("/c/spring/handoffs/guess.json").status_code == 404
    assert customer.post("/c/nowhere/handoffs", json={}).status_code == 404
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Handoff).values(expires_at=now()))
    assert customer.get(begun["state"]).status_code == 404
    reconcile(runtime)
    with runtime.db.read() as session:
        assert session.scalar(select(func.count()).select_from(Handoff)) == 0


def test_a_guess_waits_for_nobody_and_an_opened_page_opens_again(customer: FlaskClient, runtime: Runtime) -> None:
    begun = _hand_off(customer, name="Ada L.")
    link = begun["url"].removeprefix(runtime.settings.base_url)
    assert "Ada L." in customer.get(link).text
    with runtime.db.transaction() as transaction:  # somebody is writing: whoever wanted to, too, would wait for it
        transaction.execute(update(Campaign).values(name="Spring"))
        before = time.monotonic()
        assert customer.get("/c/spring?handoff=guess").status_code == 200
        assert "Ada L." in customer.get(link).text
        assert customer.post("/c/nowhere/handoffs", json={}).status_code == 404
        assert time.monotonic() - before < BUSY_TIMEOUT_MS / 1000 / 3


# -- languages ---------------------------------------------------------------------------------------------------------
def test_the_page_speaks_the_language_asked_for(customer: FlaskClient, runtime: Runtime) -> None:
    change_campaign(runtime, language="nl", greeting="Hello", translations={"de": {"greeting": "Guten Tag"}})
    assert '<html lang="de" dir="ltr"' in customer.get("/c/spring?lang=de").text
    assert "Guten Tag" in customer.get("/c/spring", headers={"Accept-Language": "de-AT,en;q=0.5"}).text
    assert '<html lang="ar" dir="rtl"' in customer.get("/c/spring?lang=ar").text
    assert '<html lang="nl"' in customer.get("/c/spring", headers={"Accept-Language": "tlh"}).text
    assert "Hello" in customer.get("/c/spring?lang=fr").text, "what nobody translated is shown as it was written"


# -- robots ------------------------------------------------------------------------------------------------------------
def test_the_page_carries_its_age_and_a_trap(customer: FlaskClient, runtime: Runtime) -> None:
    page = customer.get("/c/spring").text
    assert 'name="trap" tabindex="-1"' in page
    assert 'name="opened" value="' in page


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"trap": "https://pills.example"}, "robot"), ({"opened": "1.2"}, "form_age"), ({"opened": "x"}, "form_age"),
        ({"opened": -1}, "too_fast"), ({"opened": 8 * 24 * 3600}, "form_age"), ({"opened": 60}, None), ({}, None),
    ],
)  # fmt: skip
def test_robots_give_themselves_away(
    customer: FlaskClient, runtime: Runtime, given: dict[str, Any], code: str | None
) -> None:
    if isinstance(given.get("opened"), int):
        given = {"opened": form_age(runtime.settings.secret_key, seconds_ago=given["opened"])}
    answer = _send(customer, kind="text", text=WORDS, **given)
    assert answer.status_code == (422 if code else 201)
    if code:
        assert answer.json["code"] == code
    else:
        assert only_testimonial(runtime).notices == ([] if given else ["without_form"]), (
            "who comes without our form is pointed out"
        )
