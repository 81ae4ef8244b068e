"""The way out of invitations: by the button, by the mail program, for good, and opening nothing else."""

from __future__ import annotations

import io
import re
from email.message import EmailMessage

from flask.testing import FlaskClient
from sqlalchemy import select

from testimonials.models import Mail, Unsubscribe
from testimonials.models.mail import MailState
from testimonials.runtime import Runtime
from testimonials.services import invitation_mails
from tests import acts
from tests.acts import invite
from tests.conftest import Someone
from tests.post import PostOffice, deliver, hurry

BASE = "http://127.0.0.1:8000"


def unsubscribe_path(mail: EmailMessage) -> str:
    link = re.fullmatch(r"<(.+)>", mail["List-Unsubscribe"])
    assert link
    return link[1].removeprefix(BASE)


def test_one_click_ends_it_for_this_workspace(
    runtime: Runtime, customer: FlaskClient, owner: Someone, stranger: Someone, office: PostOffice
) -> None:
    invite(owner, email="Maya@Example.org")
    deliver(runtime)
    path = unsubscribe_path(office.mails[0])
    assert customer.get(path).status_code == 200
    hurry(runtime)
    invitation_mails.write_due(runtime)
    with runtime.db.read() as session:
        assert session.scalar(select(Mail.state).where(Mail.state == MailState.QUEUED)), "a look alone ends nothing"
    one_click = customer.post(path, data="List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
    assert one_click.status_code == 200
    assert "no more mail from Copper Spoke" in one_click.text
    assert customer.post(path).status_code == 200, "doing it twice changes nothing"
    hurry(runtime)
    deliver(runtime)
    assert len(office.mails) == 1, "what waited is taken back, too"
    later = invite(owner, email="maya@example.org", name="Again")
    assert later["state"] == "unsubscribed"
    hurry(runtime)
    deliver(runtime)
    assert len(office.mails) == 1
    with runtime.db.read() as session:
        [kept] = session.scalars(select(Unsubscribe))
        assert "maya" not in kept.address_hash.lower()
    acts.hand_in(customer, b"x")
    deliver(runtime)
    assert len(office.mails) == 2, "an answer to what they do themselves is still sent"


def test_unsubscribing_holds_for_the_list_too_and_outlives_the_invitation(
    runtime: Runtime, customer: FlaskClient, owner: Someone, office: PostOffice
) -> None:
    invited = invite(owner)
    deliver(runtime)
    path = unsubscribe_path(office.mails[0])
    address = f"/api/v1/campaigns/spring/invitations/{invited['token']}"
    assert owner.client.delete(address, headers=owner.bearer).status_code == 204
    assert customer.get(invited["url"].removeprefix(BASE)).status_code == 404
    assert customer.post(path).status_code == 200
    data = {"list": (io.BytesIO(b"name,email\nMaya,MAYA@example.org\nJo,jo@example.org\n"), "people.csv")}
    assert owner.client.post("/console/campaigns/spring/invitations/list", data=data).status_code == 200
    deliver(runtime)
    assert [mail["To"] for mail in office.mails] == ["maya@example.org", "jo@example.org"]


def test_guessed_links_lead_nowhere(customer: FlaskClient, owner: Someone) -> None:
    invited = invite(owner)
    for token in ("guess", invited["token"], "a" * 86, "%00", "ä" * 10, "A" * 5000):
        assert customer.get(f"/unsubscribe/{token}").status_code == 404
        assert customer.post(f"/unsubscribe/{token}").status_code == 404
    for token in ("guess", "a" * 32):
        assert customer.get(f"/i/{token}").status_code == 404
        assert customer.post(f"/i/{token}/page").status_code == 404


def test_the_way_out_opens_nothing_else(
    runtime: Runtime, customer: FlaskClient, owner: Someone, office: PostOffice
) -> None:
    invited = invite(owner)
    deliver(runtime)
    token = unsubscribe_path(office.mails[0]).removeprefix("/unsubscribe/").partition("?")[0]
    assert customer.get(f"/i/{token}").status_code == 404
    assert invited["token"] not in customer.get(f"/unsubscribe/{token}").text
