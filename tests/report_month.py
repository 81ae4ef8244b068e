"""Two periods of everything that a report counts, as rows: steps, decisions, events and shares."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from testimonials.domain.events import STEPS
from testimonials.models import Campaign, CollectHour, EventHour, Widget
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.services import widgets
from tests.month import shared, shown

NAUGHTY = "\"><img src=x onerror=alert(1)>'=1+1 <script>alert(1)</script> {{7*7}}"


def at(days_ago: int, hour: int = 12) -> datetime:
    return datetime.combine(now().date() - timedelta(days=days_ago), datetime.min.time(), UTC) + timedelta(hours=hour)


def furnish(runtime: Runtime, workspace_id: str) -> str:
    """Steps, decisions, events and shares in this period and the one before. Returns the widget's token."""
    widget = widgets.create(runtime, workspace_id, name=NAUGHTY)
    maya = shown(runtime, workspace_id, NAUGHTY, submitted_at=at(6), reviewed_at=at(6, 14))
    tom = shown(runtime, workspace_id, "Tom", submitted_at=at(0, 0), reviewed_at=at(0, 0) + timedelta(minutes=10))
    shown(runtime, workspace_id, "No", review="rejected", submitted_at=at(41), reviewed_at=at(40))
    shown(runtime, workspace_id, "Waits", review="pending", submitted_at=at(3))
    with runtime.db.transaction() as transaction:
        campaign = transaction.scalars(select(Campaign.id).where(Campaign.workspace_id == workspace_id)).one()
        for days_ago, number in ((50, 4), (10, 6), (0, 2)):
            for place, step in enumerate(STEPS):
                count = max(0, number - place // 2)
                transaction.add(CollectHour(campaign_id=campaign, step=step, hour=at(days_ago), count=count))
        wall = transaction.scalars(select(Widget.id).where(Widget.token == widget.token)).one()
        for days_ago, number in ((45, 10), (5, 20), (0, 3)):
            for testimonial, at_widget, more in ((maya, wall, 1), (tom, "", 2)):
                for kind, part in (
                    ("impression", 4),
                    ("play", 1),
                    ("quartile25", 0.8),
                    ("quartile50", 0.5),
                    ("complete", 0.2),
                ):
                    values = {
                        "testimonial_id": testimonial.id,
                        "type": kind,
                        "hour": at(days_ago, 0),
                        "widget_id": at_widget,
                    }
                    transaction.add(EventHour(**values, count=int(number * part * more)))
    shared(runtime, maya, days_ago=9, visits=5, plays=2, network="x")
    shared(runtime, tom, days_ago=35, visits=3, plays=1, network="whatsapp")
    return widget.token
