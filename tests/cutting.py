"""A line that breaks: a proxy on loopback that cuts connections after so many bytes."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterable
from contextlib import suppress
from typing import Self

RESET = struct.pack("ii", 1, 0)  # SO_LINGER with no time: the other side gets a reset, as from a router that forgot us


class CuttingProxy:
    """Passes everything on to a port of this machine, and cuts each time after so many more bytes of the client.

    Every second cut is a reset, the others a quiet end. `cuts` counts them; when there are no more, the line holds.
    """

    def __init__(self, port: int, after: Iterable[int] = ()) -> None:
        self._target = port
        self._after = iter(after)
        self._lock = threading.Lock()
        self._left = next(self._after, None)
        self.cuts = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                client, _ = self._server.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                for way in ((client, server, True), (server, client, False)):
                    threading.Thread(target=self._pass_on, args=way, daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, counted: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(16 * 1024):
                room = self._room(len(piece)) if counted else len(piece)
                target.sendall(piece[:room])
                if room < len(piece):
                    return self._cut(source, target)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        return None

    def _room(self, wanted: int) -> int:
        """How much of it goes through before the line breaks."""
        with self._lock:
            if self._left is None:
                return wanted
            room = min(wanted, self._left)
            self._left -= room
            if room < wanted:
                self.cuts += 1
                self._left = next(self._after, None)
            return room

    def _cut(self, *ends: socket.socket) -> None:
        for end in ends:
            with suppress(OSError):
                if self.cuts % 2:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                else:
                    end.shutdown(socket.SHUT_RDWR)
            end.close()
