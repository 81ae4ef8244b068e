"""Voices, photos and words on the surfaces: share page, feed, console, API."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import update

from testimonials.domain.collecting import WAYS
from testimonials.models import Campaign
from testimonials.runtime import Runtime
from tests import acts, clips
from tests.conftest import Someone

pytestmark = pytest.mark.media


@pytest.fixture
def owner(owner: Someone, runtime: Runtime) -> Someone:
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Campaign).values(ways=list(WAYS)))
    return owner


def photo() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (640, 400), "teal").save(file, "JPEG")
    return file.getvalue()


def voice() -> bytes:
    return clips.make("voice.m4a", *clips.tone(1), "-c:a", "aac").read_bytes()


def on_show(runtime: Runtime, customer: FlaskClient, owner: Someone, kind: str, body: bytes) -> dict[str, Any]:
    """Handed in, prepared and approved; as the API gives it."""
    token = acts.hand_in(customer, body, kind=kind)["token"]
    acts.work_through(runtime)
    found: dict[str, Any] = customer.post(f"/api/v1/testimonials/{token}/approve", headers=owner.bearer).json
    return found


def entry(customer: FlaskClient, owner: Someone) -> dict[str, Any]:
    """The only testimonial of a widget."""
    widget = customer.post("/api/v1/widgets", json={"name": "Home"}, headers=owner.bearer).json["token"]
    (found,) = customer.get(f"/widget/{widget}.json").json["items"]
    return dict(found)


def test_a_photo_is_shown_and_not_played(runtime: Runtime, customer: FlaskClient, owner: Someone) -> None:
    made = on_show(runtime, customer, owner, "photo", photo())
    assert (made["kind"], made["public"], made["renditions"]) == ("photo", True, [])
    page = customer.get(f"/t/{made['token']}").text
    assert made["poster"]["url"] in page
    assert made["share_image"]["url"] in page
    assert '"og:type" content="article"' in page
    assert "<video" not in page
    assert "og:video" not in page
    item = entry(customer, owner)
    assert (item["kind"], item["sources"], item["captions"], item["duration_seconds"]) == ("photo", [], [], None)
    assert item["poster"]["srcset"].count(".webp ") == 2
    console = owner.client.get("/console/?status=approved").text
    assert 'alt="Photo from Maya R."' in console
    assert "<video" not in console
    assert 'id="captions"' not in console


def test_words_stand_alone(runtime: Runtime, customer: FlaskClient, owner: Someone) -> None:
    made = on_show(runtime, customer, owner, "text", b"")
    assert (made["kind"], made["public"], made["poster"]) == ("text", True, None)
    page = customer.get(f"/t/{made['token']}").text
    assert acts.DETAILS["text"] in page
    assert "<video" not in page
    assert "og:video" not in page
    item = entry(customer, owner)
    assert (item["kind"], item["poster"], item["sources"]) == ("text", None, [])
    console = owner.client.get("/console/?status=approved").text
    assert acts.DETAILS["text"] in console
    assert "#i-quote" in console
    assert "<video" not in console


def test_a_voice_is_played_like_a_video(runtime: Runtime, customer: FlaskClient, owner: Someone) -> None:
    made = on_show(runtime, customer, owner, "audio", voice())
    assert (made["kind"], made["public"], len(made["renditions"])) == ("audio", True, 3)
    page = customer.get(f"/t/{made['token']}").text
    assert "<video" in page
    assert 'property="og:video"' in page
    assert len(entry(customer, owner)["sources"]) == 3
    assert 'aria-label="Voice of Maya R."' in owner.client.get("/console/?status=approved").text


def test_what_waits_is_for_its_own_business(customer: FlaskClient, owner: Someone, stranger: Someone) -> None:
    token = acts.hand_in(customer, b"", kind="text")["token"]
    assert customer.get(f"/t/{token}").status_code == 404
    assert acts.DETAILS["text"] not in stranger.client.get("/console/").text
    assert acts.DETAILS["text"] in owner.client.get("/console/").text
