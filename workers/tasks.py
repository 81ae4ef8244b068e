"""The tasks: claim, call, finish. A message only says that a row exists; everything else is read from the row."""

from __future__ import annotations

import logging
import threading

from celery import Celery
from sqlalchemy.exc import DBAPIError

from testimonials import jobs
from testimonials.errors import LeaseLost, MediaError, StorageError
from testimonials.runtime import Runtime
from workers.lease import Lease, Stopped
from workers.media.sandbox import Sandbox
from workers.pipeline import process_testimonial

log = logging.getLogger(__name__)


def register(app: Celery, runtime: Runtime, sandbox: Sandbox, *, worker: str, stop: threading.Event) -> None:
    """Put the tasks under the names that `testimonials.jobs` sends."""

    @app.task(name=jobs.PROCESS_TESTIMONIAL)  # type: ignore[untyped-decorator]
    def process(job_id: str) -> None:
        run_job(runtime, sandbox, job_id, worker=worker, stop=stop)


def run_job(runtime: Runtime, sandbox: Sandbox, job_id: str, *, worker: str, stop: threading.Event) -> bool:
    """Do one job if it can be claimed. Returns whether it was; every way it can end is written to its row."""
    held = jobs.claim(runtime.db, job_id, worker=worker, lease_seconds=runtime.settings.job_lease_seconds)
    if held is None:
        return False
    try:
        _work(runtime, sandbox, held, stop)
    except LeaseLost:
        log.warning("job %s was taken over or erased", job_id)
    return True


def _work(runtime: Runtime, sandbox: Sandbox, held: jobs.Claim, stop: threading.Event) -> None:
    log.info("job %s: attempt %d for testimonial %s", held.job_id, held.attempt, held.testimonial_id)
    try:
        with Lease(runtime.db, held, seconds=runtime.settings.job_lease_seconds, stop=stop) as lease:
            process_testimonial(runtime, sandbox, held, lease)
    except LeaseLost:
        raise
    except Stopped:
        jobs.release(runtime.db, held)
    except MediaError as error:
        log.info("job %s: %s: %s", held.job_id, error.code, error.detail)
        end = jobs.fail if error.permanent else jobs.try_again
        end(runtime.db, held, failure=error.code, detail=error.detail)
    except (StorageError, DBAPIError, OSError) as error:
        log.warning("job %s: %s", held.job_id, error)
        jobs.try_again(runtime.db, held, failure="storage_unavailable", detail=str(error))
    except Exception as error:
        log.exception("job %s failed unexpectedly", held.job_id)
        jobs.try_again(runtime.db, held, failure="internal", detail=repr(error))
