"""Ways in without a device: passwords, links by mail, and what goes wrong with either."""

from __future__ import annotations

from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from testimonials.models import LoginLink, Member, SignIn
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.services import accounts, passwords, sign_ins
from tests.conftest import Someone
from tests.web.accounts.conftest import PASSWORD, Mailbox, app_at

OWNER = {"email": "owner@copper.example", "password": PASSWORD}


def ask(client: FlaskClient, email: str, kind: str = "") -> tuple[int, str]:
    answer = client.post(f"/sign-in/link{kind}", data={"email": email})
    return answer.status_code, answer.text.replace(email, "…")


def test_a_mailed_link_signs_in_once(app: Flask, owner: Someone, mailbox: Mailbox) -> None:
    client = app.test_client()
    assert ask(client, " Owner@Copper.example ")[0] == 200
    path = mailbox.link()
    assert client.get(path).status_code == 200
    assert client.post(path).headers["Location"] == "/console/"
    assert client.get("/console/").status_code == 200
    assert app.test_client().post(path).status_code == 404


def test_nothing_tells_whose_address_it_is(app: Flask, owner: Someone, mailbox: Mailbox) -> None:
    known, unknown = ask(app.test_client(), "owner@copper.example"), ask(app.test_client(), "nobody@copper.example")
    assert known == unknown
    assert [mail.recipient for mail in mailbox.new()] == ["owner@copper.example"]


def test_nor_does_the_time_of_an_answer(app: Flask, owner: Someone, monkeypatch: pytest.MonkeyPatch) -> None:
    """The expensive part, which is the hash, is computed for both."""
    verified: list[str] = []
    verify = PasswordHasher.verify

    def counted(self: PasswordHasher, kept: str, password: str) -> bool:
        verified.append(kept)
        return verify(self, kept, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    for email in ("owner@copper.example", "nobody@copper.example"):
        app.test_client().post("/sign-in", data={"email": email, "password": "x"})
    first, second = (each.split("$")[1:4] for each in verified)
    assert first == second, "with the same algorithm and the same settings"


def test_links_are_not_asked_for_without_end(app: Flask, owner: Someone, mailbox: Mailbox) -> None:
    client = app.test_client()
    answers = {ask(client, "owner@copper.example") for _ in range(6)}
    assert len(answers) == 1, "not even the pause tells"
    assert len(mailbox.new()) == 3
    for number in range(20):
        ask(client, f"a{number}@copper.example")
    assert ask(client, "b@copper.example")[0] == 429


def test_a_reset_link_leads_to_a_new_password_once(
    app: Flask, runtime: Runtime, owner: Someone, mailbox: Mailbox
) -> None:
    ask(app.test_client(), "owner@copper.example", "?for=password")
    first = mailbox.link()
    ask(app.test_client(), "owner@copper.example", "?for=password")
    second = mailbox.link()
    client = app.test_client()
    assert client.post(first).headers["Location"] == "/password"
    assert client.post("/password", data={"password": "a quiet river at dawn"}).status_code == 303
    assert owner.client.get("/console/").status_code == 302, "all other browsers are signed out"
    assert app.test_client().post(first).status_code == 404
    assert app.test_client().post(second).status_code == 404, "what was asked for before the change ends with it"
    assert app.test_client().post("/sign-in", data=OWNER).status_code == 401
    with runtime.db.read() as session:
        assert first.rsplit("/", 1)[1] not in str(session.execute(select(LoginLink.token_hash)).all())


def test_a_mailed_link_lasts_an_hour(app: Flask, runtime: Runtime, owner: Someone, mailbox: Mailbox) -> None:
    ask(app.test_client(), "owner@copper.example")
    path = mailbox.link()
    with runtime.db.transaction() as transaction:
        mailed = update(LoginLink).where(LoginLink.way == "mail")
        left = transaction.scalar(select(LoginLink.expires_at).where(LoginLink.way == "mail"))
        assert left is not None
        assert timedelta(minutes=59) < left - now() < timedelta(minutes=61)
        transaction.execute(mailed.values(expires_at=now()))
    assert app.test_client().post(path).status_code == 404


@pytest.mark.parametrize(
    "password",
    ["short", "password123", "Password1234", "1234567890", "aaaaaaaaaaaa", "owner@copper.example", "x" * 201, ""],
)
def test_passwords_that_anybody_guesses_are_refused(owner: Someone, password: str) -> None:
    assert owner.client.post("/password", data={"password": password}).status_code == 422
    assert owner.client.post("/sign-out").status_code == 303
    assert owner.client.post("/sign-in", data=OWNER).status_code == 303, "the old one stays"


def test_old_hashes_are_renewed_when_they_are_used(app: Flask, runtime: Runtime, owner: Someone) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Member).values(password_hash=weak))
    assert app.test_client().post("/sign-in", data=OWNER).status_code == 303
    with runtime.db.read() as session:
        kept = session.scalar(select(Member.password_hash))
    assert kept != weak
    assert not PasswordHasher().check_needs_rehash(kept)
    assert passwords.fits(kept, PASSWORD)
    assert "$argon2id$" in kept


