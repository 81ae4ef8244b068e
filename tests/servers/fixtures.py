"""The servers as fixtures: started when the first test asks, shared by the session, ended with it.

A test that breaks one heals it again: use `with server.outage():` and `with server.hang():`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TypeVar

import pytest

from tests.servers.postgres import PostgresServer
from tests.servers.redis import RedisServer
from tests.servers.s3 import S3Server
from tests.servers.server import Server, ServerMissingError

AnyServer = TypeVar("AnyServer", bound=Server)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    with started(PostgresServer) as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    with started(RedisServer) as server:
        yield server


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    with started(S3Server) as server:
        yield server


def started(kind: type[AnyServer]) -> AnyServer:
    """The server, or a skip that says why. In CI a skip would hide that nothing was tested: it fails."""
    try:
        return kind()
    except ServerMissingError as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing), pytrace=False)
        pytest.skip(str(missing))
