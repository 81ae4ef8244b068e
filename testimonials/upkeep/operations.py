"""Whether the house is in order: what readiness, the console's banner and `doctor` look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version

from sqlalchemy import func, select

from testimonials.models import Job, WorkerHeartbeat
from testimonials.models.base import now
from testimonials.models.job import ALIVE_SECONDS, JobState
from testimonials.runtime import Runtime

HEARTBEAT_SECONDS = 5
VERSION = version("testimonials")


@dataclass(frozen=True)
class WorkerState:
    """`alive` workers were seen in the last half minute; `waiting` jobs are queued and due."""

    alive: list[WorkerHeartbeat]
    waiting: int

    @property
    def down(self) -> bool:
        """Nobody is there who could prepare a clip."""
        return not any(worker.lane == "media" for worker in self.alive)

    @property
    def other_version(self) -> bool:
        return any(worker.version != VERSION for worker in self.alive)


@dataclass(frozen=True)
class Check:
    """One thing looked at. `remedy` says what to do where it is not `ok`."""

    name: str
    ok: bool
    found: str
    remedy: str = ""


def readiness(runtime: Runtime) -> list[Check]:
    """What a load balancer wants to know: database, storage and a living worker. A dead broker only delays work."""
    return [
        _tried("database", runtime.db.ping, "Start the database, or mend TESTIMONIALS_DATABASE_URL."),
        _tried("storage", runtime.storage.check, "Start the storage, or mend TESTIMONIALS_STORAGE_URL."),
        _worker_check(runtime),
    ]


def versions(runtime: Runtime) -> Check:
    """Whether the living workers run the same version. No reason to be unready: an update goes node by node."""
    state = worker_state(runtime)
    if state.other_version:
        found = ", ".join(sorted({worker.version for worker in state.alive}))
        return Check("versions", False, f"workers {found}, web {VERSION}", "Restart the workers with this version.")
    return Check("versions", True, VERSION)


def _tried(name: str, act: Callable[[], object], remedy: str) -> Check:
    try:
        act()
    except Exception as error:  # whatever it is, it is the finding
        return Check(name, False, f"{type(error).__name__}: {error}".splitlines()[0][:200], remedy)
    return Check(name, True, "answers")


def _worker_check(runtime: Runtime) -> Check:
    remedy = "Start `testimonials serve`, or `testimonials worker` in the scaled profile."
    try:
        state = worker_state(runtime)
    except Exception as error:  # without a database nobody knows
        return Check("worker", False, f"unknown: {type(error).__name__}", remedy)
    if state.down:
        return Check("worker", False, "no heartbeat for half a minute", remedy)
    return Check("worker", True, f"{len(state.alive)} alive, {state.waiting} jobs waiting")


def beat(runtime: Runtime, *, name: str, sandbox: str, ffmpeg: str, lane: str = "media", slots: int = 1) -> None:
    """A worker says that it is alive. Those not seen for a day are forgotten."""
    with runtime.db.transaction() as transaction:
        seen = WorkerHeartbeat(name=name, version=VERSION, lane=lane, slots=slots, sandbox=sandbox, ffmpeg=ffmpeg)
        seen.seen_at = now()
        transaction.merge(seen)
        old = select(WorkerHeartbeat).where(WorkerHeartbeat.seen_at < now() - timedelta(days=1))
        for gone in transaction.scalars(old):
            transaction.delete(gone)


def worker_state(runtime: Runtime) -> WorkerState:
    """Which workers are alive and how much waits for them."""
    with runtime.db.read() as session:
        recent = now() - timedelta(seconds=ALIVE_SECONDS)
        alive = list(session.scalars(select(WorkerHeartbeat).where(WorkerHeartbeat.seen_at > recent)))
        due = select(func.count()).select_from(Job).where(Job.state == JobState.QUEUED, Job.run_after <= now())
        return WorkerState(alive, session.scalar(due) or 0)
