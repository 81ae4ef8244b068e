"""Mail from one end to the other: what people do in the pages, and what a real SMTP server on this machine gets."""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from testimonials import i18n
from testimonials.models import Campaign, Invitation, Mail, Workspace
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.services import invitation_mails, receipts
from testimonials.upkeep import doctor
from tests import acts
from tests.acts import invite
from tests.conftest import Someone
from tests.post import PostOffice, body, deliver, hurry

BASE = "http://127.0.0.1:8000"


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A catalog of one sentence."""
    said = 'msgid "Thank you, {name}"\nmsgstr "Danke, {name}"\n\nmsgid "Tell us how it was"\nmsgstr "Erzählen Sie"\n'
    (tmp_path / "de.po").write_text(f'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n{said}')
    monkeypatch.setattr(i18n, "FOLDER", tmp_path)
    i18n.catalog.cache_clear()
    yield
    i18n.catalog.cache_clear()


def next_mail_at(runtime: Runtime) -> Any:
    with runtime.db.read() as session:
        return session.scalar(select(Invitation.next_mail_at))


def test_who_hands_in_gets_the_way_back_and_a_receipt(
    runtime: Runtime, customer: FlaskClient, owner: Someone, office: PostOffice
) -> None:
    given = acts.hand_in(customer, b"x", name="Maya <b>Rivera</b>")
    deliver(runtime)
    [mail] = office.mails
    assert (mail["To"], mail["From"]) == ("maya@example.org", "Copper Spoke <reviews@copper.example>")
    assert mail["List-Unsubscribe"] is None, "this one is an answer"
    for part in (body(mail), body(mail, "html")):
        assert given["manage_url"] in part
        assert "Thank you, Maya" in part
        assert "On their website" in part
        assert "In advertising" not in part
        assert "I can take this back at any time." in part
    [attached] = mail.iter_attachments()
    signed = json.loads(attached.get_content())
    assert signed["receipt"]["records"][0]["scopes"] == ["website", "social"]
    assert signed["receipt"]["name"] == "Maya <b>Rivera</b>"
    key = load_pem_public_key(customer.get("/receipt-key.pem").data)
    assert isinstance(key, Ed25519PublicKey)
    key.verify(base64.b64decode(signed["signature"]), receipts.canonical(signed["receipt"]))


def test_handing_in_twice_mails_once(
    runtime: Runtime, customer: FlaskClient, owner: Someone, office: PostOffice
) -> None:
    token = acts.upload(customer, b"x")
    assert acts.submit(customer, token).json == acts.submit(customer, token).json
    deliver(runtime)
    assert len(office.mails) == 1


@pytest.mark.parametrize(
    "name", ["http://evil.example/win now", "evil.example", "Win1000 now", "<script>", "a" * 60, "@x"]
)
def test_nobody_can_have_us_mail_their_links(
    runtime: Runtime, customer: FlaskClient, owner: Someone, office: PostOffice, name: str
) -> None:
    acts.hand_in(customer, b"x", name=name)
    deliver(runtime)
    [mail] = office.mails
    for part in (body(mail), body(mail, "html"), mail["Subject"]):
        assert "Thank you" in part
        assert name.split(maxsplit=1)[0] not in part


def test_mail_speaks_the_customers_language(
    runtime: Runtime, customer: FlaskClient, owner: Someone, office: PostOffice, german: None
) -> None:
    acts.hand_in(customer, b"x", language="de")
    invite(owner, language="de")
    invite(owner, email="noa@example.org", language="he")
    deliver(runtime)
    thanks, german_one, hebrew = sorted(
        office.mails, key=lambda mail: ("invited" in body(mail), mail["Content-Language"])
    )
    assert "Danke, Maya" in body(thanks)
    assert '<html lang="de" dir="ltr">' in body(thanks, "html")
    assert thanks["Content-Language"] == "de"
    assert "Erzählen Sie" in body(german_one)
    assert '<html lang="he" dir="rtl">' in body(hebrew, "html")
    assert i18n.current() == "en", "the worker speaks English again"


def test_erasing_takes_back_what_waits(
    runtime: Runtime, customer: FlaskClient, owner: Someone, office: PostOffice
) -> None:
    invited = invite(owner)
    deliver(runtime)
    given = acts.hand_in(customer, b"x", invitation=invited["token"])
    answer = owner.client.delete(f"/api/v1/testimonials/{given['token']}", headers=owner.bearer)
    assert answer.status_code == 200
    deliver(runtime)
    assert len(office.mails) == 1, "the invitation, and nothing after it"
    with runtime.db.read() as session:
        [left] = session.scalars(select(Invitation))
        assert (left.name, left.email, left.testimonial_id) == ("", "", None)
        assert left.used_at is not None
        assert session.scalar(select(func.count()).select_from(Mail)) == 0
    assert "was erased" in customer.get(f"/i/{invited['token']}").text


def test_the_whole_way_of_an_invitation(
    runtime: Runtime, customer: FlaskClient, owner: Someone, office: PostOffice
) -> None:
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Campaign).values(greeting="How is the bike?", incentive="A free bell"))
    invited = invite(owner, order_reference="A-1")
    deliver(runtime)
    [mail] = office.mails
    assert mail["Subject"] == "How was it with Copper Spoke?"
    for part in (body(mail), body(mail, "html")):
        assert invited["url"] in part
        for words in (
            "How is the bike?",
            "Hello Maya,",
            "As a thank-you: A free bell",
            "No more mail from Copper Spoke",
        ):
            assert words in part
    page = customer.get(invited["url"].removeprefix(BASE))
    assert page.status_code == 200
    assert 'value="Maya Rivera"' in page.text
    assert 'value="maya@example.org"' in page.text
    given = acts.hand_in(customer, b"x", invitation=invited["token"])
    shown = owner.client.get(f"/api/v1/testimonials/{given['token']}", headers=owner.bearer).json
    assert shown["author"]["verified"] == "invitation"
    assert "Verified by invitation" in owner.client.get("/console/").text
    listed = owner.client.get("/api/v1/campaigns/spring/invitations", headers=owner.bearer).json["items"]
    assert [(each["state"], each["testimonial"]) for each in listed] == [("used", given["token"])]
    again = acts.submit(customer, acts.upload(customer, b"y"), invitation=invited["token"])
    assert (again.status_code, again.json["code"]) == (409, "invitation_used")
    hurry(runtime)
    deliver(runtime)
    assert [mail["Subject"] for mail in office.mails[1:]] == ["Thank you. Copper Spoke has received it"]


def test_reminders_come_after_3_7_and_14_days_and_end(runtime: Runtime, owner: Someone, office: PostOffice) -> None:
    invite(owner)
    waits = []
    for _ in range(6):
        deliver(runtime)
        if due := next_mail_at(runtime):
            waits.append(round((due - now()) / timedelta(days=1)))
        hurry(runtime)
    assert waits == [3, 4, 7]
    first, *reminders = office.mails
    assert [mail["Subject"] for mail in reminders] == ["Copper Spoke would still like to hear from you"] * 3
    assert ["last time" in body(mail) for mail in reminders] == [False, False, True]
    assert len({mail["Message-ID"] for mail in office.mails}) == 4
    assert all(mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click" for mail in (first, *reminders))


def test_nothing_is_due_before_its_time(runtime: Runtime, owner: Someone, office: PostOffice) -> None:
    invite(owner)
    for _ in range(3):
        deliver(runtime)
    assert len(office.mails) == 1


def test_a_used_link_never_shows_the_way_to_the_page_but_mails_it(
    runtime: Runtime, customer: FlaskClient, owner: Someone, office: PostOffice
) -> None:
    invited = invite(owner, email="work@example.org")
    given = acts.hand_in(customer, b"x", invitation=invited["token"])
    manage = given["manage_url"].rsplit("/", 1)[1]
    page = customer.get(f"/i/{invited['token']}")
    assert page.status_code == 200
    assert "You have sent it already" in page.text
    assert manage not in page.text
    assert page.headers["Cache-Control"] == "private, no-store"
    deliver(runtime)
    assert [mail["To"] for mail in office.mails] == ["maya@example.org"]
    soon = customer.post(f"/i/{invited['token']}/page")
    assert (soon.status_code, "have just sent it" in soon.text) == (429, True)
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Mail).values(created_at=now() - timedelta(minutes=11)))
    assert customer.post(f"/i/{invited['token']}/page").status_code == 303
    assert customer.post(f"/i/{invited['token']}/page").status_code == 429
    deliver(runtime)
    _, again = office.mails
    assert again["To"] == "maya@example.org", "to who sent it: the invitation may have been passed on"
    assert manage in body(again)
    assert manage not in customer.get(f"/i/{invited['token']}?mailed=1").text


def test_many_workers_write_and_send_each_invitation_once(runtime: Runtime, owner: Someone, office: PostOffice) -> None:
    for number in range(25):
        invite(owner, email=f"maya{number}@example.org")
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda _: deliver(runtime), range(8)))
    deliver(runtime)
    assert sorted(mail["To"] for mail in office.mails) == sorted(f"maya{number}@example.org" for number in range(25))


def test_reminders_end_where_an_address_takes_no_mail(runtime: Runtime, owner: Someone, office: PostOffice) -> None:
    invite(owner)
    office.refuse_recipient = "550 5.1.1 no such user"
    deliver(runtime)
    assert next_mail_at(runtime) is None
    [listed] = owner.client.get("/api/v1/campaigns/spring/invitations", headers=owner.bearer).json["items"]
    assert (listed["state"], listed["problem"]) == ("mailed", "550 5.1.1 no such user")
    page = owner.client.get("/console/campaigns/spring/invitations").text
    assert "Not delivered: 550 5.1.1 no such user" in page


@pytest.mark.parametrize(
    "name",
    ["Maya\r\nBcc: victim@example.org", "Maya\nRivera", "Maya\u2028Rivera", "Maya\x00", "Maya\x85Rivera", "x" * 121],
)
def test_names_with_line_breaks_are_refused(owner: Someone, name: str) -> None:
    path = "/api/v1/campaigns/spring/invitations"
    answer = owner.client.post(path, json={"name": name, "email": "maya@example.org"}, headers=owner.bearer)
    assert answer.status_code in (400, 422)
    given = (
        {"name": "Maya", "email": f"maya@example.org{name[4:]}"} if len(name) < 100 else {"name": "Maya", "email": name}
    )
    assert owner.client.post(path, json=given, headers=owner.bearer).status_code in (400, 422)


def test_what_a_business_calls_itself_stays_in_its_place(runtime: Runtime, owner: Someone, office: PostOffice) -> None:
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Workspace).values(name='<img src=x>"Rock"\r\nBcc: victim@example.org'))
    invite(owner)
    deliver(runtime)
    [mail] = office.mails
    assert mail["Bcc"] is None
    assert "<img" not in body(mail, "html")
    assert office.envelopes[0][1] == ["maya@example.org"]


def test_doctor_says_how_the_mail_is(runtime: Runtime, owner: Someone) -> None:
    def said(url: str) -> tuple[bool, str]:
        settings = dataclasses.replace(runtime.settings, smtp_url=url)
        checks = doctor.examine(dataclasses.replace(runtime, settings=settings))
        check = next(each for each in checks if each.name == "mail")
        return check.ok, check.found

    invite(owner)
    invitation_mails.write_due(runtime)
    assert said("") == (True, "off: TESTIMONIALS_SMTP_URL is not set, so nobody is mailed")
    assert said(runtime.settings.smtp_url) == (True, "the server lets us in; 1 mails wait, 0 of the last day failed")
    assert said("smtp://127.0.0.1:9")[0] is False
