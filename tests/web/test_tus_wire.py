"""tus on the wire, against the real web server: what never reaches a test client, and what happens all at once."""

from __future__ import annotations

import hashlib
import os
import random
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests import acts
from tests.installation import Installation, patch, stored, tus, wait_for, web_only

pytestmark = pytest.mark.servers
TYPE = "application/offset+octet-stream"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with web_only(tmp_path_factory.mktemp("wire"), max_upload_bytes="50000000") as started:
        yield started


@dataclass
class Answer:
    status: int
    headers: dict[str, str]


class Wire:
    """One connection, byte by byte."""

    def __init__(self, address: str) -> None:
        target = urlsplit(address)
        self.path, self.host = target.path, target.netloc
        self.socket = socket.create_connection((target.hostname, target.port), timeout=10)  # type: ignore[type-var]
        self._left = b""

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, method: str, *headers: str) -> None:
        lines = [f"{method} {self.path} HTTP/1.1", f"Host: {self.host}", "Tus-Resumable: 1.0.0", *headers, "", ""]
        self.socket.sendall("\r\n".join(lines).encode())

    def answer(self) -> Answer:
        received = self._left
        while b"\r\n\r\n" not in received:
            piece = self.socket.recv(4096)
            assert piece, received
            received += piece
        head, _, self._left = received.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        return Answer(int(first.split()[1]), headers)


def offset(address: str) -> int:
    return int(httpx.head(address, headers=acts.TUS).headers["Upload-Offset"])


def body_of(house: Installation, address: str) -> bytes:
    return b"".join(stored(house, address))


def kept_bytes(house: Installation) -> int:
    return sum(path.stat().st_size for path in (house.data / "storage").rglob("*") if path.is_file())


def test_a_body_without_a_length(house: Installation) -> None:
    """Chunked, as a client sends that streams: all of it arrives, not nothing."""
    body = os.urandom(3_000_000)
    address = tus(house, body)
    headers = {**acts.TUS, "Upload-Offset": "0", "Content-Type": TYPE}
    pieces = (body[at : at + 70_000] for at in range(0, len(body), 70_000))
    assert httpx.patch(address, content=pieces, headers=headers, timeout=30).headers["Upload-Offset"] == "3000000"
    assert body_of(house, address) == body


def test_a_body_without_a_length_that_is_too_long(house: Installation) -> None:
    address = tus(house, b"x" * 10)
    with Wire(address) as wire:
        wire.send("PATCH", "Upload-Offset: 0", f"Content-Type: {TYPE}", "Transfer-Encoding: chunked")
        wire.socket.sendall(b"30d40\r\n" + b"x" * 200_000)  # and no end in sight
        assert wire.answer().status == 413
    assert (offset(address), body_of(house, address)) == (0, b"")


def test_a_chunked_body_cut_midway_keeps_what_arrived(house: Installation) -> None:
    address = tus(house, b"0123456789")
    with Wire(address) as wire:
        wire.send("PATCH", "Upload-Offset: 0", f"Content-Type: {TYPE}", "Transfer-Encoding: chunked")
        wire.socket.sendall(b"4\r\n0123\r\n8\r\n45")
    wait_for(lambda: offset(address) >= 4, 10)
    kept = offset(address)
    assert body_of(house, address) == b"0123456789"[:kept]
    assert patch(address, b"0123456789"[kept:], kept).status_code == 204


def test_a_client_that_asks_before_it_sends(house: Installation) -> None:
    address = tus(house, b"01234")
    with Wire(address) as wire:
        wire.send("PATCH", "Upload-Offset: 0", f"Content-Type: {TYPE}", "Content-Length: 5", "Expect: 100-continue")
        assert wire.answer().status == 100
        wire.socket.sendall(b"01234")
        assert wire.answer().status == 204
    assert body_of(house, address) == b"01234"


@pytest.mark.parametrize(("position", "size", "status"), [(3, 5, 409), (0, 6, 413), (0, 10**12, 413)])
def test_a_client_that_asks_is_refused_before_it_sends(
    house: Installation, position: int, size: int, status: int
) -> None:
    address = tus(house, b"01234")
    with Wire(address) as wire:
        length = f"Content-Length: {size}"
        wire.send("PATCH", f"Upload-Offset: {position}", f"Content-Type: {TYPE}", length, "Expect: 100-continue")
        assert wire.answer().status == status
    assert offset(address) == 0


