"""Invitations in the pages, the console and the API; without a mail server, so that links are what is left."""

from __future__ import annotations

import io
import time
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import cv2
import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from testimonials.models import Invitation, Mail
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.services import invitation_mails, invitations, outbox
from testimonials.services.invitations import Invitee
from tests import acts
from tests.conftest import Someone

API = "/api/v1/campaigns/spring/invitations"
PAGE = "/console/campaigns/spring/invitations"


def invite(who: Someone, **given: Any) -> Any:
    return who.client.post(API, json={"name": "Maya Rivera", **given}, headers=who.bearer)


def listed(who: Someone, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = who.client.get(f"{API}{query}", headers=who.bearer).json["items"]
    return found


def send_list(who: Someone, body: str | bytes, name: str = "people.csv") -> Any:
    raw = body if isinstance(body, bytes) else body.encode()
    return who.client.post(f"{PAGE}/list", data={"list": (io.BytesIO(raw), name)})


def test_without_a_mail_server_links_are_copied(runtime: Runtime, owner: Someone) -> None:
    made = invite(owner, email="maya@example.org", order_reference="A-1", language="pt-BR")
    assert (made.status_code, made.json["state"], made.json["language"]) == (201, "waiting", "pt")
    assert made.json["url"] == f"http://127.0.0.1:8000/i/{made.json['token']}"
    assert invitation_mails.write_due(runtime) == outbox.send_due(runtime) == 0
    with runtime.db.read() as session:
        assert session.scalar(select(func.count()).select_from(Mail)) == 0
    page = owner.client.get(PAGE).text
    assert "Mail is off." in page
    assert made.json["url"] in page


def test_one_order_is_invited_once(owner: Someone) -> None:
    first = invite(owner, order_reference="A-1")
    again = invite(owner, order_reference=" A-1 ", name="Somebody else")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json
    assert invite(owner).status_code == invite(owner).status_code == 201, "without a reference each is new"
    assert len(listed(owner)) == 3


def test_one_order_is_invited_once_by_many_at_the_same_moment(runtime: Runtime, owner: Someone) -> None:
    def ask(_: int) -> str:
        invitee = Invitee(name="Maya", order_reference="A-1")
        return invitations.create(runtime, owner.workspace_id, "spring", invitee)[0].invitation.token

    with ThreadPoolExecutor(6) as crowd:
        assert len(set(crowd.map(ask, range(12)))) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"name": ""}, {"name": "  "}, {"name": 5}, {"name": "x" * 121}, {"name": "x", "email": "no address"},
        {"name": "x", "language": "klingon"}, {"name": "x", "order_reference": "r" * 121}, {"name": "a\tb"}, {},
    ],
)  # fmt: skip
def test_bad_invitations_are_refused(owner: Someone, body: dict[str, Any]) -> None:
    answer = owner.client.post(API, json=body, headers=owner.bearer)
    assert (answer.status_code, answer.json["code"]) == (422, "invalid")
    assert listed(owner) == []


def test_lists_are_paged_newest_first(owner: Someone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(invitations.listing.__kwdefaults__, "limit", 2)
    tokens = []
    for number in range(5):
        tokens.append(invite(owner, name=f"N{number}").json["token"])
        time.sleep(0.002)  # ids of one millisecond have no order
    found, cursor = [], ""
    for _ in range(3):
        page = owner.client.get(f"{API}?cursor={cursor}", headers=owner.bearer).json
        found += [each["token"] for each in page["items"]]
        cursor = page["next"]
    assert (found, cursor) == (tokens[::-1], None)
    assert owner.client.get(f"{API}?cursor=guess", headers=owner.bearer).status_code == 422
    assert "Older ones" in owner.client.get(PAGE).text


def test_states_follow_what_happens(runtime: Runtime, customer: FlaskClient, owner: Someone) -> None:
    token = invite(owner, name="Maya").json["token"]
    assert listed(owner)[0]["state"] == "waiting"
    customer.get(f"/i/{token}")
    first = listed(owner)[0]
    assert (first["state"], first["used_at"]) == ("opened", None)
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Invitation).values(opened_at=now() - timedelta(hours=1)))
    before = listed(owner)[0]["opened_at"]
    customer.get(f"/i/{token}")
    assert listed(owner)[0]["opened_at"] == before, "only the first time is noted"
    given = acts.hand_in(customer, b"x", invitation=token)
    used = listed(owner)[0]
    assert (used["state"], used["testimonial"]) == ("used", given["token"])
    answer = owner.client.delete(f"{API}/{token}", headers=owner.bearer)
    assert (answer.status_code, answer.json["code"]) == (409, "invitation_used")


