"""Free loopback ports for servers that tests start."""

from __future__ import annotations

import os
import random
import socket

# Below the ports that systems hand out to outgoing connections (Linux from 32768, macOS from 49152): none of
# those can take a port between our look and the server's bind, or while a killed server is down.
# Tests that run in several processes take a share each: a server that is down for a moment keeps its port.
_COUNT = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
_SHARE = 12_000 // _COUNT
FIRST = 20_000 + _SHARE * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
LAST = FIRST + _SHARE

_given: set[int] = set()


def free_ports(count: int = 1) -> int:
    """The first of `count` ports in a row that are free on 127.0.0.1 and were not given before."""
    for _ in range(500):
        first = random.randrange(FIRST, LAST - count)
        ports = range(first, first + count)
        if _given.isdisjoint(ports) and all(map(_is_free, ports)):
            _given.update(ports)
            return first
    raise RuntimeError(f"No {count} free ports in a row between {FIRST} and {LAST} on 127.0.0.1.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
