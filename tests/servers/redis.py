"""A real Redis that keeps nothing: after kill() and restart() it is empty, a broker that lost its memory."""

from __future__ import annotations

import shutil

import redis

from tests.servers.server import Server, ServerMissingError

OPTIONS = {
    "bind": "127.0.0.1",
    "save": '""',
    "appendonly": "no",
    "maxmemory-policy": "noeviction",
    "databases": "16",
}


class RedisServer(Server):
    name = "redis"

    @classmethod
    def check_installed(cls) -> None:
        if shutil.which("redis-server") is None:
            raise ServerMissingError("redis-server is not installed: run .ci/setup test.")

    def prepare(self) -> None:
        options = {**OPTIONS, "port": self.port, "dir": self.folder}
        lines = [f"{name} {value}\n" for name, value in options.items()]
        (self.folder / "redis.conf").write_text("".join(lines))

    def launch(self) -> None:
        self.spawn(["redis-server", self.folder / "redis.conf"])

    def is_ready(self) -> bool:
        with redis.Redis(port=self.port, host="127.0.0.1", socket_timeout=2) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"
