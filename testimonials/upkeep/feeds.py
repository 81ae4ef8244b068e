"""Feeds in storage: written after every change, so that a CDN or nginx serves the readers and the web server none.

Below `feeds/{widget token}/` lie one object for each content, named by its hash, and `current.json`, which names the one
that holds. Rows come before objects, objects before the pointer. Nobody holds a lock while writing: whoever was overtaken
says so, and who never said that they were done has all of it written once more, so the newest always comes last.
"""

from __future__ import annotations

import hashlib
import json
import logging
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import brotli
from sqlalchemy import ColumnElement, and_, delete, or_, select, update

from testimonials.db import insert_into
from testimonials.errors import StorageError
from testimonials.models import Publication, PublishedFeed, Widget
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.storage.keys import feed_key
from testimonials.upkeep import purging
from widgets.feed import Feed, addresses_in, read_feed

log = logging.getLogger(__name__)
POINTER = "current.json"
POINTER_CACHE = "public, max-age=10"
FEED_CACHE = "public, max-age=3600"
TAKEOVER_SECONDS = 10
"""So long others leave a workspace to who writes it."""
SETTLED_SECONDS = 240
"""After so long no write that was begun can still arrive: our stores give up well before that."""
KEEP_SECONDS = 3600
"""So long a feed stays after it was replaced, for readers who have just read the pointer."""
A_ROUND = 50


@dataclass(frozen=True)
class _Turn:
    """The right to write a workspace. `clean`: whoever wrote before us was done. `alone`: no earlier write can still arrive."""

    workspace_id: str
    revision: int
    started_at: datetime
    clean: bool
    alone: bool
    deadline: float


@dataclass(frozen=True)
class _Page:
    """What a widget is to show; `feed` is None where the widget is gone. `before` is the file that the pointer names."""

    token: str
    feed: Feed | None
    body: bytes
    before: str

    @property
    def file(self) -> str:
        return f"{hashlib.sha256(self.body).hexdigest()[:32]}.json" if self.feed else ""


def write_due(runtime: Runtime, stopping: Callable[[], bool] = lambda: False) -> int:
    """Write what has changed, remove what has served, and tell the CDN. Returns how many workspaces were written."""
    if not runtime.settings.feed_url:
        return 0
    with runtime.db.read() as session:
        due = list(session.scalars(select(Publication.workspace_id).where(_due()).limit(A_ROUND)))
    written = 0
    for workspace_id in due:
        turn = None if stopping() else _begin(runtime, workspace_id)
        if turn is None:
            continue
        try:
            _write(runtime, turn)
            written += 1
        except StorageError as error:
            log.warning("the feeds of a workspace could not be written, and will be tried again: %s", error.detail)
    _sweep(runtime)
    purging.send_due(runtime)
    return written


def write_all_again(runtime: Runtime) -> None:
    """Whatever the rows say of the storage is not believed: at the next turn, everything is written."""
    with runtime.db.transaction() as transaction:
        long_ago = now() - timedelta(seconds=2 * SETTLED_SECONDS)
        transaction.execute(update(Publication).values(revision=Publication.revision + 1, started_at=long_ago))


def _due() -> ColumnElement[bool]:
    moment = now()
    behind = Publication.published < Publication.revision
    idle = or_(Publication.started_at.is_(None), Publication.started_at < moment - timedelta(seconds=TAKEOVER_SECONDS))
    unsettled = Publication.started_at < moment - timedelta(seconds=SETTLED_SECONDS)
    return or_(and_(behind, idle), unsettled)


def _begin(runtime: Runtime, workspace_id: str) -> _Turn | None:
    """Say that we are writing. None where somebody else has just begun."""
    deadline = time.monotonic() + SETTLED_SECONDS / 2
    with runtime.db.transaction() as transaction:
        which = and_(Publication.workspace_id == workspace_id, _due())
        row = transaction.scalar(select(Publication).where(which).with_for_update())
        if row is None:
            return None
        before, row.started_at = row.started_at, now()
        alone = before is None or before < row.started_at - timedelta(seconds=SETTLED_SECONDS)
        return _Turn(workspace_id, row.revision, row.started_at, before is None, alone, deadline)


def _write(runtime: Runtime, turn: _Turn) -> None:
    """Render, name, store, point, and say that it is done."""
    pages = [page for page in _pages(runtime, turn) if not (turn.clean and page.file == page.before)]
    _name(runtime, turn, pages)
    for page in pages:
        if page.feed:
            _put(runtime, page.token, page.file, page.body, FEED_CACHE)
            _put(runtime, page.token, f"{page.file}.br", brotli.compress(page.body, quality=11), FEED_CACHE, "br")
    forgotten = [address for page in pages for address in _forgotten(runtime, page)]
    for page in pages:
        if time.monotonic() > turn.deadline:  # others may already count on that we write no more
            raise StorageError("Writing took too long.")
        if page.feed:
            pointer = {"feed": f"{runtime.settings.feed_url}/{page.token}/{page.file}"}
            _put(runtime, page.token, POINTER, json.dumps(pointer).encode(), POINTER_CACHE)
        else:
            runtime.storage.delete(feed_key(page.token, POINTER))
    for row in _end(runtime, turn, pages, forgotten):
        _remove(runtime, row)


