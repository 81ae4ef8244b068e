"""From a storage URL to an adapter: `file:///folder`, `memory://` or `s3://bucket/prefix?endpoint=…&region=…`."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from testimonials.errors import ConfigurationError
from testimonials.storage.base import Storage
from testimonials.storage.local import LocalStorage
from testimonials.storage.memory import MemoryStorage


def open_storage(url: str) -> Storage:
    """The adapter for `url`. Nothing is contacted yet."""
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.path:
        return LocalStorage(Path(unquote(parts.path)))
    if parts.scheme == "memory":
        return MemoryStorage()
    if parts.scheme == "s3" and parts.netloc:
        from testimonials.storage.s3 import (
            S3Storage,  # boto3 takes a while to import; only those who use it pay
        )

        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        unknown = set(query) - {"endpoint", "region"}
        if unknown:
            raise ConfigurationError(f"The storage URL has unknown options: {', '.join(sorted(unknown))}.")
        return S3Storage(parts.netloc, parts.path, endpoint=query.get("endpoint"), region=query.get("region"))
    raise ConfigurationError(
        "TESTIMONIALS_STORAGE_URL is file:///folder or s3://bucket/prefix?endpoint=http://host:port."
    )
