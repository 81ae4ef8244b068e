"""Passkeys (WebAuthn, discoverable): a key pair on a person's device, opened there by finger, face or PIN.

Challenges carry their own proof: random bytes, a time and a signature for one purpose. So a sign-in page costs the database
nothing; an answer that is accepted is noted until its challenge expires, and never accepted again.
"""

from __future__ import annotations

import hmac
import ipaddress
import json
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import webauthn
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from testimonials.db import Transaction
from testimonials.errors import Conflict, Invalid, NotFound, Unauthorized
from testimonials.models import Member, Passkey
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.security import derived_key, public_handle
from testimonials.services import member_mails, sign_ins
from testimonials.services.accounts import Person
from testimonials.services.sign_ins import Browser, Entry
from testimonials.settings import Settings

CHALLENGE_SECONDS = 300
MOST_PASSKEYS = 20
_RANDOM, _TIME, _PROOF = 24, 8, 16  # bytes of each part of a challenge


@dataclass(frozen=True)
class Listed:
    """A passkey as the account page shows it."""

    handle: str
    name: str
    created_at: datetime
    used_at: datetime | None


def possible(settings: Settings) -> bool:
    """Browsers make passkeys for a domain over https, and for localhost; never for an address of digits."""
    parts = urlsplit(settings.base_url)
    host = parts.hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return parts.scheme == "https" or host == "localhost"
    return False


def listing(runtime: Runtime, member_id: str) -> list[Listed]:
    """The passkeys of a person, the oldest first."""
    with runtime.db.read() as session:
        found = session.scalars(select(Passkey).where(Passkey.member_id == member_id).order_by(Passkey.id)).all()
    return [Listed(_handle(runtime, each), each.name, each.created_at, each.used_at) for each in found]


def registration(runtime: Runtime, person: Person) -> str:
    """What the browser needs to make a passkey, as JSON."""
    with runtime.db.read() as session:
        known = session.scalars(select(Passkey.credential_id).where(Passkey.member_id == person.member_id)).all()
    options = webauthn.generate_registration_options(
        rp_id=_domain(runtime),
        rp_name="Testimonials",
        user_name=person.email,
        user_display_name=person.name,
        user_id=_user_handle(runtime, person.member_id),
        challenge=_challenge(runtime, f"register {person.member_id}"),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(each)) for each in known],
    )
    return webauthn.options_to_json(options)


def register(runtime: Runtime, person: Person, credential: dict[str, Any], *, name: str) -> None:
    """Keep a new passkey. Raises Invalid for an answer that does not fit."""
    challenge = _answered(runtime, f"register {person.member_id}", credential)
    try:
        made = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=_domain(runtime),
            expected_origin=runtime.settings.base_url,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise Invalid("This passkey could not be added. Please try again.", code="bad_passkey") from error
    key = Passkey(
        member_id=person.member_id,
        credential_id=bytes_to_base64url(made.credential_id),
        public_key=bytes_to_base64url(made.credential_public_key),
        sign_count=made.sign_count,
        name=" ".join(name.split())[:80] or "Passkey",
    )
    with runtime.db.transaction() as transaction:
        _spend(transaction, challenge)
        if transaction.scalar(select(Passkey.id).where(Passkey.credential_id == key.credential_id)):
            raise Conflict("This passkey is here already.", code="passkey_known")
        if (
            len(transaction.scalars(select(Passkey.id).where(Passkey.member_id == person.member_id)).all())
            >= MOST_PASSKEYS
        ):
            raise Conflict("You have many passkeys already. Remove one first.", code="too_many_passkeys")
        transaction.add(key)
        member = transaction.get_one(Member, person.member_id)
        member_mails.put(runtime, transaction, member, member_mails.changed(runtime, "A passkey was added"))


