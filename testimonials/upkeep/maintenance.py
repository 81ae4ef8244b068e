"""Keeping rows, objects and jobs in step: what `reconcile` does every minute, and its slow part on demand."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import select

from testimonials import jobs
from testimonials.models import Asset, Chunk, Job, Upload
from testimonials.models.base import now
from testimonials.models.job import JobState
from testimonials.runtime import Runtime
from testimonials.services import (
    analytics,
    branding,
    earning,
    erasure,
    experiments,
    handoffs,
    outbox,
    report_days,
    reports,
    search,
    sign_ins,
    uploads,
    visitors,
)
from testimonials.upkeep import feeds

SCRATCH_HOURS = 24
ATTEMPT_PREFIX = "job-"
"""How the scratch folder of an attempt begins. Whoever works in it holds a shared lock on it."""


@dataclass(frozen=True)
class Reconciled:
    """What was put in order."""

    nudged: int
    expired: int
    orphans: int = 0


def reconcile(runtime: Runtime, *, storage: bool = False) -> Reconciled:
    """Send waiting jobs again, take over dead leases, expire idle uploads; with `storage` also delete orphans."""
    nudged = jobs.recover(runtime.db, runtime.nudge)
    expired = uploads.expire(runtime)
    erasure.finish_pending(runtime)
    sign_ins.forget_expired(runtime)
    handoffs.forget_expired(runtime)
    experiments.settle(runtime)
    visitors.forget_salts(runtime)
    reports.roll_up(runtime)
    report_days.roll_up(runtime)
    analytics.expire(runtime)
    earning.grant_due(runtime)
    outbox.forget_old(runtime)
    search.fill(runtime)
    if storage:
        feeds.write_all_again(runtime)
    feeds.write_due(runtime)
    return Reconciled(nudged, expired, _delete_orphans(runtime) if storage else 0)


def sweep_scratch(runtime: Runtime) -> None:
    """Remove what killed processes left: folders of attempts that nobody holds any more, and whatever is a day old.

    Other things that are younger may belong to somebody who is at work.
    """
    oldest = time.time() - SCRATCH_HOURS * 3600
    for entry in os.scandir(runtime.settings.scratch_dir):
        with suppress(OSError):
            if entry.name.startswith(ATTEMPT_PREFIX) and entry.is_dir(follow_symlinks=False):
                _sweep_attempt(entry.path)
            if entry.stat().st_mtime < oldest:
                shutil.rmtree(entry.path) if entry.is_dir(follow_symlinks=False) else os.unlink(entry.path)


def _sweep_attempt(path: str) -> None:
    """Remove the folder, unless a living process holds it: a lock ends with its process, however that ends."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        with suppress(OSError):  # held; or a file system that cannot tell
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path)
    finally:
        os.close(descriptor)


def _delete_orphans(runtime: Runtime) -> int:
    """Objects that no row names, unless somebody may be about to name them."""
    removed = 0
    for key in list(runtime.storage.keys("uploads/")):
        removed += _delete_unless(runtime, key, _chunk_is_wanted)
    for key in list(runtime.storage.keys("testimonials/")):
        removed += _delete_unless(runtime, key, _asset_is_wanted)
    return removed + branding.delete_orphans(runtime)


def _delete_unless(runtime: Runtime, key: str, wanted: Callable[[Runtime, str], bool]) -> int:
    if wanted(runtime, key):
        return 0
    runtime.storage.delete(key)
    return 1


def _chunk_is_wanted(runtime: Runtime, key: str) -> bool:
    upload_id = key.split("/")[1]
    with runtime.db.read() as session:
        # An upload that still runs may be about to record the chunk that it has just stored. Asked first: what ends
        # between the two questions has its rows by the second one.
        running = select(Upload.id).where(
            Upload.id == upload_id, Upload.finalized_at.is_(None), Upload.expires_at > now()
        )
        named = select(Chunk.id).where(Chunk.upload_id == upload_id, Chunk.key == key)
        return session.scalar(running) is not None or session.scalar(named) is not None


def _asset_is_wanted(runtime: Runtime, key: str) -> bool:
    testimonial_id = key.split("/")[1]
    with runtime.db.read() as session:
        at_work = select(Job.id).where(Job.testimonial_id == testimonial_id, Job.state == JobState.RUNNING)
        named = select(Asset.id).where(Asset.testimonial_id == testimonial_id, Asset.key == key)
        return session.scalar(at_work) is not None or session.scalar(named) is not None
