"""The queries of the review page walk indexes: the plans that the databases choose by themselves.

PostgreSQL knows its statistics, as its autovacuum sees to; SQLite has none, as in an installation of ours.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from testimonials import migrations
from testimonials.db import Database
from testimonials.domain.periods import latest
from testimonials.models import Campaign, Testimonial, Widget
from testimonials.models.base import now
from testimonials.models.widget import shown_on
from testimonials.runtime import Runtime
from testimonials.services import accounts, campaigns, overview, report_days, reports, review
from testimonials.services.overview import Narrow
from testimonials.services.review import Filter
from testimonials.settings import load
from testimonials.storage.memory import MemoryStorage
from tests.bench.list_scale import WORDS, fill

ROWS = 20_000
LARGE = ("testimonials", "search_documents", "taggings")
FILTERS = {
    "queue": Filter(review="pending"), "approved": Filter(review="approved"), "all": Filter(),
    "archived": Filter(review="archived"), "campaign": Filter(campaign="spring", review="rejected"),
    "kind": Filter(kind="audio"), "rating": Filter(rating=1), "language": Filter(language="sv", review="pending"),
    "tag": Filter(tag="rare"), "assignee": Filter(assignee="0" * 32), "trouble": Filter(trouble=True),
    "media": Filter(media="failed"), "search rare": Filter(query=WORDS[3900]), "search common": Filter(query=WORDS[1]),
    "search name": Filter(query="rider 77"), "search none": Filter(query="unicorn"),
    "search filtered": Filter(query=WORDS[20], language="de", review="rejected"),
}  # fmt: skip


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, migrated: Path
) -> Iterator[tuple[Runtime, str]]:
    settings = load({"TESTIMONIALS_SECRET_KEY": "0" * 32}, data_dir=tmp_path_factory.mktemp("plans"))
    if request.param == "sqlite":
        shutil.copy(migrated, settings.data_dir / "testimonials.db")
        db = Database(settings.database_url)
    else:
        db = Database(request.getfixturevalue("postgres_server").new_database())
        migrations.upgrade(db)
    runtime = Runtime(settings, db, MemoryStorage(), lambda *_: True)
    workspace = accounts.create_workspace(runtime, name="Copper Spoke")
    campaigns.create(runtime, workspace, slug="spring", name="Spring")
    fill(db, workspace, ROWS)
    yield runtime, workspace
    db.close()


@pytest.mark.parametrize("name", FILTERS)
def test_no_list_looks_at_every_row(filled: tuple[Runtime, str], name: str) -> None:
    runtime, workspace = filled
    asked = statements(runtime.db, lambda: review.listing(runtime, workspace, FILTERS[name]))
    page = review.listing(runtime, workspace, FILTERS[name], limit=2)
    if page.next_cursor:
        further = replace(FILTERS[name], cursor=page.next_cursor)
        asked += statements(runtime.db, lambda: review.listing(runtime, workspace, further))
    assert any("LIMIT" in sql for sql, _ in asked)
    assert not any("OFFSET" in sql for sql, _ in asked if runtime.db.engine.dialect.name == "postgresql")
    assert [found for sql, values in asked for found in scans(runtime.db, sql, values)] == []


def test_no_tab_is_counted_over_every_row(filled: tuple[Runtime, str]) -> None:
    runtime, workspace = filled
    asked = statements(runtime.db, lambda: review.counts(runtime, workspace))
    assert [found for sql, values in asked for found in scans(runtime.db, sql, values)] == []


def test_no_campaign_is_counted_over_every_row(filled: tuple[Runtime, str]) -> None:
    runtime, workspace = filled
    ((_, number),) = campaigns.with_numbers(runtime, workspace)
    assert number == campaigns.MOST_COUNTED < ROWS
    asked = statements(runtime.db, lambda: campaigns.with_numbers(runtime, workspace))
    assert [found for sql, values in asked for found in scans(runtime.db, sql, values)] == []


@pytest.mark.parametrize("narrow", [Narrow(), Narrow(campaign="spring")], ids=["all", "campaign"])
def test_a_report_reads_sums_and_the_last_days(filled: tuple[Runtime, str], narrow: Narrow) -> None:
    runtime, workspace = filled
    while report_days.roll_up(runtime):
        pass
    period = latest(90, now().date())
    asked = statements(runtime.db, lambda: overview.overview(runtime, workspace, period, narrow))
    asked += statements(runtime.db, lambda: reports.sharing(runtime, workspace, period))
    assert len([sql for sql, _ in asked if sql.startswith("WITH facts")]) == 4
    assert [found for sql, values in asked for found in scans(runtime.db, sql, values)] == []
    if runtime.db.engine.dialect.name == "sqlite":
        by_day = re.compile(r"\((id=|submitted_at>|reviewed_at>)")
        with runtime.db.engine.connect() as connection:
            plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all() for sql, values in asked]
        steps = [row[3] for rows in plans for row in rows if row[3].startswith("SEARCH testimonials")]
        assert steps
        assert [step for step in steps if not by_day.search(step)] == []


def test_this_test_would_see_a_scan(filled: tuple[Runtime, str]) -> None:
    db = filled[0].db
    assert scans(db, "SELECT count(*) FROM testimonials WHERE text <> 'x'", ())


def statements(db: Database, act: Any) -> list[tuple[str, Any]]:
    """What is asked of the database meanwhile."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, sql: str, values: Any, *_more: Any) -> None:
        if sql.startswith(("SELECT", "WITH")):
            seen.append((sql, values))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return seen


