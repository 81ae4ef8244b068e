"""Members and invitations: who asks whom in, what a link is worth, and how somebody leaves."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from testimonials.models import Member, MemberInvitation, Membership, SignIn
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.services import accounts, team
from tests.conftest import Someone
from tests.web.accounts.conftest import Mailbox, enter

NEW = {"name": "Nora Vance", "password": "a quiet river at dawn"}


def person_of(runtime: Runtime, someone: Someone) -> accounts.Person:
    with someone.client.session_transaction() as session:
        found = accounts.person(runtime, session["sign_in"])
    assert found is not None
    return found


def invite(client: FlaskClient, email: str = "nora@copper.example", role: str = "moderator") -> int:
    return client.post("/console/team/invitations", data={"email": email, "role": role}).status_code


def handle_of(runtime: Runtime, owner: Someone, email: str) -> str:
    return next(each.handle for each in team.people(runtime, person_of(runtime, owner)) if each.email == email)


def test_an_invitation_is_mailed_and_joins_once(app: Flask, owner: Someone, mailbox: Mailbox) -> None:
    assert invite(owner.client) == 200
    path = mailbox.link()
    client = app.test_client()
    for _ in range(2):
        page = client.get(path)
        assert page.status_code == 200, "a mail scanner that follows it uses nothing up"
        assert "nora@copper.example" in page.text
    assert client.post(path, data={**NEW, "password": "short"}).status_code == 422
    assert client.post(path, data={**NEW, "password": "password123"}).status_code == 422
    assert client.post(path, data=NEW).headers["Location"] == "/console/"
    assert client.get("/console/").status_code == 200
    assert "Nora Vance" in owner.client.get("/console/team").text
    assert app.test_client().get(path).status_code == 404
    assert app.test_client().post(path, data=NEW).status_code == 404


def test_a_link_ends_when_it_is_withdrawn_sent_again_or_old(
    app: Flask, runtime: Runtime, owner: Someone, mailbox: Mailbox
) -> None:
    def handle() -> str:
        return team.invited(runtime, person_of(runtime, owner))[0].handle

    invite(owner.client)
    first = mailbox.link()
    assert owner.client.post(f"/console/team/invitations/{handle()}/resend").status_code == 200
    second = mailbox.link()
    assert [app.test_client().get(path).status_code for path in (first, second)] == [404, 200]
    assert owner.client.post(f"/console/team/invitations/{handle()}/revoke").status_code == 303
    assert app.test_client().get(second).status_code == 404
    invite(owner.client)
    third = mailbox.link()
    with runtime.db.transaction() as transaction:
        transaction.execute(update(MemberInvitation).values(expires_at=now() - timedelta(seconds=1)))
    assert app.test_client().post(third, data=NEW).status_code == 404
    assert "The link has expired" in owner.client.get("/console/team").text


def test_an_invitation_ends_with_its_senders_right_to_send_it(
    app: Flask, runtime: Runtime, owner: Someone, join: Callable[[str], FlaskClient], mailbox: Mailbox
) -> None:
    editor, boss = join("editor"), join("owner")
    links = {}
    for client, role in ((editor, "moderator"), (boss, "owner"), (boss, "viewer")):
        assert invite(client, f"other-{role}@copper.example", role) == 200
        links[role] = mailbox.link()
    by = person_of(runtime, owner)
    handles = {each.email: each.handle for each in team.people(runtime, by)}
    team.change_role(runtime, by, handles["owner1@copper.example"], "editor")
    assert {role: app.test_client().get(path).status_code for role, path in links.items()} == {
        "moderator": 200, "owner": 404, "viewer": 200,
    }  # fmt: skip
    team.remove(runtime, by, handles["editor0@copper.example"])
    assert app.test_client().get(links["moderator"]).status_code == 404, "nobody comes back by a link of their own"
    assert app.test_client().get(links["viewer"]).status_code == 200


def test_without_mail_the_link_is_shown_once(app: Flask, owner: Someone) -> None:
    page = owner.client.post("/console/team/invitations", data={"email": "nora@copper.example", "role": "viewer"}).text
    (path,) = re.findall(r"http://[^/]+(/join/[\w-]+)", page)
    assert path not in owner.client.get("/console/team").text
    assert app.test_client().get(path).status_code == 200


def test_links_lead_to_us_whatever_host_was_claimed(app: Flask, owner: Someone, mailbox: Mailbox) -> None:
    there = app.test_client()
    there.set_cookie("session", owner.client.get_cookie("session").value, domain="evil.example")  # type: ignore[union-attr]
    evil = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    for path, role in (("/console/team/invitations", "viewer"), ("/sign-in/link", "")):
        email = "nora@copper.example" if role else "owner@copper.example"
        assert there.post(path, data={"email": email, "role": role}, headers=evil).status_code == 200
        (mail,) = mailbox.new()
        assert "evil.example" not in mail.text + mail.html
        assert "http://127.0.0.1:8000/" in mail.text


def test_nobody_gives_more_than_they_have(
    runtime: Runtime, owner: Someone, join: Callable[[str], FlaskClient], mailbox: Mailbox
) -> None:
    editor = join("editor")
    assert invite(editor, role="moderator") == 200
    for role in ("owner", "editor", "king"):
        assert invite(editor, "other@copper.example", role) in (403, 422)
    assert invite(owner.client, "boss@copper.example", "owner") == 200
    boss = next(each for each in team.invited(runtime, person_of(runtime, owner)) if each.role == "owner")
    for act in ("resend", "revoke"):
        assert editor.post(f"/console/team/invitations/{boss.handle}/{act}").status_code == 403
    assert invite(editor, "boss@copper.example", "viewer") == 403, "nor takes an owner's invitation over"
    assert len(mailbox.new()) == 2


def test_bad_addresses_and_members_are_not_invited(owner: Someone, viewer: Someone) -> None:
    for email in ("nobody", "a b@c.example", "a@b\nBcc: c@d.example", ""):
        assert invite(owner.client, email) == 422, email
    assert invite(owner.client, "viewer@copper.example") == 409


def test_a_role_is_changed_at_once(runtime: Runtime, owner: Someone, viewer: Someone) -> None:
    handle = handle_of(runtime, owner, "viewer@copper.example")
    assert viewer.client.post("/console/team/members/guess/role", data={"role": "owner"}).status_code == 403
    assert viewer.client.get("/console/tokens").status_code == 403
    assert owner.client.post(f"/console/team/members/{handle}/role", data={"role": "owner"}).status_code == 303
    assert viewer.client.get("/console/tokens").status_code == 200
    assert owner.client.post(f"/console/team/members/{handle}/role", data={"role": "king"}).status_code == 422


def test_who_is_removed_is_out_at_once(runtime: Runtime, owner: Someone, viewer: Someone) -> None:
    handle = handle_of(runtime, owner, "viewer@copper.example")
    assert viewer.client.get("/console/").status_code == 200
    assert owner.client.post(f"/console/team/members/{handle}/remove").status_code == 303
    assert viewer.client.get("/console/").status_code == 302
    with runtime.db.read() as session:
        gone = select(Member.id).where(Member.email == "viewer@copper.example")
        assert session.scalar(gone) is None, "nobody's member: nothing of them is kept"


def test_a_workspace_keeps_an_owner(runtime: Runtime, owner: Someone, join: Callable[[str], FlaskClient]) -> None:
    me = handle_of(runtime, owner, "owner@copper.example")
    assert owner.client.post(f"/console/team/members/{me}/role", data={"role": "viewer"}).status_code == 409
    assert owner.client.post(f"/console/team/members/{me}/remove").status_code == 409
    assert owner.client.post("/console/team/leave").status_code == 409
    second = join("owner")
    assert owner.client.post("/console/team/leave").status_code == 303
    assert owner.client.get("/console/").status_code == 302
    assert second.post("/console/team/leave").status_code == 409


def test_one_person_in_two_workspaces(
    app: Flask, runtime: Runtime, owner: Someone, stranger: Someone, mailbox: Mailbox
) -> None:
    assert invite(stranger.client, "owner@copper.example", "viewer") == 200
    path = mailbox.link()
    page = app.test_client().get(path).text
    assert "Sign in to join" in page
    assert 'name="password"' not in page, "an account is never taken over by an invitation"
    assert app.test_client().post(path, data=NEW).status_code == 409
    assert stranger.client.post(path).status_code == 403, "it is somebody else's"
    assert owner.client.post(path).status_code == 303
    page = owner.client.get("/console/account").text
    assert "Elsewhere" in page
    assert "Copper Spoke" in page
    assert owner.client.get("/console/tokens").status_code == 403, "a viewer here"
    (back,) = set(re.findall(r"/console/workspaces/(\w+)/open", page))
    assert owner.client.post(f"/console/workspaces/{back}/open").status_code == 303
    assert owner.client.get("/console/tokens").status_code == 200, "an owner there"
    other = enter(app, runtime, person_of(runtime, owner).member_id, stranger.workspace_id)
    assert other.get("/console/tokens").status_code == 403, "each browser looks at its own workspace"
    gone = handle_of(runtime, stranger, "owner@copper.example")
    assert stranger.client.post(f"/console/team/members/{gone}/remove").status_code == 303
    assert other.get("/console/").status_code == 302, "the browser that looked at it is signed out"
    assert owner.client.get("/console/tokens").status_code == 200, "the other one goes on"


def test_a_new_workspace_belongs_to_who_makes_it(owner: Someone, viewer: Someone) -> None:
    assert viewer.client.post("/console/workspaces", data={"name": "Mine"}).status_code == 403
    assert owner.client.post("/console/workspaces", data={"name": "  "}).status_code == 422
    assert owner.client.post("/console/workspaces", data={"name": "Second shop"}).status_code == 303
    page = owner.client.get("/console/team").text
    assert "Second shop" in page
    assert "viewer@copper.example" not in page


def test_two_who_join_by_one_link_at_once(app: Flask, runtime: Runtime, owner: Someone, mailbox: Mailbox) -> None:
    invite(owner.client)
    path = mailbox.link()
    first, second = app.test_client(), app.test_client()
    assert {first.get(path).status_code, second.get(path).status_code} == {200}
    answers = [first.post(path, data=NEW).status_code, second.post(path, data=NEW).status_code]
    assert answers == [303, 404]
    with runtime.db.read() as session:
        joined = select(Membership).join(Member).where(Member.email == "nora@copper.example")
        assert len(session.scalars(joined).all()) == 1


def test_an_account_made_by_a_shown_link_is_cleared_by_the_owner_of_the_address(
    app: Flask, runtime: Runtime, owner: Someone, mailbox: Mailbox
) -> None:
    """Somebody makes an account for an address that is not theirs, and waits for its owner to come."""
    settings = runtime.settings
    object.__setattr__(runtime, "settings", replace(settings, smtp_url="", mail_from=""))
    page = owner.client.post("/console/team/invitations", data={"email": "victim@corp.example", "role": "viewer"}).text
    (path,) = re.findall(r"http://[^/]+(/join/[\w-]+)", page)
    thief = app.test_client()
    assert thief.post(path, data=NEW).status_code == 303
    object.__setattr__(runtime, "settings", settings)
    assert app.test_client().post("/sign-in/link", data={"email": "victim@corp.example"}).status_code == 200
    victim = app.test_client()
    assert victim.post(mailbox.link()).headers["Location"] == "/password"
    assert thief.get("/console/").status_code == 302
    given = {"email": "victim@corp.example", "password": NEW["password"]}
    assert thief.post("/sign-in", data=given).status_code == 401
    with runtime.db.read() as session:
        assert len(session.scalars(select(SignIn).join(Member).where(Member.email == "victim@corp.example")).all()) == 1


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "{{ 7 * 7 }}", "\u202eevil"])
def test_names_are_text_everywhere(owner: Someone, mailbox: Mailbox, name: str) -> None:
    assert owner.client.post("/console/account", data={"name": name}).status_code == 303
    assert "<script>alert" not in owner.client.get("/console/team").text
    invite(owner.client)
    (mail,) = mailbox.new()
    assert "<script>alert" not in mail.html