def test_the_page_speaks_the_invitations_language_and_knows_the_name(customer: FlaskClient, owner: Someone) -> None:
    token = invite(owner, name='Zoë "Z" <b>', email="zoe@example.org", language="ar").json["token"]
    page = customer.get(f"/i/{token}")
    assert '<html lang="ar" dir="rtl"' in page.text
    assert 'value="Zoë &#34;Z&#34; &lt;b&gt;"' in page.text
    assert 'value="zoe@example.org"' in page.text
    assert f'"invitation": "{token}"' in page.text
    assert page.headers["Cache-Control"] == "private, no-store"
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert '<html lang="fr"' in customer.get(f"/i/{token}?lang=fr").text


def test_a_used_link_without_an_address_offers_no_mail(customer: FlaskClient, owner: Someone) -> None:
    token = invite(owner).json["token"]
    manage = acts.hand_in(customer, b"x", invitation=token)["manage_url"].rsplit("/", 1)[1]
    page = customer.get(f"/i/{token}")
    assert (page.status_code, "<form" in page.text, manage in page.text) == (200, False, False)
    assert customer.post(f"/i/{token}/page").status_code == 409


def test_an_erasure_takes_along_who_was_invited_and_for_which_order(
    runtime: Runtime, customer: FlaskClient, owner: Someone
) -> None:
    token = invite(owner, email="maya@example.org", order_reference="A-1").json["token"]
    manage = acts.hand_in(customer, b"x", invitation=token)["manage_url"].removeprefix(runtime.settings.base_url)
    assert customer.post(f"{manage}/erase").status_code == 200
    (left,) = listed(owner)
    assert (left["name"], left["email"], left["order_reference"]) == ("", "", "")
    assert (left["state"], left["used_at"] is not None, left["testimonial"]) == ("used", True, None)
    assert "was erased" in customer.get(f"/i/{token}").text
    with runtime.db.read() as session:
        assert session.scalar(select(func.count()).select_from(Mail)) == 0
    again = invite(owner, email="maya@example.org", order_reference="A-1")
    assert (again.status_code, again.json["state"]) == (200, "used"), "a nightly sync does not invite them again"
    assert invite(owner, email="maya@example.org", order_reference="A-2").status_code == 201


def test_an_invitation_is_for_its_own_campaign(runtime: Runtime, customer: FlaskClient, owner: Someone) -> None:
    token = invite(owner).json["token"]
    owner.client.post("/api/v1/campaigns", json={"slug": "autumn", "name": "Autumn"}, headers=owner.bearer)
    answer = acts.submit(customer, acts.upload(customer, b"x", "autumn"), "autumn", invitation=token)
    assert (answer.status_code, answer.json["code"]) == (404, "unknown_invitation")
    elsewhere = f"/api/v1/campaigns/autumn/invitations/{token}"
    assert owner.client.delete(elsewhere, headers=owner.bearer).status_code == 404


def test_deleting_ends_the_link(customer: FlaskClient, owner: Someone) -> None:
    first, second = (invite(owner).json["token"] for _ in range(2))
    assert owner.client.delete(f"{API}/{first}", headers=owner.bearer).status_code == 204
    assert owner.client.post(f"{PAGE}/{second}/delete").status_code == 303
    assert listed(owner) == []
    for token in (first, second):
        assert customer.get(f"/i/{token}").status_code == 404
    assert owner.client.post(f"{PAGE}/{second}/delete").status_code == 404


def test_inviting_from_the_console(owner: Someone) -> None:
    form = {"name": "Maya", "email": "maya@example.org", "order_reference": "A-1", "language": "de"}
    answer = owner.client.post(PAGE, data=form)
    assert answer.status_code == 303
    assert "The link is ready to be copied." in owner.client.get(answer.headers["Location"]).text
    again = owner.client.post(PAGE, data=form)
    assert "was invited before" in owner.client.get(again.headers["Location"]).text
    wrong = owner.client.post(PAGE, data={**form, "email": "nobody", "order_reference": ""})
    assert wrong.status_code == 422
    assert "No such address." in wrong.text
    assert 'value="nobody"' in wrong.text, "what was typed is kept"
    assert owner.client.post(PAGE, data={**form, "language": "xx"}).status_code == 422
    assert [each["name"] for each in listed(owner)] == ["Maya"]


def test_a_list_is_imported_and_its_mistakes_are_named(owner: Someone) -> None:
    invite(owner, email="known@example.org")
    body = (
        "\ufeffName;E-Mail;Order_reference;Language\r\n"
        "Zoë;zoe@example.org;A-1;de\r\n"
        "Known;KNOWN@example.org;;\r\n"
        "Twice;zoe@EXAMPLE.org;A-2;\r\n"
        "Wrong;not an address;;\r\n"
        ";;;\r\n"
        "Tongue;t@example.org;;klingon\r\n"
        ";alone@example.org\r\n"
        "Same order;s@example.org;A-1;\r\n"
        ";;A-9;\r\n"
        '"<b>Bold</b>";b@example.org;;\r\n'
    )
    page = send_list(owner, body)
    assert page.status_code == 200
    assert "3 invited." in page.text
    assert "3 were invited before" in page.text
    assert 'Row <span class="num">5</span>: The address is not complete' in page.text
    assert 'Row <span class="num">7</span>: Known languages are' in page.text
    assert 'Row <span class="num">10</span>: Give a name or an address.' in page.text
    assert "<b>Bold" not in page.text
    made = {each["email"]: each for each in listed(owner)}
    assert made["zoe@example.org"]["language"] == "de"
    assert made["zoe@example.org"]["name"] == "Zoë"
    assert set(made) == {"known@example.org", "zoe@example.org", "alone@example.org", "b@example.org"}
    assert "0 invited." in send_list(owner, body).text, "sending it again changes nothing"


