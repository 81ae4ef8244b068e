"""Widgets: the walls a business puts on its pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from testimonials.domain.sharing import NETWORKS
from testimonials.domain.widget_config import DEFAULT_SHARE, LAYOUTS
from testimonials.errors import Conflict, Invalid, NotFound
from testimonials.models import Campaign, EventHour, Experiment, Widget
from testimonials.models.experiment import ExperimentState
from testimonials.runtime import Runtime
from testimonials.services import publishing

MAX_NAME = 120
MAX_RADIUS = 40
COLORS = ("accent", "surface")
FIELDS = ("name", "layout", "campaigns", "share", "theme")
"""What can be set about a widget. Its address cannot: it stands on pages."""
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_RADIUS = re.compile(r"(\d{1,2})px")


@dataclass(frozen=True)
class Placed:
    """A widget, and when it last reported from a page: None where it never has."""

    widget: Widget
    seen_at: datetime | None


def create(
    runtime: Runtime,
    workspace_id: str,
    *,
    name: str,
    layout: str = "wall",
    campaigns: list[str] | None = None,
    **more: Any,
) -> Widget:
    """A new widget. `campaigns` are slugs of this workspace; none means all. `more` are others of `FIELDS`."""
    given = {"name": name, "layout": layout, "campaigns": campaigns or [], "share": list(DEFAULT_SHARE), **more}
    with runtime.db.transaction() as transaction:
        widget = Widget(workspace_id=workspace_id, **_checked(transaction, workspace_id, given))
        transaction.add(widget)
        publishing.changed(transaction, workspace_id)
    return widget


def edit(runtime: Runtime, workspace_id: str, token: str, changes: Mapping[str, Any]) -> Widget:
    """Change what is named; the rest stays. Raises Invalid with all faults by field, NotFound for widgets of others."""
    with runtime.db.transaction() as transaction:
        widget = _owned(transaction, workspace_id, token)
        for name, value in _checked(transaction, workspace_id, changes).items():
            setattr(widget, name, value)
        publishing.changed(transaction, workspace_id)
    return widget


def remove(runtime: Runtime, workspace_id: str, token: str) -> None:
    """Delete it: pages that hold it show what stands between its tags. Raises Conflict while an experiment with it runs."""
    with runtime.db.transaction() as transaction:
        widget = _owned(transaction, workspace_id, token)
        running = (Experiment.widget_id == widget.id) & (Experiment.state == ExperimentState.RUNNING)
        if transaction.scalar(select(Experiment.id).where(running)) is not None:
            raise Conflict("An experiment with this widget runs. Stop that one first.", code="experiment_runs")
        transaction.delete(widget)
        publishing.changed(transaction, workspace_id)


def read(runtime: Runtime, workspace_id: str, token: str) -> Placed:
    """One of this workspace. Raises NotFound."""
    with runtime.db.read() as session:
        widget = _owned(session, workspace_id, token)
        return Placed(widget, _seen(session, [widget.id]).get(widget.id))


def listing(runtime: Runtime, workspace_id: str) -> list[Widget]:
    """All widgets of the workspace, newest first."""
    with runtime.db.read() as session:
        return _all(session, workspace_id)


def placed(runtime: Runtime, workspace_id: str) -> list[Placed]:
    """The same, each with when it was last seen on a page."""
    with runtime.db.read() as session:
        found = _all(session, workspace_id)
        seen = _seen(session, [widget.id for widget in found])
        return [Placed(widget, seen.get(widget.id)) for widget in found]


def _all(session: Session, workspace_id: str) -> list[Widget]:
    query = select(Widget).where(Widget.workspace_id == workspace_id).order_by(Widget.id.desc())
    return list(session.scalars(query))


def _seen(session: Session, ids: list[str]) -> dict[str, datetime]:
    """The last hour in which a page with the widget reported something."""
    query = select(EventHour.widget_id, func.max(EventHour.hour)).where(EventHour.widget_id.in_(ids))
    rows = session.execute(query.group_by(EventHour.widget_id)).all()
    return {row[0]: row[1] for row in rows}


def _owned(session: Session, workspace_id: str, token: str) -> Widget:
    widget = session.scalar(select(Widget).where(Widget.token == token, Widget.workspace_id == workspace_id))
    if widget is None:
        raise NotFound("There is no such widget.", code="unknown_widget")
    return widget


def _checked(session: Session, workspace_id: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The columns as they are kept. Raises Invalid with all faults; a name that is no field is one too."""
    faults = {name: ["There is no such field."] for name in given if name not in FIELDS}
    kept: dict[str, Any] = {}
    if "name" in given:
        kept["name"] = _name(given["name"], faults)
    if "layout" in given:
        kept["layout"] = given["layout"]
        if not isinstance(given["layout"], str) or given["layout"] not in LAYOUTS:
            faults["layout"] = [f"Layouts are {', '.join(LAYOUTS)}."]
    if "share" in given:
        kept["share"] = _share(given["share"], faults)
    if "theme" in given:
        kept["theme"] = _theme(given["theme"], faults)
    if "campaigns" in given:
        kept["campaign_ids"] = _campaigns(session, workspace_id, given["campaigns"], faults)
    if faults:
        name, sentences = next(iter(faults.items()))
        code = {"layout": "unknown_layout", "campaigns": "unknown_campaign"}.get(name, "")
        raise Invalid(f"{name}: {sentences[0]}", code=code, fields=faults)
    return kept


def _name(value: Any, faults: dict[str, list[str]]) -> str:
    text = " ".join(value.split()) if isinstance(value, str) else ""
    if not 0 < len(text) <= MAX_NAME:
        faults["name"] = [f"Give it a name of at most {MAX_NAME} characters."]
    return text


def _share(value: Any, faults: dict[str, list[str]]) -> list[str]:
    """Names of the registry in the order in which the widget shows them, each once."""
    names = value if isinstance(value, list) else [value]
    if unknown := [str(name)[:40] for name in names if not isinstance(name, str) or name not in NETWORKS]:
        faults["share"] = [f"There is no network {unknown[0]}. Networks are {', '.join(NETWORKS)}."]
        return []
    return list(dict.fromkeys(names))


def _theme(value: Any, faults: dict[str, list[str]]) -> dict[str, str]:
    """Colors `accent` and `surface` as six hex digits, `radius` as pixels; what is left out is as the page has it."""
    theme = value if isinstance(value, dict) else {"": ""}
    for name, given in theme.items():
        if name in COLORS and isinstance(given, str) and _COLOR.fullmatch(given):
            continue
        radius = _RADIUS.fullmatch(given) if name == "radius" and isinstance(given, str) else None
        if radius is None or int(radius[1]) > MAX_RADIUS:
            faults["theme"] = [f"Colors accent and surface like #1f6b52, radius from 0px to {MAX_RADIUS}px."]
    return dict(theme)


def _campaigns(session: Session, workspace_id: str, value: Any, faults: dict[str, list[str]]) -> list[str]:
    slugs = value if isinstance(value, list) and all(isinstance(slug, str) for slug in value) else None
    if slugs is None:
        faults["campaigns"] = ["A list of slugs."]
        return []
    query = select(Campaign.id).where(Campaign.workspace_id == workspace_id, Campaign.slug.in_(slugs))
    ids = list(session.scalars(query.order_by(Campaign.id)))
    if len(ids) != len(set(slugs)):
        faults["campaigns"] = ["One of the campaigns does not exist."]
    return ids
