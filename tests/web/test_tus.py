"""tus 1.0.0 over HTTP, as the protocol says it."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from email.utils import parsedate_to_datetime
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from testimonials.models import Upload
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.services import uploads
from tests.acts import TUS, metadata, patch, start, submit, upload
from tests.conftest import Someone

pytestmark = pytest.mark.usefixtures("owner")


def test_it_says_what_it_can(customer: FlaskClient) -> None:
    answer = customer.options("/uploads")
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert set(answer.headers["Tus-Extension"].split(",")) == {
        "creation",
        "creation-defer-length",
        "expiration",
        "checksum",
        "termination",
    }
    assert answer.headers["Tus-Checksum-Algorithm"] == "sha1,sha256"
    assert int(answer.headers["Tus-Max-Size"]) == 2 * 1024**3
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "PATCH" in answer.headers["Access-Control-Allow-Methods"]
    assert "Upload-Offset" in answer.headers["Access-Control-Expose-Headers"]


def test_an_upload_in_parts(customer: FlaskClient, runtime: Runtime) -> None:
    path = start(customer, length=10)
    assert patch(customer, path, b"01234").headers["Upload-Offset"] == "5"
    head = customer.head(path, headers=TUS)
    assert (head.status_code, head.headers["Upload-Offset"], head.headers["Upload-Length"]) == (200, "5", "10")
    assert head.headers["Cache-Control"] == "no-store"
    assert head.headers["Upload-Metadata"] == metadata(campaign="spring")
    assert patch(customer, path, b"56789", 5).headers["Upload-Offset"] == "10"
    chunks = {
        key.rsplit("/", 1)[1].split("-")[0]: b"".join(runtime.storage.open(key))
        for key in runtime.storage.keys("uploads/")
    }
    assert chunks == {"0": b"01234", "5": b"56789"}


def test_the_address_does_not_depend_on_what_the_client_calls_us(customer: FlaskClient) -> None:
    headers = {**TUS, "Upload-Length": "5", "Upload-Metadata": metadata(campaign="spring"), "Host": "evil.example"}
    assert customer.post("/uploads", headers=headers).headers["Location"].startswith("/uploads/")


def test_a_length_that_comes_later(customer: FlaskClient) -> None:
    path = start(customer)
    assert customer.head(path, headers=TUS).headers["Upload-Defer-Length"] == "1"
    patch(customer, path, b"01234")
    last = patch(customer, path, b"567", 5, **{"Upload-Length": "8"})
    assert last.status_code == 204
    head = customer.head(path, headers=TUS)
    assert (head.headers["Upload-Length"], head.headers.get("Upload-Defer-Length")) == ("8", None)


def test_the_length_can_come_without_bytes(customer: FlaskClient) -> None:
    path = start(customer)
    patch(customer, path, b"01234")
    assert patch(customer, path, b"", 5, **{"Upload-Length": "5"}).status_code == 204
    assert submit(customer, path.rsplit("/", 1)[1]).status_code == 201


@pytest.mark.parametrize("offset", [0, 4, 6, 10_000])
def test_a_wrong_offset_changes_nothing(customer: FlaskClient, runtime: Runtime, offset: int) -> None:
    path = start(customer, length=10)
    patch(customer, path, b"01234")
    refused = patch(customer, path, b"xxxxx", offset)
    assert (refused.status_code, refused.json["code"]) == (409, "wrong_offset")
    assert customer.head(path, headers=TUS).headers["Upload-Offset"] == "5"
    assert len(list(runtime.storage.keys("uploads/"))) == 1


def test_two_senders_at_one_offset_cannot_both_win(
    customer: FlaskClient, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one gets in while the first is storing; the first must notice, and clean up its object."""
    path = start(customer, length=20)
    save, inside = runtime.storage.save, []

    def slow_save(*arguments: object) -> None:
        save(*arguments)  # type: ignore[arg-type]
        if not inside:
            inside.append(True)
            assert patch(customer, path, b"second").status_code == 204

    monkeypatch.setattr(runtime.storage, "save", slow_save)
    refused = patch(customer, path, b"first")
    assert (refused.status_code, refused.json["code"]) == (409, "wrong_offset")
    assert customer.head(path, headers=TUS).headers["Upload-Offset"] == "6"
    assert [b"".join(runtime.storage.open(key)) for key in runtime.storage.keys("uploads/")] == [b"second"]


class CutOff(BytesIO):
    """A body that ends, without any error, before its Content-Length: what the server hands over when a phone is gone."""


def test_a_body_cut_midway_keeps_what_arrived(customer: FlaskClient, runtime: Runtime) -> None:
    path = start(customer, length=10)
    view = uploads.append(runtime, path.rsplit("/", 1)[1], CutOff(b"0123"), offset=0)
    assert view.state.offset_bytes == 4
    assert patch(customer, path, b"456789", 4).status_code == 204
    assert submit(customer, path.rsplit("/", 1)[1]).status_code == 201


