"""A door in front of a server that can be told to answer 503, as an overloaded store or its load balancer does."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections.abc import Iterator

from tests.servers.ports import free_ports

BODY = (
    b'<?xml version="1.0" encoding="UTF-8"?><Error><Code>SlowDown</Code>'
    b"<Message>Please reduce your request rate.</Message></Error>"
)
REFUSAL = (
    b"HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\nConnection: close\r\n"
    + f"Content-Length: {len(BODY)}\r\n\r\n".encode()
    + BODY
)
PIECE = 256 * 1024


class RefusingProxy:
    """Passes bytes on to `target` on this machine, both ways and untouched: signatures stay valid, as the Host header does
    not change. Within `refusing()` every request is answered with 503 and cut off; `refused` counts them.
    """

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = free_ports()
        self.refused = 0
        self._refuses = threading.Event()
        self._ended = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._listener.settimeout(0.2)
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @contextlib.contextmanager
    def refusing(self) -> Iterator[None]:
        self._refuses.set()
        try:
            yield
        finally:
            self._refuses.clear()

    def stop(self) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join(5)
        self._listener.close()

    def __enter__(self) -> RefusingProxy:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _accept(self) -> None:
        while not self._ended.is_set():
            with contextlib.suppress(TimeoutError):
                client, _ = self._listener.accept()
                thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, client: socket.socket) -> None:
        with (
            client,
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", self.target)) as server,
            selectors.DefaultSelector() as selector,
        ):
            selector.register(client, selectors.EVENT_READ, server)
            selector.register(server, selectors.EVENT_READ, client)
            while not self._ended.is_set():
                for key, _ in selector.select(timeout=0.2):
                    source: socket.socket = key.fileobj  # type: ignore[assignment]
                    piece = source.recv(PIECE)
                    if source is client and piece and self._refuses.is_set():
                        self._refuse(client)
                        return
                    if not piece:
                        return
                    key.data.sendall(piece)

    def _refuse(self, client: socket.socket) -> None:
        """The body is read to its end first, or the reset of a closed connection would overtake our answer."""
        self.refused += 1
        client.sendall(REFUSAL)
        client.shutdown(socket.SHUT_WR)
        client.settimeout(1)
        while client.recv(PIECE):
            pass
