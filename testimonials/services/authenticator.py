"""The authenticator: codes of six digits that change every half minute (RFC 6238), and recovery codes for a lost phone.

A code is good once: the step that it belongs to is kept, and no step up to it is accepted again. Secrets are encrypted with a
key derived from the one secret of the house, so that a copy of the database alone makes no codes.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from time import time

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import delete, func, select, update

from testimonials.db import Transaction
from testimonials.errors import Conflict, Invalid
from testimonials.models import Member, RecoveryCode
from testimonials.runtime import Runtime
from testimonials.security import derived_key, token_hash
from testimonials.services import member_mails
from testimonials.services.accounts import Person

STEP_SECONDS = 30
RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is mistaken for another


@dataclass(frozen=True)
class Setup:
    """What a phone needs: `address` (otpauth://…) goes into a QR code, `secret` is for typing. `sealed` goes into the form
    and comes back with the first code; nothing is kept until then."""

    secret: str
    address: str
    sealed: str


def begin(runtime: Runtime, person: Person) -> Setup:
    """A new secret, not in force yet."""
    secret = pyotp.random_base32()
    return _setup(runtime, person, secret)


def again(runtime: Runtime, person: Person, sealed: str) -> Setup:
    """The same secret once more, after a first code that was wrong."""
    return _setup(runtime, person, _unsealed(runtime, person.member_id, sealed))


def turn_on(runtime: Runtime, person: Person, *, sealed: str, code: str) -> list[str]:
    """Put the secret in force, once its first code is right. Returns the recovery codes, shown only now."""
    secret = _unsealed(runtime, person.member_id, sealed)
    step = _step_of(secret, code, after=0)
    if step is None:
        sentence = "That code is wrong. Look at the clock of your phone, and try the next one."
        raise Invalid(sentence, code="wrong_code", fields={"code": [sentence]})
    codes = _new_codes()
    with runtime.db.transaction() as transaction:
        member = transaction.get_one(Member, person.member_id, with_for_update=True)
        if member.totp_secret:
            raise Conflict("There is an authenticator already. Turn it off first.", code="totp_on")
        member.totp_secret, member.totp_step = sealed, step
        _keep(transaction, person.member_id, codes)
        member_mails.put(runtime, transaction, member, member_mails.changed(runtime, "An authenticator was added"))
    return codes


def turn_off(runtime: Runtime, person: Person) -> None:
    """Passwords and links are enough again."""
    with runtime.db.transaction() as transaction:
        member = transaction.get_one(Member, person.member_id)
        if not member.totp_secret:
            return
        member.totp_secret = ""
        transaction.execute(delete(RecoveryCode).where(RecoveryCode.member_id == member.id))
        member_mails.put(runtime, transaction, member, member_mails.changed(runtime, "The authenticator was removed"))


def renew_codes(runtime: Runtime, person: Person) -> list[str]:
    """New recovery codes; the old ones are worth nothing then."""
    codes = _new_codes()
    with runtime.db.transaction() as transaction:
        member = transaction.get_one(Member, person.member_id)
        if not member.totp_secret:
            raise Conflict("There is no authenticator to recover.", code="totp_off")
        _keep(transaction, person.member_id, codes)
        member_mails.put(runtime, transaction, member, member_mails.changed(runtime, "New recovery codes were made"))
    return codes


def standing(runtime: Runtime, member_id: str) -> int | None:
    """How many recovery codes are left; None without an authenticator."""
    with runtime.db.read() as session:
        if not session.get_one(Member, member_id).totp_secret:
            return None
        query = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.member_id == member_id)
        return session.scalar(query) or 0


def accepts(runtime: Runtime, transaction: Transaction, member: Member, given: str) -> bool:
    """Whether a code is right and was not used before. It is used up by that."""
    code = "".join(given.split()).replace("-", "").lower()
    if len(code) > 6:
        mine = (RecoveryCode.member_id == member.id, RecoveryCode.code_hash == token_hash(code))
        used = delete(RecoveryCode).where(*mine).returning(RecoveryCode.code_hash)
        if transaction.scalar(used) is None:
            return False
        sentence = "A recovery code was used to sign in"
        member_mails.put(runtime, transaction, member, member_mails.changed(runtime, sentence))
        return True
    step = _step_of(_unsealed(runtime, member.id, member.totp_secret), code, after=member.totp_step)
    if step is None:
        return False
    newer = (Member.id == member.id, Member.totp_step < step)  # of two that come at once, one
    won = transaction.execute(update(Member).where(*newer).values(totp_step=step).returning(Member.id)).first()
    return won is not None


def _setup(runtime: Runtime, person: Person, secret: str) -> Setup:
    address = pyotp.TOTP(secret).provisioning_uri(
        name=person.email, issuer_name=person.workspace_name.replace(":", " ")
    )
    return Setup(secret, address, _seal(runtime).encrypt(f"{person.member_id} {secret}".encode()).decode())


def _unsealed(runtime: Runtime, member_id: str, sealed: str) -> str:
    try:
        owner, _, secret = _seal(runtime).decrypt(sealed.encode()).decode().partition(" ")
    except (InvalidToken, UnicodeEncodeError):
        owner, secret = "", ""
    if owner != member_id:
        raise Invalid("Please start again.", code="bad_setup")
    return secret


def _seal(runtime: Runtime) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(derived_key(runtime.settings.secret_key, "totp")))


def _step_of(secret: str, code: str, *, after: int) -> int | None:
    """The step, of this one and its neighbors, that the code belongs to; clocks of phones go a little wrong."""
    if not (code.isascii() and code.isdigit()):
        return None
    present = int(time()) // STEP_SECONDS
    for step in (present - 1, present, present + 1):
        right = pyotp.TOTP(secret).at(step * STEP_SECONDS)
        if secrets.compare_digest(right, code) and step > after:
            return step
    return None


def _new_codes() -> list[str]:
    """Sixteen letters each, nearly 80 random bits: a fast hash is enough for them."""
    drawn = ["".join(secrets.choice(_LETTERS) for _ in range(16)) for _ in range(RECOVERY_CODES)]
    return ["-".join(each[at : at + 4] for at in range(0, 16, 4)) for each in drawn]


def _keep(transaction: Transaction, member_id: str, codes: list[str]) -> None:
    transaction.execute(delete(RecoveryCode).where(RecoveryCode.member_id == member_id))
    for code in codes:
        transaction.add(RecoveryCode(member_id=member_id, code_hash=token_hash(code.replace("-", ""))))