def scans(db: Database, sql: str, values: Any) -> list[str]:
    """The steps of the plan that read a whole large table."""
    server = db.engine.dialect.name == "postgresql"
    with db.engine.connect() as connection:
        if server:
            (found,) = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {sql}", values).one()
            plan = found if isinstance(found, list) else json.loads(found)
            return [
                sql
                for step in steps(plan[0]["Plan"])
                if step["Node Type"] == "Seq Scan" and step["Relation Name"] in LARGE
            ]
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all()
    whole = re.compile(rf"^SCAN ({'|'.join(LARGE)})\b(?!.* USING (COVERING )?INDEX)")
    return [row[3] for row in rows if whole.search(row[3])]


def steps(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for each in plan.get("Plans", []):
        yield from steps(each)


WALLS = {
    "newest": {"sort": "newest"}, "featured": {"sort": "featured"}, "rating": {"sort": "rating"},
    "one campaign": {"campaign_ids": ["?"]}, "stars": {"min_rating": 5}, "few stars": {"min_rating": 1, "sort": "rating"},
    "language": {"languages": ["sv"]}, "tag": {"tags": ["rare"]}, "common tag": {"tags": ["often"]},
    "all at once": {"tags": ["rare"], "languages": ["sv"], "min_rating": 4, "sort": "rating"},
}  # fmt: skip


@pytest.mark.parametrize("name", WALLS)
def test_no_wall_looks_at_every_row(filled: tuple[Runtime, str], name: str) -> None:
    runtime, workspace = filled
    with runtime.db.read() as session:
        campaign = session.scalars(select(Campaign.id).where(Campaign.workspace_id == workspace)).one()
        pins = list(session.scalars(select(Testimonial.id).limit(2)))
    chosen = {key: [campaign] if value == ["?"] else value for key, value in WALLS[name].items()}
    defaults = {"campaign_ids": [], "tags": [], "languages": [], "sort": "featured"}
    for pinned in ([], pins):
        widget = Widget(workspace_id=workspace, pins=pinned, **(defaults | chosen))

        def show(widget: Widget = widget) -> None:
            with runtime.db.read() as session:
                shown_on(session, widget, 60)

        asked = statements(runtime.db, show)
        assert asked
        assert [found for sql, values in asked for found in scans(runtime.db, sql, values)] == []
