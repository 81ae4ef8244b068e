"""One clip through all jobs in this process, for benchmarks that count its CPU."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from testimonials import jobs, migrations
from testimonials.db import Database
from testimonials.models import Testimonial
from testimonials.runtime import Runtime
from testimonials.services import accounts, campaigns, review, submissions
from testimonials.services.submissions import Details
from testimonials.settings import load
from testimonials.storage.opener import open_storage
from tests.bench.measure import cpu
from workers.media.sandbox import choose
from workers.tasks import Hands, run_job


@dataclass(frozen=True)
class Through:
    """What came out, and what it cost from the first claim to the last row."""

    testimonial: Testimonial
    folder: Path
    cpu_seconds: float

    def rendition(self, height: int) -> Path:
        asset = next(each for each in self.testimonial.renditions if each.height == height)
        return self.folder / "storage" / asset.key


def go_through(source: Path, folder: Path) -> Through:
    """All jobs but captions, which are measured by themselves; sandbox prlimit.

    bubblewrap does not wait for what runs inside it, so its CPU time is booked to nobody; prlimit runs the same commands.
    """
    settings = load({"TESTIMONIALS_RECOGNIZER": "off"}, data_dir=folder)
    settings.scratch_dir.mkdir()
    db = Database(settings.database_url)
    migrations.upgrade(db)
    runtime = Runtime(settings, db, open_storage(settings.storage_url), lambda _name, _job: True)
    workspace = accounts.create_workspace(runtime, name="bench")
    campaigns.create(runtime, workspace, slug="bench", name="bench")
    with source.open("rb") as stream:
        details = Details(name="B", email="b@example.org", scopes=("website",))
        submitted = submissions.submit_file(
            runtime, slug="bench", stream=stream, size=source.stat().st_size, details=details, address=""
        )
    hands = Hands(runtime, choose("prlimit"), "bench", threading.Event())
    with cpu() as used:
        while waiting := jobs.due(db, "media"):
            run_job(hands, waiting[0])
    made = review.read(runtime, workspace, submitted.token).testimonial
    assert made.failure is None, made.failure
    db.close()
    return Through(made, folder, used.seconds)
