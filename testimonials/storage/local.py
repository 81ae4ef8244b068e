"""Objects as files below one folder. A file appears under its name only once it is complete and on disk."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from testimonials.errors import StorageError
from testimonials.storage.base import checked, missing, pieces

_PARTIAL = ".partial-"


class LocalStorage:
    """`root` is made at first use; keys become paths below it."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def save(  # whoever serves the folder names the headers
        self,
        key: str,
        path: Path,
        content_type: str,  # noqa: ARG002
        *,
        cache_control: str = "",  # noqa: ARG002
        encoding: str = "",  # noqa: ARG002
    ) -> None:
        target = self._path(key)
        partial = target.with_name(_PARTIAL + secrets.token_hex(8))
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                path.rename(partial)
            except OSError:  # another file system: copy beside the target first, so that the last step stays atomic
                shutil.copyfile(path, partial)
                path.unlink()
            _sync(partial)
            partial.replace(target)
            _sync(target.parent)
        except OSError as error:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
            raise StorageError(f"Writing {key} failed: {error.strerror}.") from error

    def open(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        try:
            handle = self._path(key).open("rb")
        except FileNotFoundError:
            raise missing(key) from None
        except OSError as error:
            raise StorageError(f"Reading {key} failed: {error.strerror}.") from error
        handle.seek(start)
        return pieces(handle, length)

    def size(self, key: str) -> int:
        try:
            return self._path(key).stat().st_size
        except FileNotFoundError:
            raise missing(key) from None

    def delete(self, key: str) -> None:
        path = self._path(key)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise StorageError(f"Deleting {key} failed: {error.strerror}.") from error
        with suppress(OSError):  # folders go when their last file goes
            path.parent.rmdir()

    def keys(self, prefix: str) -> Iterator[str]:
        below = self.root / prefix.rpartition("/")[0]
        if not below.resolve().is_relative_to(self.root):
            raise StorageError(f"{prefix!r} leaves the storage folder.", code="bad_key")
        for folder, _, files in os.walk(below):
            for name in files:
                key = Path(folder, name).relative_to(self.root).as_posix()
                if key.startswith(prefix) and not name.startswith(_PARTIAL):
                    yield key

    def check(self) -> None:
        probe = self.root / f"{_PARTIAL}{secrets.token_hex(8)}"
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            probe.write_bytes(b"check")
            if probe.read_bytes() != b"check":
                raise StorageError(f"{self.root} returns other bytes than were written.")
            probe.unlink()
        except OSError as error:
            raise StorageError(f"{self.root} cannot be written: {error.strerror}.") from error

    def _path(self, key: str) -> Path:
        path = self.root / checked(key)
        if not path.is_relative_to(self.root):
            raise StorageError(f"{key!r} leaves the storage folder.", code="bad_key")
        return path


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
