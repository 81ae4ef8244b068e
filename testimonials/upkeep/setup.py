"""The first start: schema, workspace, owner."""

from __future__ import annotations

from testimonials import migrations
from testimonials.runtime import Runtime
from testimonials.services import accounts


def prepare(runtime: Runtime, *, email: str = "owner@localhost", workspace: str = "My workspace") -> str:
    """Bring the schema up to date and make sure that there is an owner. Returns the owner's id."""
    migrations.upgrade(runtime.db)
    return accounts.ensure_owner(runtime, email=email, workspace=workspace)


def way_in(runtime: Runtime, owner: str) -> str:
    """What a start prints: a link that signs in once while the owner has no password, later only the address.

    Logs are read by many; a link that opens the console has no business there once there is another way in.
    """
    if accounts.has_password(runtime, owner):
        return f"{runtime.settings.base_url}/console/"
    return accounts.sign_in_link(runtime, owner)
