"""A real PostgreSQL with a cluster of its own, apart from any system service; it asks for no password."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
from pathlib import Path

import psycopg

from tests.servers.server import Server, ServerMissingError

ROLE = "testimonials"
# Where distributions and Homebrew keep the server programs; PATH often has the client only, or another one.
PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)
# Without fsync only a crash of the machine loses data, not one of the process. synchronous_commit stays on:
# what a test saw committed is still there after kill().
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "dynamic_shared_memory_type": "mmap",
}


def programs() -> Path | None:
    """The folder that holds both initdb and postgres, of the newest version there is."""
    folders = [found for place in PLACES for found in Path("/").glob(place.lstrip("/"))]
    folders.sort(key=_version, reverse=True)
    if config := shutil.which("pg_config"):
        answer = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False)
        folders.append(Path(answer.stdout.strip()))
    if initdb := shutil.which("initdb"):
        folders.append(Path(initdb).resolve().parent)
    return next((found for found in folders if (found / "initdb").exists() and (found / "postgres").exists()), None)


def _version(folder: Path) -> int:
    digits = "".join(character for character in folder.parent.name if character.isdigit())
    return int(digits or 0)


def unprivileged_user() -> str | None:
    """Whom to run as: PostgreSQL refuses to be root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in known), None)


class PostgresServer(Server):
    name = "postgres"

    @classmethod
    def check_installed(cls) -> None:
        if programs() is None:
            raise ServerMissingError("PostgreSQL (initdb, postgres) is not installed: run .ci/setup test.")

    def prepare(self) -> None:
        self._user = unprivileged_user()
        self._programs = programs() or Path()
        self._databases = itertools.count(1)
        if self._user:
            shutil.chown(self.folder, self._user)
        options = [f"--username={ROLE}", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"]
        self.spawn([self._programs / "initdb", "-D", self._data, *options], user=self._user)
        if self._processes.pop().wait(60):
            raise RuntimeError(f"initdb failed:\n{self.log_tail()}")

    def launch(self) -> None:
        options = [f"--{name}={value}" for name, value in {**OPTIONS, "port": str(self.port)}.items()]
        self.spawn([self._programs / "postgres", "-D", self._data, *options], user=self._user)

    def is_ready(self) -> bool:
        try:
            with psycopg.connect(self._address("postgres"), connect_timeout=2) as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    @property
    def url(self) -> str:
        """SQLAlchemy's URL of the maintenance database; take `new_database` for tables."""
        return self._sqlalchemy_url("postgres")

    def new_database(self) -> str:
        """SQLAlchemy's URL of a fresh and empty database."""
        name = f"test_{os.getpid()}_{next(self._databases)}"
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0".encode())
        return self._sqlalchemy_url(name)

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _address(self, database: str) -> str:
        return f"postgresql://{ROLE}@127.0.0.1:{self.port}/{database}"

    def _sqlalchemy_url(self, database: str) -> str:
        return self._address(database).replace("postgresql:", "postgresql+psycopg:", 1)