def test_a_connection_that_breaks_keeps_what_arrived(customer: FlaskClient, runtime: Runtime) -> None:
    class Broken(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            piece = super().read(3)
            if not piece:
                raise ConnectionResetError
            return piece

    path = start(customer, length=10)
    view = uploads.append(runtime, path.rsplit("/", 1)[1], Broken(b"01234"), offset=0)
    assert view.state.offset_bytes == 5
    assert list(runtime.settings.scratch_dir.iterdir()) == []


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_checksums(customer: FlaskClient, runtime: Runtime, algorithm: str) -> None:
    path = start(customer, length=10)
    digest = base64.b64encode(hashlib.new(algorithm, b"01234").digest()).decode()
    damaged = patch(customer, path, b"0123x", **{"Upload-Checksum": f"{algorithm} {digest}"})
    assert (damaged.status_code, damaged.json["code"], damaged.json["permanent"]) == (460, "checksum_mismatch", False)
    assert list(runtime.storage.keys("uploads/")) == []
    assert patch(customer, path, b"01234", **{"Upload-Checksum": f"{algorithm} {digest}"}).status_code == 204


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Upload-Length": "-1"}, 400, "bad_size"),
        ({"Upload-Length": "1_0"}, 400, "bad_size"),
        ({"Upload-Length": "ten"}, 400, "bad_size"),
        ({}, 400, "bad_length"),
        ({"Upload-Length": "5", "Upload-Defer-Length": "1"}, 400, "bad_length"),
        ({"Upload-Defer-Length": "2"}, 400, "bad_length"),
        ({"Upload-Length": str(2 * 1024**3 + 1)}, 413, "upload_too_large"),
        ({"Upload-Length": "5", "Tus-Resumable": "0.2.2"}, 412, "tus_version"),
        ({"Upload-Length": "5", "Upload-Metadata": "campaign ???"}, 400, "bad_metadata"),
        ({"Upload-Length": "5", "Upload-Metadata": metadata(campaign="nobody")}, 404, "unknown_campaign"),
        ({"Upload-Length": "5", "Upload-Metadata": ""}, 404, "unknown_campaign"),
        ({"Upload-Length": "5", "Upload-Metadata": metadata(campaign="a\0b")}, 400, "bad_metadata"),
        ({"Upload-Length": "5", "Upload-Metadata": metadata(campaign="spring", x="y" * 2000)}, 400, "bad_metadata"),
    ],
)
def test_creations_that_are_refused(customer: FlaskClient, headers: dict[str, str], status: int, code: str) -> None:
    answer = customer.post("/uploads", headers={**TUS, "Upload-Metadata": metadata(campaign="spring"), **headers})
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "video/webm"}, 415),
        ({"Upload-Offset": ""}, 400),
        ({"Upload-Offset": "-5"}, 400),
        ({"Tus-Resumable": "2.0.0"}, 412),
        ({"Upload-Checksum": "md5 AAAA"}, 400),
        ({"Upload-Checksum": "sha1 ???"}, 400),
        ({"Upload-Length": "99"}, 400),
    ],
)
def test_patches_that_are_refused(customer: FlaskClient, headers: dict[str, str], status: int) -> None:
    path = start(customer, length=10)
    assert patch(customer, path, b"01234", **headers).status_code == status
    assert customer.head(path, headers=TUS).headers["Upload-Offset"] == "0"


def test_more_bytes_than_announced_are_refused_and_not_kept(customer: FlaskClient, runtime: Runtime) -> None:
    path = start(customer, length=4)
    assert patch(customer, path, b"01234").status_code == 413
    assert list(runtime.storage.keys("uploads/")) == []


def test_a_deferred_length_below_what_arrived_is_refused(customer: FlaskClient) -> None:
    path = start(customer)
    patch(customer, path, b"01234")
    assert patch(customer, path, b"", 5, **{"Upload-Length": "3"}).status_code == 400


def test_an_upload_that_was_handed_in_takes_no_more(customer: FlaskClient) -> None:
    token = upload(customer, b"01234")
    submit(customer, token)
    assert patch(customer, f"/uploads/{token}", b"", 5).status_code == 410
    assert customer.delete(f"/uploads/{token}", headers=TUS).status_code == 409


def test_discarding_removes_rows_and_chunks(customer: FlaskClient, runtime: Runtime) -> None:
    path = start(customer, length=10)
    patch(customer, path, b"01234")
    assert customer.delete(path, headers=TUS).status_code == 204
    assert customer.head(path, headers=TUS).status_code == 404
    assert list(runtime.storage.keys("")) == []


def test_networks_that_let_only_post_through(customer: FlaskClient) -> None:
    path = start(customer, length=5)
    headers = {
        **TUS,
        "X-HTTP-Method-Override": "PATCH",
        "Upload-Offset": "0",
        "Content-Type": "application/offset+octet-stream",
    }
    assert customer.post(path, data=b"01234", headers=headers).status_code == 204


def test_an_idle_upload_expires(customer: FlaskClient, runtime: Runtime) -> None:
    path = start(customer, length=10)
    before = patch(customer, path, b"01234").headers["Upload-Expires"]
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Upload).values(expires_at=now() + timedelta(hours=1)))
    after = patch(customer, path, b"", 5).headers["Upload-Expires"]
    assert parsedate_to_datetime(after) < parsedate_to_datetime(before), "only bytes keep it alive"
    assert uploads.expire(runtime) == 0
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Upload).values(expires_at=now()))
    assert customer.head(path, headers=TUS).status_code == 410
    assert uploads.expire(runtime) == 1
    assert list(runtime.storage.keys("")) == []
    assert customer.head(path, headers=TUS).status_code == 404


def test_a_stranger_without_the_token_finds_nothing(customer: FlaskClient, stranger: Someone) -> None:
    start(customer, length=10)
    for path in ("/uploads/guess", "/uploads/" + "a" * 32):
        assert stranger.client.head(path, headers=TUS).status_code == 404
        assert patch(stranger.client, path, b"x").status_code == 404
        assert stranger.client.delete(path, headers=TUS).status_code == 404
