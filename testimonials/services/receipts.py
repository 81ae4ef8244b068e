"""Consent receipts: all that a customer agreed to, signed with Ed25519, so that anybody can check it with the public key."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from testimonials import notifications
from testimonials.db import Transaction
from testimonials.models import Consent, Mail, Testimonial
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.security import derived_key
from testimonials.services import consents, outbox
from testimonials.services.customers import own_testimonial

MOST_A_DAY = 5


def receipt(runtime: Runtime, manage_token: str) -> dict[str, Any]:
    """`{"receipt": {…}, "algorithm": "Ed25519", "signature": base64}`. Signed are the bytes of `canonical(receipt)`."""
    with runtime.db.read() as session:
        return build(runtime, session, own_testimonial(session, manage_token))


def build(runtime: Runtime, session: Session, testimonial: Testimonial) -> dict[str, Any]:
    """The receipt as it stands in the caller's session; its records must be flushed."""
    body = {
        "testimonial": testimonial.token,
        "name": testimonial.name,
        "workspace": testimonial.campaign.workspace.name,
        "campaign": testimonial.campaign.slug,
        "records": [_record(each) for each in consents.records(session, testimonial.id)],
        "issued_at": now().isoformat(timespec="seconds"),
        "issuer": runtime.settings.base_url,
    }
    signature = _key(runtime).sign(canonical(body))
    return {"receipt": body, "algorithm": "Ed25519", "signature": base64.b64encode(signature).decode()}


def mail(runtime: Runtime, transaction: Transaction, testimonial: Testimonial) -> bool:
    """Write the mail that leads to the customer's page, with the receipt, to the address that they gave. Says whether it was
    written, which it is not while mail is off."""
    if not outbox.is_on(runtime) or _enough(transaction, testimonial.email):
        return False
    transaction.flush()
    newest = consents.records(transaction, testimonial.id)[-1]
    campaign = testimonial.campaign
    letter = notifications.received(
        notifications.house_of(campaign),
        testimonial.language,
        name=testimonial.name,
        page=f"{runtime.settings.base_url}/my/{testimonial.manage_token}",
        scopes=newest.scopes,
        wording=newest.text,
    )
    receipt = json.dumps(build(runtime, transaction, testimonial), ensure_ascii=False, indent=2)
    return outbox.to_customer(runtime, transaction, letter, testimonial, attachment=receipt)


def _enough(transaction: Transaction, recipient: str) -> bool:
    """Anybody may type anybody's address: one gets no more than a few of these a day, whoever asks."""
    today = (
        select(func.count())
        .select_from(Mail)
        .where(
            Mail.recipient == recipient, Mail.testimonial_id.is_not(None), Mail.created_at > now() - timedelta(days=1)
        )
    )
    return (transaction.scalar(today) or 0) >= MOST_A_DAY


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
