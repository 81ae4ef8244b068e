"""The sums of reports, in both databases: the same before days are summed up and after."""

from __future__ import annotations

from sqlalchemy import delete, func, select

from testimonials.domain.periods import latest
from testimonials.models import CampaignDay, CollectHour, EventDay, EventHour
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.services import accounts, campaigns, overview, report_days
from testimonials.services.overview import Narrow
from tests.report_month import at, furnish


def test_the_report_adds_up_before_and_after_days_are_summed(house: Runtime) -> None:
    runtime = house
    workspace_id, theirs_id = (accounts.create_workspace(runtime, name=name) for name in ("Ours", "Theirs"))
    campaigns.create(runtime, workspace_id, slug="spring", name="Spring")
    wall = furnish(runtime, workspace_id)
    period = latest(30, now().date())

    def read(**narrow: str) -> overview.Overview:
        return overview.overview(runtime, workspace_id, period, Narrow(**narrow))

    first = read()
    total = first.total.counts
    assert (total["opened"], total["sent"]) == ((8, 4), (2, 0))
    assert (total["play"], total["quartile50"], total["complete"]) == ((69, 30), (34, 15), (13, 6))
    assert (total["received"], total["approved"], total["rejected"]) == ((3, 1), (2, 0), (0, 1))
    assert (total["shares"], total["visits"]) == ((1, 1), (5, 3))
    assert first.wait.number == 2
    assert [week.number for week in first.weeks if week.number] in ([1, 1], [2])
    assert sum(first.by_day[day]["play"] for day in period.days) == 69
    assert [(line.now("play"), line.before("play")) for line in first.testimonials] == [(46, 20), (23, 10)]
    assert {line.key: line.now("play") for line in first.widgets} == {wall: 23, "": 46}
    assert {line.key: line.counts["visits"] for line in first.networks} == {"x": (5, 0), "whatsapp": (0, 3)}
    assert [(line.key, line.now("received"), line.now("play")) for line in first.campaigns] == [("spring", 3, 69)]
    narrowed = [read(widget=wall), read(network="x"), read(campaign="spring")]
    assert [(each.total.now("play"), each.total.now("opened"), each.total.now("visits")) for each in narrowed] == [
        (23, 0, 0),
        (0, 0, 5),
        (69, 8, 5),
    ]
    assert report_days.roll_up(runtime) == 49, "the last two days stay as they are"
    with runtime.db.transaction() as transaction:
        assert transaction.scalar(select(func.sum(EventDay.count)).where(EventDay.type == "play")) == 90
        assert transaction.scalar(select(func.sum(CampaignDay.count)).where(CampaignDay.what == "opened")) == 10
        transaction.execute(delete(EventHour).where(EventHour.hour < at(4)))
        transaction.execute(delete(CollectHour).where(CollectHour.hour < at(4)))
    assert report_days.roll_up(runtime) == 0
    assert read() == first, "read from the sums"
    assert [read(widget=wall), read(network="x"), read(campaign="spring")] == narrowed
    theirs = overview.overview(runtime, theirs_id, period, Narrow())
    assert set(theirs.total.counts.values()) == {(0, 0)}
    assert theirs.campaigns == theirs.widgets == theirs.testimonials == theirs.networks == []