def _pages(runtime: Runtime, turn: _Turn) -> list[_Page]:
    """All widgets of the workspace, and those that are gone but have feeds in the storage."""
    with runtime.db.read() as session:
        tokens = set(session.scalars(select(Widget.token).where(Widget.workspace_id == turn.workspace_id)))
        rows = list(session.scalars(select(PublishedFeed).where(PublishedFeed.workspace_id == turn.workspace_id)))
    before = {row.widget_token: row.file for row in rows if row.current}
    pages = []
    for token in sorted(tokens | {row.widget_token for row in rows}):
        feed = read_feed(runtime, token)
        pages.append(_Page(token, feed, feed.body if feed else b"", before.get(token, "")))
    return pages


def _name(runtime: Runtime, turn: _Turn, pages: list[_Page]) -> None:
    """Rows for what is about to be stored, so that nothing lies in the storage that no row names."""
    with runtime.db.transaction() as transaction:
        for page in pages:
            if page.feed:
                insert = insert_into(transaction, PublishedFeed).values(
                    widget_token=page.token,
                    file=page.file,
                    workspace_id=turn.workspace_id,
                    testimonials=page.feed.tokens,
                    current=page.file == page.before,
                    changed_at=now(),
                )
                again = {"testimonials": insert.excluded.testimonials, "changed_at": insert.excluded.changed_at}
                keys = [PublishedFeed.widget_token, PublishedFeed.file]
                transaction.execute(insert.on_conflict_do_update(index_elements=keys, set_=again))


def _forgotten(runtime: Runtime, page: _Page) -> list[str]:
    """What a CDN may hold of this widget that is true no more: the pointer, the feed, pictures and clips that went."""
    if not runtime.settings.purge_url or page.file == page.before:
        return []
    base, feeds = runtime.settings.base_url, f"{runtime.settings.feed_url}/{page.token}"
    found = [f"{feeds}/{POINTER}", *(f"{base}/widget/{page.token}{ending}" for ending in ("", ".json", ".html"))]
    if page.before:
        found.append(f"{feeds}/{page.before}")
        try:
            old = b"".join(runtime.storage.open(feed_key(page.token, page.before)))
        except StorageError:
            return found
        kept = addresses_in(page.feed.content) if page.feed else []
        found += [address for address in addresses_in(json.loads(old)) if address not in set(kept)]
    return found


def _end(runtime: Runtime, turn: _Turn, pages: list[_Page], forgotten: list[str]) -> list[PublishedFeed]:
    """Say that it is written. Returns the feeds that show what is shown no more: they have to go at once."""
    with runtime.db.transaction() as transaction:
        publication = transaction.get(Publication, turn.workspace_id, with_for_update=True)
        if publication is None:
            return []
        purging.note(runtime, transaction, forgotten)
        if publication.published > turn.revision:  # overtaken: what we wrote may lie over something newer
            publication.revision += 1
            return []
        publication.published = turn.revision
        if turn.alone and publication.started_at == turn.started_at:
            publication.started_at = None
        ours = {page.token: page for page in pages}
        outdated = []
        query = select(PublishedFeed).where(PublishedFeed.workspace_id == turn.workspace_id)
        for row in transaction.scalars(query.where(PublishedFeed.widget_token.in_(ours))):
            page = ours[row.widget_token]
            current = row.file == page.file
            if row.current and not current:
                row.changed_at = now()
            row.current = current
            shown = page.feed.tokens if page.feed else []
            if not current and not set(row.testimonials) <= set(shown):
                row.testimonials = []
                outdated.append(row)
        return outdated


def _sweep(runtime: Runtime) -> None:
    """Remove feeds that were replaced an hour ago."""
    with runtime.db.read() as session:
        old = PublishedFeed.changed_at < now() - timedelta(seconds=KEEP_SECONDS)
        rows = list(session.scalars(select(PublishedFeed).where(old, PublishedFeed.current.is_(False)).limit(A_ROUND)))
    for row in rows:
        _remove(runtime, row)
        with runtime.db.transaction() as transaction:
            same = and_(PublishedFeed.widget_token == row.widget_token, PublishedFeed.file == row.file)
            unused = and_(PublishedFeed.current.is_(False), PublishedFeed.changed_at == row.changed_at)
            transaction.execute(delete(PublishedFeed).where(same, unused))


def _remove(runtime: Runtime, row: PublishedFeed) -> None:
    for ending in ("", ".br"):
        runtime.storage.delete(feed_key(row.widget_token, row.file + ending))


def _put(runtime: Runtime, token: str, name: str, body: bytes, cache: str, encoding: str = "") -> None:
    # A plain file, not a temporary one: those can be read by their owner alone, and nginx is somebody else.
    with tempfile.TemporaryDirectory(dir=runtime.settings.scratch_dir) as folder:
        path = Path(folder, name)
        path.write_bytes(body)
        kind = "application/json; charset=utf-8"
        runtime.storage.save(feed_key(token, name), path, kind, cache_control=cache, encoding=encoding)
