"""The company's own sign-in: with a certified provider, and with one that lies."""

from __future__ import annotations

import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from sqlalchemy import select, update

from testimonials.models import Identity, Member
from testimonials.runtime import Runtime
from tests.conftest import Someone
from tests.servers.oidc import CLIENT, SECRET, Provider, provider
from tests.web.accounts.authenticators import text
from tests.web.accounts.conftest import PASSWORD, app_at

BACK = "http://127.0.0.1:8000/sign-in/company/back"
OWNER = "owner@copper.example"


@pytest.fixture(scope="module")
def company() -> Iterator[Provider]:
    with provider(BACK) as found:
        yield found


@pytest.fixture
def house(runtime: Runtime, company: Provider) -> Flask:
    return at(runtime, company.issuer)


def at(runtime: Runtime, issuer: str, **settings: str) -> Flask:
    given = {"oidc_issuer": issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET, **settings}
    return app_at(runtime, **given)


def come(client: FlaskClient, company: Provider, who: str, target: str = "") -> Any:
    """The whole way: our button, their pages, and back."""
    there = client.get(f"/sign-in/company?next={target}").headers["Location"]
    assert there.startswith(f"{company.issuer}/auth?")
    back = company.sign_in(there, who)
    assert back.startswith(BACK)
    return client.get(back.removeprefix("http://127.0.0.1:8000"))


def test_a_member_comes_in(house: Flask, runtime: Runtime, company: Provider, owner: Someone) -> None:
    client = house.test_client()
    assert "Company sign-in" in client.get("/sign-in").text
    assert come(client, company, OWNER, "/console/team").headers["Location"] == "/console/team"
    assert OWNER in client.get("/console/account").text
    assert come(house.test_client(), company, OWNER).status_code == 303, "and the second time by the same identity"
    with runtime.db.read() as session:
        (kept,) = session.scalars(select(Identity)).all()
        assert (kept.issuer, kept.subject) == (company.issuer, OWNER)


def test_an_invited_person_needs_no_password(house: Flask, company: Provider, owner: Someone) -> None:
    owner.client.post("/console/team/invitations", data={"email": "ada@copper.example", "role": "editor"})
    client = house.test_client()
    assert come(client, company, "ada@copper.example").status_code == 303
    assert "Editor" in client.get("/console/team").text
    assert client.get("/console/tokens").status_code == 403


def test_a_stranger_stays_outside(house: Flask, runtime: Runtime, company: Provider, owner: Someone) -> None:
    client = house.test_client()
    answer = come(client, company, "mallory@elsewhere.example")
    assert answer.status_code == 403
    assert "Nobody has invited" in answer.text
    assert client.get("/console/").status_code == 302
    with runtime.db.read() as session:
        assert session.scalars(select(Member.email)).all() == [OWNER]


def test_an_address_that_nobody_verified_is_nobodys(
    house: Flask, runtime: Runtime, company: Provider, owner: Someone
) -> None:
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Member).values(email="unverified@copper.example"))
    client = house.test_client()
    assert come(client, company, "unverified@copper.example").status_code == 403
    assert client.get("/console/").status_code == 302


def test_only_the_companys_domain(runtime: Runtime, company: Provider, owner: Someone) -> None:
    allowed = at(runtime, company.issuer, oidc_domains="Copper.example, other.example")
    assert come(allowed.test_client(), company, OWNER).status_code == 303
    closed = at(runtime, company.issuer, oidc_domains="other.example")
    assert come(closed.test_client(), company, OWNER).status_code == 403, "not even for who came before"


def test_what_a_stranger_set_up_before_goes(house: Flask, runtime: Runtime, company: Provider, owner: Someone) -> None:
    """An account whose address nobody has proved yet may be somebody else's trap."""
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Member).values(verified_at=None))
    assert come(house.test_client(), company, OWNER).status_code == 303
    given = {"email": OWNER, "password": PASSWORD}
    assert house.test_client().post("/sign-in", data=given).status_code == 401
    assert owner.client.get("/console/").status_code == 302


def test_an_answer_belongs_to_the_browser_that_asked(house: Flask, company: Provider, owner: Someone) -> None:
    victim, attacker = house.test_client(), house.test_client()
    there = attacker.get("/sign-in/company").headers["Location"]
    back = company.sign_in(there, OWNER).removeprefix("http://127.0.0.1:8000")
    assert victim.get(back).status_code == 401, "nobody is signed in as somebody else by a link"
    assert attacker.get(back).status_code == 303
    attacker.post("/sign-out")
    assert attacker.get(back).status_code == 401, "and it counts once"


def test_it_is_unlinked(house: Flask, runtime: Runtime, company: Provider, owner: Someone) -> None:
    client = house.test_client()
    come(client, company, OWNER)
    assert client.post("/console/account/company/remove").status_code == 303
    with runtime.db.read() as session:
        assert session.scalars(select(Identity)).all() == []


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example"])
def test_it_never_leads_away(house: Flask, company: Provider, owner: Someone, target: str) -> None:
    assert come(house.test_client(), company, OWNER, target).headers["Location"] == "/console/"


