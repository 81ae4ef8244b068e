"""The storage port: objects under keys. It knows nothing of testimonials; `keys.py` does.

One contract suite (tests/contract/test_storage.py) runs on every adapter. A key is one or more path segments of
letters, digits, `.`, `_` and `-`; anything else is refused before it reaches a disk or a bucket.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from testimonials.errors import ObjectMissing, StorageError

_KEY = re.compile(r"(?!\.)[A-Za-z0-9._-]+(/(?!\.)[A-Za-z0-9._-]+)*")
CHUNK_BYTES = 256 * 1024


class Storage(Protocol):
    """Every miss raises ObjectMissing, every other trouble StorageError. An object is visible whole or not at all."""

    def save(self, key: str, path: Path, content_type: str, *, cache_control: str = "", encoding: str = "") -> None:
        """Store a local file under `key`, replacing what was there. The file may be moved: it is gone for the caller.

        `cache_control` and `encoding` are headers for those who read the object from the store itself.
        """

    def open(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Bytes from `start`, `length` of them or all, in pieces of at most 256 KiB."""

    def size(self, key: str) -> int:
        """Size in bytes."""

    def delete(self, key: str) -> None:
        """Remove the object and every version of it. A key that is not there is not an error."""

    def keys(self, prefix: str) -> Iterator[str]:
        """All keys that start with `prefix`, in no order that one may rely on."""

    def check(self) -> None:
        """A round trip that proves writing, reading and deleting."""


def checked(key: str) -> str:
    """The key itself, if it is one. The first defense against `..` and absolute paths."""
    if not _KEY.fullmatch(key) or len(key) > 200:
        raise StorageError(f"{key!r} is not a storage key.", code="bad_key")
    return key


def pieces(handle: BinaryIO, length: int | None) -> Iterator[bytes]:
    """Read `length` bytes (or all) in pieces and close the file, also when the reader stops early."""
    with handle:
        while length is None or length > 0:
            piece = handle.read(CHUNK_BYTES if length is None else min(CHUNK_BYTES, length))
            if not piece:
                return
            if length is not None:
                length -= len(piece)
            yield piece


def missing(key: str) -> ObjectMissing:
    return ObjectMissing(f"There is no object {key}.")
