"""What members are mailed about what waits: at once, once a day, or never; each for themselves and each workspace apart."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from testimonials.domain.waiting_mails import DAILY_HOUR, PAUSE, first_mail, next_mail
from testimonials.models import Member, Membership, Testimonial
from testimonials.runtime import Runtime
from testimonials.services import campaigns, outbox, waiting_mails
from tests import acts
from tests.conftest import Someone
from tests.post import PostOffice, body, deliver

SUBJECT = "new testimonial"


def choose(who: Someone, *choices: str) -> Any:
    """One for each of their workspaces, in the order of the names."""
    page = who.client.get("/console/account").text
    handles = list(dict.fromkeys(re.findall(r'name="(mail-[^"]+)"', page)))
    assert len(handles) == len(choices)
    return who.client.post("/console/account/mails", data=dict(zip(handles, choices, strict=True)))


def later(runtime: Runtime, **passed: float) -> None:
    """As if so much time had gone by for all testimonials and all mails to members."""
    gone = timedelta(**passed)
    with runtime.db.transaction() as transaction:
        for each in transaction.scalars(select(Testimonial).where(Testimonial.submitted_at.is_not(None))):
            assert each.submitted_at
            each.submitted_at -= gone
        for row in transaction.scalars(select(Membership)):
            assert row.told_until
            row.told_until -= gone
            row.next_mail_at = row.next_mail_at and row.next_mail_at - gone


def told(office: PostOffice, address: str = "owner@copper.example") -> list[Any]:
    return [mail for mail in office.mails if SUBJECT in mail["Subject"] and mail["To"] == address]


def hand_in(client: FlaskClient, **details: Any) -> str:
    token: str = acts.hand_in(client, b"x", **details)["token"]
    return token


def test_at_once_a_burst_is_one_mail_and_the_rest_another(
    runtime: Runtime, customer: FlaskClient, owner: Someone, office: PostOffice
) -> None:
    assert choose(owner, "now").status_code == 303
    hand_in(customer, name="Maya <b>Rivera</b>")
    deliver(runtime)
    assert told(office) == [], "it settles for a minute"
    hand_in(customer, name="http://evil.example/win now", rating=1)
    later(runtime, seconds=61)
    deliver(runtime)
    [mail] = told(office)
    assert mail["Subject"] == "2 new testimonials for Copper Spoke"
    assert mail["List-Unsubscribe"] is None, "that is for customers"
    for part in (body(mail), body(mail, "html")):
        assert "Maya, a video, 5 stars, Spring tune-up" in part
        assert "Somebody, a video, 1 star, Spring tune-up" in part
        assert "evil.example" not in part
        assert "/console/?status=pending" in part
        assert "/console/account#mails" in part
    for _ in range(3):
        hand_in(customer)
    later(runtime, seconds=120)
    deliver(runtime)
    assert len(told(office)) == 1, "no mail for each of a burst"
    later(runtime, minutes=15)
    deliver(runtime)
    assert [mail["Subject"][:1] for mail in told(office)] == ["2", "3"]
    later(runtime, days=1)
    deliver(runtime)
    assert len(told(office)) == 2, "nothing is sent while nothing is new"


def test_a_digest_comes_once_a_day_and_not_without_news(
    runtime: Runtime, customer: FlaskClient, owner: Someone, office: PostOffice
) -> None:
    deliver(runtime)  # the first round finds nothing, and sets the hour
    for _ in range(2):
        hand_in(customer)
    later(runtime, minutes=2)
    deliver(runtime)
    assert told(office) == [], "not before the hour"
    later(runtime, days=1)
    deliver(runtime)
    assert [mail["Subject"] for mail in told(office)] == ["2 new testimonials for Copper Spoke"]
    hand_in(customer)
    later(runtime, minutes=2)
    deliver(runtime)
    assert len(told(office)) == 1
    later(runtime, days=1)
    deliver(runtime)
    assert [mail["Subject"][:1] for mail in told(office)] == ["2", "1"]
    later(runtime, days=1)
    deliver(runtime)
    assert len(told(office)) == 2


def test_what_was_decided_meanwhile_is_no_news(
    runtime: Runtime, customer: FlaskClient, owner: Someone, office: PostOffice
) -> None:
    choose(owner, "now")
    decided, hidden = hand_in(customer), hand_in(customer)
    assert owner.client.post(f"/api/v1/testimonials/{decided}/reject", headers=owner.bearer, json={}).status_code == 200
    assert owner.client.post(f"/api/v1/testimonials/{hidden}/archive", headers=owner.bearer).status_code == 200
    later(runtime, minutes=20)
    deliver(runtime)
    assert told(office) == []


def test_who_wants_none_and_who_may_not_review_get_none(
    runtime: Runtime, customer: FlaskClient, owner: Someone, viewer: Someone, moderator: Someone, office: PostOffice
) -> None:
    choose(owner, "off")
    choose(moderator, "now")
    assert 'name="mail-' not in viewer.client.get("/console/account").text
    hand_in(customer)
    later(runtime, days=2)
    deliver(runtime)
    assert (told(office), told(office, "viewer@copper.example")) == ([], [])
    assert len(told(office, "moderator@copper.example")) == 1
    choose(owner, "now")
    later(runtime, days=1)
    deliver(runtime)
    assert told(office) == [], "what came while they wanted none is no news"


def test_workspaces_are_apart(
    runtime: Runtime, customer: FlaskClient, owner: Someone, stranger: Someone, office: PostOffice
) -> None:
    campaigns.create(runtime, stranger.workspace_id, slug="elsewhere", name="E")
    with runtime.db.transaction() as transaction:
        member = transaction.scalars(select(Member).where(Member.email == "owner@copper.example")).one()
        transaction.add(Membership(member_id=member.id, workspace_id=stranger.workspace_id, role="moderator"))
    choose(owner, "off", "now")
    choose(stranger, "now")
    hand_in(customer, name="Spring")
    acts.submit(customer, acts.upload(customer, b"x", "elsewhere"), "elsewhere", name="Else")
    later(runtime, minutes=2)
    deliver(runtime)
    for address in ("owner@copper.example", "stranger@elsewhere.example"):
        [mail] = told(office, address)
        assert mail["Subject"] == "1 new testimonial for Elsewhere", "Copper Spoke is off, and not theirs"
        assert "Spring" not in body(mail)


def test_hostile_choices_change_nothing(app: Flask, runtime: Runtime, owner: Someone, stranger: Someone) -> None:
    theirs = re.findall(r'name="(mail-[^"]+)"', stranger.client.get("/console/account").text)[0]
    own = re.findall(r'name="(mail-[^"]+)"', owner.client.get("/console/account").text)[0]
    for wrong in ("", "NOW", "hourly", "x" * 100_000, "'\"><script>", "off\nnow"):
        assert owner.client.post("/console/account/mails", data={own: wrong}).status_code == 422
    assert (
        owner.client.post("/console/account/mails", data={theirs: "off", "mail-": "off", "mail-x": "off"}).status_code
        == 303
    )
    with runtime.db.read() as session:
        assert set(session.scalars(select(Membership.waiting_mail))) == {"daily"}
    app.config["WTF_CSRF_ENABLED"] = True
    assert owner.client.post("/console/account/mails", data={own: "off"}).status_code == 400


def test_several_workers_write_one_mail(runtime: Runtime, customer: FlaskClient, owner: Someone) -> None:
    choose(owner, "now")
    hand_in(customer)
    later(runtime, minutes=2)
    with ThreadPoolExecutor(6) as pool:
        written = list(pool.map(lambda _: waiting_mails.write_due(runtime), range(12)))
    assert sum(written) == 1


def test_nothing_is_written_while_mail_is_off(runtime: Runtime, customer: FlaskClient, owner: Someone) -> None:
    hand_in(customer)
    later(runtime, days=1)
    silent = type(runtime)(**{**vars(runtime), "settings": _silent(runtime)})
    assert waiting_mails.write_due(silent) == 0
    assert outbox.is_on(runtime)


def _silent(runtime: Runtime) -> Any:
    import dataclasses

    return dataclasses.replace(runtime.settings, smtp_url="")


@pytest.mark.parametrize("hour", [0, DAILY_HOUR - 1, DAILY_HOUR, 23])
def test_the_hour_of_the_digest(hour: int) -> None:
    moment = datetime(2026, 2, 28, hour, 0, 0, 1, tzinfo=UTC)
    due = next_mail("daily", moment)
    assert due
    assert (due.hour, due.minute) == (DAILY_HOUR, 0)
    assert timedelta() < due - moment <= timedelta(days=1)
    assert (next_mail("now", moment), next_mail("off", moment)) == (moment + PAUSE, None)
    assert (first_mail("now", moment), first_mail("daily", moment)) == (moment, due)
