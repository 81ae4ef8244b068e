"""The worker process: composition root of the background half."""

from __future__ import annotations

import argparse
import logging
import os
import re
import socket
import subprocess
import threading
import warnings
from collections.abc import Callable
from functools import partial

from celery import Celery, bootsteps

from testimonials.broker import make_celery
from testimonials.jobs import refuse_foreign
from testimonials.process import end_with_parent
from testimonials.runtime import Runtime, open_runtime
from testimonials.services import announcements, invitation_mails, outbox, waiting_mails
from testimonials.settings import Settings, load
from testimonials.upkeep import feeds, operations
from testimonials.upkeep.maintenance import reconcile, sweep_scratch
from workers.media.sandbox import choose
from workers.slots import slots
from workers.tasks import Hands, register

log = logging.getLogger(__name__)
RECONCILE_SECONDS = 15
LANES = ("media", "small")
SMALL_SLOTS = 2
MAIL_SECONDS = 3
FEED_SECONDS = 1


def build(settings: Settings, lane: str, places: int) -> Celery:
    """The Celery app with all tasks, its heartbeat, and a shutdown that lets go of running jobs.

    `lane` is the queue it serves, `places` how many jobs at a time.
    """
    runtime = open_runtime(settings)
    sandbox = choose(settings.sandbox)
    stop = threading.Event()
    name = f"{lane}-{socket.gethostname()}-{os.getpid()}"
    app = make_celery(settings)
    register(app, Hands(runtime, sandbox, name, stop))
    app.steps["worker"].add(_pulse_step(runtime, name, lane, places, sandbox.level, stop))
    log.info("worker %s: %d at a time, sandbox %s", name, places, sandbox.level)
    if sandbox.level != "bubblewrap" and settings.sandbox == "auto":
        log.warning("untrusted videos are decoded with resource limits alone; `testimonials doctor` says what to do")
    return app


def main() -> None:
    """Run a worker until SIGTERM. `--parent PID`: also end when that process does, however it does."""
    parser = argparse.ArgumentParser(prog="python -m workers")
    parser.add_argument("--parent", type=int)
    parser.add_argument("--lane", choices=LANES, required=True)
    given = parser.parse_args()
    settings = load()
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("celery").setLevel(logging.WARNING)
    # It is about pickled messages, which we do not accept; media is decoded in a sandbox, whoever runs this.
    warnings.filterwarnings("ignore", message=r"(?s).*superuser privileges")
    if given.parent is not None:
        end_with_parent(given.parent)
    places = slots(settings.worker_concurrency) if given.lane == "media" else SMALL_SLOTS
    build(settings, given.lane, places).worker_main(
        [
            "--quiet",
            "worker",
            "--pool=threads",
            f"--concurrency={places}",
            f"--queues={given.lane}",
            f"--loglevel={settings.log_level}",
            "--without-gossip",
            "--without-mingle",
            f"--hostname={given.lane}-{os.getpid()}@%h",
        ]
    )


def _refuse(runtime: Runtime, lane: str) -> None:
    if number := refuse_foreign(runtime.db, lane):
        log.warning("%d jobs were queued by another version of this program and wait for a worker of that one", number)


def _mail(runtime: Runtime, stop: threading.Event) -> None:
    """Write the mails that are due, and send what waits."""
    invitation_mails.write_due(runtime)
    announcements.write_due(runtime)
    waiting_mails.write_due(runtime)
    outbox.send_due(runtime, stop.is_set)


def ffmpeg_version() -> str:
    """As ffmpeg prints it, e.g. `5.1.9-0+deb12u1`."""
    try:
        said = subprocess.run(["ffmpeg", "-version"], capture_output=True, text=True, timeout=10, check=False).stdout
    except OSError:
        return "missing"
    found = re.match(r"ffmpeg version (\S+)", said)
    return found.group(1)[:60] if found else "unknown"


def _pulse_step(
    runtime: Runtime, name: str, lane: str, places: int, sandbox: str, stop: threading.Event
) -> type[bootsteps.StartStopStep]:
    class Pulse(bootsteps.StartStopStep):  # type: ignore[misc]
        """Says every few seconds that the worker is alive, and reconciles every quarter of a minute."""

        def start(self, _worker: object) -> None:
            sweep_scratch(runtime)
            ffmpeg = ffmpeg_version()
            beat = partial(operations.beat, runtime, name=name, lane=lane, slots=places, sandbox=sandbox, ffmpeg=ffmpeg)
            # Two threads: a storage or broker that is slow must not make the worker look dead.
            _repeat("heartbeat", beat, operations.HEARTBEAT_SECONDS, stop)
            _repeat("reconcile", partial(reconcile, runtime), RECONCILE_SECONDS, stop)
            _repeat("refuse", partial(_refuse, runtime, lane), RECONCILE_SECONDS, stop)
            if lane == "small":
                _repeat("mail", partial(_mail, runtime, stop), MAIL_SECONDS, stop)
                _repeat("feeds", partial(feeds.write_due, runtime, stop.is_set), FEED_SECONDS, stop)

        def close(self, _worker: object) -> None:
            stop.set()

    return Pulse


def _repeat(name: str, act: Callable[[], object], seconds: float, stop: threading.Event) -> None:
    """Do it now and every so many seconds in a thread, whatever happens, until told to stop."""

    def run() -> None:
        while True:
            try:
                act()
            except Exception:  # it must outlive a database or storage that is away
                log.exception("%s failed", name)
            if stop.wait(seconds):
                return

    threading.Thread(target=run, name=name, daemon=True).start()
