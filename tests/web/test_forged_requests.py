"""A page of somebody else sends the owner's browser to every route that changes something: nothing changes."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from flask import Flask
from flask.testing import FlaskClient

from testimonials.runtime import Runtime
from testimonials.services import widgets
from tests import acts
from tests.conftest import Someone
from tests.web.accounts.test_roles import OPEN, path_of, rules

ABOUT_READING = {"sign_ins", "audit_heads"}
"""Tables that say when somebody was last here."""


def test_without_the_forms_token_no_route_changes_anything(
    app: Flask, runtime: Runtime, owner: Someone, customer: FlaskClient
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    tokens = [acts.hand_in(customer, b"x")["token"], widgets.create(runtime, owner.workspace_id, name="Home").token]
    before = everything(runtime)
    done = walk(app, owner, tokens)
    assert everything(runtime) == before, done
    assert {status for status in done.values() if status < 300} <= {200}
    assert len(done) > 80
    app.config["WTF_CSRF_ENABLED"] = False
    walk(app, owner, tokens)
    assert everything(runtime) != before, "the walk would have changed something"


def walk(app: Flask, owner: Someone, tokens: list[str]) -> dict[str, int]:
    """Every unsafe route of the console and the accounts, with real names where it takes some. Answers by address."""
    done = {}
    for rule, method in rules(app, "console", "accounts"):
        if method == "GET" or rule.endpoint in OPEN:
            continue
        for token in tokens if "token" in rule.arguments else tokens[:1]:
            path = path_of(app, rule, {"token": token, "slug": "spring", "language": "en", "act": "approve"})
            form = {"name": "Forged", "role": "owner", "email": "forged@elsewhere.example", "act": "approve"}
            done[f"{method} {path}"] = owner.client.open(path, method=method, data=form).status_code
    assert all(status < 500 for status in done.values()), done
    return done


def everything(runtime: Runtime) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables but those that note a visit."""
    with closing(sqlite3.connect(runtime.settings.data_dir / "testimonials.db")) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            table: connection.execute(f'SELECT * FROM "{table}" ORDER BY 1').fetchall()
            for table in tables
            if table not in ABOUT_READING and not table.startswith(("sqlite_", "search_index"))
        }