def test_many_accounts_from_one_network_make_it_wait(app: Flask, owner: Someone) -> None:
    client = app.test_client()
    answers = [
        client.post("/sign-in", data={"email": f"a{number}@copper.example", "password": "x"}).status_code
        for number in range(62)
    ]
    assert answers[0] == 401
    assert answers[-1] == 429
    elsewhere = app.test_client().post("/sign-in", data=OWNER, environ_base={"REMOTE_ADDR": "192.0.2.9"})
    assert elsewhere.status_code == 303


def test_the_session_is_another_one_after_signing_in(app: Flask, owner: Someone) -> None:
    """Whoever planted a cookie before holds nothing afterwards."""
    client = app.test_client()
    client.post("/sign-in", data={**OWNER, "password": "wrong"})
    with client.session_transaction() as session:
        session["planted"] = "x"
    before = client.get_cookie("session")
    client.post("/sign-in", data=OWNER)
    with client.session_transaction() as session:
        assert "planted" not in session
        first = session["sign_in"]
    assert client.get_cookie("session") != before
    client.post("/sign-out")
    client.post("/sign-in", data=OWNER)
    with client.session_transaction() as session:
        assert session["sign_in"] != first
    thief = app.test_client()
    thief.set_cookie("session", before.value if before else "")
    assert thief.get("/console/").status_code == 302


def test_a_browser_that_signs_in_again_leaves_no_old_session(app: Flask, runtime: Runtime, owner: Someone) -> None:
    member = accounts.owner_id(runtime, owner.workspace_id)
    link = accounts.sign_in_link(runtime, member or "").removeprefix(runtime.settings.base_url)
    assert owner.client.post(link).status_code == 303
    with runtime.db.read() as session:
        assert session.scalar(select(func.count()).select_from(SignIn)) == 1


def test_sessions_end_when_idle_and_after_a_month(app: Flask, runtime: Runtime, owner: Someone) -> None:
    for values in ({"seen_at": now() - timedelta(days=8)}, {"expires_at": now() - timedelta(seconds=1)}):
        client = app.test_client()
        client.post("/sign-in", data=OWNER)
        assert client.get("/console/").status_code == 200
        with runtime.db.transaction() as transaction:
            transaction.execute(update(SignIn).values(**values))
        assert client.get("/console/").status_code == 302
    sign_ins.forget_expired(runtime)
    with runtime.db.read() as session:
        assert session.scalar(select(func.count()).select_from(SignIn)) == 0


def test_being_seen_is_written_down_now_and_then(runtime: Runtime, owner: Someone) -> None:
    with runtime.db.transaction() as transaction:
        transaction.execute(update(SignIn).values(seen_at=now() - timedelta(days=6)))
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    here = {"REMOTE_ADDR": "198.51.100.23"}
    page = owner.client.get("/console/account", headers={"User-Agent": agent}, environ_base=here).text
    page = owner.client.get("/console/account", headers={"User-Agent": agent}, environ_base=here).text
    assert "Firefox on Linux" in page
    assert "198.51.100.x" in page
    assert "198.51.100.23" not in page, "the address itself is not kept"


def test_one_signs_out_other_browsers(app: Flask, runtime: Runtime, owner: Someone, viewer: Someone) -> None:
    other, third = app.test_client(), app.test_client()
    for client in (other, third):
        client.post("/sign-in", data=OWNER)
    with owner.client.session_transaction() as session:
        mine = session["sign_in"]
    member = accounts.owner_id(runtime, owner.workspace_id) or ""
    listed = sign_ins.listing(runtime, member, mine)
    assert [each.is_this for each in listed] == [True, False, False]
    wanted = listed[1].handle
    assert viewer.client.post(f"/console/account/browsers/{wanted}/end").status_code == 404, "not one's own"
    assert owner.client.post(f"/console/account/browsers/{wanted}/end").status_code == 303
    assert sorted(client.get("/console/").status_code for client in (other, third)) == [200, 302]
    assert owner.client.post("/console/account/browsers/end").status_code == 303
    assert [client.get("/console/").status_code for client in (other, third, owner.client)] == [302, 302, 200]
    assert viewer.client.get("/console/").status_code == 200


