"""Widgets: the walls a business puts on its pages."""

from __future__ import annotations

from sqlalchemy import select

from testimonials.domain.widget_config import DEFAULT_SHARE, check_layout
from testimonials.errors import Invalid
from testimonials.models import Campaign, Widget
from testimonials.runtime import Runtime


def create(
    runtime: Runtime,
    workspace_id: str,
    *,
    name: str,
    layout: str = "wall",
    campaigns: list[str] | None = None,
) -> Widget:
    """A new widget. `campaigns` are slugs of this workspace; none means all."""
    if not name.strip() or len(name) > 120:
        raise Invalid("A widget needs a name of at most 120 characters.", fields={"name": ["Give it a name."]})
    check_layout(layout)
    with runtime.db.transaction() as transaction:
        query = select(Campaign.id).where(Campaign.workspace_id == workspace_id, Campaign.slug.in_(campaigns or []))
        ids = list(transaction.scalars(query))
        if len(ids) != len(set(campaigns or [])):
            raise Invalid("One of the campaigns does not exist.", code="unknown_campaign")
        widget = Widget(
            workspace_id=workspace_id, name=name.strip(), layout=layout, share=DEFAULT_SHARE, campaign_ids=ids
        )
        transaction.add(widget)
    return widget


def listing(runtime: Runtime, workspace_id: str) -> list[Widget]:
    """All widgets of the workspace, newest first."""
    with runtime.db.read() as session:
        return list(
            session.scalars(select(Widget).where(Widget.workspace_id == workspace_id).order_by(Widget.id.desc()))
        )
