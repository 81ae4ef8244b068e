"""Consent receipts: all that a customer agreed to, signed with Ed25519, so that anybody can check it with the public key."""

from __future__ import annotations

import base64
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select

from testimonials.errors import NotFound
from testimonials.models import Consent, Testimonial
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.security import derived_key
from testimonials.services import consents


def receipt(runtime: Runtime, manage_token: str) -> dict[str, Any]:
    """`{"receipt": {…}, "algorithm": "Ed25519", "signature": base64}`. Signed are the bytes of `canonical(receipt)`."""
    with runtime.db.read() as session:
        testimonial = session.scalar(select(Testimonial).where(Testimonial.manage_token == manage_token))
        if testimonial is None:
            raise NotFound("There is no such testimonial. Perhaps it was erased.", code="unknown_testimonial")
        records = consents.records(session, testimonial.id)
        body = {
            "testimonial": testimonial.token,
            "name": testimonial.name,
            "workspace": testimonial.campaign.workspace.name,
            "campaign": testimonial.campaign.slug,
            "records": [_record(each) for each in records],
            "issued_at": now().isoformat(timespec="seconds"),
            "issuer": runtime.settings.base_url,
        }
    signature = _key(runtime).sign(canonical(body))
    return {"receipt": body, "algorithm": "Ed25519", "signature": base64.b64encode(signature).decode()}


def canonical(body: dict[str, Any]) -> bytes:
    """JSON with sorted keys, no spaces, UTF-8: the same bytes wherever it is written. Source: RFC 8785, of which this is the
    part that is needed here (texts, whole numbers, lists, objects)."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def public_key(runtime: Runtime) -> bytes:
    """The key that checks signatures, as PEM."""
    return _key(runtime).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _record(consent: Consent) -> dict[str, Any]:
    return {
        "status": str(consent.status),
        "scopes": consent.scopes,
        "text": consent.text,
        "text_sha256": consent.text_hash,
        "version": consent.version,
        "language": consent.language,
        "incentive": consent.incentive,
        "guardian": consent.guardian,
        "address_hash": consent.address_hash,
        "at": consent.created_at.isoformat(timespec="seconds"),
    }


def _key(runtime: Runtime) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(derived_key(runtime.settings.secret_key, "receipts"))
