"""API tokens in the console: which there are, and how each ends. They are made by `accounts.add_token`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from testimonials.errors import Invalid, NotFound
from testimonials.models import ApiToken
from testimonials.runtime import Runtime
from testimonials.security import public_handle
from testimonials.services import accounts, audit
from testimonials.services.accounts import Person


@dataclass(frozen=True)
class Listed:
    """A token as its page shows it. The token itself is kept nowhere."""

    handle: str
    name: str
    role: str
    made_by: str
    created_at: datetime
    used_at: datetime | None


def listing(runtime: Runtime, workspace_id: str) -> list[Listed]:
    """The tokens of a workspace, the newest first."""
    with runtime.db.read() as session:
        query = select(ApiToken).where(ApiToken.workspace_id == workspace_id).order_by(ApiToken.id.desc())
        found = session.scalars(query).all()
    return [
        Listed(_handle(runtime, each), each.name, each.role, each.made_by, each.created_at, each.used_at)
        for each in found
    ]


def make(runtime: Runtime, by: Person, *, name: str, role: str) -> str:
    """A new token, which is shown once."""
    wanted = " ".join(name.split())
    if not 1 <= len(wanted) <= 120:
        sentence = "Say what it is for, in up to 120 characters."
        raise Invalid(sentence, fields={"name": [sentence]})
    return accounts.add_token(runtime, by.workspace_id, name=wanted, role=role, made_by=by.name[:120])


def revoke(runtime: Runtime, by: Person, handle: str) -> None:
    """End a token, at once. Raises NotFound for one of another workspace."""
    with runtime.db.transaction() as transaction:
        found = transaction.scalars(select(ApiToken).where(ApiToken.workspace_id == by.workspace_id)).all()
        wanted = next((each for each in found if _handle(runtime, each) == handle), None)
        if wanted is None:
            raise NotFound("This token was revoked before.", code="no_token")
        audit.record(transaction, by.workspace_id, "revoke_token", f"token:{wanted.id}", f"was for {wanted.role}s")
        transaction.delete(wanted)


def _handle(runtime: Runtime, token: ApiToken) -> str:
    return public_handle(runtime.settings.secret_key, "api token", token.id)
