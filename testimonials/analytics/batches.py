"""Group commit: beacons that arrive while one is being stored are stored together by the next transaction.

Nobody waits for a clock. Whoever finds nobody at work stores what there is, its own among it; those who come meanwhile queue,
and one of them goes on. Each is answered only after the commit that holds its events.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

MOST = 500
"""Events in one transaction: well below the number of values that a statement may carry."""
Item = TypeVar("Item")


class _Waiting(Generic[Item]):
    """`turn` is held until there is something to do or to say; a bare lock is woken ten times as fast as an Event."""

    __slots__ = ("error", "events", "stored", "turn")

    def __init__(self, events: list[Item]) -> None:
        self.events = events
        self.turn = threading.Lock()
        self.turn.acquire()
        self.stored = False
        self.error: Exception | None = None


class Batches(Generic[Item]):
    """One a process. `store` is one transaction that may be called by several threads, one after the other."""

    def __init__(self, store: Callable[[list[Item]], object]) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._queue: deque[_Waiting[Item]] = deque()
        self._busy = False

    def add(self, events: list[Item]) -> None:
        """Return once they are committed. Raises what storing them raised."""
        mine = _Waiting(events)
        with self._lock:
            self._queue.append(mine)
            first, self._busy = not self._busy, True
        if not first:
            mine.turn.acquire()
        if not mine.stored and mine.error is None:
            self._work()
        if mine.error is not None:
            raise mine.error

    def _work(self) -> None:
        """Store what waits, this thread's among it, and pass the turn on."""
        with self._lock:
            batch = [self._queue.popleft()]
            size = len(batch[0].events)
            while self._queue and size + len(self._queue[0].events) <= MOST:
                batch.append(self._queue.popleft())
                size += len(batch[-1].events)
        try:
            self._store_all(batch)
        finally:
            with self._lock:
                next_one = self._queue[0] if self._queue else None
                self._busy = next_one is not None
            for each in batch:
                if each is not batch[0]:  # that is this thread itself
                    each.turn.release()
            if next_one is not None:
                next_one.turn.release()

    def _store_all(self, batch: list[_Waiting[Item]]) -> None:
        try:
            self._store([event for each in batch for event in each.events])
        except Exception as error:
            if len(batch) == 1:
                batch[0].error = error
                return
            for each in batch:  # one that cannot be stored must not take the others along
                self._store_all([each])
        else:
            for each in batch:
                each.stored = True
