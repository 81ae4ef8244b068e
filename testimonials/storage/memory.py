"""Objects in memory, for tests and trials. Gone when the process ends."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from testimonials.storage.base import checked, missing, pieces


class MemoryStorage:
    """A dictionary behind the storage port."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def save(  # nobody serves it, so there are no headers to keep
        self,
        key: str,
        path: Path,
        content_type: str,  # noqa: ARG002
        *,
        cache_control: str = "",  # noqa: ARG002
        encoding: str = "",  # noqa: ARG002
    ) -> None:
        self.objects[checked(key)] = path.read_bytes()
        path.unlink()

    def open(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        handle = BytesIO(self._get(key))
        handle.seek(start)
        return pieces(handle, length)

    def size(self, key: str) -> int:
        return len(self._get(key))

    def delete(self, key: str) -> None:
        self.objects.pop(checked(key), None)

    def keys(self, prefix: str) -> Iterator[str]:
        return iter([key for key in self.objects if key.startswith(prefix)])

    def check(self) -> None:
        """Memory is always there."""

    def _get(self, key: str) -> bytes:
        try:
            return self.objects[checked(key)]
        except KeyError:
            raise missing(key) from None