def test_dangerous_acts_ask_once_more(runtime: Runtime, owner: Someone) -> None:
    with runtime.db.transaction() as transaction:
        transaction.execute(update(SignIn).values(proved_at=now() - timedelta(minutes=16)))
    client = owner.client
    for path in ("/password", "/console/tokens/new", "/console/account/authenticator", "/console/account/passkeys/new"):
        assert client.get(path).headers["Location"] == f"/console/prove?next={path}"
    made = {"name": "shop", "role": "viewer"}
    assert client.post("/console/tokens/new", data=made).headers["Location"].startswith("/console/prove")
    assert client.post("/password", data={"password": "a quiet river at dawn"}).status_code == 303
    assert client.post("/console/prove", data={"password": "wrong"}).status_code == 401
    assert client.get("/password").status_code == 303
    with client.session_transaction() as session:
        before = session["sign_in"]
    answer = client.post("/console/prove?next=/console/tokens/new", data={"password": PASSWORD})
    assert answer.headers["Location"] == "/console/tokens/new"
    with client.session_transaction() as session:
        assert session["sign_in"] != before, "the cookie is another one"
    assert client.post("/console/tokens/new", data=made).status_code == 200
    assert client.post("/console/prove?next=https://evil.example", data={"password": PASSWORD}).headers["Location"] == (
        "/console/account"
    )


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", "/%0a/evil", ""])
def test_no_way_in_leads_away(app: Flask, owner: Someone, target: str) -> None:
    for path in ("/sign-in", "/console/prove"):
        client = owner.client if "prove" in path else app.test_client()
        where = client.post(f"{path}?next={target}", data=OWNER).headers["Location"]
        assert where in ("/console/", "/console/account"), where
    assert "evil" not in owner.client.get(f"/sign-in?next={target}").headers["Location"]


def test_every_form_needs_the_token_of_its_page(app: Flask, owner: Someone, runtime: Runtime) -> None:
    from tests.web.accounts.test_roles import path_of, rules

    app.config["WTF_CSRF_ENABLED"] = True
    let_through = {}
    for rule, method in rules(app, "accounts"):
        if method == "GET" or rule.endpoint == "accounts.join":
            continue
        for client in (owner.client, app.test_client()):
            for body in ({"data": {"email": "a@b.example", "password": PASSWORD}}, {"json": {"credential": {}}}):
                answer = client.post(path_of(app, rule), **body)
                to_sign_in = answer.headers.get("Location", "").startswith("/sign-in?next=")
                already = rule.endpoint == "accounts.sign_in" and client is owner.client
                if answer.status_code != 400 and not to_sign_in and not already:
                    let_through[rule.endpoint] = answer.status_code
    assert let_through == {}
    assert owner.client.get("/console/").status_code == 200


def test_the_sign_in_page_cannot_be_framed_or_kept(app: Flask, owner: Someone) -> None:
    for path in ("/sign-in", "/sign-in/link", "/sign-in/guess", "/sign-in/code", "/console/team", "/console/account"):
        headers = (owner.client if "console" in path else app.test_client()).get(path).headers
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], path
        assert headers["Cache-Control"] == "private, no-store"
        assert headers["Referrer-Policy"] == "same-origin", "an address with a secret in it goes to no other site"
    assert app.test_client().get("/join/guess").status_code == 404


def test_behind_https_the_cookie_is_bound_to_the_host(runtime: Runtime, owner: Someone) -> None:
    client = app_at(runtime, base_url="https://stories.example").test_client()
    answer = client.post("/sign-in", data=OWNER, base_url="https://stories.example")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    for word in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
        assert word in cookie
    assert "Domain" not in cookie


def test_the_operators_link_needs_no_second_proof_and_no_mail(runtime: Runtime, app: Flask, owner: Someone) -> None:
    member = accounts.owner_id(runtime, owner.workspace_id) or ""
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Member).values(totp_secret="lost"))
    link = accounts.sign_in_link(runtime, member).removeprefix(runtime.settings.base_url)
    client = app.test_client()
    assert client.post(link).headers["Location"] == "/console/"
    assert client.get("/console/account").status_code == 200
