"""One command for the embedded profile: the web server and a Celery worker, as two watched children."""

from __future__ import annotations

import logging
import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import click

from testimonials.errors import ConfigurationError
from testimonials.process import Child
from testimonials.runtime import Runtime, open_runtime
from testimonials.settings import PREFIX, load
from testimonials.upkeep.maintenance import sweep_scratch
from testimonials.upkeep.setup import prepare, way_in

WEB_GRACE_SECONDS = 10
WORKER_GRACE_SECONDS = 15
LOOK_SECONDS = 0.2
LANES = ("media", "small")
"""Each a process of its own, so that a mail or a poster never waits behind ten minutes of encoding."""


def serve(
    data_dir: Path | None,
    *,
    host: str,
    port: int,
    with_worker: bool | None = None,
    workspace: str = "My workspace",
    prepared: Callable[[Runtime, str], None] | None = None,
) -> int:
    """Run until SIGTERM or Ctrl-C. `prepared` is called once everything is set up, before the first request."""
    _check_port(host, port)
    os.environ.setdefault(f"{PREFIX}BASE_URL", f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}")  # noqa: S104
    settings = load(data_dir=data_dir)
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    os.environ[f"{PREFIX}DATA_DIR"] = str(settings.data_dir)  # the children come to the same settings
    ending = _Ending()
    runtime = open_runtime(settings)
    link = way_in(runtime, prepare(runtime, workspace=workspace))
    sweep_scratch(runtime)
    children = [Child("testimonials.web", "--host", host, "--port", str(port), grace_seconds=WEB_GRACE_SECONDS)]
    try:
        if settings.embedded_broker if with_worker is None else with_worker:
            children += _workers(LANES)
        (prepared or _print_links)(runtime, link)
        _watch(children, ending)
    finally:
        _stop(children)
        runtime.db.close()
    return 0


def work(lanes: tuple[str, ...]) -> int:
    """Workers alone, one process a lane, until SIGTERM or Ctrl-C."""
    logging.basicConfig(level=load().log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    ending, children = _Ending(), _workers(lanes)
    try:
        _watch(children, ending)
    finally:
        _stop(children)
    return 0


def _workers(lanes: tuple[str, ...]) -> list[Child]:
    return [Child("workers", "--lane", lane, grace_seconds=WORKER_GRACE_SECONDS) for lane in lanes]


def _watch(children: list[Child], ending: _Ending) -> None:
    while not ending.asked:
        for child in children:
            child.keep_alive()
        time.sleep(LOOK_SECONDS)


def _stop(children: list[Child]) -> None:
    """All are told before any is waited for, so that the slowest alone decides how long it takes."""
    for child in children:
        child.terminate()
    for child in children:
        child.stop()


class _Ending:
    """Remembers that SIGTERM or Ctrl-C came. The handler only sets a flag, so it may come as often as it likes."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, _number: int, _frame: object) -> None:
        self.asked = True


def _print_links(runtime: Runtime, link: str) -> None:
    click.echo(f"\nTestimonials is starting on {runtime.settings.base_url}")
    click.echo(f"  Console   {link}")
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
