"""`kill -9` of everything that can be killed, at random moments over a batch of clips, on both profiles.

CHAOS_KILLS and CHAOS_CLIPS say how much (100 and 20 for a release), CHAOS_SEED which moments. What was done is printed,
and kept in build/chaos-PROFILE.json.
"""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from testimonials.db import Database
from testimonials.jobs import PROCESS_TESTIMONIAL, RENDER_REST
from testimonials.models import Asset, Chunk, Job
from testimonials.storage.opener import open_storage
from tests import clips
from tests.installation import Installation, embedded, hand_in, read, scaled, wait_for
from tests.servers.server import Server

pytestmark = pytest.mark.media

KILLS = int(os.environ.get("CHAOS_KILLS", "12"))
CLIPS = int(os.environ.get("CHAOS_CLIPS", "5"))
SEED = int(os.environ.get("CHAOS_SEED", "20261125"))
# A kill counts as an attempt, as it has to: an input that kills its worker must run out of them. Here nobody's input is
# at fault, so there are more attempts than kills.
SETTINGS = {"job_lease_seconds": "3", "job_max_attempts": str(KILLS + 5), "recognizer": "off"}
# In which proportion things are killed; the first round has each of them.
DEALS = {
    "embedded": ("ffmpeg", "worker", "serve", "ffmpeg", "worker", "small worker"),
    "scaled": ("ffmpeg", "worker", "broker", "database", "supervisor", "ffmpeg", "worker", "broker", "database"),
}
VICTIM_SECONDS = 200  # the longest pause between two attempts is 150 s, and during it there may be no ffmpeg to kill
BUSY_SECONDS = 20
SETTLE_SECONDS = 600
AHEAD = 1  # clips that wait while one is worked on


@dataclass
class House:
    """An installation, its servers, and what was done to it. `waiting` are clips that nobody has handed in yet."""

    profile: str
    installation: Installation
    servers: dict[str, Server]
    chance: random.Random
    waiting: list[tuple[Path, list[int]]]
    handed_in: dict[str, list[int]] = field(default_factory=dict)
    kills: Counter[str] = field(default_factory=Counter)
    at_work: int = 0
    """How many kills came while an ffmpeg ran."""

    @contextmanager
    def database(self) -> Iterator[Database]:
        default = f"sqlite:///{self.installation.data / 'testimonials.db'}"
        db = Database(self.installation.environment.get("TESTIMONIALS_DATABASE_URL", default))
        yield db
        db.close()

    def hand_in_next(self) -> None:
        if self.waiting:
            clip, heights = self.waiting.pop(0)
            self.handed_in[hand_in(self.installation, clip)] = heights

    def kill(self, kind: str) -> None:
        strike = STRIKES[kind]
        deadline = time.monotonic() + VICTIM_SECONDS
        while True:
            busy = bool(self.installation.ffmpegs())
            if strike(self):
                break
            assert time.monotonic() < deadline, f"there was never a {kind} to kill:\n{self.installation.log()[-3000:]}"
            if deadline - time.monotonic() < VICTIM_SECONDS - 5:
                self.hand_in_next()  # all that is there waits for its next attempt
            time.sleep(self.chance.uniform(0.02, 0.3))
        self.kills[kind] += 1
        self.at_work += busy

    def random_moment(self) -> None:
        """Not while everybody waits for a next attempt: a batch on a machine that is always busy has few such moments."""
        deadline = time.monotonic() + BUSY_SECONDS
        while not self.installation.ffmpegs() and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(self.chance.uniform(0, 1.5))


def _strike_one(house: House, found: list[int]) -> bool:
    if not found:
        return False
    with suppress(ProcessLookupError):  # it ended by itself in this very moment
        os.kill(house.chance.choice(found), signal.SIGKILL)
        return True
    return False


def _strike_parent(house: House) -> bool:
    """`serve` or `worker` itself. Its children are not killed with it; they have to notice."""
    house.installation.kill_and_start_again(house.installation.processes[-1])
    wait_for(house.installation.answers, 30, lambda: house.installation.log()[-3000:])
    return True


def _strike_server(name: str) -> Callable[[House], bool]:
    def strike(house: House) -> bool:
        with house.servers[name].outage():
            time.sleep(house.chance.uniform(0, 2))
        return True

    return strike


STRIKES: dict[str, Callable[[House], bool]] = {
    "worker": lambda house: _strike_one(house, house.installation.workers("media")),
    "small worker": lambda house: _strike_one(house, house.installation.workers("small")),
    "ffmpeg": lambda house: _strike_one(house, house.installation.ffmpegs()),
    "serve": _strike_parent,
    "supervisor": _strike_parent,
    "broker": _strike_server("broker"),
    "database": _strike_server("database"),
}


def batch() -> list[tuple[Path, list[int]]]:
    """The clips, each with the heights that are planned for it. A track that can be kept as it is takes another way."""
    kinds = [
        (clips.webm(5, "1280x720"), [720, 480, 360]),
        (clips.mp4(5, "1280x720"), [720, 480, 360]),
        (clips.webm(3), [360]),
        (clips.mp4(4, "1920x1080"), [1080, 720, 480]),
    ]
    return [kinds[number % len(kinds)] for number in range(CLIPS)]


