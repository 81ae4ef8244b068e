"""Objects in a bucket of any store that speaks S3.

Signature v4 is asked for by name, because boto3 still presigns with v2 for custom endpoints; checksums are sent only
where the API demands them, because several stores refuse the newer CRC32 default.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from testimonials.errors import StorageError
from testimonials.storage.base import CHUNK_BYTES, checked, missing

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from types_boto3_s3 import S3Client

_TRANSFER = TransferConfig(multipart_threshold=16 * 1024**2, multipart_chunksize=16 * 1024**2, max_concurrency=4)
_CONFIG = Config(
    signature_version="s3v4",
    s3={"addressing_style": "path"},
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
    connect_timeout=5,
    read_timeout=30,
    retries={"max_attempts": 3, "mode": "standard"},
    max_pool_connections=32,
)
_MISSING = {"NoSuchKey", "404", "NotFound"}


class S3Storage:
    """`prefix` is put before every key. Credentials come from the environment, as boto3 reads them."""

    def __init__(
        self, bucket: str, prefix: str = "", *, endpoint: str | None = None, region: str | None = None
    ) -> None:
        self.bucket = bucket
        self.prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self.client: S3Client = boto3.session.Session().client(
            "s3", endpoint_url=endpoint, region_name=region, config=_CONFIG
        )

    def save(self, key: str, path: Path, content_type: str, *, cache_control: str = "", encoding: str = "") -> None:
        name = self._name(key)
        headers = {"ContentType": content_type, "CacheControl": cache_control, "ContentEncoding": encoding}
        given = {header: value for header, value in headers.items() if value}
        with _translated(key):
            self.client.upload_file(str(path), self.bucket, name, ExtraArgs=given, Config=_TRANSFER)
        path.unlink()

    def open(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        if length == 0:
            return iter(())
        end = "" if length is None else str(start + length - 1)
        name = self._name(key)
        with _translated(key):
            if start or length is not None:
                answer = self.client.get_object(Bucket=self.bucket, Key=name, Range=f"bytes={start}-{end}")
            else:
                answer = self.client.get_object(Bucket=self.bucket, Key=name)
        return self._stream(key, answer["Body"])

    def size(self, key: str) -> int:
        name = self._name(key)
        with _translated(key):
            return self.client.head_object(Bucket=self.bucket, Key=name)["ContentLength"]

    def delete(self, key: str) -> None:
        """Also in a bucket that keeps versions: a plain DELETE there would only hide the object."""
        name = self._name(key)
        with _translated(key):
            for page in self.client.get_paginator("list_object_versions").paginate(Bucket=self.bucket, Prefix=name):
                for version in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                    if version["Key"] == name:
                        self.client.delete_object(Bucket=self.bucket, Key=name, VersionId=version["VersionId"])

    def keys(self, prefix: str) -> Iterator[str]:
        with _translated(prefix):
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=self.prefix + prefix
            )
            for page in pages:
                for found in page.get("Contents", []):
                    yield found["Key"].removeprefix(self.prefix)

    def check(self) -> None:
        key = f"check-{secrets.token_hex(8)}"
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "check")
            path.write_bytes(key.encode())
            self.save(key, path, "text/plain")
        try:
            if b"".join(self.open(key)) != key.encode():
                raise StorageError("The storage returned other bytes than were written.")
        finally:
            self.delete(key)

    def _name(self, key: str) -> str:
        return self.prefix + checked(key)

    def _stream(self, key: str, body: StreamingBody) -> Iterator[bytes]:
        with _translated(key), closing(body) as stream:
            yield from stream.iter_chunks(CHUNK_BYTES)


@contextmanager
def _translated(key: str) -> Iterator[None]:
    """Every vendor's miss becomes ObjectMissing, every other trouble StorageError."""
    try:
        yield
    except (ClientError, BotoCoreError, boto3.exceptions.Boto3Error, OSError) as error:
        # The transfer manager wraps what the store said in an error of its own.
        said = error if isinstance(error, ClientError) else error.__context__
        if isinstance(said, ClientError):
            code = said.response.get("Error", {}).get("Code", "")
            if code in _MISSING:
                raise missing(key) from error
            raise StorageError(f"The storage refused ({code or 'no reason given'}).") from error
        raise StorageError(f"The storage could not be reached: {type(error).__name__}.") from error
