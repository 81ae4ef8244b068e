"""Holding a job's lease while the work runs, whatever the work is busy with."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress
from types import TracebackType

from sqlalchemy.exc import DBAPIError

from testimonials import jobs
from testimonials.db import Database
from testimonials.errors import AppError, LeaseLost

log = logging.getLogger(__name__)


class Stopped(AppError):
    """The worker is shutting down; the job goes back into the queue as if it had not been started."""

    code, title, permanent = "stopped", "The worker is shutting down", False


class Lease:
    """Renews the lease a third of its time apart, with the stage and percent that the work last gave.

    `check` raises in the working thread once the lease was lost or the worker was told to stop.
    """

    def __init__(self, db: Database, held: jobs.Claim, *, seconds: int, stop: threading.Event) -> None:
        self._db = db
        self._held = held
        self._seconds = seconds
        self._stop = stop
        self._lost = False
        self._ended = threading.Event()
        self._report = ("claimed", 0)
        self._timings: dict[str, float] = {"waiting": round(held.waited_seconds, 3)}
        self._entered = time.monotonic()
        self._thread = threading.Thread(target=self._keep, name=f"lease-{held.job_id}", daemon=True)

    def __enter__(self) -> Lease:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def enter(self, stage: str, percent: int = 0) -> None:
        """The work enters a stage, or is so far in it. Cheap: written with the next renewal, a new stage at once."""
        self.check()
        new_stage = stage != self._report[0]
        if new_stage:
            self._timings, self._entered = self.timings(), time.monotonic()
        self._report = (stage, percent)
        if new_stage:
            with suppress(DBAPIError):  # the thread tries again in a moment
                self._renew()

    def timings(self) -> dict[str, float]:
        """Seconds by stage, in the order of the stages, up to now."""
        stage, spent = self._report[0], time.monotonic() - self._entered
        return self._timings | {stage: round(self._timings.get(stage, 0.0) + spent, 3)}

    def check(self) -> None:
        if self._lost:
            raise LeaseLost
        if self._stop.is_set():
            raise Stopped

    def _keep(self) -> None:
        while not self._ended.wait(min(self._seconds / 3, 2.0)):
            try:
                self._renew()
            except LeaseLost:
                return
            except Exception:  # a database that is away for a moment must not cost the work that is done
                log.warning("the lease of job %s could not be renewed just now", self._held.job_id, exc_info=True)

    def _renew(self) -> None:
        stage, percent = self._report
        try:
            jobs.renew(
                self._db,
                self._held,
                stage=stage,
                percent=percent,
                lease_seconds=self._seconds,
                timings=self.timings(),
            )
        except LeaseLost:
            self._lost = True
            raise