def remove(runtime: Runtime, person: Person, handle: str) -> None:
    """Forget a passkey. Raises NotFound for one of somebody else."""
    with runtime.db.transaction() as transaction:
        found = transaction.scalars(select(Passkey).where(Passkey.member_id == person.member_id)).all()
        wanted = next((each for each in found if _handle(runtime, each) == handle), None)
        if wanted is None:
            raise NotFound("There is no such passkey.", code="no_passkey")
        transaction.delete(wanted)
        member = transaction.get_one(Member, person.member_id)
        member_mails.put(runtime, transaction, member, member_mails.changed(runtime, "A passkey was removed"))


def question(runtime: Runtime) -> str:
    """What the browser needs to answer with a passkey, as JSON. It names nobody: the device knows whose keys it has."""
    options = webauthn.generate_authentication_options(
        rp_id=_domain(runtime),
        challenge=_challenge(runtime, "use"),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


def sign_in(runtime: Runtime, credential: dict[str, Any], browser: Browser) -> Entry:
    """Come in by a passkey. It stands for two proofs, the device and what opens it, so no code is asked for."""
    with runtime.db.transaction() as transaction:
        member = _verified(runtime, transaction, credential)
        return Entry(sign_ins.remember(transaction, member, browser, way="passkey"))


def prove(runtime: Runtime, person: Person, cookie: str, credential: dict[str, Any]) -> str:
    """A passkey once more, before something dangerous. Returns the new cookie."""
    with runtime.db.transaction() as transaction:
        if _verified(runtime, transaction, credential).id != person.member_id:
            raise _refused()
    return sign_ins.renew(runtime, cookie)


def _verified(runtime: Runtime, transaction: Transaction, credential: dict[str, Any]) -> Member:
    """Whose passkey has answered. Raises Unauthorized, in the same words whatever was wrong."""
    challenge = _answered(runtime, "use", credential)
    named = (Passkey.credential_id == str(credential.get("id", "")),)
    key = transaction.scalar(select(Passkey).where(*named).options(joinedload(Passkey.member)))
    if key is None:
        raise _refused()
    try:
        seen = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=_domain(runtime),
            expected_origin=runtime.settings.base_url,
            credential_public_key=base64url_to_bytes(key.public_key),
            credential_current_sign_count=key.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise _refused() from error
    _spend(transaction, challenge)
    key.sign_count, key.used_at = seen.new_sign_count, now()
    return key.member


def _challenge(runtime: Runtime, purpose: str) -> bytes:
    body = secrets.token_bytes(_RANDOM) + int(time.time() + CHALLENGE_SECONDS).to_bytes(_TIME, "big")
    return body + _proof(runtime, purpose, body)


def _answered(runtime: Runtime, purpose: str, credential: dict[str, Any]) -> bytes:
    """The challenge that an answer names, if it is one of ours for this purpose and has not expired."""
    try:
        said = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
        challenge = base64url_to_bytes(said["challenge"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _refused() from error
    body, proof = challenge[:-_PROOF], challenge[-_PROOF:]
    ours = len(body) == _RANDOM + _TIME and hmac.compare_digest(_proof(runtime, purpose, body), proof)
    if not ours or int.from_bytes(body[_RANDOM:], "big") < time.time():
        raise _refused()
    return challenge


def _spend(transaction: Transaction, challenge: bytes) -> None:
    expires = datetime.fromtimestamp(int.from_bytes(challenge[_RANDOM : _RANDOM + _TIME], "big"), UTC)
    if not sign_ins.spend(transaction, challenge.hex(), expires):
        raise _refused()


def _proof(runtime: Runtime, purpose: str, body: bytes) -> bytes:
    key = derived_key(runtime.settings.secret_key, "passkey challenge")
    return hmac.digest(key, purpose.encode() + b"\0" + body, "sha256")[:_PROOF]


def _refused() -> Unauthorized:
    return Unauthorized("That did not work. Try again, or sign in another way.", code="bad_passkey")


def _domain(runtime: Runtime) -> str:
    return urlsplit(runtime.settings.base_url).hostname or ""


def _user_handle(runtime: Runtime, member_id: str) -> bytes:
    return public_handle(runtime.settings.secret_key, "passkey user", member_id).encode()


def _handle(runtime: Runtime, key: Passkey) -> str:
    return public_handle(runtime.settings.secret_key, "passkey", key.id)
