"""The first start: schema, workspace, owner."""

from __future__ import annotations

from testimonials import migrations
from testimonials.runtime import Runtime
from testimonials.services import accounts


def prepare(runtime: Runtime, *, email: str = "owner@localhost", workspace: str = "My workspace") -> str:
    """Bring the schema up to date and make sure that there is an owner. Returns a link that signs the owner in once."""
    migrations.upgrade(runtime.db)
    workspace_id = accounts.first_workspace(runtime) or accounts.create_workspace(runtime, name=workspace)
    owner = accounts.owner_id(runtime, workspace_id)
    if owner is None:
        owner = accounts.add_member(runtime, workspace_id, email=email, role="owner")
    return accounts.sign_in_link(runtime, owner)
