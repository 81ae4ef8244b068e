"""The rest of tus 1.0.0: what clients get wrong, sizes at their limits, answers that got lost, and every possible cut."""

from __future__ import annotations

import dataclasses
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.datastructures import Headers

from testimonials.app import create_app
from testimonials.models import Chunk, Upload
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.services import uploads
from tests.acts import DETAILS, TUS, metadata, patch, start, submit, upload
from tests.conftest import Someone

pytestmark = pytest.mark.usefixtures("owner")
TYPE = {"Content-Type": "application/offset+octet-stream"}
MAX = 1000


@pytest.fixture
def small(runtime: Runtime) -> FlaskClient:
    """A customer of a house that takes `MAX` bytes."""
    settings = dataclasses.replace(runtime.settings, max_upload_bytes=MAX)
    return create_app(runtime=dataclasses.replace(runtime, settings=settings)).test_client()


def create(client: FlaskClient, *headers: tuple[str, str]) -> Any:
    return client.post("/uploads", headers=Headers([*TUS.items(), *headers]))


def stored(runtime: Runtime, path: str) -> bytes:
    """What the storage holds of an upload, in order."""
    with runtime.db.read() as session:
        query = select(Chunk.key).join(Upload).where(Upload.token == path.rsplit("/", 1)[1])
        keys = list(session.scalars(query.order_by(Chunk.offset_bytes)))
    return b"".join(b"".join(runtime.storage.open(key)) for key in keys)


def test_resumed_after_a_cut_at_every_byte(customer: FlaskClient, runtime: Runtime) -> None:
    body = bytes(range(48))
    for cut in range(len(body) + 1):
        path = start(customer, length=len(body))
        uploads.append(runtime, path.rsplit("/", 1)[1], BytesIO(body[:cut]), offset=0, announced=len(body))
        offset = int(customer.head(path, headers=TUS).headers["Upload-Offset"])
        assert offset == cut
        last = patch(customer, path, body[offset:], offset)
        assert (last.status_code, last.headers["Upload-Offset"]) == (204, "48")
        assert stored(runtime, path) == body
        customer.delete(path, headers=TUS)


def test_cut_again_and_again(customer: FlaskClient, runtime: Runtime) -> None:
    body = bytes(range(200))
    path = start(customer)
    for end in range(1, len(body) + 1):
        uploads.append(runtime, path.rsplit("/", 1)[1], BytesIO(body[end - 1 : end]), offset=end - 1)
    assert patch(customer, path, b"", 200, **{"Upload-Length": "200"}).status_code == 204
    assert stored(runtime, path) == body


def test_a_request_that_is_sent_again_because_its_answer_got_lost(customer: FlaskClient, runtime: Runtime) -> None:
    path = start(customer)
    patch(customer, path, b"01234")
    last = {"Upload-Length": "8"}
    assert patch(customer, path, b"567", 5, **last).status_code == 204
    again = patch(customer, path, b"567", 5, **last)
    assert (again.status_code, again.json["code"]) == (409, "wrong_offset")
    assert customer.head(path, headers=TUS).headers["Upload-Offset"] == "8", (
        "which is how the client learns that all is well"
    )
    assert patch(customer, path, b"", 8, **last).status_code == 204, "and this one may come as often as it likes"
    assert stored(runtime, path) == b"01234567"


def test_after_the_end(customer: FlaskClient, runtime: Runtime) -> None:
    path = "/uploads/" + upload(customer, b"01234")
    assert patch(customer, path, b"5", 5).status_code == 413
    assert patch(customer, path, b"", 5).status_code == 204
    assert patch(customer, path, b"", 6).status_code == 409
    assert stored(runtime, path) == b"01234"
    submit(customer, path.rsplit("/", 1)[1])
    head = customer.head(path, headers=TUS)
    assert (head.status_code, head.headers["Upload-Offset"], head.headers["Upload-Length"]) == (200, "5", "5")
    again = patch(customer, path, b"01234")
    assert (again.status_code, again.json["code"], again.json["permanent"]) == (410, "upload_finalized", True)


def test_given_up_twice(customer: FlaskClient) -> None:
    path = start(customer, length=5)
    assert [customer.delete(path, headers=TUS).status_code for _ in range(2)] == [204, 404]
    assert patch(customer, path, b"01234").status_code == 404


def test_what_has_expired_takes_nothing(customer: FlaskClient, runtime: Runtime) -> None:
    path = start(customer, length=5)
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Upload).values(expires_at=now()))
    assert (customer.head(path, headers=TUS).status_code, patch(customer, path, b"01234").status_code) == (410, 410)
    assert customer.delete(path, headers=TUS).status_code == 410
    assert submit(customer, path.rsplit("/", 1)[1]).status_code in (404, 409, 410)


