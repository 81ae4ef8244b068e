"""The tasks: claim, call, finish. A message only says that there is work; everything else is read from the rows."""

from __future__ import annotations

import errno
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from celery import Celery
from sqlalchemy.exc import DBAPIError

from testimonials import jobs
from testimonials.errors import ConfigurationError, LeaseLost, MediaError, StorageError
from testimonials.runtime import Runtime
from workers.captions import write_captions
from workers.lease import Lease, Stopped
from workers.media.sandbox import Sandbox
from workers.pictures import make_pictures
from workers.pipeline import process_testimonial
from workers.renditions import render_rest
from workers.social import render_social
from workers.trimming import trim

log = logging.getLogger(__name__)

Work = Callable[[Runtime, Sandbox, jobs.Claim, Lease], None]
WORK: dict[str, Work] = {
    jobs.PROCESS_TESTIMONIAL: process_testimonial,
    jobs.RENDER_REST: render_rest,
    jobs.WRITE_CAPTIONS: write_captions,
    jobs.RENDER_SOCIAL: render_social,
    jobs.MAKE_PICTURES: make_pictures,
    jobs.TRIM: trim,
}


@dataclass(frozen=True)
class Hands:
    """Who does the work: `worker` names the process in the rows, `stop` is set when it is told to end."""

    runtime: Runtime
    sandbox: Sandbox
    worker: str
    stop: threading.Event


def register(app: Celery, hands: Hands) -> None:
    """Put the tasks under the names that `testimonials.jobs` sends."""
    for name, kind in jobs.KINDS.items():
        app.task(_task(hands, kind.queue), name=name)


def _task(hands: Hands, queue: str) -> Callable[[str], None]:
    def work(job_id: str) -> None:
        """Do the most urgent job that can be claimed; the one that the message names is done when its turn comes."""
        for waiting in jobs.due(hands.runtime.db, queue) or [job_id]:
            if run_job(hands, waiting):
                return

    return work


def run_job(hands: Hands, job_id: str) -> bool:
    """Do one job if it can be claimed. Returns whether it was; every way it can end is written to its row."""
    runtime = hands.runtime
    held = jobs.claim(runtime.db, job_id, worker=hands.worker, lease_seconds=runtime.settings.job_lease_seconds)
    if held is None:
        return False
    try:
        _work(hands, held)
    except LeaseLost:
        log.warning("job %s was taken over, canceled or erased", job_id)
    return True


def _work(hands: Hands, held: jobs.Claim) -> None:
    runtime = hands.runtime
    log.info("%s %s: attempt %d for testimonial %s", held.name, held.job_id, held.attempt, held.testimonial_id)
    try:
        with Lease(runtime.db, held, seconds=runtime.settings.job_lease_seconds, stop=hands.stop) as lease:
            WORK[held.name](runtime, hands.sandbox, held, lease)
    except LeaseLost:
        raise
    except Stopped:
        jobs.release(runtime.db, held)
    except MediaError as error:
        log.info("job %s: %s: %s", held.job_id, error.code, error.detail)
        end = jobs.fail if error.permanent else jobs.try_again
        end(runtime.db, held, failure=error.code, detail=error.detail)
    except ConfigurationError as error:
        log.error("job %s: %s", held.job_id, error.detail)
        jobs.fail(runtime.db, held, failure="misconfigured", detail=error.detail)
    except (StorageError, DBAPIError, OSError) as error:
        log.warning("job %s: %s", held.job_id, error)
        jobs.try_again(runtime.db, held, failure=_code(error), detail=str(error))
    except Exception as error:
        log.exception("job %s failed unexpectedly", held.job_id)
        jobs.try_again(runtime.db, held, failure="internal", detail=repr(error))


def _code(error: Exception) -> str:
    """The named reason for what is no fault of the clip."""
    if isinstance(error, StorageError):
        return error.code
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    return "scratch_full" if full else "storage_unavailable"
