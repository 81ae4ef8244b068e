"""Feeds in storage, on both databases: the newest always comes last, what is taken back goes at once, the CDN is told."""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import brotli
import pytest
from sqlalchemy import select, update

from testimonials import migrations
from testimonials.db import Database
from testimonials.errors import StorageError
from testimonials.models import Asset, Publication, PublishedFeed, Purge, Testimonial, Widget
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.services import consents, erasure, publishing
from testimonials.settings import Settings
from testimonials.storage.local import LocalStorage
from testimonials.storage.memory import MemoryStorage
from testimonials.upkeep import feeds, purging
from tests.acts import a_campaign
from tests.conftest import Nudges

CDN = "https://cdn.example/feeds"


@pytest.fixture
def runtime(both: str, settings: Settings, nudges: Nudges) -> Iterator[Runtime]:
    db = Database(both)
    migrations.upgrade(db)
    settings.scratch_dir.mkdir()
    yield Runtime(dataclasses.replace(settings, feed_url=CDN), db, MemoryStorage(), nudges)
    db.close()


@pytest.fixture
def widget(runtime: Runtime) -> Widget:
    """A widget that shows Ada and Bo."""
    with runtime.db.transaction() as transaction:
        campaign = a_campaign(transaction)
        widget = Widget(workspace_id=campaign.workspace_id, name="Home", share=[])
        transaction.add(widget)
        for name in ("Ada", "Bo"):
            testimonial = Testimonial(workspace_id=campaign.workspace_id, campaign_id=campaign.id, name=name)
            testimonial.media, testimonial.review, testimonial.consent_status = "ready", "approved", "granted"  # type: ignore[assignment]
            testimonial.consent_scopes, testimonial.allows_website, testimonial.submitted_at = ["website"], True, now()
            key = {"key": f"testimonials/{name}/720.mp4", "content_type": "video/mp4", "size_bytes": 1}
            testimonial.assets = [Asset(kind="video", file=f"{name}.mp4", width=1280, height=720, **key)]  # type: ignore[arg-type]
            transaction.add(testimonial)
        publishing.changed(transaction, campaign.workspace_id)
    return widget


def names(runtime: Runtime, widget: Widget) -> list[str]:
    """Whom a reader sees who comes by way of the pointer."""
    pointer = json.loads(stored(runtime, f"feeds/{widget.token}/current.json"))
    assert pointer["feed"].startswith(f"{CDN}/{widget.token}/")
    feed = json.loads(stored(runtime, "feeds" + pointer["feed"].removeprefix(CDN)))
    return sorted(item["author"]["name"] for item in feed["items"])


def stored(runtime: Runtime, key: str) -> bytes:
    return b"".join(runtime.storage.open(key))


def everything(runtime: Runtime) -> bytes:
    """All bytes of all feeds in the storage, unpacked."""
    keys = list(runtime.storage.keys("feeds/"))
    return b"".join(
        brotli.decompress(stored(runtime, key)) if key.endswith(".br") else stored(runtime, key) for key in keys
    )


def change(runtime: Runtime, name: str, **values: Any) -> None:
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Testimonial).where(Testimonial.name == name).values(**values))
        publishing.changed(transaction, transaction.scalars(select(Testimonial.workspace_id)).first() or "")


def ago(runtime: Runtime, seconds: float) -> None:
    """As if so much time had gone by since the last write."""
    with runtime.db.transaction() as transaction:
        earlier = now() - timedelta(seconds=seconds)
        transaction.execute(update(Publication).values(started_at=earlier).where(Publication.started_at.is_not(None)))
        transaction.execute(update(PublishedFeed).values(changed_at=earlier))


def test_a_change_is_written_once_and_found_by_the_pointer(runtime: Runtime, widget: Widget) -> None:
    assert feeds.write_due(runtime) == 1
    assert names(runtime, widget) == ["Ada", "Bo"]
    assert feeds.write_due(runtime) == 0
    packed = [key for key in runtime.storage.keys("feeds/") if key.endswith(".br")]
    assert len(packed) == 1
    assert brotli.decompress(stored(runtime, packed[0])) == stored(runtime, packed[0].removesuffix(".br"))


def test_nothing_is_written_where_the_web_server_answers(runtime: Runtime, widget: Widget) -> None:
    own = dataclasses.replace(runtime, settings=dataclasses.replace(runtime.settings, feed_url=""))
    assert feeds.write_due(own) == 0
    assert list(runtime.storage.keys("")) == []


def test_a_mark_without_a_difference_writes_nothing(runtime: Runtime, widget: Widget) -> None:
    feeds.write_due(runtime)
    before = dict(runtime.storage.objects)  # type: ignore[attr-defined]
    runtime.storage.objects[f"feeds/{widget.token}/current.json"] = b"untouched"  # type: ignore[attr-defined]
    change(runtime, "Ada", tags=["x"])
    assert feeds.write_due(runtime) == 1
    assert stored(runtime, f"feeds/{widget.token}/current.json") == b"untouched"
    feeds.write_all_again(runtime)
    feeds.write_due(runtime)
    assert runtime.storage.objects == before  # type: ignore[attr-defined]


