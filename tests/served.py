"""A runtime behind a real port, in this process: for tests that put rows in and look with a browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from werkzeug.serving import make_server

from testimonials.app import create_app
from testimonials.runtime import Runtime
from tests.servers.ports import free_ports


@contextmanager
def served(runtime: Runtime) -> Iterator[Runtime]:
    """The same house with an address of its own (`settings.base_url`), which answers until the end of the block."""
    port = free_ports()
    here = replace(runtime, settings=replace(runtime.settings, base_url=f"http://127.0.0.1:{port}"))
    server = make_server("127.0.0.1", port, create_app(runtime=here), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
