"""What every use case needs at hand: the settings, the database, the storage, and a way to nudge the workers."""

from __future__ import annotations

from dataclasses import dataclass

from testimonials.broker import celery_nudge, make_celery
from testimonials.db import Database
from testimonials.jobs import Nudge
from testimonials.settings import Settings
from testimonials.storage.base import Storage
from testimonials.storage.opener import open_storage

NUDGE_SECONDS = 3


@dataclass(frozen=True)
class Runtime:
    """Built once at each composition root (web, worker, command line) and handed down; tests build their own."""

    settings: Settings
    db: Database
    storage: Storage
    nudge: Nudge


def open_runtime(settings: Settings) -> Runtime:
    """Everything as the settings say. Connects lazily, so this also works while a server is still down."""
    settings.scratch_dir.mkdir(parents=True, exist_ok=True)
    return Runtime(
        settings=settings,
        db=Database(settings.database_url),
        storage=open_storage(settings.storage_url),
        nudge=celery_nudge(make_celery(settings, socket_timeout=NUDGE_SECONDS)),
    )
