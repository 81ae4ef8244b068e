"""Widgets: the walls a business puts on its pages."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from testimonials.domain.sharing import NETWORKS
from testimonials.domain.widget_config import DEFAULT_SHARE, LAYOUTS, MAX_PINS, MAX_RATING, SORTS, check_call
from testimonials.errors import Conflict, Invalid, NotFound
from testimonials.i18n import LANGUAGES
from testimonials.models import Campaign, EventHour, Experiment, Testimonial, Widget, WidgetPlace
from testimonials.models.experiment import ExperimentState
from testimonials.runtime import Runtime
from testimonials.security import signature_holds, signed_query
from testimonials.services import audit, publishing, tags

MAX_NAME = 120
MAX_RADIUS = 40
DRAFT_SECONDS = 3600
COLORS = ("accent", "surface")
FIELDS = (
    *("name", "layout", "campaigns", "share", "theme"),
    *("sort", "tags", "min_rating", "languages", "pins", "call"),
)
"""What can be set about a widget. Its address cannot: it stands on pages."""
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_RADIUS = re.compile(r"(\d{1,2})px")


@dataclass(frozen=True)
class Placed:
    """A widget, and when it last reported from a page: None where it never has."""

    widget: Widget
    seen_at: datetime | None


@dataclass(frozen=True)
class Standing:
    """All that the builder of a widget shows: what is pinned, in order, public or not, and the hosts that reported it lately."""

    placed: Placed
    pinned: list[Testimonial]
    places: list[WidgetPlace]


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
        transaction.flush()
        audit.record(transaction, workspace_id, "create_widget", f"widget:{widget.token}")
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


def standing(runtime: Runtime, workspace_id: str, token: str, pins: list[str] | None = None) -> Standing:
    """The same with what the builder needs besides. `pins` are tokens to look up in place of those that are kept."""
    with runtime.db.read() as session:
        widget = _owned(session, workspace_id, token)
        seen = _seen(session, [widget.id]).get(widget.id)
        pinned = _pinned(session, workspace_id, tokens=pins) if pins is not None else pinned_on(session, widget)
        places = select(WidgetPlace).where(WidgetPlace.widget_id == widget.id).order_by(WidgetPlace.last_at.desc())
        return Standing(Placed(widget, seen), pinned, list(session.scalars(places)))


def pinned_tokens(runtime: Runtime, widget: Widget) -> list[str]:
    """What is pinned, in order, by the tokens that the world knows."""
    with runtime.db.read() as session:
        return [each.token for each in pinned_on(session, widget)]


def pinned_on(session: Session, widget: Widget) -> list[Testimonial]:
    """What is pinned, in order; what was erased is left out."""
    query = select(Testimonial).where(Testimonial.workspace_id == widget.workspace_id)
    found = {each.id: each for each in session.scalars(query.where(Testimonial.id.in_(widget.pins)))}
    return [found[each] for each in widget.pins if each in found]


def draft(runtime: Runtime, workspace_id: str, token: str, changes: Mapping[str, Any]) -> Widget:
    """The widget as it would be with these changes. Nothing is kept. Raises as `edit` does."""
    with runtime.db.read() as session:
        widget = _owned(session, workspace_id, token)
        kept = {column.key: getattr(widget, column.key) for column in Widget.__mapper__.column_attrs}
        return Widget(**{**kept, **_checked(session, workspace_id, changes)})


def draft_address(runtime: Runtime, workspace_id: str, token: str, changes: Mapping[str, Any]) -> str:
    """Where the feed of such a draft can be read for a while, by the element in the builder, which sends no cookies."""
    draft(runtime, workspace_id, token, changes)
    packed = zlib.compress(json.dumps(changes, ensure_ascii=False, separators=(",", ":")).encode(), 9)
    path = _draft_path(token, base64.urlsafe_b64encode(packed).decode().rstrip("="))
    query = signed_query(runtime.settings.secret_key, path, lasts=DRAFT_SECONDS)
    return f"{runtime.settings.base_url}{path}?{query}"


def drafted(runtime: Runtime, token: str, packed: str, *, expires: str, signature: str) -> Widget:
    """The widget of such an address. Raises NotFound where we have not signed it, or it has expired."""
    if not signature_holds(runtime.settings.secret_key, _draft_path(token, packed), expires, signature):
        raise NotFound("There is no such draft.", code="unknown_widget")
    with runtime.db.read() as session:
        workspace_id = session.scalar(select(Widget.workspace_id).where(Widget.token == token))
    if workspace_id is None:
        raise NotFound("There is no such widget.", code="unknown_widget")
    changes = json.loads(zlib.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))))
    return draft(runtime, workspace_id, token, changes)


def _draft_path(token: str, packed: str) -> str:
    return f"/widget/{token}/draft/{packed}.json"


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
    simple = {
        "name": _name,
        "layout": _layout,
        "share": _share,
        "theme": _theme,
        "sort": _sort,
        "min_rating": _rating,
        "languages": _languages,
        "tags": _tags,
        "call": _call,
    }
    kept: dict[str, Any] = {name: parsed(given[name], faults) for name, parsed in simple.items() if name in given}
    if "pins" in given:
        kept["pins"] = _pins(session, workspace_id, given["pins"], faults)
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


def _layout(value: Any, faults: dict[str, list[str]]) -> Any:
    if not isinstance(value, str) or value not in LAYOUTS:
        faults["layout"] = [f"Layouts are {', '.join(LAYOUTS)}."]
    return value


def _sort(value: Any, faults: dict[str, list[str]]) -> Any:
    if not isinstance(value, str) or value not in SORTS:
        faults["sort"] = [f"Orders are {', '.join(SORTS)}."]
    return value


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


def _rating(value: Any, faults: dict[str, list[str]]) -> int | None:
    """Stars that a testimonial has at least; None shows those without any too."""
    if value is None or (type(value) is int and 1 <= value <= MAX_RATING):
        return value
    faults["min_rating"] = [f"From 1 to {MAX_RATING} stars, or null for all."]
    return None


def _languages(value: Any, faults: dict[str, list[str]]) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) and each in LANGUAGES for each in value):
        faults["languages"] = [f"Languages are {', '.join(LANGUAGES)}."]
        return []
    return list(dict.fromkeys(value))


def _tags(value: Any, faults: dict[str, list[str]]) -> list[str]:
    try:
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return tags.clean(value)
        faults["tags"] = ["A list of tags."]
    except Invalid as wrong:
        faults["tags"] = [wrong.detail]
    return []


def _pins(session: Session, workspace_id: str, value: Any, faults: dict[str, list[str]]) -> list[str]:
    """Ids of these tokens, in their order. What is not public may stay pinned: it comes back when it is approved again."""
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        faults["pins"] = ["A list of tokens of testimonials."]
        return []
    tokens = list(dict.fromkeys(value))
    if len(tokens) > MAX_PINS:
        faults["pins"] = [f"Pin at most {MAX_PINS}."]
        return []
    found = _pinned(session, workspace_id, tokens)
    if len(found) != len(tokens):
        faults["pins"] = ["One of the testimonials does not exist."]
    return [each.id for each in found]


def _pinned(session: Session, workspace_id: str, tokens: list[str]) -> list[Testimonial]:
    query = select(Testimonial).where(Testimonial.workspace_id == workspace_id, Testimonial.submitted_at.is_not(None))
    found = {each.token: each for each in session.scalars(query.where(Testimonial.token.in_(tokens)))}
    return [found[each] for each in tokens if each in found]


def _call(value: Any, faults: dict[str, list[str]]) -> dict[str, Any]:
    try:
        return check_call(value)
    except Invalid as wrong:
        faults["call"] = [wrong.detail]
        return {}


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
