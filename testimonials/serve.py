"""One command for the embedded profile: Granian answers requests, a Celery worker runs as its child.

The worker gets a session of its own and is ended by SIGTERM to its pid alone: a signal to the whole group reaches the
ffmpeg under it as well, and has hung the pool.
"""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import click
from granian import Granian
from granian.constants import Interfaces

from testimonials.errors import ConfigurationError
from testimonials.runtime import Runtime, open_runtime
from testimonials.services.setup import prepare
from testimonials.settings import PREFIX, load

log = logging.getLogger(__name__)
WORKER_GRACE_SECONDS = 15
RESTART_SECONDS = (1, 2, 5, 15)


class WorkerChild:
    """The embedded worker. Started again when it dies, with growing pauses."""

    def __init__(self) -> None:
        self._ending = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._watch, name="worker-child", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """SIGTERM to the worker alone; SIGKILL where it does not go in time (its ffmpeg dies with it)."""
        self._ending.set()
        process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(WORKER_GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _watch(self) -> None:
        deaths = 0
        while not self._ending.is_set():
            started = time.monotonic()
            self._process = subprocess.Popen([sys.executable, "-m", "workers"], start_new_session=True)
            code = self._process.wait()
            if self._ending.is_set():
                return
            deaths = 0 if time.monotonic() - started > 60 else deaths + 1
            pause = RESTART_SECONDS[min(deaths, len(RESTART_SECONDS) - 1)]
            log.error("the worker ended with %s; starting it again in %d s", code, pause)
            self._ending.wait(pause)


def serve(
    data_dir: Path | None,
    *,
    host: str,
    port: int,
    with_worker: bool | None = None,
    prepared: Callable[[Runtime, str], None] | None = None,
) -> int:
    """Run until SIGTERM or Ctrl-C. `prepared` is called once everything is set up, before the first request."""
    _check_port(host, port)
    os.environ.setdefault(f"{PREFIX}BASE_URL", f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}")  # noqa: S104
    settings = load(data_dir=data_dir)
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    os.environ[f"{PREFIX}DATA_DIR"] = str(settings.data_dir)
    runtime = open_runtime(settings)
    link = prepare(runtime)
    (prepared or _print_links)(runtime, link)
    runtime.db.close()
    child = WorkerChild() if (settings.embedded_broker if with_worker is None else with_worker) else None
    server = Granian(
        "testimonials.app:create_app",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=settings.web_threads,
        backpressure=settings.web_threads * 8,
        log_access=False,
        websockets=False,
        process_name="testimonials-web",
    )
    if child:
        child.start()
    try:
        server.serve()
    finally:
        if child:
            child.stop()
    return 0


def _print_links(runtime: Runtime, link: str) -> None:
    click.echo(f"\nTestimonials is starting on {runtime.settings.base_url}")
    click.echo(f"  Console   {link}   (signs in once)")
    click.echo("  Ctrl-C ends it.\n")


def _check_port(host: str, port: int) -> None:
    """A taken port is the most common reason not to start; say so before anything is set up."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ConfigurationError(
                f"{host}:{port} cannot be used ({error.strerror}). Choose another with --port."
            ) from error
