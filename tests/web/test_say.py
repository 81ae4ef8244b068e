"""The say that customers keep: what they agreed to, word for word, and what they may do with it later."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from flask.testing import FlaskClient
from sqlalchemy import select

from testimonials.domain.consent import text_hash
from testimonials.models import Campaign, Chunk, Consent, ConsentText
from testimonials.runtime import Runtime
from testimonials.services import moderation
from testimonials.services.moderation import Act, Change
from tests.acts import change_campaign, hand_in, only_testimonial, own_page, submit, upload
from tests.conftest import Someone

pytestmark = pytest.mark.usefixtures("owner")


# -- consent -----------------------------------------------------------------------------------------------------------
def _version(runtime: Runtime, number: int, text: str, language: str = "en") -> str:
    with runtime.db.transaction() as transaction:
        campaign = transaction.scalars(select(Campaign)).one()
        row = ConsentText(
            campaign_id=campaign.id, version=number, language=language, text=text, text_hash=text_hash(text)
        )
        transaction.add(row)
        return row.text_hash


def test_the_version_that_was_shown_is_recorded_even_if_a_newer_one_is_out(
    customer: FlaskClient, runtime: Runtime
) -> None:
    shown = _version(runtime, 1, "Show it.")
    assert "Show it." in customer.get("/c/spring").text
    _version(runtime, 2, "Show it, and print it.")
    hand_in(customer, b"video", consent_hash=shown)
    with runtime.db.read() as session:
        record = session.scalars(select(Consent)).one()
    assert (record.version, record.text) == (1, "Show it.")


def test_words_that_nobody_showed_cannot_be_agreed_to(customer: FlaskClient) -> None:
    answer = submit(customer, upload(customer, b"video"), consent_hash="0" * 64)
    assert (answer.status_code, answer.json["code"]) == (422, "unknown_wording")


def test_the_text_comes_in_the_language_of_the_page_or_in_the_campaigns(
    customer: FlaskClient, runtime: Runtime
) -> None:
    _version(runtime, 1, "Show it.")
    _version(runtime, 1, "Zeigt es.", "de")
    assert "Zeigt es." in customer.get("/c/spring?lang=de").text
    assert "Show it." in customer.get("/c/spring", headers={"Accept-Language": "fr"}).text


def test_guardian_and_incentive_stand_in_the_record(customer: FlaskClient, runtime: Runtime) -> None:
    change_campaign(runtime, asks_guardian=True, incentive="A free tune-up")
    assert "A free tune-up" in customer.get("/c/spring").text
    hand_in(customer, b"video", guardian="Ada L.")
    with runtime.db.read() as session:
        record = session.scalars(select(Consent)).one()
    assert (record.guardian, record.incentive) == ("Ada L.", "A free tune-up")


def test_consent_can_be_narrowed_but_not_widened(customer: FlaskClient, runtime: Runtime) -> None:
    path = own_page(hand_in(customer, b"video", consent=["website", "social", "editing"]))
    assert customer.post(f"{path}/consent", data={"consent": ["website", "advertising"]}).status_code == 303
    assert only_testimonial(runtime).consent_scopes == ["website"]
    assert customer.post(f"{path}/consent", data={"consent": ["advertising"]}).status_code == 422
    assert customer.post(f"{path}/withdraw").status_code == 303
    assert customer.post(f"{path}/consent", data={"consent": ["website"]}).status_code == 409
    with runtime.db.read() as session:
        records = [(each.status, each.scopes) for each in session.scalars(select(Consent).order_by(Consent.id))]
    assert records == [("granted", ["website", "social", "editing"]), ("granted", ["website"]), ("withdrawn", [])]


def test_the_receipt_can_be_checked_by_anybody(customer: FlaskClient) -> None:
    path = own_page(hand_in(customer, b"video"))
    customer.post(f"{path}/withdraw")
    signed = customer.get(f"{path}/receipt.json").json
    key = load_pem_public_key(customer.get("/receipt-key.pem").data)
    body = json.dumps(signed["receipt"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    key.verify(base64.b64decode(signed["signature"]), body)  # type: ignore[call-arg, union-attr]
    with pytest.raises(InvalidSignature):
        key.verify(base64.b64decode(signed["signature"]), body.replace(b"website", b"anywhere"))  # type: ignore[call-arg, union-attr]
    assert [each["status"] for each in signed["receipt"]["records"]] == ["granted", "withdrawn"]
    assert "maya@example.org" not in json.dumps(signed)


# -- their own page ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", ""), ("get", "/state.json"), ("get", "/receipt.json"), ("get", "/replace"), ("post", "/consent"),
        ("post", "/withdraw"), ("post", "/erase"), ("post", "/poster"), ("post", "/video"),
    ],
)  # fmt: skip
def test_nobody_else_finds_the_page(customer: FlaskClient, method: str, path: str) -> None:
    options: dict[str, Any] = {"json": {"upload": upload(customer, b"x")}} if path == "/video" else {}
    assert getattr(customer, method)(f"/my/guess{path}", **options).status_code == 404


def test_another_video_takes_its_place_and_is_reviewed_anew(
    customer: FlaskClient, runtime: Runtime, owner: Someone
) -> None:
    given = hand_in(customer, b"the first one", trim_start=1.0, trim_end=5.0)
    moderation.one(runtime, owner.workspace_id, given["token"], Change(act=Act.APPROVE))
    path, token = own_page(given), upload(customer, b"a better one")
    answers = [customer.post(f"{path}/video", json={"uploads": [token], "trim_end": 4}) for _ in range(2)]
    assert [each.status_code for each in answers] == [201, 201]
    assert answers[0].json["testimonial"] == given
    found = only_testimonial(runtime)
    assert (found.media, found.review, found.name) == ("uploaded", "pending", "Maya R.")
    assert (found.trim_start_seconds, found.trim_end_seconds) == (None, 4.0)
    with runtime.db.read() as session:
        keys = set(session.scalars(select(Chunk.key)))
    assert set(runtime.storage.keys("uploads/")) == keys
    assert [b"".join(runtime.storage.open(key)) for key in keys] == [b"a better one"]


def test_a_video_of_another_campaign_replaces_nothing(customer: FlaskClient, stranger: Someone) -> None:
    stranger.client.post("/api/v1/campaigns", json={"slug": "other", "name": "Other"}, headers=stranger.bearer)
    path = own_page(hand_in(customer, b"video"))
    assert customer.post(f"{path}/video", json={"upload": upload(customer, b"x", "other")}).status_code == 404
    assert customer.post(f"{path}/video", json={"upload": upload(customer, b"")}).json["code"] == "empty_file"
    assert customer.get(f"{path}/replace").status_code == 200


def test_a_video_can_be_replaced_where_the_campaign_takes_words_alone_by_now(
    customer: FlaskClient, runtime: Runtime
) -> None:
    path = own_page(hand_in(customer, b"video"))
    change_campaign(runtime, ways=["text"])
    assert 'data-act="write"' in customer.get("/c/spring").text
    page = customer.get(f"{path}/replace").text
    assert ('data-act="camera"' in page, 'data-act="write"' in page) == (True, False)
