"""Robots that fill in forms: a field that people do not see, and the age of the form, signed by us.

Whoever sends without our form (a client of the API's) is let in, and the moderator is told.
"""

from __future__ import annotations

import hmac
import time

from testimonials import i18n
from testimonials.errors import Invalid
from testimonials.security import derived_key

YOUNGEST_SECONDS = 2
OLDEST_SECONDS = 7 * 24 * 3600


def form_age(secret: str, *, seconds_ago: int = 0) -> str:
    """When this form was made, signed."""
    made = str(int(time.time()) - seconds_ago)
    return f"{made}.{_signature(secret, made)}"


def screen(secret: str, *, trap: str, opened: str) -> list[str]:
    """Notices for the moderator. Raises Invalid where a robot gave itself away: a filled trap, a form sent within two
    seconds, or an age that we did not sign."""
    if trap:
        raise Invalid(i18n.gettext("Please leave the field for robots empty."), code="robot")
    if not opened:
        return ["without_form"]
    made, _, signature = opened.partition(".")
    if (
        not made.isascii()
        or not made.isdigit()
        or not hmac.compare_digest(signature.encode(), _signature(secret, made).encode())
    ):
        raise Invalid(i18n.gettext("This page was open too long. Please reload it and send again."), code="form_age")
    age = time.time() - int(made)
    if age < YOUNGEST_SECONDS:
        raise Invalid(i18n.gettext("That was very fast. Please press send once more."), code="too_fast")
    if age > OLDEST_SECONDS:
        raise Invalid(i18n.gettext("This page was open too long. Please reload it and send again."), code="form_age")
    return []


def _signature(secret: str, made: str) -> str:
    return hmac.new(derived_key(secret, "form"), made.encode(), "sha256").hexdigest()[:32]
