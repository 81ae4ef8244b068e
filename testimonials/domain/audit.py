"""The audit log's chain: each entry carries a hash of itself and of the one before, so that none can change unseen.

Pure: what an entry says goes in, its hash comes out. The same rule holds for an exported log, which anybody can check.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

GENESIS = ""
"""What stands before the first entry of a workspace."""


@dataclass(frozen=True)
class Said:
    """An entry. `number` counts from 1 within its workspace; `who` and `object` name by kind and id (`member:…`,
    `testimonial:…`), never by what a person is called."""

    workspace_id: str
    number: int
    at: datetime
    who: str
    act: str
    object: str
    detail: str


@dataclass(frozen=True)
class Break:
    """Where a log is not what was written: the first number that is wrong, and how."""

    number: int
    how: str


def stamped(at: datetime) -> str:
    """A time as it is hashed and exported: UTC, with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def chained(previous: str, said: Said) -> str:
    """SHA-256 in hex over a JSON array of the hash before and all fields, in order."""
    fields = [previous, said.workspace_id, said.number, stamped(said.at), said.who, said.act, said.object, said.detail]
    return hashlib.sha256(json.dumps(fields, ensure_ascii=True, separators=(",", ":")).encode()).hexdigest()


def first_break(entries: Iterable[tuple[Said, str]], head_number: int, head_hash: str) -> Break | None:
    """Look a workspace's log over, in the order of its numbers. `entries` are pairs of an entry and its kept hash; the head
    says how many there have to be and how the last one is hashed. None where all is as it was written."""
    number, previous = 0, GENESIS
    for said, kept in entries:
        number += 1
        if said.number != number:
            return Break(number, "is missing")
        if chained(previous, said) != kept:
            return Break(number, "was changed, or stands in another's place")
        previous = kept
    if number < head_number:
        return Break(number + 1, "is missing, and all after it")
    if (number, previous) != (head_number, head_hash):
        return Break(number, "is not the last one that was written")
    return None
