"""Sums by the day that reports are read from: events of testimonials, steps of the collect page, what came and was decided.

Days that are over are read from their sums (`EventDay`, `CampaignDay`); the last two, for which beacons may still come, from the
rows themselves. So a report costs by its days and not by its testimonials.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import Select, String, Subquery, case, extract, func, literal, select, union_all
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Session

from testimonials.db import Transaction, insert_into
from testimonials.domain.lifecycle import ReviewStatus
from testimonials.domain.periods import Period
from testimonials.domain.waiting import BOUNDS
from testimonials.models import Campaign, CampaignDay, CollectHour, CountedDay, EventDay, EventHour, Testimonial
from testimonials.runtime import Runtime
from testimonials.services.days import day_of, live_from, span, sum_up

WAIT = "wait"
"""How approvals are named, with the number of their bound after it."""
_EVENT_KEYS = ("testimonial_id", "type", "day", "widget_id", "campaign_id", "workspace_id")
_CAMPAIGN_KEYS = ("campaign_id", "what", "day", "workspace_id")
_MOMENTS = (EventHour.hour, CollectHour.hour, Testimonial.submitted_at)


def roll_up(runtime: Runtime) -> int:
    """Sum up days that are over and final. Returns how many; the rest of a long history waits for the next round."""
    return sum_up(runtime, CountedDay, _MOMENTS, _write)


def _write(transaction: Transaction, day: date) -> None:
    events, acts = _live_events(transaction, day, day, None), _live_acts(transaction, day, day, None)
    for table, names, live in ((EventDay, _EVENT_KEYS, events), (CampaignDay, _CAMPAIGN_KEYS, acts)):
        keys = [live.c[name] for name in names]
        summed = select(*keys, func.sum(live.c["count"])).group_by(*keys)
        transaction.execute(insert_into(transaction, table).from_select([*names, "count"], summed))


def events(session: Session, workspace_id: str, period: Period) -> Subquery:
    """Events of public testimonials: `testimonial_id`, `type`, `day`, `widget_id`, `campaign_id`, `count`."""
    return _all_days(session, workspace_id, period, EventDay, _EVENT_KEYS, _live_events)


def acts(session: Session, workspace_id: str, period: Period) -> Subquery:
    """Steps of the collect page, what was received, and decisions: `campaign_id`, `what`, `day`, `count`."""
    return _all_days(session, workspace_id, period, CampaignDay, _CAMPAIGN_KEYS, _live_acts)


def _all_days(
    session: Session,
    workspace_id: str,
    period: Period,
    table: type[EventDay] | type[CampaignDay],
    keys: tuple[str, ...],
    live: Callable[[Session, date, date, str | None], Subquery],
) -> Subquery:
    """The sums of the period's days that are over, and what the others hold so far."""
    begin = max(live_from(session, CountedDay, *_MOMENTS), period.first)
    kept = select(*(getattr(table, name) for name in keys), table.count.label("count"))
    kept = kept.where(table.workspace_id == workspace_id, table.day.between(period.first, period.last))
    fresh = live(session, begin, period.last, workspace_id)
    return union_all(kept.where(table.day < begin), select(*fresh.c)).subquery()


def _live_events(session: Session, first: date, last: date, workspace_id: str | None) -> Subquery:
    begin, end = span(first, last)
    day = day_of(session, EventHour.hour)
    keys = (EventHour.testimonial_id, EventHour.type, day, EventHour.widget_id)
    query = _named(_EVENT_KEYS, *keys, Testimonial.campaign_id, Testimonial.workspace_id, EventHour.count)
    query = query.join(Testimonial, Testimonial.id == EventHour.testimonial_id)
    query = query.where(EventHour.hour >= begin, EventHour.hour < end)
    return (query.where(Testimonial.workspace_id == workspace_id) if workspace_id else query).subquery()


def _live_acts(session: Session, first: date, last: date, workspace_id: str | None) -> Subquery:
    """What happened on these days, a row for each kind and hour, or each testimonial."""
    begin, end = span(first, last)
    steps = _named(
        _CAMPAIGN_KEYS,
        CollectHour.campaign_id,
        CollectHour.step,
        day_of(session, CollectHour.hour),
        Campaign.workspace_id,
        CollectHour.count,
    ).join(Campaign, Campaign.id == CollectHour.campaign_id)
    steps = steps.where(CollectHour.hour >= begin, CollectHour.hour < end)
    if workspace_id:
        steps = steps.where(Campaign.workspace_id == workspace_id)
    came = _of_testimonials(session, literal("received"), Testimonial.submitted_at, workspace_id)
    came = came.where(Testimonial.submitted_at >= begin, Testimonial.submitted_at < end)
    what = case((Testimonial.review == ReviewStatus.REJECTED, literal("rejected")), else_=_wait(session))
    decided = _of_testimonials(session, what, Testimonial.reviewed_at, workspace_id)
    decided = decided.where(Testimonial.reviewed_at >= begin, Testimonial.reviewed_at < end)
    decided = decided.where(Testimonial.review != ReviewStatus.PENDING, Testimonial.submitted_at.is_not(None))
    return union_all(steps, came, decided).subquery()


def _of_testimonials(session: Session, what: Any, moment: Any, workspace_id: str | None) -> Select[Any]:
    keys = (Testimonial.campaign_id, sql_cast(what, String(16)), day_of(session, moment), Testimonial.workspace_id)
    query = _named(_CAMPAIGN_KEYS, *keys, literal(1))
    return query.where(Testimonial.workspace_id == workspace_id) if workspace_id else query


def _wait(session: Session) -> Any:
    """In which bound the time from handing in to the decision lies."""
    begin, end = Testimonial.submitted_at, Testimonial.reviewed_at
    if session.get_bind().dialect.name == "postgresql":
        seconds: Any = extract("epoch", end - begin)
    else:
        seconds = (func.julianday(end) - func.julianday(begin)) * 86400
    bounds = [(seconds < literal(bound), literal(f"{WAIT}{number}")) for number, bound in enumerate(BOUNDS)]
    return case(*bounds, else_=literal(f"{WAIT}{len(BOUNDS)}"))


def _named(names: tuple[str, ...], *columns: Any) -> Select[Any]:
    """Columns under their names, the last as `count`: those of a union are known by them."""
    return select(*(column.label(name) for column, name in zip(columns, (*names, "count"), strict=True)))