def test_an_empty_upload_is_complete_at_once(customer: FlaskClient, runtime: Runtime) -> None:
    path = start(customer, length=0)
    head = customer.head(path, headers=TUS)
    assert (head.headers["Upload-Offset"], head.headers["Upload-Length"]) == ("0", "0")
    assert patch(customer, path, b"x").status_code == 413
    assert patch(customer, path, b"").status_code == 204
    refused = submit(customer, path.rsplit("/", 1)[1])
    assert refused.status_code == 422, "words alone are fine, a video of no bytes is not"
    words = {**DETAILS, "kind": "text", "upload": path.rsplit("/", 1)[1]}
    assert customer.post("/c/spring/submissions", json=words).status_code == 201
    assert list(runtime.storage.keys("")) == []


@pytest.mark.parametrize("size", [1, MAX - 1, MAX])
def test_sizes_up_to_the_largest(small: FlaskClient, runtime: Runtime, size: int) -> None:
    path = start(small, length=size)
    assert patch(small, path, b"x" * size).status_code == 204
    assert len(stored(runtime, path)) == size
    deferred = start(small)
    assert patch(small, deferred, b"x" * size, **{"Upload-Length": str(size)}).status_code == 204


def test_one_byte_more_than_the_largest(small: FlaskClient, runtime: Runtime) -> None:
    assert small.options("/uploads").headers["Tus-Max-Size"] == str(MAX)
    described = ("Upload-Metadata", metadata(campaign="spring"))
    refused = create(small, ("Upload-Length", str(MAX + 1)), described)
    assert (refused.status_code, refused.json["code"]) == (413, "upload_too_large")
    path = start(small)
    assert patch(small, path, b"x" * (MAX + 1)).status_code == 413
    assert patch(small, path, b"x", **{"Upload-Length": str(MAX + 1)}).status_code == 413
    assert patch(small, path, b"x" * MAX).status_code == 204
    assert patch(small, path, b"x", MAX).status_code == 413
    assert stored(runtime, path) == b"x" * MAX


def test_too_much_is_refused_before_it_is_read(customer: FlaskClient, runtime: Runtime) -> None:
    class Unread(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise AssertionError("it was read")

    path = start(customer, length=4)
    with pytest.raises(Exception, match="More bytes came"):
        uploads.append(runtime, path.rsplit("/", 1)[1], Unread(), offset=0, announced=5)


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ([("Upload-Length", "5"), ("Upload-Length", "6")], 400, "bad_size"),
        ([("Upload-Length", "5"), ("Upload-Length", "5")], 400, "bad_size"),
        ([("Upload-Length", "9" * 18)], 413, "upload_too_large"),
        ([("Upload-Length", "9" * 40)], 400, "bad_size"),
        ([("Upload-Length", "5.0")], 400, "bad_size"),
        ([("Upload-Length", "0x10")], 400, "bad_size"),
        ([("Upload-Length", "")], 400, "bad_size"),
        ([("Upload-Defer-Length", "")], 400, "bad_length"),
        ([("Upload-Concat", "partial"), ("Upload-Length", "5")], 400, "no_concatenation"),
        ([("Upload-Concat", "final;/uploads/a /uploads/b")], 400, "no_concatenation"),
    ],
)
def test_lengths_that_are_none(customer: FlaskClient, headers: list[tuple[str, str]], status: int, code: str) -> None:
    answer = create(customer, *headers, ("Upload-Metadata", metadata(campaign="spring")))
    assert (answer.status_code, answer.json["code"]) == (status, code)


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (metadata(campaign="spring") + ",sealed", 201),
        (" " + metadata(campaign="spring") + " , ", 201),
        (metadata(campaign="spring") + "," + metadata(campaign="spring"), 400),
        (metadata(campaign="spring") + ",n\xe4me eA==", 400),
        ("campaign c3ByaW5n c3ByaW5n", 400),
        ("campaign /w==", 400),
        ("Campaign c3ByaW5n", 404),
    ],
)
def test_metadata(customer: FlaskClient, header: str, status: int) -> None:
    assert create(customer, ("Upload-Length", "5"), ("Upload-Metadata", header)).status_code == status


