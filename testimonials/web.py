"""`python -m testimonials.web`: Granian over WSGI. Started and watched by `testimonials serve`."""

from __future__ import annotations

import argparse
import gc

from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from testimonials.process import end_with_parent
from testimonials.settings import load

CONNECTIONS = 2048


def application() -> Flask:
    """The app, kept from the garbage collector: going over all that was imported stops every request for 150 ms each time."""
    from testimonials.app import create_app

    app = create_app()
    gc.collect()
    gc.freeze()
    return app


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m testimonials.web")
    parser.add_argument("--parent", type=int)
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    if given.parent:
        end_with_parent(given.parent)
    settings = load()
    Granian(
        "testimonials.web:application",
        factory=True,
        address=given.host,
        port=given.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=settings.web_threads,
        # Open connections, most of them idle: browsers keep six each, and phones hold theirs for as long as they upload.
        backpressure=CONNECTIONS,
        log_access=False,
        log_level=LogLevels.error,  # it warns of more threads than cores, which is what waiting for disks wants
        websockets=False,
    ).serve()


if __name__ == "__main__":
    main()