def test_who_handed_in_can_be_invited_again_by_a_list(customer: FlaskClient, owner: Someone) -> None:
    token = invite(owner, email="maya@example.org").json["token"]
    acts.hand_in(customer, b"x", invitation=token)
    assert "1 invited." in send_list(owner, "email\nmaya@example.org\n").text


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b"a,b\n1,2\n", "first row"),
        (b"\x89PNG\0\0\0", "not a text"),
        (b"email\n" + b"a@b.example\n" * 5001, "At most 5000"),
    ],
)
def test_files_that_are_no_list_change_nothing(owner: Someone, body: bytes, words: str) -> None:
    answer = send_list(owner, body)
    assert (answer.status_code, words in answer.text) == (422, True)
    assert listed(owner) == []


def test_no_file_and_too_large_a_file(owner: Someone) -> None:
    assert owner.client.post(f"{PAGE}/list").status_code == 422
    kind = "multipart/form-data; boundary=x"
    assert owner.client.post(f"{PAGE}/list", data=b"x" * 5_000_000, content_type=kind).status_code == 413


def test_five_thousand_people(owner: Someone) -> None:
    rows = "".join(f"Name {number},n{number}@example.org,O-{number},de\n" for number in range(5000))
    began = time.monotonic()
    assert "5000 invited." in send_list(owner, f"name,email,order_reference,language\n{rows}").text
    assert time.monotonic() - began < 30
    began = time.monotonic()
    assert "5000 were invited before" in send_list(owner, f"name,email,order_reference,language\n{rows}").text
    assert time.monotonic() - began < 30


def test_codes_for_print_lead_to_the_campaign(owner: Someone) -> None:
    svg = owner.client.get("/console/campaigns/spring/code.svg")
    assert svg.headers["Content-Disposition"] == 'attachment; filename="spring.svg"'
    assert ET.fromstring(svg.data).tag.endswith("svg")
    png = owner.client.get("/console/campaigns/spring/code.png")
    assert png.content_type == "image/png"
    picture = cv2.imdecode(np.frombuffer(png.data, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture.shape[0] >= 500
    assert cv2.QRCodeDetector().detectAndDecode(picture)[0] == "http://127.0.0.1:8000/c/spring"


def test_strangers_find_nothing(stranger: Someone, owner: Someone, customer: FlaskClient) -> None:
    token = invite(owner).json["token"]
    for path in (PAGE, "/console/campaigns/spring/code.svg", "/console/campaigns/spring/code.png"):
        assert stranger.client.get(path).status_code == 404
        assert customer.get(path).status_code == 302
    for path in (PAGE, f"{PAGE}/{token}/delete"):
        assert stranger.client.post(path, data={"name": "x", "language": "en"}).status_code == 404
        assert customer.post(path).status_code == 302
    assert send_list(stranger, "email\nx@example.org\n").status_code == 404
    assert customer.post(f"{PAGE}/list").status_code == 302
    for method, path in (("GET", API), ("POST", API), ("DELETE", f"{API}/{token}")):
        assert customer.open(path, method=method, json={}).status_code == 401
        assert stranger.client.open(path, method=method, json={"name": "x"}, headers=stranger.bearer).status_code == 404
    assert [each["token"] for each in listed(owner)] == [token]


def test_who_may_only_look_or_moderate_invites_nobody(viewer: Someone, moderator: Someone, owner: Someone) -> None:
    token = invite(owner, name="Maya").json["token"]
    for who in (viewer, moderator):
        page = who.client.get(PAGE)
        assert (page.status_code, "Invite a customer" in page.text, "Maya" in page.text) == (200, False, True)
        assert who.client.post(PAGE, data={"name": "x"}).status_code == 403
        assert send_list(who, "email\nx@example.org\n").status_code == 403
        assert who.client.post(f"{PAGE}/{token}/delete").status_code == 403
    assert len(listed(owner)) == 1


def test_without_the_forms_token_nothing_happens(app: Flask, owner: Someone) -> None:
    token = invite(owner).json["token"]
    app.config["WTF_CSRF_ENABLED"] = True
    assert owner.client.post(PAGE, data={"name": "x", "language": "en"}).status_code == 400
    assert send_list(owner, "email\nx@example.org\n").status_code == 400
    assert owner.client.post(f"{PAGE}/{token}/delete").status_code == 400
    assert [each["token"] for each in listed(owner)] == [token]