def test_too_much_is_refused_while_it_is_still_coming(house: Installation) -> None:
    """The answer is there although the body is not: nobody has to send a gigabyte to be told."""
    address = tus(house, b"x" * 1000)
    with Wire(address) as wire:
        wire.send("PATCH", "Upload-Offset: 0", f"Content-Type: {TYPE}", "Content-Length: 1000000000")
        wire.socket.sendall(b"x" * 100_000)
        assert wire.answer().status == 413
    assert (offset(address), body_of(house, address)) == (0, b"")


@pytest.mark.parametrize(
    "headers",
    [
        ("Upload-Offset: 0", "Upload-Offset: 0", "Content-Length: 5"),
        ("Upload-Offset: 0", "Upload-Offset: 5", "Content-Length: 5"),
        ("Upload-Offset: 0", "Content-Length: 5", "Content-Length: 7"),
        ("Upload-Offset: 0", "Content-Length: -5"),
        ("Upload-Offset: 0", "Content-Length: five"),
        ("Upload-Offset: \xb2", "Content-Length: 5"),
    ],
)
def test_headers_that_contradict_each_other(house: Installation, headers: tuple[str, ...]) -> None:
    address = tus(house, b"01234")
    with Wire(address) as wire:
        wire.send("PATCH", f"Content-Type: {TYPE}", *headers)
        wire.socket.sendall(b"01234")
        assert wire.answer().status == 400
    assert offset(address) == 0


def test_two_uploads_on_one_connection(house: Installation) -> None:
    first, second = tus(house, b"01234"), tus(house, b"56789")
    with Wire(first) as wire:
        for address, body in ((first, b"01234"), (second, b"56789")):
            wire.path = urlsplit(address).path
            wire.send("PATCH", "Upload-Offset: 0", f"Content-Type: {TYPE}", "Content-Length: 5")
            wire.socket.sendall(body)
            assert wire.answer().status == 204
            wire.send("HEAD")
            assert wire.answer().headers["upload-offset"] == "5"


def test_an_old_connection_that_hangs_is_in_nobodys_way(house: Installation) -> None:
    """A phone changed from one network to the other: the old request still waits for bytes, the new one goes on."""
    body = os.urandom(200_000)
    address = tus(house, body)
    with Wire(address) as old:
        old.send("PATCH", "Upload-Offset: 0", f"Content-Type: {TYPE}", f"Content-Length: {len(body)}")
        old.socket.sendall(body[:90_000])
        assert patch(address, body, offset(address)).status_code == 204
        old.socket.sendall(body[90_000:])
        assert old.answer().status == 409, "what came late changes nothing"
    assert body_of(house, address) == body
    assert list((house.data / "scratch").iterdir()) == []


def test_many_tabs_send_one_upload(house: Installation) -> None:
    """Each asks where it stands, sends a piece and is sometimes too late: every byte is there once."""
    body = os.urandom(2_000_000)
    before, address = kept_bytes(house), tus(house, body)
    seen: list[int] = []

    def tab(seed: int) -> None:
        dice = random.Random(seed)
        with httpx.Client(timeout=30) as client:
            while (at := int(client.head(address, headers=acts.TUS).headers["Upload-Offset"])) < len(body):
                headers = {**acts.TUS, "Upload-Offset": str(at), "Content-Type": TYPE}
                piece = body[at : at + dice.randint(1, 90_000)]
                seen.append(client.patch(address, content=piece, headers=headers).status_code)

    tabs = [threading.Thread(target=tab, args=(seed,)) for seed in range(6)]
    for each in tabs:
        each.start()
    for each in tabs:
        each.join()
    assert set(seen) == {204, 409}, "they did get into each other's way"
    assert hashlib.sha256(body_of(house, address)).digest() == hashlib.sha256(body).digest()
    assert kept_bytes(house) - before == len(body), "what came too late was removed again"


def test_the_defaults_hold_on_a_real_server(tmp_path: Path) -> None:
    with web_only(tmp_path, limit_uploads="2") as house:
        assert [tus(house, b"x").startswith(house.base) for _ in range(2)] == [True, True]
        headers = {**acts.TUS, "Upload-Length": "1", "Upload-Metadata": acts.metadata(campaign="spring")}
        refused = httpx.post(f"{house.base}/uploads", headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
        assert 1 <= int(refused.headers["Retry-After"]) <= 3600
