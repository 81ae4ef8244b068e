"""Members with any role, signed in without the cost of a password; and a mailbox that reads what the house would send."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from testimonials.app import create_app
from testimonials.models import Mail, Member
from testimonials.runtime import Runtime
from testimonials.services import accounts, sign_ins
from testimonials.services.sign_ins import Browser
from tests.conftest import Someone

PASSWORD = "correct horse battery"


def enter(app: Flask, runtime: Runtime, member_id: str, workspace_id: str | None = None) -> FlaskClient:
    """A browser in which this member is signed in."""
    client = app.test_client()
    with runtime.db.transaction() as transaction:
        member = transaction.get_one(Member, member_id)
        cookie = sign_ins.remember(transaction, member, Browser(), way="link", workspace_id=workspace_id)
    with client.session_transaction() as session:
        session["sign_in"] = cookie
    return client


@pytest.fixture
def join(app: Flask, runtime: Runtime, owner: Someone) -> Callable[[str], FlaskClient]:
    """A new member of the owner's workspace with this role, signed in."""
    number = iter(range(10_000))

    def joined(role: str) -> FlaskClient:
        email = f"{role}{next(number)}@copper.example"
        return enter(app, runtime, accounts.add_member(runtime, owner.workspace_id, email=email, role=role))

    return joined


@dataclass
class Mailbox:
    """What waits in the outbox, oldest first."""

    runtime: Runtime
    read: set[str] = field(default_factory=set)

    def new(self) -> list[Mail]:
        with self.runtime.db.read() as session:
            found = [mail for mail in session.scalars(select(Mail).order_by(Mail.id)) if mail.id not in self.read]
        self.read |= {mail.id for mail in found}
        return found

    def link(self) -> str:
        """The path of the one link of the one new mail."""
        (mail,) = self.new()
        (found,) = re.findall(r"https?://[^/\s]+(/(?:sign-in|join)/\S+)", mail.text)
        return found


@pytest.fixture
def posted(runtime: Runtime) -> Iterator[Runtime]:
    """The house with a mail server in its settings. Nothing is sent: what would be is read from the outbox."""
    settings = replace(runtime.settings, smtp_url="smtp://127.0.0.1:9", mail_from="Copper <reviews@copper.example>")
    kept = runtime.settings
    object.__setattr__(runtime, "settings", settings)
    yield runtime
    object.__setattr__(runtime, "settings", kept)


@pytest.fixture
def mailbox(posted: Runtime) -> Mailbox:
    return Mailbox(posted)


def app_at(runtime: Runtime, **settings: str) -> Flask:
    """Another app of the same house, with other settings."""
    app = create_app(runtime=replace(runtime, settings=replace(runtime.settings, **settings)))
    app.config["WTF_CSRF_ENABLED"] = False
    return app
