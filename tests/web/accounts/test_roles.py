"""Every route of the console, the accounts and the API: who may, who may not, and what strangers get."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from testimonials.domain.roles import ACTS, API_ACTS, LOOK, MANAGE, MAY_GIVE, MODERATE, ROLES, api_act
from testimonials.runtime import Runtime
from testimonials.services import accounts, team, tokens
from tests import acts
from tests.conftest import Someone

OPEN = {
    f"accounts.{name}"
    for name in (
        *("sign_in", "ask_for_link", "code", "by_link", "join", "to_company", "from_company"),
        *("passkey_question", "by_passkey", "sign_out"),
    )
}
"""For whoever comes. Each has tests of its own."""


def rules(app: Flask, *blueprints: str) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint.partition(".")[0] in blueprints:
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method


def path_of(app: Flask, rule: Rule, given: dict[str, str] | None = None) -> str:
    values = {name: (given or {}).get(name, "guess") for name in rule.arguments}
    with app.test_request_context():
        return app.url_map.bind("localhost").build(rule.endpoint, values)


def act_of(app: Flask, rule: Rule, method: str) -> str | None:
    looking, sending = getattr(app.view_functions[rule.endpoint], "required_acts", (None, None))
    return looking if method == "GET" else sending


def test_the_table_is_whole() -> None:
    assert list(ROLES) == ["owner", "editor", "moderator", "viewer"] == list(MAY_GIVE)
    assert ROLES["viewer"] == {LOOK}
    assert ROLES["moderator"] == {LOOK, MODERATE}
    assert ROLES["owner"] == set(ACTS)
    assert MANAGE not in ROLES["editor"]
    for role, given in MAY_GIVE.items():
        assert all(ROLES[each] <= ROLES[role] for each in given), "nobody gives more than they have"
    assert set(API_ACTS.values()) <= set(ACTS)


def test_every_route_declares_what_it_asks_for(app: Flask) -> None:
    silent = {
        rule.endpoint
        for rule, method in rules(app, "console", "accounts")
        if rule.endpoint not in OPEN and act_of(app, rule, method) not in ACTS
    }
    assert silent == set(), "a view of the console needs @requires(…)"
    undeclared = {rule.endpoint for rule, _ in rules(app, "api")} - set(API_ACTS)
    assert undeclared == set(), "a route of the API needs a line in domain/roles.py; until then it is for owners alone"
    assert set(API_ACTS) <= {rule.endpoint for rule, _ in rules(app, "api")}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_what_the_table_says(app: Flask, join: Callable[[str], FlaskClient], role: str) -> None:
    wrong = {}
    for rule, method in rules(app, "console", "accounts"):
        act = act_of(app, rule, method)
        if rule.endpoint in OPEN or act is None:
            continue
        answer = join(role).open(path_of(app, rule), method=method)
        to_sign_in = "/sign-in" in answer.headers.get("Location", "") and rule.endpoint != "accounts.leave"
        refused = answer.status_code in (401, 403) or to_sign_in
        if refused == (act in ROLES[role]) or answer.status_code >= 500:
            wrong[f"{method} {rule.endpoint}"] = (act, answer.status_code)
    assert wrong == {}


@pytest.mark.parametrize("role", ROLES)
def test_each_token_gets_what_its_role_may(app: Flask, runtime: Runtime, owner: Someone, role: str) -> None:
    token = accounts.add_token(runtime, owner.workspace_id, name="t", role=role)
    wrong = {}
    for rule, method in rules(app, "api"):
        answer = app.test_client().open(path_of(app, rule), method=method, headers={"Authorization": f"Bearer {token}"})
        refused = answer.status_code in (401, 403)
        if refused == (api_act(rule.endpoint) in ROLES[role]) or answer.status_code >= 500:
            wrong[f"{method} {rule.endpoint}"] = answer.status_code
    assert wrong == {}


def test_who_is_not_signed_in_gets_nowhere(app: Flask, customer: FlaskClient) -> None:
    for rule, method in rules(app, "console", "accounts", "api"):
        if rule.endpoint in OPEN | {"api.openapi"}:
            continue
        answer = customer.open(path_of(app, rule), method=method)
        if rule.endpoint.startswith("api."):
            assert answer.status_code == 401, rule
        else:
            assert answer.status_code == 302, rule
            assert answer.headers["Location"].startswith("/sign-in?next="), rule


def test_an_owner_of_another_workspace_finds_nothing(
    app: Flask, runtime: Runtime, owner: Someone, stranger: Someone, customer: FlaskClient
) -> None:
    """With real names of everything that the workspace has."""
    me = accounts.person(runtime, owner_cookie(owner))
    team.invite(runtime, me, email="new@copper.example", role="viewer")
    tokens.make(runtime, me, name="shop", role="viewer")
    member, invitation = team.people(runtime, me)[0].handle, team.invited(runtime, me)[0].handle
    given = {
        "accounts.resend_invitation": invitation,
        "accounts.revoke_invitation": invitation,
        "accounts.revoke_token": tokens.listing(runtime, owner.workspace_id)[0].handle,
        "accounts.change_role": member,
        "accounts.remove_member": member,
        "accounts.open_workspace": member,
    }
    testimonial = acts.hand_in(customer, b"x")["token"]
    reached = {}
    for rule, method in rules(app, "console", "accounts", "api"):
        if rule.endpoint in OPEN or not rule.arguments:
            continue
        values = {"token": given.get(rule.endpoint, testimonial), "slug": "spring", "language": "en"}
        headers = {**stranger.bearer, "Accept": "application/json"} if rule.endpoint.startswith("api.") else {}
        answer = stranger.client.open(
            path_of(app, rule, values), method=method, headers=headers, data={"role": "viewer"}
        )
        if answer.status_code not in (400, 404, 422):  # a body that is missing may be found missing first
            reached[f"{method} {rule.endpoint}"] = answer.status_code
    assert reached == {}
    assert len(team.people(runtime, me)) == 1
    assert len(team.invited(runtime, me)) == 1


def owner_cookie(owner: Someone) -> str:
    with owner.client.session_transaction() as session:
        return session["sign_in"]