@pytest.mark.parametrize("version", [None, "", "1.0", "1.0.1", "1.0.0, 0.2.2"])
@pytest.mark.parametrize("method", ["POST", "HEAD", "PATCH", "DELETE"])
def test_without_our_version_nothing_is_done(customer: FlaskClient, method: str, version: str | None) -> None:
    path = start(customer, length=5)
    headers = {**TYPE, "Upload-Offset": "0", **({} if version is None else {"Tus-Resumable": version})}
    answer = customer.open("/uploads" if method == "POST" else path, method=method, headers=headers, data=b"01234")
    assert (answer.status_code, answer.headers["Tus-Version"]) == (412, "1.0.0")
    assert customer.head(path, headers=TUS).headers["Upload-Offset"] == "0"


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Upload-Offset": "0"}, 415, "wrong_content_type"),
        ({"Upload-Offset": "0", "Content-Type": "application/octet-stream"}, 415, "wrong_content_type"),
        ({"Upload-Offset": "0", "Content-Type": "multipart/form-data; boundary=x"}, 415, "wrong_content_type"),
        (TYPE, 400, "bad_size"),
        ({**TYPE, "Upload-Offset": "9" * 30}, 400, "bad_size"),
        ({**TYPE, "Upload-Offset": "9" * 18}, 409, "wrong_offset"),
        ({**TYPE, "Upload-Offset": "0", "Upload-Length": "-1"}, 400, "bad_size"),
        ({**TYPE, "Upload-Offset": "0", "Upload-Length": "6"}, 400, "length_changed"),
        ({**TYPE, "Upload-Offset": "0", "Upload-Checksum": "crc32 AAAA"}, 400, "bad_checksum"),
        ({**TYPE, "Upload-Offset": "0", "Upload-Checksum": "SHA1 AAAA"}, 400, "bad_checksum"),
        ({**TYPE, "Upload-Offset": "0", "Upload-Checksum": "sha1"}, 460, "checksum_mismatch"),
        (
            {**TYPE, "Upload-Offset": "0", "Upload-Checksum": "sha256 2jmj7l5rSw0yVb/vlWAYkK/YBwk="},
            460,
            "checksum_mismatch",
        ),
    ],
)
def test_patches_that_bring_nothing(
    customer: FlaskClient, runtime: Runtime, headers: dict[str, str], status: int, code: str
) -> None:
    path = start(customer, length=5)
    answer = customer.patch(path, headers={**TUS, **headers}, data=b"01234")
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert answer.headers["Access-Control-Allow-Origin"] == "*", "a page elsewhere has to read why"
    assert stored(runtime, path) == b"" and list(runtime.storage.keys("")) == []
    assert list(runtime.settings.scratch_dir.iterdir()) == []
    assert patch(customer, path, b"01234").status_code == 204


@pytest.mark.parametrize(
    ("wanted", "status"), [("HEAD", 200), ("DELETE", 204), ("delete", 204), ("PUT", 400), ("", 400), ("POST", 400)]
)
def test_methods_that_come_as_post(customer: FlaskClient, wanted: str, status: int) -> None:
    path = start(customer, length=5)
    answer = customer.post(path, headers={**TUS, "X-HTTP-Method-Override": wanted})
    assert answer.status_code == status
    if wanted == "HEAD":
        assert (answer.headers["Upload-Offset"], answer.headers["Upload-Length"]) == ("0", "5")


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_methods_that_tus_has_not(customer: FlaskClient, method: str) -> None:
    assert customer.open(start(customer, length=5), method=method, headers=TUS).status_code == 405
    assert customer.open("/uploads", method=method, headers=TUS).status_code == 405


@pytest.mark.parametrize("path", ["/uploads", "/uploads/some-token"])
def test_a_browser_on_another_origin_may_ask(customer: FlaskClient, path: str) -> None:
    asked = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "PATCH"}
    answer = customer.options(path, headers=asked)
    assert answer.status_code == 204
    allowed = {name.strip().lower() for name in answer.headers["Access-Control-Allow-Headers"].split(",")}
    assert allowed >= {"tus-resumable", "upload-length", "upload-offset", "upload-metadata", "content-type"}
    assert {"POST", "HEAD", "PATCH", "DELETE"} <= set(answer.headers["Access-Control-Allow-Methods"].split(", "))
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_what_the_client_calls_its_file_is_hearsay(customer: FlaskClient, runtime: Runtime, stranger: Someone) -> None:
    lies = metadata(campaign="spring", filename="../../../etc/cron.d/x\r\nSet-Cookie: a=b", filetype="text/html")
    path = start(customer, length=5, **{"Upload-Metadata": lies})
    patch(customer, path, b"01234")
    (key,) = runtime.storage.keys("")
    assert key.startswith("uploads/") and ".." not in key and "cron" not in key
    assert customer.head(path, headers=TUS).headers["Upload-Metadata"] == lies, "handed back as the protocol says"
    assert stranger.client.get(path).status_code == 405, "and nobody can read the bytes here"


def test_a_campaign_of_somebody_else_does_not_get_the_upload(
    customer: FlaskClient, runtime: Runtime, stranger: Someone
) -> None:
    from testimonials.services.campaigns import create as create_campaign

    create_campaign(runtime, stranger.workspace_id, slug="theirs", name="Theirs")
    token = upload(customer, b"01234", campaign="spring")
    assert submit(customer, token, campaign="theirs").status_code == 404