def test_what_is_withdrawn_leaves_the_storage_at_once(runtime: Runtime, widget: Widget) -> None:
    feeds.write_due(runtime)
    change(runtime, "Ada", text="A better word.")
    feeds.write_due(runtime)
    assert b"Bo" in everything(runtime)
    with runtime.db.read() as session:
        bo = session.scalars(select(Testimonial).where(Testimonial.name == "Bo")).one()
    erasure.erase_by_customer(runtime, bo.manage_token)
    feeds.write_due(runtime)
    assert names(runtime, widget) == ["Ada"]
    assert b"Bo" not in everything(runtime)


def test_consent_narrowed_is_a_change(runtime: Runtime, widget: Widget) -> None:
    feeds.write_due(runtime)
    with runtime.db.transaction() as transaction:
        ada = transaction.scalars(select(Testimonial).where(Testimonial.name == "Ada")).one()
        wording = consents.Wording("text", "hash", 1, "en")
        consents.grant(
            runtime, transaction, ada, consents.Grant(scopes=("website", "social"), wording=wording), address="x"
        )
        token = ada.manage_token
    consents.narrow(runtime, token, ["social"], address="x")
    feeds.write_due(runtime)
    assert names(runtime, widget) == ["Bo"]


def test_a_replaced_feed_stays_for_an_hour(runtime: Runtime, widget: Widget) -> None:
    feeds.write_due(runtime)
    change(runtime, "Ada", text="A better word.")
    feeds.write_due(runtime)
    assert len(list(runtime.storage.keys("feeds/"))) == 5
    ago(runtime, 3700)
    feeds.write_due(runtime)
    assert len(list(runtime.storage.keys("feeds/"))) == 3
    assert names(runtime, widget) == ["Ada", "Bo"]


def test_a_widget_that_is_gone_takes_its_feeds_along(runtime: Runtime, widget: Widget) -> None:
    feeds.write_due(runtime)
    with runtime.db.transaction() as transaction:
        transaction.delete(transaction.get_one(Widget, widget.id))
        publishing.changed(transaction, widget.workspace_id)
    feeds.write_due(runtime)
    assert list(runtime.storage.keys("feeds/")) == []


def test_a_writer_that_was_overtaken_has_it_written_again(runtime: Runtime, widget: Widget) -> None:
    """It hangs just before its pointer, another one writes something newer, and then it goes on."""
    save, hung = runtime.storage.save, []

    def hanging(key: str, path: Path, kind: str, **more: str) -> None:
        if key.endswith("current.json") and not hung:
            hung.append(key)
            ago(runtime, feeds.TAKEOVER_SECONDS + 1)
            change(runtime, "Bo", archived_at=now())
            assert feeds.write_due(runtime) == 1
            assert names(runtime, widget) == ["Ada"]
        save(key, path, kind, **more)

    runtime.storage.save = hanging  # type: ignore[method-assign]
    feeds.write_due(runtime)
    ago(runtime, feeds.TAKEOVER_SECONDS + 1)
    feeds.write_due(runtime)
    assert names(runtime, widget) == ["Ada"]
    assert b"Bo" not in everything(runtime)


def test_a_writer_that_died_after_its_pointer_does_not_win(runtime: Runtime, widget: Widget) -> None:
    """As before, but nobody is left to notice: once no write can be under way, all is written once more."""
    save, hung = runtime.storage.save, []

    def hanging(key: str, path: Path, kind: str, **more: str) -> None:
        if key.endswith("current.json") and not hung:
            hung.append(key)
            ago(runtime, feeds.TAKEOVER_SECONDS + 1)
            change(runtime, "Bo", archived_at=now())
            feeds.write_due(runtime)
            save(key, path, kind, **more)
            raise StorageError("the process died here")
        save(key, path, kind, **more)

    runtime.storage.save = hanging  # type: ignore[method-assign]
    feeds.write_due(runtime)
    with pytest.raises(StorageError):
        names(runtime, widget)  # the pointer names what was removed
    ago(runtime, feeds.SETTLED_SECONDS + 1)
    feeds.write_due(runtime)
    assert names(runtime, widget) == ["Ada"]
    with runtime.db.read() as session:
        assert session.scalars(select(Publication.started_at)).one() is None


