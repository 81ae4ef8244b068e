"""Passwords: what may be one, how they are kept (argon2id), and proof that one fits."""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from testimonials.errors import Invalid

MIN_PASSWORD, MAX_PASSWORD = 10, 200
# Of those that appear most in published leaks, the ones that are long enough for us.
_COMMON = """
0123456789 0987654321 1111111111 1112223333 1122334455 1234554321 12345678910 1234567890 123456789a 123456789q
1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc abcd123456 abcdefghij abc1234567 administrator adminadmin asdfghjkl1 asdfghjkl;
baseball123 basketball changeme123 christopher computer123 cristiano7 dragon1234 football123 hello12345 iloveyou12
iloveyou123 iloveyou1234 letmein123 letmein1234 liverpool1 liverpoolfc manchester master1234 mypassword p@ssw0rd123
p@ssword123 pass123456 passw0rd123 password00 password01 password1! password10 password11 password12 password123
password1234 password12345 password123456 passwordpassword princess123 q1w2e3r4t5 q1w2e3r4t5y6 qazwsxedcrfv
qwer123456 qwerty1234 qwerty12345 qwerty123456 qwertyqwerty qwertyuiop qwertyuiop123 secret1234 starwars123
sunshine123 superman123 testtest12 testimonial testimonials thisisapassword trustno1234 welcome123 welcome1234
zaq12wsxcde zxcvbnm123 zxcvbnmasd
"""
COMMON = frozenset(_COMMON.split())

_hasher = PasswordHasher()
# Checked where there is no such member, so that the time of an answer does not tell who has an account.
_NOBODY = _hasher.hash(secrets.token_urlsafe(16))


def check(password: str, email: str) -> None:
    """Raises Invalid for a password that somebody could guess."""
    folded = password.strip().lower()
    own = email.lower()
    if len(password) < MIN_PASSWORD:
        raise _weak(f"A password needs at least {MIN_PASSWORD} characters.")
    if len(password) > MAX_PASSWORD:
        raise _weak(f"At most {MAX_PASSWORD} characters, please.")
    if folded in COMMON or len(set(folded)) < 4:
        raise _weak("This one is among the first that anybody tries. Choose another.")
    if folded in (own, own.partition("@")[0], own[::-1]):
        raise _weak("Your address is the first thing anybody tries. Choose another password.")


def hashed(password: str) -> str:
    """What is kept of a password."""
    return _hasher.hash(password)


def fits(kept: str | None, password: str) -> bool:
    """Whether this is the password. Takes as long where there is none."""
    try:
        return _hasher.verify(kept or _NOBODY, password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def renewed(kept: str | None, password: str) -> str | None:
    """A new hash of a password that was just found to fit, where it was hashed with weaker settings than today's."""
    return _hasher.hash(password) if kept is not None and _hasher.check_needs_rehash(kept) else None


def _weak(sentence: str) -> Invalid:
    return Invalid(sentence, code="weak_password", fields={"password": [sentence]})
