"""Sums by the day that reports are read from: events of testimonials, steps of the collect page, what came and was decided.

Days that are over are read from their sums (`EventDay`, `CampaignDay`); the last two, for which beacons may still come, from the
rows themselves. So a report costs by its days and not by its testimonials.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Select, String, Subquery, case, extract, func, literal, select, union_all
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Session

from testimonials.db import Transaction, dialect_of, insert_into
from testimonials.domain.lifecycle import ReviewStatus
from testimonials.domain.periods import Period
from testimonials.domain.waiting import BOUNDS
from testimonials.models import Campaign, CampaignDay, CollectHour, CountedDay, EventDay, EventHour, Testimonial
from testimonials.runtime import Runtime
from testimonials.services import groupings
from testimonials.services.days import day_of, sum_up
from testimonials.services.groupings import END, FIRST, LAST, LIVE, SINCE, WORKSPACE, one_day, unindexed

WAIT = "wait"
"""How approvals are named, with the number of their bound after it."""
_EVENT_KEYS = ("testimonial_id", "type", "day", "widget_id", "campaign_id", "workspace_id")
_CAMPAIGN_KEYS = ("campaign_id", "what", "day", "workspace_id")
_MOMENTS = (EventHour.hour, CollectHour.hour, Testimonial.submitted_at)


def roll_up(runtime: Runtime) -> int:
    """Sum up days that are over and final. Returns how many; the rest of a long history waits for the next round."""
    return sum_up(runtime, CountedDay, _MOMENTS, _write)


def _write(transaction: Transaction, day: date) -> None:
    for table, names, live in ((EventDay, _EVENT_KEYS, _live_events), (CampaignDay, _CAMPAIGN_KEYS, _live_acts)):
        found = live(dialect_of(transaction), whole=True)
        keys = [found.c[name] for name in names]
        summed = select(*keys, func.sum(found.c["count"])).group_by(*keys).params(one_day(day))
        transaction.execute(insert_into(transaction, table).from_select([*names, "count"], summed))


def asked(session: Session, workspace_id: str, period: Period) -> dict[str, Any]:
    """What statements over `events` and `acts` are told."""
    return groupings.asked(session, workspace_id, period, CountedDay, *_MOMENTS)


@cache
def events(dialect: str) -> Subquery:
    """Events of public testimonials: `testimonial_id`, `type`, `day`, `widget_id`, `campaign_id`, `count`."""
    return _all_days(EventDay, _EVENT_KEYS, _live_events(dialect))


@cache
def acts(dialect: str) -> Subquery:
    """Steps of the collect page, what was received, and decisions: `campaign_id`, `what`, `day`, `count`."""
    return _all_days(CampaignDay, _CAMPAIGN_KEYS, _live_acts(dialect))


def _all_days(table: type[EventDay] | type[CampaignDay], keys: tuple[str, ...], live: Subquery) -> Subquery:
    """The sums of the days that are over, and what the others hold so far."""
    kept = select(*(getattr(table, name) for name in keys), table.count.label("count"))
    kept = kept.where(table.workspace_id == WORKSPACE, table.day.between(FIRST, LAST), table.day < LIVE)
    return union_all(kept, select(*live.c)).subquery()


def _live_events(dialect: str, *, whole: bool = False) -> Subquery:
    """Of all workspaces with `whole`."""
    keys = (EventHour.testimonial_id, EventHour.type, day_of(dialect, EventHour.hour), EventHour.widget_id)
    query = _named(_EVENT_KEYS, *keys, Testimonial.campaign_id, Testimonial.workspace_id, EventHour.count)
    query = query.join(Testimonial, Testimonial.id == EventHour.testimonial_id)
    query = query.where(EventHour.hour >= SINCE, EventHour.hour < END)
    return (query if whole else query.where(unindexed(dialect, Testimonial.workspace_id) == WORKSPACE)).subquery()


def _live_acts(dialect: str, *, whole: bool = False) -> Subquery:
    """What happened on these days, a row for each kind and hour, or each testimonial. Of all workspaces with `whole`."""
    keys = (CollectHour.campaign_id, CollectHour.step, day_of(dialect, CollectHour.hour))
    steps = _named(_CAMPAIGN_KEYS, *keys, Campaign.workspace_id, CollectHour.count)
    steps = steps.join(Campaign, Campaign.id == CollectHour.campaign_id)
    steps = steps.where(CollectHour.hour >= SINCE, CollectHour.hour < END)
    came = _of_testimonials(dialect, literal("received"), Testimonial.submitted_at)
    what = case((Testimonial.review == ReviewStatus.REJECTED, literal("rejected")), else_=_wait(dialect))
    decided = _of_testimonials(dialect, what, Testimonial.reviewed_at)
    decided = decided.where(Testimonial.review != ReviewStatus.PENDING, Testimonial.submitted_at.is_not(None))
    if not whole:
        steps = steps.where(unindexed(dialect, Campaign.workspace_id) == WORKSPACE)
        mine = unindexed(dialect, Testimonial.workspace_id) == WORKSPACE
        came, decided = came.where(mine), decided.where(mine)
    return union_all(steps, came, decided).subquery()


def _of_testimonials(dialect: str, what: Any, moment: Any) -> Select[Any]:
    keys = (Testimonial.campaign_id, sql_cast(what, String(16)), day_of(dialect, moment), Testimonial.workspace_id)
    return _named(_CAMPAIGN_KEYS, *keys, literal(1)).where(moment >= SINCE, moment < END)


def _wait(dialect: str) -> Any:
    """In which bound the time from handing in to the decision lies."""
    begin, end = Testimonial.submitted_at, Testimonial.reviewed_at
    if dialect == "postgresql":
        seconds: Any = extract("epoch", end - begin)
    else:
        seconds = (func.julianday(end) - func.julianday(begin)) * 86400
    bounds = [(seconds < literal(bound), literal(f"{WAIT}{number}")) for number, bound in enumerate(BOUNDS)]
    return case(*bounds, else_=literal(f"{WAIT}{len(BOUNDS)}"))


def _named(names: tuple[str, ...], *columns: Any) -> Select[Any]:
    """Columns under their names, the last as `count`: those of a union are known by them."""
    return select(*(column.label(name) for column, name in zip(columns, (*names, "count"), strict=True)))