def test_many_writers_and_changes_at_once(runtime: Runtime, widget: Widget) -> None:
    def work() -> None:
        for _ in range(6):
            feeds.write_due(runtime)

    writers = [threading.Thread(target=work) for _ in range(4)]
    for writer in writers:
        writer.start()
    for number in range(10):
        change(runtime, "Ada", text=f"word {number}")
    for writer in writers:
        writer.join()
    for _ in range(2):
        ago(runtime, feeds.SETTLED_SECONDS + 1)
        feeds.write_due(runtime)
    pointer = json.loads(stored(runtime, f"feeds/{widget.token}/current.json"))["feed"]
    feed = json.loads(stored(runtime, "feeds" + pointer.removeprefix(CDN)))
    assert {item["quote"] for item in feed["items"]} == {"word 9", ""}


def test_a_storage_that_was_away_is_caught_up_with(runtime: Runtime, widget: Widget) -> None:
    save = runtime.storage.save

    def away(*_given: Any, **_more: Any) -> None:
        raise StorageError("The storage could not be reached.")

    runtime.storage.save = away  # type: ignore[method-assign]
    assert feeds.write_due(runtime) == 0
    runtime.storage.save = save  # type: ignore[method-assign]
    assert feeds.write_due(runtime) == 0, "others wait a little for who began"
    ago(runtime, feeds.TAKEOVER_SECONDS + 1)
    assert feeds.write_due(runtime) == 1
    assert names(runtime, widget) == ["Ada", "Bo"]


def test_nginx_may_read_the_files(runtime: Runtime, widget: Widget, tmp_path: Path) -> None:
    local = dataclasses.replace(runtime, storage=LocalStorage(tmp_path / "storage"))
    feeds.write_due(local)
    files = [path for path in (tmp_path / "storage" / "feeds").rglob("*") if path.is_file()]
    assert len(files) == 3
    assert all(path.stat().st_mode & 0o044 == 0o044 for path in files)


class Cdn:
    """A CDN's purge door: keeps what it is told, and answers with `status`."""

    def __init__(self) -> None:
        self.status, self.heard = 200, []
        cdn = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                cdn.heard.append((self.headers["Authorization"], body["files"]))  # type: ignore[attr-defined]
                self.send_response(cdn.status)
                self.send_header("Location", f"http://127.0.0.1:{cdn.server.server_port}/elsewhere")
                self.end_headers()

            def log_message(self, *_given: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/purge"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def cdn() -> Iterator[Cdn]:
    found = Cdn()
    yield found
    found.server.shutdown()
    found.server.server_close()


def purging_runtime(runtime: Runtime, cdn: Cdn) -> Runtime:
    told = {"purge_url": cdn.url, "purge_token": "secret"}
    return dataclasses.replace(runtime, settings=dataclasses.replace(runtime.settings, **told))


def test_the_cdn_is_told_what_to_forget(runtime: Runtime, widget: Widget, cdn: Cdn) -> None:
    runtime = purging_runtime(runtime, cdn)
    feeds.write_due(runtime)
    old = json.loads(stored(runtime, f"feeds/{widget.token}/current.json"))["feed"]
    cdn.heard.clear()
    change(runtime, "Bo", archived_at=now())
    feeds.write_due(runtime)
    ((authorization, files),) = cdn.heard
    assert authorization == "Bearer secret"
    assert {f"{CDN}/{widget.token}/current.json", old} <= set(files)
    with runtime.db.read() as session:
        tokens = dict(session.execute(select(Testimonial.name, Testimonial.token)).all())
    base = runtime.settings.base_url
    assert {f"{base}/t/{tokens['Bo']}", f"{base}/media/{tokens['Bo']}/Bo.mp4"} <= set(files)
    assert not any(tokens["Ada"] in address for address in files)


@pytest.mark.parametrize("status", [500, 302, 403])
def test_a_cdn_that_does_not_listen_is_told_again(runtime: Runtime, widget: Widget, cdn: Cdn, status: int) -> None:
    runtime = purging_runtime(runtime, cdn)
    cdn.status = status
    feeds.write_due(runtime)
    assert len(cdn.heard) == 1
    assert purging.send_due(runtime) == 0, "not at once"
    assert len(cdn.heard) == 1
    cdn.status = 200
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Purge).values(run_after=now()))
    assert purging.send_due(runtime) == 1
    with runtime.db.read() as session:
        assert session.scalars(select(Purge)).all() == []


def test_a_cdn_that_is_gone_for_good_is_given_up(runtime: Runtime, cdn: Cdn, caplog: pytest.LogCaptureFixture) -> None:
    runtime = purging_runtime(runtime, cdn)
    cdn.status = 500
    with runtime.db.transaction() as transaction:
        purging.note(runtime, transaction, [f"https://cdn.example/{number}" for number in range(31)])
    for _ in range(2 * len(purging.BACKOFF_SECONDS) + 2):
        purging.send_due(runtime)
        with runtime.db.transaction() as transaction:
            transaction.execute(update(Purge).values(run_after=now() - timedelta(seconds=1)))
    purging.send_due(runtime)
    with runtime.db.read() as session:
        assert session.scalars(select(Purge)).all() == []
    assert "did not hear" in caplog.text
    assert "secret" not in caplog.text
