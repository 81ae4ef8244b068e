"""A hundred cuts in one upload: what arrives has to be what was sent, to the last byte."""

from __future__ import annotations

import hashlib
import random
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from tests import acts
from tests.bench.measure import Result
from tests.cutting import RESET
from tests.installation import Installation, stored, tus, web_only

BYTES, CUTS = 200_000_000, 100
WAIT_SECONDS = 0.02  # before it asks where it stands; our recorder waits longer


@dataclass
class Sending:
    """One upload, and what it took."""

    address: str
    seconds: float = 0.0
    cuts: int = 0
    sent: int = 0


def measure() -> Result:
    dice = random.Random(100)
    body = dice.randbytes(BYTES)
    places = sorted(dice.randrange(1, BYTES) for _ in range(CUTS))
    with tempfile.TemporaryDirectory() as folder, web_only(Path(folder)) as installation:
        whole = _send(installation, body, [])
        cut = _send(installation, body, places)
        wrong = sum(_wrong_bytes(installation, each.address, body) for each in (whole, cut))
        same = _digest(stored(installation, cut.address)) == _digest(iter([body]))
    assert cut.cuts == CUTS
    return Result(
        "upload-cuts",
        wrong / BYTES,
        0,
        f"{CUTS} cuts in {BYTES // 10**6} MB: {wrong} bytes wrong or lost, sha256 {'identical' if same else 'DIFFERS'};"
        f" {cut.seconds:.1f} s, {cut.seconds / whole.seconds:.1f} times the {whole.seconds:.1f} s without cuts;"
        f" {(cut.sent - BYTES) / 1e6:.1f} MB sent twice",
    )


def _send(installation: Installation, body: bytes, places: list[int]) -> Sending:
    """The whole rest in each PATCH. The line breaks at `places`, by turns with a reset and with a quiet end."""
    sending = Sending(tus(installation, body))
    cuts: Iterator[int] = chain(places, repeat(len(body)))
    started = time.monotonic()
    with httpx.Client(timeout=60) as client:
        while (offset := int(client.head(sending.address, headers=acts.TUS).headers["Upload-Offset"])) < len(body):
            # Where less was kept than was sent, the next place may lie behind us already: then it breaks at once.
            end = max(next(cuts), offset + 1)
            sending.sent += _patch(sending.address, body, offset, end, reset=bool(sending.cuts % 2))
            if end < len(body):
                sending.cuts += 1
                time.sleep(WAIT_SECONDS)
    sending.seconds = time.monotonic() - started
    return sending


def _patch(address: str, body: bytes, offset: int, end: int, *, reset: bool) -> int:
    """Announce everything from `offset` on, send until `end`, and hear the answer only if that is all. Bytes sent."""
    target, view = urlsplit(address), memoryview(body)
    lines = [
        f"PATCH {target.path} HTTP/1.1", f"Host: {target.netloc}", "Tus-Resumable: 1.0.0", f"Upload-Offset: {offset}",
        "Content-Type: application/offset+octet-stream", f"Content-Length: {len(body) - offset}", "", "",
    ]  # fmt: skip
    with socket.create_connection((target.hostname, target.port)) as line:  # type: ignore[type-var]
        with suppress(ConnectionError):  # it was told in between that other bytes are expected
            line.sendall("\r\n".join(lines).encode())
            line.sendall(view[offset:end])
            if end == len(body):
                line.recv(4096)
        if reset:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    return end - offset


def _wrong_bytes(installation: Installation, address: str, body: bytes) -> int:
    """How many bytes differ, are missing or are too many."""
    at = wrong = 0
    for chunk in stored(installation, address):
        wanted = body[at : at + len(chunk)]
        if chunk != wanted:
            wrong += sum(1 for here, there in zip(chunk, wanted, strict=False) if here != there)
        at += len(chunk)
    return wrong + abs(len(body) - at)


def _digest(pieces: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()
