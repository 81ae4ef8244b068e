"""One suite for every storage adapter: memory, local disk, and a real S3 server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from testimonials.errors import ConfigurationError, ObjectMissing, StorageError
from testimonials.storage.base import CHUNK_BYTES, Storage
from testimonials.storage.opener import open_storage


@pytest.fixture(params=["memory", "local", pytest.param("s3", marks=pytest.mark.servers)])
def storage(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Storage]:
    if request.param == "s3":
        server = request.getfixturevalue("s3_server")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", server.access_key)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", server.secret_key)
        yield open_storage(server.storage_url("contract"))
    else:
        yield open_storage("memory://" if request.param == "memory" else f"file://{tmp_path}/root")


@pytest.fixture
def put(storage: Storage, tmp_path: Path) -> object:
    def write(key: str, body: bytes) -> None:
        path = tmp_path / "source"
        path.write_bytes(body)
        storage.save(key, path, "application/octet-stream")
        assert not path.exists(), "the file is the storage's now"

    return write


def read(storage: Storage, key: str, start: int = 0, length: int | None = None) -> bytes:
    return b"".join(storage.open(key, start, length))


def test_what_was_saved_can_be_read(storage: Storage, put) -> None:
    put("a/b/c.bin", b"hello")
    assert read(storage, "a/b/c.bin") == b"hello"
    assert storage.size("a/b/c.bin") == 5


def test_saving_again_replaces(storage: Storage, put) -> None:
    put("a/again", b"first, and longer")
    put("a/again", b"second")
    assert read(storage, "a/again") == b"second"


def test_parts_can_be_read(storage: Storage, put) -> None:
    put("a/parts", b"0123456789")
    assert read(storage, "a/parts", 3, 4) == b"3456"
    assert read(storage, "a/parts", 8) == b"89"
    assert read(storage, "a/parts", 0, 0) == b""


def test_large_objects_come_in_pieces(storage: Storage, put) -> None:
    body = bytes(range(256)) * 80_000  # 20 MB: several parts of a multipart upload
    put("a/large", body)
    pieces = list(storage.open("a/large"))
    assert b"".join(pieces) == body
    assert max(map(len, pieces)) <= CHUNK_BYTES


def test_an_empty_object_is_an_object(storage: Storage, put) -> None:
    put("a/empty", b"")
    assert storage.size("a/empty") == 0
    assert read(storage, "a/empty") == b""


def test_a_miss_is_always_the_same_error(storage: Storage) -> None:
    for miss in (lambda: read(storage, "a/none"), lambda: storage.size("a/none")):
        with pytest.raises(ObjectMissing):
            miss()


def test_deleting_is_final_and_may_be_repeated(storage: Storage, put) -> None:
    put("a/gone", b"x")
    put("a/gone-but-not-this", b"x")
    storage.delete("a/gone")
    storage.delete("a/gone")
    with pytest.raises(ObjectMissing):
        read(storage, "a/gone")
    assert read(storage, "a/gone-but-not-this") == b"x"


def test_keys_are_listed_by_prefix(storage: Storage, put) -> None:
    for key in ("list/1/a", "list/1/b", "list/10/c"):
        put(key, b"x")
    assert sorted(storage.keys("list/1/")) == ["list/1/a", "list/1/b"]
    assert sorted(storage.keys("list/1")) == ["list/1/a", "list/1/b", "list/10/c"]
    assert list(storage.keys("nothing/")) == []


@pytest.mark.parametrize(
    "key", ["../up", "/etc/passwd", "a/../b", "a//b", "", "a/.hidden", "a b", "a\\b", "ä", "a/" + "x" * 300]
)
def test_what_is_no_key_is_refused(storage: Storage, put, key: str) -> None:
    for act in (
        lambda: put(key, b"x"),
        lambda: read(storage, key),
        lambda: storage.size(key),
        lambda: storage.delete(key),
    ):
        with pytest.raises(StorageError) as refused:
            act()
        assert refused.value.code == "bad_key"


def test_the_check_is_a_round_trip_that_leaves_nothing(storage: Storage) -> None:
    before = sorted(storage.keys(""))
    storage.check()
    assert sorted(storage.keys("")) == before


@pytest.mark.servers
def test_wrong_credentials_are_said(s3_server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3_server.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-the-secret")
    with pytest.raises(StorageError, match="refused"):
        open_storage(s3_server.storage_url("contract")).check()


def test_a_storage_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    with pytest.raises(StorageError, match="could not be reached"):
        open_storage("s3://bucket/prefix?endpoint=http://127.0.0.1:9&region=us-east-1").check()


@pytest.mark.parametrize("url", ["ftp://x", "s3://", "file://", "s3://b?secret=1", "nonsense"])
def test_a_url_nobody_understands_is_a_configuration_error(url: str) -> None:
    with pytest.raises(ConfigurationError):
        open_storage(url)


@pytest.mark.servers
def test_a_bucket_keeps_the_headers_of_what_a_cdn_serves(
    s3_server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3_server.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3_server.secret_key)
    bucket = open_storage(s3_server.storage_url("contract"))
    path = tmp_path / "feed"
    path.write_bytes(b"packed")
    bucket.save("feeds/t/1.json.br", path, "application/json", cache_control="public, max-age=10", encoding="br")
    found = bucket.client.head_object(Bucket=bucket.bucket, Key=bucket._name("feeds/t/1.json.br"))  # type: ignore[attr-defined]
    kept = (found["ContentType"], found["CacheControl"], found["ContentEncoding"])
    assert kept == ("application/json", "public, max-age=10", "br")
