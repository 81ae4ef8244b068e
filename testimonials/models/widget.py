"""A widget: a wall of testimonials that stands on somebody's page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, SmallInteger, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql.base import ExecutableOption

from testimonials.domain.widget_config import FEATURED, HAND, RATING
from testimonials.models.base import Base, Json, UtcTime, created_column, id_column, token_column
from testimonials.models.moderation import Tag, Tagging
from testimonials.models.testimonial import PUBLIC, Testimonial


class Widget(Base):
    """`campaign_ids`, `tags` and `languages` empty mean all. `pins` are ids of testimonials, which come first, whatever else
    is chosen. `call` is `{"label", "url", "utm": {…}}`, empty for none."""

    __tablename__ = "widgets"

    id: Mapped[str] = id_column()
    token: Mapped[str] = token_column()
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    layout: Mapped[str] = mapped_column(String(16), default="wall")
    theme: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    share: Mapped[list[str]] = mapped_column(Json, default=list)
    campaign_ids: Mapped[list[str]] = mapped_column(Json, default=list)
    sort: Mapped[str] = mapped_column(String(16), default=FEATURED)
    tags: Mapped[list[str]] = mapped_column(Json, default=list)
    min_rating: Mapped[int | None] = mapped_column(SmallInteger)
    languages: Mapped[list[str]] = mapped_column(Json, default=list)
    pins: Mapped[list[str]] = mapped_column(Json, default=list)
    call: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    created_at: Mapped[datetime] = created_column()


class WidgetPlace(Base):
    """A host whose pages reported impressions of a widget, and the hours in which it was first and last heard of."""

    __tablename__ = "widget_places"
    __table_args__ = (Index("ix_widget_places_last", "last_at"),)

    widget_id: Mapped[str] = mapped_column(ForeignKey("widgets.id", ondelete="CASCADE"), primary_key=True)
    host: Mapped[str] = mapped_column(String(255), primary_key=True)
    first_at: Mapped[datetime] = mapped_column(UtcTime)
    last_at: Mapped[datetime] = mapped_column(UtcTime)


def rated_on(widget: Widget) -> Select[Testimonial]:
    """What its ratings are counted over: all of its campaigns. Nobody picks the ratings that count by a filter or a pin."""
    query = select(Testimonial).where(Testimonial.workspace_id == widget.workspace_id, PUBLIC)
    return query.where(Testimonial.campaign_id.in_(widget.campaign_ids)) if widget.campaign_ids else query


def shown_on(session: Session, widget: Widget, limit: int, *options: ExecutableOption) -> list[Testimonial]:
    """What it shows, at most `limit`: what is pinned, in that order; then by the widget's order what its filters leave. Each
    query walks an index from its end and stops when there are enough."""
    found: list[Testimonial] = []
    if widget.pins:
        own = select(Testimonial).where(Testimonial.workspace_id == widget.workspace_id, PUBLIC)
        pinned = session.scalars(own.where(Testimonial.id.in_(widget.pins)).options(*options))
        found = sorted(pinned, key=lambda each: widget.pins.index(each.id))[:limit]
    for query in _others(session, widget):
        if len(found) >= limit:
            break
        others = query.where(Testimonial.id.not_in(widget.pins)) if widget.pins else query
        found += session.scalars(others.options(*options).limit(limit - len(found)))
    return found


def _others(session: Session, widget: Widget) -> list[Select[Testimonial]]:
    """One after the other. Two where a column comes before the id, so that neither has to sort."""
    query = rated_on(widget)
    if widget.min_rating:
        query = query.where(Testimonial.rating >= widget.min_rating)
    if widget.languages:
        query = query.where(Testimonial.language.in_(widget.languages))
    if widget.tags:
        # Looked up first: with an id the database knows how rare a tag is.
        mine = select(Tag.id).where(Tag.workspace_id == widget.workspace_id, Tag.name.in_(widget.tags))
        carrying = select(Tagging.testimonial_id).where(Tagging.tag_id.in_(session.scalars(mine).all()))
        query = query.where(Testimonial.id.in_(carrying))
    newest = Testimonial.id.desc()
    if widget.sort == HAND:
        return []
    if widget.sort == FEATURED:
        first, rest = query.where(Testimonial.featured.is_(True)), query.where(Testimonial.featured.is_(False))
        return [first.order_by(newest), rest.order_by(newest)]
    if widget.sort == RATING:
        rated, silent = query.where(Testimonial.rating.is_not(None)), query.where(Testimonial.rating.is_(None))
        return [rated.order_by(Testimonial.rating.desc(), newest), silent.order_by(newest)]
    return [query.order_by(newest)]