def test_without_one_there_is_no_such_page(app: Flask) -> None:
    for path in ("/sign-in/company", "/sign-in/company/back?code=x&state=y"):
        assert app.test_client().get(path).status_code == 404


@dataclass
class Liar:
    """A provider that signs what it is told to: `claims` are laid over right ones."""

    issuer: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    signer: RSAKey | None = None
    forge: Callable[[bytes], str] | None = None
    header: dict[str, str] = field(default_factory=lambda: {"alg": "RS256", "kid": "one"})
    claims: dict[str, Any] = field(default_factory=dict)
    nonce: str = ""
    metadata: dict[str, str] = field(default_factory=dict)

    def answer(self, path: str) -> dict[str, Any]:
        if path.startswith("/.well-known"):
            ends = {name: f"{self.issuer}/{name}" for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
            return {"issuer": self.issuer, **ends, **self.metadata}
        if path.startswith("/jwks_uri"):
            return KeySet([self.key]).as_dict(private=False)  # type: ignore[return-value]
        at = int(time.time())
        right = {"iss": self.issuer, "aud": CLIENT, "sub": "7", "iat": at, "exp": at + 300, "nonce": self.nonce}
        said = {**right, "email": OWNER, "email_verified": True, **self.claims}
        kept = {name: value for name, value in said.items() if value is not None}
        return {"access_token": "x", "token_type": "Bearer", "id_token": self._token(kept)}

    def _token(self, claims: dict[str, Any]) -> str:
        if self.forge is None:
            return jwt.encode(self.header, claims, self.signer or self.key)
        body = f"{text(json.dumps(self.header).encode())}.{text(json.dumps(claims).encode())}"
        return f"{body}.{self.forge(body.encode())}"


@pytest.fixture
def liar() -> Iterator[Liar]:
    lying = Liar()

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(lying.answer(self.path)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the name is the base class's
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    lying.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield lying
    server.shutdown()
    server.server_close()
    thread.join()


def fall_for(runtime: Runtime, liar: Liar, more: str = "") -> int:
    client = at(runtime, liar.issuer).test_client()
    asked = parse_qs(urlsplit(client.get("/sign-in/company").headers["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    liar.nonce = asked["nonce"][0]
    return client.get(f"/sign-in/company/back?code=x&state={asked['state'][0]}{more}").status_code


def test_the_liar_is_believed_when_it_says_the_truth(runtime: Runtime, owner: Someone, liar: Liar) -> None:
    assert fall_for(runtime, liar) == 303


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "somebody-else"},
        {"aud": [CLIENT, "somebody-else"]},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"exp": None},
        {"iat": None},
        {"sub": None},
    ],
)
def test_a_token_for_somebody_else_is_refused(
    runtime: Runtime, owner: Someone, liar: Liar, claims: dict[str, Any]
) -> None:
    liar.claims = claims
    assert fall_for(runtime, liar) == 401


@pytest.mark.parametrize("verified", [False, None, "yes", 1, "false"])
def test_only_a_clear_yes_verifies(runtime: Runtime, owner: Someone, liar: Liar, verified: object) -> None:
    liar.claims = {"email_verified": verified}
    assert fall_for(runtime, liar) == 403


def test_signatures_of_others_are_refused(runtime: Runtime, owner: Someone, liar: Liar) -> None:
    liar.signer = RSAKey.generate_key(2048, {"kid": "one"})
    assert fall_for(runtime, liar) == 401
    public = liar.key.as_pem(private=False)
    liar.forge = lambda body: text(hmac.digest(public, body, "sha256"))
    liar.header = {"alg": "HS256", "kid": "one"}
    assert fall_for(runtime, liar) == 401, "the public key is no shared secret"
    liar.forge, liar.header = lambda _body: "", {"alg": "none"}
    assert fall_for(runtime, liar) == 401


def test_another_providers_answer_is_refused(runtime: Runtime, owner: Someone, liar: Liar) -> None:
    assert fall_for(runtime, liar, more="&iss=https://evil.example") == 401
    assert fall_for(runtime, liar, more=f"&iss={liar.issuer}") == 303


def test_a_provider_that_points_elsewhere_is_not_followed(runtime: Runtime, owner: Someone, liar: Liar) -> None:
    liar.metadata = {"token_endpoint": "http://192.0.2.1/token"}
    assert at(runtime, liar.issuer).test_client().get("/sign-in/company").status_code == 502


def test_a_provider_that_is_away_is_said(runtime: Runtime) -> None:
    page = at(runtime, "http://127.0.0.1:9").test_client().get("/sign-in/company")
    assert page.status_code == 502
    assert "does not answer" in page.text
    assert 'name="password"' in page.text, "with the other ways in beside it"
