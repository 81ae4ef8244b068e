"""The file that `export` writes and `import` reads: a zip with all rows as JSON lines, and the objects that rows name.

`tables/NAME.jsonl` holds a table, a row a line. `objects.jsonl` names every object with its type, `objects/KEY` is one.
`archive.json` is written last and says what is in it. Rows are in no database's own format: an archive of SQLite opens in
PostgreSQL, and the other way round.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Table

from testimonials.models import Base
from testimonials.security import derived_key

FORMAT = 1
MANIFEST, OBJECTS = "archive.json", "objects.jsonl"
LEFT_OUT = {
    "daily_salts": "are deleted after their day, so that nobody can be recognized later",
    "handoffs": "live for minutes",
    "login_links": "sign somebody in",
    "mails": "those that wait would be sent by both houses",
    "published_feeds": "are written anew",
    "purges": "belong to one installation's CDN",
    "search_documents": "are made anew, as each database keeps them in its own way",
    "sign_in_misses": "belong to one installation's doors",
    "sign_ins": "are open doors",
    "spent_proofs": "live for minutes",
    "worker_heartbeats": "belong to one installation's workers",
}
"""Tables that are in no archive, and why."""


@dataclass(frozen=True)
class Manifest:
    """`revision` is the schema's, `key` tells one secret key from another without telling it. `missing` are objects that rows
    name and that were not there."""

    format: int
    version: str
    revision: str
    made_at: str
    key: str
    rows: dict[str, int]
    objects: int
    missing: list[str]

    def written(self) -> str:
        return json.dumps(asdict(self), indent=1)


def tables() -> list[Table]:
    """Those that are in an archive, in an order in which rows only refer to earlier ones."""
    return [table for table in Base.metadata.sorted_tables if table.name not in LEFT_OUT]


def rows_file(table: Table) -> str:
    return f"tables/{table.name}.jsonl"


def object_file(key: str) -> str:
    return f"objects/{key}"


def key_mark(secret_key: str) -> str:
    return hmac.new(derived_key(secret_key, "archive"), b"mark", "sha256").hexdigest()[:16]


def line_of(row: dict[str, Any]) -> bytes:
    """A row as a line. Times are RFC 3339."""
    return json.dumps({name: _plain(value) for name, value in row.items()}, separators=(",", ":")).encode() + b"\n"


def rows_from(lines: Iterator[bytes], table: Table) -> Iterator[dict[str, Any]]:
    """Raises ValueError or KeyError where a line is no row of this table."""
    for line in lines:
        yield {name: _typed(table.c[name], value) for name, value in json.loads(line).items()}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value  # every datetime is a date


def _typed(column: Column[Any], value: Any) -> Any:
    kind = column.type.python_type
    return kind.fromisoformat(value) if value is not None and kind in (datetime, date) else value
