"""`attribution-truth`: a simulated month of sharing whose truth is known, through the real pages and beacons.

`report-scale`: reading a testimonial's figures with a million events over reading them with a thousand.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

from flask import Flask
from sqlalchemy import func, insert, select, update

from testimonials import migrations
from testimonials.app import create_app
from testimonials.models import EventHour, Share, Testimonial
from testimonials.models.base import new_token
from testimonials.runtime import Runtime, open_runtime
from testimonials.services import accounts, analytics, campaigns, visitors, visits
from testimonials.settings import load
from tests.acts import hand_in
from tests.bench.measure import Result
from tests.readers import BOTS, CHROME, FIREFOX

SHARERS, VISITS, BOT_PART = 100, 10_000, 0.4
BEGIN = datetime(2026, 11, 1, 9, tzinfo=UTC)
NETWORKS = ("x", "linkedin", "whatsapp", "copy", "reddit")
SEED = 20261125


def attribution() -> Result:
    with _house() as (app, runtime, token):
        truth, bots = _month(app, runtime, token)
        with runtime.db.read() as session:
            counted = {row.code: row.visits for row in session.execute(select(Share.code, Share.visits))}
    people = sum(truth.values())
    off = abs(sum(counted.values()) - people) / people
    worst = max(abs(counted[code] - number) for code, number in truth.items())
    return Result(
        "attribution-truth",
        off / 0.01,
        1,
        f"{sum(counted.values())} visits counted, {people} true (bar 1 %), at most {worst} off for one share; {bots} requests"
        f" and beacons of bots with recorded agents; {SHARERS} sharers, 30 days, the sharers' own visits among them",
    )


def _month(app: Flask, runtime: Runtime, token: str) -> tuple[dict[str, int], int]:
    chance = random.Random(SEED)
    truth: dict[str, int] = {}
    seen: set[tuple[str, str, int]] = set()
    bots = 0
    sharers = [(f"10.0.{n // 250}.{n % 250 + 1}", chance.choice((CHROME, FIREFOX))) for n in range(SHARERS)]
    client = app.test_client()
    shared: list[tuple[str, int, int]] = []
    for number in range(VISITS):
        day = number * 30 // VISITS
        with _on(BEGIN + timedelta(days=day, minutes=number % 600)):
            if len(shared) < SHARERS and number % (VISITS // SHARERS // 2) == 0:
                code = _share(app, token, chance.choice(NETWORKS), *sharers[len(shared)])
                shared.append((code, day, len(shared)))
                truth[code] = 0
            code, _, sharer = chance.choice(shared)
            if chance.random() < BOT_PART:
                bots += 1
                _visit(client, runtime, token, code, f"203.0.113.{chance.randint(1, 250)}", chance.choice(BOTS))
                continue
            own = chance.random() < 0.02
            # One in fifty comes back within the day, as people do.
            address, agent = (
                sharers[sharer] if own else (f"172.16.{chance.randint(0, 255)}.{chance.randint(1, 250)}", CHROME)
            )
            for _ in range(2 if chance.random() < 0.02 else 1):
                _visit(client, runtime, token, code, address, agent)
            # The day of sharing is the only one on which the sharer can be told by the same hash.
            if not (own and shared[sharer][1] == day) and (address, code, day) not in seen:
                seen.add((address, code, day))
                truth[code] += 1
    return truth, bots


def _share(app: Flask, token: str, network: str, address: str, agent: str) -> str:
    client = app.test_client()
    answer = client.post(
        f"/t/{token}/shares",
        json={"network": network, "place": "page"},
        headers={"User-Agent": agent},
        environ_base={"REMOTE_ADDR": address},
    )
    return str(answer.json["url"]).rsplit("/", 1)[1]


def _visit(client: object, runtime: Runtime, token: str, code: str, address: str, agent: str) -> None:
    options = {"headers": {"User-Agent": agent}, "environ_base": {"REMOTE_ADDR": address}}
    client.get(f"/s/{code}", **options)  # type: ignore[attr-defined]
    nonce = visits.page_nonce(runtime, token, code)
    body = {"via": code, "nonce": nonce, "act": "visit"}
    client.post(f"/t/{token}/visits", json=body, **options)  # type: ignore[attr-defined]


@contextmanager
def _on(moment: datetime) -> Iterator[None]:
    """The ledger's clock. The nonce's own age is real time, and its second in view is not waited for."""
    with (
        mock.patch.object(visits, "now", return_value=moment),
        mock.patch.object(visitors, "now", return_value=moment),
        mock.patch.object(visits, "YOUNGEST_SECONDS", -1),
    ):
        yield


def report_scale() -> Result:
    """The hours of a month for a busy testimonial and for a quiet one, and the same report of both."""
    with _house() as (_, runtime, token):
        with runtime.db.read() as session:
            busy = session.scalar(select(Testimonial.id).where(Testimonial.token == token)) or ""
        quiet = _another(runtime, busy)
        _fill(runtime, busy, 1_000_000)
        _fill(runtime, quiet, 1_000)
        with runtime.db.read() as session:
            total = session.scalar(select(func.sum(EventHour.count)).where(EventHour.testimonial_id == busy))
        times = {each: [_seconds(runtime, each) for _ in range(30)] for each in (busy, quiet)}
    slow, fast = (statistics.median(times[each]) * 1000 for each in (busy, quiet))
    return Result(
        "report-scale",
        slow / fast,
        2,
        f"{slow:.2f} ms for {total} events in {30 * 24} hours over {fast:.2f} ms for 1000 in as many; median of 30, SQLite",
    )


def _fill(runtime: Runtime, testimonial_id: str, events: int) -> None:
    hours = 30 * 24
    rows = [
        {
            "testimonial_id": testimonial_id,
            "type": kind,
            "hour": BEGIN + timedelta(hours=hour),
            "widget_id": "",
            "count": max(1, events // hours // 4),
        }
        for hour in range(hours)
        for kind in ("impression", "play", "quartile25", "complete")
    ]
    with runtime.db.transaction() as transaction:
        transaction.execute(insert(EventHour), rows)


def _another(runtime: Runtime, like: str) -> str:
    with runtime.db.transaction() as transaction:
        first = transaction.get_one(Testimonial, like)
        second = Testimonial(campaign_id=first.campaign_id, workspace_id=first.workspace_id, token=new_token())
        transaction.add(second)
        transaction.flush()
        return second.id


def _seconds(runtime: Runtime, testimonial_id: str) -> float:
    began = time.perf_counter()
    analytics.totals(runtime, [testimonial_id])
    return time.perf_counter() - began


@contextmanager
def _house() -> Iterator[tuple[Flask, Runtime, str]]:
    with tempfile.TemporaryDirectory() as folder:
        settings = load({"TESTIMONIALS_SECRET_KEY": "0123456789abcdef0123456789abcdef"}, data_dir=Path(folder))
        runtime = open_runtime(settings)
        migrations.upgrade(runtime.db)
        workspace = accounts.create_workspace(runtime, name="Copper Spoke")
        campaigns.create(runtime, workspace, slug="spring", name="Spring")
        app = create_app(runtime=runtime)
        token = hand_in(app.test_client(), b"video")["token"]
        with runtime.db.transaction() as transaction:
            transaction.execute(update(Testimonial).values(media="ready", review="approved"))
        yield app, runtime, token
        runtime.db.close()
