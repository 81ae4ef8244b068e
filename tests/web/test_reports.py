"""Reports: steps of the collect page that nobody can be known by, sums that stay the same once days are summed up, doors that
stay shut for strangers."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from testimonials.app import create_app
from testimonials.domain import waiting
from testimonials.domain.periods import latest
from testimonials.models import Campaign, CollectHour
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.services import overview
from testimonials.services.overview import Narrow
from tests.conftest import Someone
from tests.readers import BOTS, CHROME
from tests.report_month import furnish


# -- the steps ---------------------------------------------------------------------------------------------------------
def door(app: Flask, slug: str = "spring") -> str:
    """Where a page that was served tells its steps."""
    page = app.test_client().get(f"/c/{slug}").text
    config = re.search(r'id="recorder-config">(.+?)</script>', page, re.DOTALL)
    assert config
    return str(json.loads(config[1])["steps"])


def tell(app: Flask, url: str, *steps: str, agent: str = CHROME, **headers: str) -> int:
    client = app.test_client()
    return client.post(url, data=json.dumps({"steps": steps}), headers={"User-Agent": agent, **headers}).status_code


def counted(runtime: Runtime) -> dict[str, int]:
    with runtime.db.read() as session:
        found = session.execute(select(CollectHour.step, func.sum(CollectHour.count)).group_by(CollectHour.step))
        return {step: int(count) for step, count in found}


def test_steps_are_counted_by_the_hour_and_nothing_else_is_kept(app: Flask, runtime: Runtime, owner: Someone) -> None:
    url = door(app)
    assert tell(app, url, "opened") == 204
    assert tell(app, url, "chosen", "asked") == 204
    assert tell(app, url, "opened", **{"Sec-GPC": "1"}) == 204
    assert counted(runtime) == {"opened": 2, "chosen": 1, "asked": 1}
    with runtime.db.read() as session:
        rows = session.scalars(select(CollectHour)).all()
    assert {column.name for column in CollectHour.__table__.columns} == {"campaign_id", "step", "hour", "count"}
    assert all(row.hour.minute == row.hour.second == 0 for row in rows)
    answer = app.test_client().post(url, data=json.dumps({"steps": ["form"]}), headers={"User-Agent": CHROME})
    assert "Set-Cookie" not in answer.headers


def test_robots_and_prefetches_do_not_count(app: Flask, runtime: Runtime, owner: Someone) -> None:
    url = door(app)
    for agent in (*BOTS[:3], ""):
        assert tell(app, url, "opened", agent=agent) == 204
    assert tell(app, url, "opened", **{"Sec-Purpose": "prefetch"}) == 204
    assert counted(runtime) == {}


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"steps": "opened"}', b'{"steps": []}', b'{"steps": ["moon"]}', b'{"steps": [["opened"]]}',
     b'{"steps": ["opened", "opened"]}', b'{"steps": [null]}', b'{"steps": {"opened": 5}}', b'{"steps": ["opened", 1e9]}'],
)  # fmt: skip
def test_what_is_no_step_is_refused(app: Flask, runtime: Runtime, owner: Someone, body: bytes) -> None:
    answer = app.test_client().post(door(app), data=body, headers={"User-Agent": CHROME})
    assert answer.status_code == 400
    assert counted(runtime) == {}


def test_only_our_own_pages_are_believed(
    app: Flask, runtime: Runtime, owner: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = door(app)
    for wrong in (
        "/c/spring/steps",
        "/c/spring/steps?page=1.2",
        url[:-1] + ("0" if url[-1] != "0" else "1"),
        url.replace("spring", "other"),
    ):
        assert tell(app, wrong, "opened") == 422, wrong
    assert app.test_client().get(url).status_code in (404, 405)
    large = app.test_client().post(url, data=b'{"steps": ["opened"], "x": "' + b"x" * 2000 + b'"}')
    assert large.status_code == 413
    old = int(re.search(r"page=(\d+)", url)[1]) + 25 * 3600  # type: ignore[index]
    monkeypatch.setattr("testimonials.services.funnel.time.time", lambda: old)
    assert tell(app, url, "opened") == 422
    assert counted(runtime) == {}


def test_steps_are_limited_as_beacons_are(runtime: Runtime, owner: Someone) -> None:
    settings = dataclasses.replace(runtime.settings, limit_events=5)
    app = create_app(runtime=dataclasses.replace(runtime, settings=settings))
    url = door(app)
    assert {tell(app, url, "opened") for _ in range(8)} == {204, 429}
    assert counted(runtime)["opened"] <= 5


# -- the report --------------------------------------------------------------------------------------------------------
def test_the_page_and_its_tables(runtime: Runtime, owner: Someone, viewer: Someone, stranger: Someone) -> None:
    empty = owner.client.get("/console/reports").text
    for words in ("Nobody has opened", "Nothing was approved", "Nobody pressed play", "Each network will have a line"):
        assert words in empty
    wall = furnish(runtime, owner.workspace_id)
    page = viewer.client.get("/console/reports?days=30").text
    assert "Most who stop do so after" in page
    assert page.count("<title id=") == page.count("<desc id=") == 6, "each picture has its words"
    assert "<img src=x" not in page
    assert "<script>alert" not in page
    with runtime.db.read() as session:
        token = session.scalars(select(Campaign.slug).where(Campaign.workspace_id == owner.workspace_id)).one()
    report = overview.overview(runtime, owner.workspace_id, latest(30, now().date()), Narrow())
    expected = {"collecting": 9, "approval": len(report.weeks), "watching": 5, "days": 30}
    expected |= {"campaigns": 1, "widgets": 2, "testimonials": 2, "networks": 2}
    for name, number in expected.items():
        answer = viewer.client.get(f"/console/reports/{name}.csv?days=30")
        rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
        assert len(rows) == number, name
        assert not any(cell[:1] in "=+@" for row in rows for cell in row.values() if cell), (
            "no formula for a spreadsheet"
        )
    assert viewer.client.get("/console/reports/moon.csv").status_code == 404
    assert viewer.client.get("/console/reports/days.csv?from=x&to=y").status_code == 422
    for query in (
        "from=2026-11-31&to=2026-12-01",
        "days=900",
        "of=moon",
        "network=moon",
        f"widget={wall}",
        f"campaign={token}",
    ):
        assert owner.client.get(f"/console/reports?{query}").status_code == 200, query
    for query in (f"widget={wall}", f"testimonial={report.testimonials[0].key}", f"campaign={token}"):
        assert stranger.client.get(f"/console/reports?{query}").status_code == 404, query
        assert stranger.client.get(f"/console/reports/days.csv?{query}").status_code == 404, query


# -- waiting -----------------------------------------------------------------------------------------------------------
def test_percentiles_of_bounds_are_near_those_of_the_numbers() -> None:
    seconds = [90 * number for number in range(1, 1001)]
    counts: dict[int, int] = {}
    for each in seconds:
        place = next(number for number, bound in enumerate(waiting.BOUNDS) if each < bound)
        counts[place] = counts.get(place, 0) + 1
    for part in (0.5, 0.9):
        found = waiting.percentile(counts, part)
        assert found is not None
        assert abs(found / seconds[int(part * 1000) - 1] - 1) < 0.1
    assert waiting.percentile({}, 0.5) is None
    assert waiting.percentile({len(waiting.BOUNDS): 3}, 0.9) is not None, "more than the last bound"


def test_weeks_begin_on_monday_and_none_between_is_left_out() -> None:
    by_day = {date(2026, 11, 1) + timedelta(days=number): {} for number in range(21)}
    by_day[date(2026, 11, 20)] = {0: 2}
    assert [(each.week.isoformat(), each.number) for each in waiting.waits(by_day)] == [
        ("2026-10-26", 0),
        ("2026-11-02", 0),
        ("2026-11-09", 0),
        ("2026-11-16", 2),
    ]
    assert [waiting.in_words(each) for each in (None, 20, 3000, 7200, 86400 * 3)] == [
        "none",
        "1 min",
        "50 min",
        "2 h",
        "3 days",
    ]
