"""What all tests share: a runtime of their own, the three people who ask, and no network beyond this machine."""

from __future__ import annotations

import ipaddress
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from testimonials import migrations
from testimonials.app import create_app
from testimonials.db import Database
from testimonials.models import Member
from testimonials.runtime import Runtime
from testimonials.services import accounts, passwords
from testimonials.services.campaigns import create as create_campaign
from testimonials.settings import Settings, load
from testimonials.storage.memory import MemoryStorage

pytest_plugins = ["tests.browsers", "tests.post", "tests.servers.fixtures"]


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reaches beyond this machine, and none can send mail."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if self.family != socket.AF_UNIX:
            host = str(address[0])  # type: ignore[index]
            if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
                raise AssertionError(f"a test wants to reach {host}")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session", autouse=True)
def routes_are_compiled_once() -> Iterator[None]:
    """Werkzeug compiles each route to code, twice. A thousand tests make an app each: that was half of their time."""
    compiled: dict[tuple[object, ...], Any] = {}
    compile_one = Rule._compile_builder

    def once(self: Rule, append_unknown: bool = True) -> Any:
        key = (self.rule, tuple(self._trace), repr(self.defaults), append_unknown)
        if key not in compiled:
            compiled[key] = compile_one(self, append_unknown)
        return compiled[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", once)
        yield


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load({"TESTIMONIALS_SECRET_KEY": "0123456789abcdef0123456789abcdef"}, data_dir=tmp_path / "data")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def both(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database: a test that asks for it runs on both kinds."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/empty.db"
    return str(request.getfixturevalue("postgres_server").new_database())


@dataclass
class Nudges:
    """Stands for the broker: remembers what it was told."""

    sent: list[tuple[str, str]]

    def __call__(self, name: str, job_id: str) -> bool:
        self.sent.append((name, job_id))
        return True


@pytest.fixture
def nudges() -> Nudges:
    return Nudges([])


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file, to be copied: migrating anew for every test would take longer than most tests."""
    path = tmp_path_factory.mktemp("migrated") / "testimonials.db"
    db = Database(f"sqlite:///{path}")
    migrations.upgrade(db)
    db.close()
    return path


@pytest.fixture
def runtime(settings: Settings, nudges: Nudges, migrated: Path) -> Iterator[Runtime]:
    settings.scratch_dir.mkdir()
    shutil.copy(migrated, settings.data_dir / "testimonials.db")
    db = Database(settings.database_url)
    yield Runtime(settings, db, MemoryStorage(), nudges)
    db.close()


@dataclass(frozen=True)
class Someone:
    """A member of a workspace, with a signed-in browser and an API token."""

    workspace_id: str
    client: FlaskClient
    token: str

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@pytest.fixture
def app(runtime: Runtime) -> Flask:
    app = create_app(runtime=runtime)
    app.config["WTF_CSRF_ENABLED"] = False
    return app


@pytest.fixture
def customer(app: Flask) -> FlaskClient:
    """Nobody in particular: no account, no cookie."""
    return app.test_client()


@pytest.fixture
def owner(runtime: Runtime, app: Flask) -> Someone:
    workspace = accounts.create_workspace(runtime, name="Copper Spoke")
    create_campaign(runtime, workspace, slug="spring", name="Spring tune-up")
    return _join(runtime, app, workspace, "owner@copper.example", "owner")


@pytest.fixture
def moderator(runtime: Runtime, app: Flask, owner: Someone) -> Someone:
    return _join(runtime, app, owner.workspace_id, "moderator@copper.example", "moderator")


@pytest.fixture
def viewer(runtime: Runtime, app: Flask, owner: Someone) -> Someone:
    return _join(runtime, app, owner.workspace_id, "viewer@copper.example", "viewer")


@pytest.fixture
def stranger(runtime: Runtime, app: Flask) -> Someone:
    """Signed in, but to another workspace."""
    workspace = accounts.create_workspace(runtime, name="Elsewhere")
    return _join(runtime, app, workspace, "stranger@elsewhere.example", "owner")


@cache
def _password_hash() -> str:
    """Of the same password for everybody: argon2 is slow on purpose, and hundreds of tests need somebody signed in."""
    return passwords.hashed("correct horse battery")


def _join(runtime: Runtime, app: Flask, workspace: str, email: str, role: str) -> Someone:
    member = accounts.add_member(runtime, workspace, email=email, role=role)
    with runtime.db.transaction() as transaction:
        transaction.get_one(Member, member).password_hash = _password_hash()
    client = app.test_client()
    client.post(accounts.sign_in_link(runtime, member).removeprefix(runtime.settings.base_url))
    return Someone(workspace, client, accounts.add_token(runtime, workspace, name=role))
