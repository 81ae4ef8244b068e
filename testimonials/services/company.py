"""The company's own sign-in: OpenID Connect, authorization code with PKCE.

The provider vouches for an address only where it says that it has verified it. Who comes for the first time is found by that
address among members and invited people; after that by issuer and subject, which never change hands.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from threading import Lock
from typing import Any, cast

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization
from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from testimonials.db import Transaction
from testimonials.errors import AppError, Forbidden, Unauthorized
from testimonials.models import Identity, Member, MemberInvitation
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.services import accounts, entry, joining, member_mails, sign_ins
from testimonials.services.accounts import Person
from testimonials.services.sign_ins import Browser, Entry
from testimonials.settings import Settings

TIMEOUT_SECONDS = 5
KEPT_SECONDS = 600
LEEWAY_SECONDS = 60
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]


class CompanyAway(AppError):
    """The provider does not answer, or not as it should."""

    status, code, title, permanent = 502, "company_away", "The company sign-in did not answer", False


@dataclass(frozen=True)
class Claims:
    """What the provider says about somebody. `email` is empty unless the provider has verified it."""

    issuer: str
    subject: str
    email: str
    name: str


def is_on(settings: Settings) -> bool:
    """Whether this installation has a company sign-in."""
    return bool(settings.oidc_issuer and settings.oidc_client_id)


def begin(runtime: Runtime) -> tuple[str, dict[str, str]]:
    """Where to send the browser, and what it has to bring back: kept in its own cookie, for this one try."""
    metadata = _metadata(runtime)
    pending = {
        "state": secrets.token_urlsafe(24),
        "nonce": secrets.token_urlsafe(24),
        "verifier": secrets.token_urlsafe(48),
    }
    with _session(runtime) as session:
        given = {"state": pending["state"], "nonce": pending["nonce"], "code_verifier": pending["verifier"]}
        address, _ = session.create_authorization_url(metadata["authorization_endpoint"], **given)
    return str(address), pending


def finish(runtime: Runtime, pending: dict[str, str], given: dict[str, str], browser: Browser) -> Entry:
    """The browser is back: check what it brings, ask the provider who it is, and let them in.

    Raises Unauthorized where the answer belongs to no try of this browser, Forbidden for who is nobody's member.
    """
    state = given.get("state", "")
    if not pending or not secrets.compare_digest(pending["state"].encode(), state.encode()):
        raise Unauthorized("That took too long, or began in another window. Please try again.", code="bad_state")
    metadata = _metadata(runtime)
    if given.get("iss", metadata["issuer"]) != metadata["issuer"]:  # RFC 9207
        raise Unauthorized("The answer came from another provider.", code="bad_issuer")
    if "code" not in given:
        raise Unauthorized("The company sign-in said no. Try again, or sign in another way.", code="company_refused")
    claims = _claims(runtime, metadata, pending, given["code"])
    _check_domain(runtime.settings, claims)
    with runtime.db.transaction() as transaction:
        member = _member(runtime, transaction, claims)
        return Entry(sign_ins.remember(transaction, member, browser, way="company"))


def linked(runtime: Runtime, member_id: str) -> list[str]:
    """The addresses at the provider by which a person comes in."""
    with runtime.db.read() as session:
        return list(session.scalars(select(Identity.email).where(Identity.member_id == member_id)))


def unlink(runtime: Runtime, person: Person) -> None:
    """Forget who a person is at the provider. With the same verified address they may come again."""
    with runtime.db.transaction() as transaction:
        transaction.execute(delete(Identity).where(Identity.member_id == person.member_id))
        member = transaction.get_one(Member, person.member_id)
        member_mails.put(runtime, transaction, member, member_mails.changed(runtime, "The company sign-in was removed"))


def _member(runtime: Runtime, transaction: Transaction, claims: Claims) -> Member:
    same = (Identity.issuer == claims.issuer, Identity.subject == claims.subject)
    known = transaction.scalar(select(Identity).where(*same).options(joinedload(Identity.member)))
    if known is not None:
        return known.member
    if not claims.email:
        raise Forbidden(
            "Your provider has not verified your e-mail address, so we cannot tell who you are.", code="unverified"
        )
    member = transaction.scalar(select(Member).where(Member.email == claims.email))
    wanted = (MemberInvitation.email == claims.email, MemberInvitation.expires_at > now())
    invitations = transaction.scalars(select(MemberInvitation).where(*wanted).order_by(MemberInvitation.id)).all()
    if member is None:
        if not invitations:
            raise Forbidden(
                f"Nobody has invited {claims.email} yet. Ask an owner of the workspace.", code="not_invited"
            )
        member = joining.new_member(transaction, invitations[0], name=claims.name, verified=True)
        for invitation in invitations:
            joining.accept(transaction, invitation, member)
    entry.prove_address(transaction, member)
    transaction.add(Identity(member_id=member.id, issuer=claims.issuer, subject=claims.subject, email=claims.email))
    member_mails.put(runtime, transaction, member, member_mails.changed(runtime, "The company sign-in was added"))
    return member


def _check_domain(settings: Settings, claims: Claims) -> None:
    allowed = [each.strip().lower() for each in settings.oidc_domains.split(",") if each.strip()]
    if allowed and claims.email.rpartition("@")[2] not in allowed:
        raise Forbidden("Addresses of this domain may not sign in here.", code="wrong_domain")


def _claims(runtime: Runtime, metadata: dict[str, Any], pending: dict[str, str], code: str) -> Claims:
    """Exchange the code, and read the ID token that comes for it. Its signature is checked whatever way it took."""
    settings = runtime.settings
    try:
        with _session(runtime) as session:
            given = {"code": code, "code_verifier": pending["verifier"], "grant_type": "authorization_code"}
            token = session.fetch_token(metadata["token_endpoint"], timeout=TIMEOUT_SECONDS, **given)
        keys = KeySet.import_key_set(cast(KeySetSerialization, _get(metadata["jwks_uri"])))
        decoded = jwt.decode(str(token["id_token"]), keys, algorithms=ALGORITHMS).claims
        _registry(metadata["issuer"], settings.oidc_client_id, pending["nonce"]).validate(decoded)
    except (OAuthError, JoseError, KeyError, ValueError) as error:
        raise Unauthorized(
            "The company sign-in could not be checked. Please try again.", code="bad_id_token"
        ) from error
    except requests.RequestException as error:
        raise CompanyAway("The company sign-in does not answer. Try later, or sign in another way.") from error
    several = isinstance(decoded["aud"], list) and len(decoded["aud"]) > 1
    if several and decoded.get("azp") != settings.oidc_client_id:
        raise Unauthorized("The company sign-in could not be checked. Please try again.", code="bad_id_token")
    said = decoded.get("email_verified")
    verified = said is True or said == "true"  # some write the word; 1 would equal True
    email = accounts.same_email(str(decoded.get("email") or "")) if verified else ""
    return Claims(metadata["issuer"], str(decoded["sub"])[:255], email, str(decoded.get("name") or "")[:120])


def _registry(issuer: str, client: str, nonce: str) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client},
        nonce={"essential": True, "value": nonce},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )


_found: dict[str, tuple[float, dict[str, Any]]] = {}
_lock = Lock()


def _metadata(runtime: Runtime) -> dict[str, Any]:
    """What the provider says about itself, kept for ten minutes. Raises CompanyAway."""
    issuer = runtime.settings.oidc_issuer
    with _lock:
        kept = _found.get(issuer)
    if kept is not None and kept[0] > time.monotonic():
        return kept[1]
    try:
        metadata = _get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not str(metadata[name]).startswith(("https://", issuer.rstrip("/") + "/")):
                raise ValueError(name)
        if metadata["issuer"] != issuer:
            raise ValueError("issuer")
    except (requests.RequestException, ValueError, KeyError) as error:
        raise CompanyAway("The company sign-in does not answer. Try later, or sign in another way.") from error
    with _lock:
        _found[issuer] = (time.monotonic() + KEPT_SECONDS, metadata)
    return metadata


def _get(address: str) -> dict[str, Any]:
    answer = requests.get(address, timeout=TIMEOUT_SECONDS, headers={"Accept": "application/json"})
    answer.raise_for_status()
    body = answer.json()
    if not isinstance(body, dict):
        raise ValueError("no object")
    return body


def _session(runtime: Runtime) -> Any:
    settings = runtime.settings
    return OAuth2Session(
        settings.oidc_client_id,
        settings.oidc_client_secret,
        scope="openid email profile",
        redirect_uri=f"{settings.base_url}/sign-in/company/back",
        code_challenge_method="S256",
    )
