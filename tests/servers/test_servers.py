"""The test servers are what they claim to be: real, alone, breakable on purpose, and gone afterwards."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psycopg
import pytest
import redis
import sqlalchemy
from botocore.exceptions import ClientError

from tests.servers import guard
from tests.servers.fixtures import started
from tests.servers.ports import free_ports
from tests.servers.postgres import PostgresServer
from tests.servers.redis import RedisServer
from tests.servers.s3 import S3Server
from tests.servers.server import Server

pytestmark = pytest.mark.servers
ROOT = Path(__file__).parents[2]
KINDS = (PostgresServer, RedisServer, S3Server)


def put_note(url: str, text: str) -> None:
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("CREATE TABLE IF NOT EXISTS note (body text)"))
        connection.execute(sqlalchemy.text("INSERT INTO note VALUES (:body)"), {"body": text})
    engine.dispose()


def notes(url: str) -> list[str]:
    engine = sqlalchemy.create_engine(url)
    with engine.connect() as connection:
        found = list(connection.scalars(sqlalchemy.text("SELECT body FROM note")))
    engine.dispose()
    return found


def refuses_connections(port: int) -> bool:
    with socket.socket() as client:
        client.settimeout(2)
        return client.connect_ex(("127.0.0.1", port)) != 0


def test_ports_of_a_row_are_free_and_given_once() -> None:
    first, second = free_ports(3), free_ports(3)
    assert abs(first - second) >= 3
    assert all(refuses_connections(port) for port in range(first, first + 3))


def test_postgres_databases_are_separate_and_survive_a_crash(postgres_server: PostgresServer) -> None:
    one, other = postgres_server.new_database(), postgres_server.new_database()
    put_note(one, "ünïcode ✓")
    put_note(other, "elsewhere")
    with postgres_server.outage():
        assert refuses_connections(postgres_server.port)
    assert notes(one) == ["ünïcode ✓"]
    assert notes(other) == ["elsewhere"]


def test_postgres_hangs_on_open_connections_and_wakes_up(postgres_server: PostgresServer) -> None:
    address = postgres_server.url.replace("+psycopg", "", 1)
    with (
        psycopg.connect(address) as connection,
        postgres_server.hang(),
        socket.socket(fileno=os.dup(connection.fileno())) as wire,
    ):
        wire.settimeout(0.3)
        wire.sendall(b"Q\x00\x00\x00\x0dSELECT 1\x00")  # a simple query, as the protocol writes it
        with pytest.raises(TimeoutError):
            wire.recv(1)
    assert postgres_server.is_ready()


def test_redis_answers_and_comes_back_empty(redis_server: RedisServer) -> None:
    with redis.Redis.from_url(redis_server.url, socket_timeout=0.3) as client:
        client.set("greeting", "hello")
        assert client.get("greeting") == b"hello"
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        with redis_server.hang(), pytest.raises(redis.TimeoutError):
            client.get("greeting")
        with redis_server.outage(), pytest.raises(redis.ConnectionError):
            client.get("greeting")
        assert client.get("greeting") is None


def test_s3_keeps_objects_through_a_crash_of_its_gateway(s3_server: S3Server) -> None:
    assert s3_server.storage_url("notes") == s3_server.storage_url("notes")
    client = s3_server.client()
    client.put_object(Bucket="notes", Key="a b/ü.txt", Body=b"hello")
    with s3_server.outage():
        assert refuses_connections(s3_server.port)
    assert client.get_object(Bucket="notes", Key="a b/ü.txt", Range="bytes=1-3")["Body"].read() == b"ell"
    client.close()


def test_s3_hangs_and_wakes_up(s3_server: S3Server) -> None:
    with s3_server.hang(), pytest.raises(TimeoutError):
        urllib.request.urlopen(s3_server.endpoint, timeout=0.3)
    assert s3_server.is_ready()


def test_s3_refuses_a_wrong_secret_and_strangers(s3_server: S3Server) -> None:
    s3_server.storage_url("private")
    client = s3_server.client(secret_key="not-the-secret")
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        client.list_objects_v2(Bucket="private")
    client.close()
    with pytest.raises(urllib.error.HTTPError, match="403") as refusal:
        urllib.request.urlopen(f"{s3_server.endpoint}/private", timeout=5)
    refusal.value.close()


@pytest.mark.parametrize("kind", KINDS)
def test_stop_leaves_neither_process_nor_folder(kind: type[Server]) -> None:
    server = started(kind)
    processes = server.processes()
    assert processes
    server.pause()  # what is stopped has to end as well
    server.stop()
    assert not any(map(guard.is_alive, processes))
    assert not server.folder.exists()
    server.stop()  # a second time does nothing


RUN_THAT_IS_KILLED = """
import sys, time
from {module} import {kind} as Server
server = Server()
print(server.folder, *server.processes(), flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_survives_a_killed_test_run(kind: type[Server]) -> None:
    started(kind).stop()  # skips where the programs are missing
    script = RUN_THAT_IS_KILLED.format(module=kind.__module__, kind=kind.__name__)
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        folder, *numbers = run.stdout.readline().split()
        processes = [int(number) for number in numbers]
        was_alive = processes and guard.is_alive(processes[0])
        run.kill()
    assert was_alive
    guard.wait_until_gone(processes, 15)
    assert not any(map(guard.is_alive, processes))
    deadline = time.monotonic() + 5
    while Path(folder).exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not Path(folder).exists()


def test_missing_programs_skip_with_a_reason_and_fail_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"run \.ci/setup test"):
        started(RedisServer)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=r"run \.ci/setup test"):
        started(S3Server)
