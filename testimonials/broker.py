"""Celery, as both halves use it: the web to send names, the worker to register tasks under them."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from celery import Celery

from testimonials.jobs import KINDS, Nudge
from testimonials.settings import Settings

log = logging.getLogger(__name__)


def make_celery(settings: Settings, *, socket_timeout: float = 10) -> Celery:
    """The Celery app both sides use: the web to send names, the worker to register tasks under them.

    `socket_timeout` is how many seconds a broker that accepts but does not answer may cost.
    """
    app = Celery("testimonials", set_as_current=False)
    app.conf.update(
        broker_url="filesystem://localhost//" if settings.embedded_broker else settings.broker_url,
        broker_transport_options=_transport_options(settings, socket_timeout),
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=3,
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=False,  # the lease brings a lost job back; a rejected message would only race with it
        task_default_queue="media",
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_soft_shutdown_timeout=5,
    )
    return app


def celery_nudge(app: Celery) -> Nudge:
    """A nudge through Celery. A broker that is down costs the caller nothing, a silent one its socket time-out."""

    def nudge(name: str, job_id: str) -> bool:
        try:
            app.send_task(name, args=[job_id], queue=KINDS[name].queue, retry=False)
            return True
        except Exception:  # every transport raises its own kinds; none may fail a customer's submit
            log.warning("the broker could not be told of job %s; reconcile will send it again", job_id, exc_info=True)
            return False

    return nudge


def _transport_options(settings: Settings, socket_timeout: float) -> dict[str, Any]:
    if not settings.embedded_broker:
        return {
            "visibility_timeout": 3600,
            "socket_connect_timeout": 2,
            "socket_timeout": socket_timeout,
            "max_retries": 0,
        }
    folder = Path(unquote(urlsplit(settings.broker_url).path))
    inbox, control = folder / "messages", folder / "control"
    for each in (inbox, control):
        each.mkdir(parents=True, exist_ok=True)
    return {
        "data_folder_in": str(inbox),
        "data_folder_out": str(inbox),
        "control_folder": str(control),
        "polling_interval": 0.2,
    }