@pytest.fixture(params=["embedded", pytest.param("scaled", marks=pytest.mark.servers)])
def house(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    chance, waiting = random.Random(SEED), batch()
    if request.param == "embedded":
        with embedded(tmp_path, **SETTINGS) as installation:
            yield House(request.param, installation, {}, chance, waiting)
        return
    postgres, redis, s3 = (request.getfixturevalue(f"{name}_server") for name in ("postgres", "redis", "s3"))
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)  # the test itself looks into the bucket
    with scaled(
        tmp_path,
        database=postgres.new_database(),
        broker=redis.url,
        storage=s3.storage_url(f"chaos-{os.getpid()}"),
        environment=s3.environment,
        **SETTINGS,
    ) as installation:
        yield House(request.param, installation, {"broker": redis, "database": postgres}, chance, waiting)


@pytest.mark.timeout(SETTLE_SECONDS + 300 + 30 * KILLS)
def test_every_clip_gets_ready_exactly_once_whatever_is_killed(house: House) -> None:
    started = time.monotonic()
    with house.installation.api() as api:
        api.post("/campaigns", json={"slug": "spring", "name": "Spring"})
        deal = DEALS[house.profile]
        for number in range(KILLS):
            while len(house.handed_in) <= AHEAD + number * CLIPS // KILLS and house.waiting:
                house.hand_in_next()
            house.random_moment()
            house.kill(deal[number % len(deal)])
        while house.waiting:
            house.hand_in_next()
        killed = time.monotonic()
        found = settled(house, api)
    report(house, found, killed - started, time.monotonic() - started)
    assert sum(house.kills.values()) == KILLS
    assert house.at_work >= KILLS / 2, "kills of an idle house show nothing"
    for token, heights in house.handed_in.items():
        assert [each["height"] for each in found[token]["renditions"]] == heights
    check_rows(house)
    check_objects(house)
    assert house.installation.tools("ffmpeg", "ffprobe", "bwrap") == []
    assert house.installation.scratch() == []


def settled(house: House, api: httpx.Client) -> dict[str, dict[str, Any]]:
    """All testimonials by token, once every clip is ready and no job is left; nothing else may have come about."""

    def unfinished() -> list[str]:
        found.update({token: read(api, token) for token in house.handed_in})
        return [
            f"{token} {each['media']}: {[(job['name'], job['state'], job['why']) for job in each['jobs']]}"
            for token, each in found.items()
            if each["media"] != "ready" or any(job["state"] != "done" for job in each["jobs"])
        ]

    found: dict[str, dict[str, Any]] = {}
    wait_for(lambda: not unfinished(), SETTLE_SECONDS, lambda: "\n".join(unfinished()))
    assert len(found) == CLIPS
    assert all(each["failure"] is None for each in found.values())
    return found


def check_rows(house: House) -> None:
    """One job of each kind a clip, done; and no file twice under any name that a player could look for."""
    with house.database() as db, db.read() as session:
        rows = session.execute(select(Job.testimonial_id, Job.name, Job.state, func.count()).group_by(*_JOB)).all()
        once = [(name, "done", 1) for name in sorted((PROCESS_TESTIMONIAL, RENDER_REST))]
        by_clip: dict[str, list[Any]] = {}
        for clip, name, state, number in rows:
            by_clip.setdefault(clip, []).append((name, state, number))
        assert len(by_clip) == CLIPS
        assert all(sorted(each) == once for each in by_clip.values()), by_clip
        twice = select(*_ASSET, func.count()).group_by(*_ASSET).having(func.count() > 1)
        assert session.execute(twice).all() == []


_JOB = (Job.testimonial_id, Job.name, Job.state)
_ASSET = (Asset.testimonial_id, Asset.kind, Asset.label, Asset.codec, Asset.content_type, Asset.width, Asset.height)


def check_objects(house: House) -> None:
    """A kill may leave objects that no row names. The first sweep takes them; then rows and objects agree exactly."""
    swept = house.installation.command("reconcile", "--storage")
    print("first sweep:", swept.strip())
    assert "0 orphans" in house.installation.command("reconcile", "--storage")
    default = f"file://{house.installation.data / 'storage'}"
    storage = open_storage(house.installation.environment.get("TESTIMONIALS_STORAGE_URL", default))
    with house.database() as db, db.read() as session:
        named = [
            *session.execute(select(Asset.key, Asset.size_bytes)),
            *session.execute(select(Chunk.key, Chunk.size_bytes)),
        ]
        sizes = {row.key: row.size_bytes for row in named}
    assert {key: storage.size(key) for key in storage.keys("")} == sizes


def report(house: House, found: dict[str, dict[str, Any]], killing: float, all_in_all: float) -> None:
    attempts = [job["attempts"] for each in found.values() for job in each["jobs"]]
    figures = {
        "profile": house.profile,
        "clips": CLIPS,
        "kills": dict(house.kills),
        "kills while an ffmpeg ran": house.at_work,
        "seconds of killing": round(killing),
        "seconds until settled": round(all_in_all),
        "jobs": len(attempts),
        "attempts": sum(attempts),
        "most attempts of a job": max(attempts),
    }
    print(json.dumps(figures))
    path = Path(__file__).parents[2] / "build" / f"chaos-{house.profile}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(figures, indent=1))
