"""A business's own page, on an origin of its own."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class HostSite:
    """A business's own page on an origin of its own. Set `snippet` before it is opened."""

    def __init__(self) -> None:
        self.snippet = ""
        site = self

        class Door(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                head = "<!doctype html><html lang=en><title>Host</title><link rel=icon href=data:,>"
                page = f"{head}<h1>Our bikes</h1>{site.snippet}<p id=below>Below</p>"
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(page.encode())

            def log_message(self, *arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
