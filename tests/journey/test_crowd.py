"""Many clients at once, most of them silent or slow: the others must not notice."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import httpx
import pytest

from tests.installation import Installation, embedded


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with embedded(tmp_path_factory.mktemp("crowd")) as installation:
        yield installation


def connect(house: Installation, stack: ExitStack, opening: bytes) -> None:
    target = urlsplit(house.base)
    connection = stack.enter_context(socket.create_connection((target.hostname, target.port), timeout=5))  # type: ignore[type-var]
    connection.sendall(opening)


def test_silent_connections_deafen_nobody(house: Installation) -> None:
    with ExitStack() as stack:
        for _ in range(200):
            connect(house, stack, b"")
        assert httpx.get(f"{house.base}/healthz", timeout=5).status_code == 200


def test_slow_bodies_stop_nobody(house: Installation) -> None:
    head = b"POST /events HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\n0123456789"
    with ExitStack() as stack:
        for _ in range(40):
            connect(house, stack, head)
        assert httpx.get(f"{house.base}/healthz", timeout=5).status_code == 200
