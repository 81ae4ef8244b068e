"""Export and import: everything arrives as it was, in the other database too; and what must not be taken is refused."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Table, insert, null, select

from testimonials import migrations
from testimonials.db import Database
from testimonials.models import Asset, AuditEntry, Base, Campaign, DailySalt, Member, Testimonial
from testimonials.runtime import Runtime, open_runtime
from testimonials.services import audit
from testimonials.settings import load
from testimonials.upkeep.archive import LEFT_OUT, MANIFEST, tables
from testimonials.upkeep.exporting import export
from testimonials.upkeep.importing import import_
from tests.services.shop import Shop, refused

KEY = "0123456789abcdef0123456789abcdef"
MOMENT = datetime(2026, 11, 25, 12, 30, 45, 123456, tzinfo=UTC)
Houses = Callable[..., Runtime]


@pytest.fixture
def houses(tmp_path: Path) -> Iterator[Houses]:
    """Makes installations: `houses("name", url, key)`, with a folder each and objects in files."""
    made: list[Runtime] = []

    def house(name: str, url: str = "", key: str = KEY) -> Runtime:
        given = {"TESTIMONIALS_SECRET_KEY": key, **({"TESTIMONIALS_DATABASE_URL": url} if url else {})}
        made.append(open_runtime(load(given, data_dir=tmp_path / name)))
        return replace(made[-1], nudge=lambda *_: True)

    yield house
    for each in made:
        each.db.close()


def quiet(_done: int, _of: int) -> None:
    pass


def held(db: Database, table: Table) -> list[dict[str, Any]]:
    with db.read() as session:
        return [dict(row) for row in session.execute(select(table).order_by(*table.primary_key)).mappings()]


def value(column: Column[Any], number: int, before: dict[str, list[dict[str, Any]]]) -> Any:
    """Something of the column's type; None in every other row where that may be."""
    for key in column.foreign_keys:
        rows = before.get(key.column.table.name, [])
        return (
            rows[number if number < len(rows) else 0][key.column.name]
            if rows and not (column.nullable and number)
            else None
        )
    if column.nullable and number:
        return None
    named = {"id": f"{number:032x}", "key": f"nowhere/{number}", "logo_key": f"nowhere/{number}"}
    if column.name in named and column.type.python_type is str:
        return named[column.name]
    kind = column.type.python_type
    cue = {"start_seconds": 0.1, "end_seconds": 2, "text": "Grüße, 'quoted' \\ 日本"}
    known = {object: [cue], datetime: MOMENT, date: date(2026, 11, 20 + number), bool: not number, float: 0.1}
    if kind in known:
        return known[kind]
    if kind is int:
        return 3_000_000_000 + number if "Big" in type(column.type).__name__ else 40 + number
    return f"{number}é\n\x7f"[: getattr(column.type, "length", None) or 9]


@pytest.mark.parametrize("onto", ["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def test_every_column_of_every_table_arrives(
    houses: Houses, both: str, onto: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    source = houses("source", both)
    target = houses("target", request.getfixturevalue("postgres_server").new_database() if onto != "sqlite" else "")
    migrations.upgrade(source.db)
    before: dict[str, list[dict[str, Any]]] = {}
    for table in tables():
        for number in range(2):
            row = {column.name: value(column, number, before) for column in table.columns}
            before.setdefault(table.name, []).append(row)
            with source.db.transaction() as transaction:
                transaction.execute(insert(table), [row])
    wanted = {table.name: held(source.db, table) for table in tables()}
    assert all(len(rows) == 2 for rows in wanted.values())
    export(source, tmp_path / "all.zip", quiet)
    import_(target, tmp_path / "all.zip", heard=quiet)
    for table in tables():
        rows = held(target.db, table)
        if table.name in ("audit_entries", "audit_heads"):  # that it was imported stands there since
            continue
        if table.name == "testimonials":
            rows, wanted[table.name] = (
                [each | {"indexed_as": 0} for each in some] for some in (rows, wanted[table.name])
            )
        if table.name == "publications":  # feeds are written anew
            continue
        assert rows == wanted[table.name], table.name
    with target.db.read() as session:
        nothing = select(Testimonial.id).where(Testimonial.storyboard.is_(null()))
        assert len(session.scalars(nothing).all()) == 1, "and not the JSON word null"


def test_no_table_is_forgotten() -> None:
    known = {table.name for table in tables()}
    assert known | set(LEFT_OUT) == set(Base.metadata.tables)
    assert not known & set(LEFT_OUT)


@pytest.fixture
def shop(houses: Houses) -> Shop:
    """With a clip, a logo, a share, and things that stay behind."""
    runtime = houses("shop")
    migrations.upgrade(runtime.db)
    shop = Shop(runtime)
    token = shop.hand_in("Ada Lovelace", text="The wheels never ran so true.", review="approved")
    with runtime.db.transaction() as transaction:
        held = transaction.scalars(select(Testimonial).where(Testimonial.token == token)).one()
        campaign = transaction.scalars(select(Campaign)).one()
        campaign.logo_key = f"campaigns/{campaign.id}/logo-1-a.png"
        keys = [f"testimonials/{held.id}/{name}" for name in ("720-a.mp4", "gone.jpg")]
        for key, kind in zip(keys, ("video/mp4", "image/jpeg"), strict=True):
            asset = Asset(testimonial_id=held.id, kind="video", file=key.rpartition("/")[2], key=key)
            asset.content_type, asset.width, asset.height, asset.size_bytes = kind, 1, 1, 1
            transaction.add(asset)
        transaction.add(DailySalt(day=date(2026, 11, 25), salt=b"secret of the day"))
    for key, body in ((keys[0], b"a clip" * 99_999), (campaign.logo_key, b"a logo")):
        path = runtime.settings.scratch_dir / "body"
        path.write_bytes(body)
        runtime.storage.save(key, path, "video/mp4")
    return shop


def test_a_house_moves_with_its_clips(shop: Shop, houses: Houses, tmp_path: Path) -> None:
    done = export(shop.runtime, tmp_path / "all.zip", quiet)
    assert (done.testimonials, done.objects, done.missing) == (1, 2, 1), "a file that was not there is said"
    assert stat.S_IMODE((tmp_path / "all.zip").stat().st_mode) == 0o600
    there = houses("there")
    heard: list[tuple[int, int]] = []
    read = import_(there, tmp_path / "all.zip", heard=lambda *numbers: heard.append(numbers))
    assert (read.testimonials, read.objects, heard) == (1, 2, [(0, 2), (1, 2)])
    moved = Shop.__new__(Shop)
    moved.runtime, moved.id = there, shop.id
    assert moved.found("wheels true") == ["Ada Lovelace"], "and is found by what was said"
    with there.db.read() as session:
        clip = session.scalars(select(Asset).where(Asset.content_type == "video/mp4")).one()
        assert b"".join(there.storage.open(clip.key)) == b"a clip" * 99_999
        assert b"".join(there.storage.open(session.scalars(select(Campaign.logo_key)).one())) == b"a logo"
        assert session.scalars(select(DailySalt)).all() == [], "what says who somebody is stays behind"
        assert [each.act for each in session.scalars(select(AuditEntry))][-1] == "import"
    assert audit.check(there).broken == {}
    with shop.runtime.db.read() as session:
        assert [each.act for each in session.scalars(select(AuditEntry))][-1] == "export"


def test_only_into_an_empty_house(shop: Shop, tmp_path: Path) -> None:
    export(shop.runtime, tmp_path / "all.zip", quiet)
    refused("not_empty", lambda: import_(shop.runtime, tmp_path / "all.zip", heard=quiet))
    refused("file_exists", lambda: export(shop.runtime, tmp_path / "all.zip", quiet))
    refused("storage_unavailable", lambda: export(shop.runtime, tmp_path / "no" / "folder.zip", quiet))


def test_another_secret_key(shop: Shop, houses: Houses, tmp_path: Path) -> None:
    with shop.runtime.db.transaction() as transaction:
        transaction.get_one(Member, shop.ada.member_id).totp_secret = "sealed by the old key"
    export(shop.runtime, tmp_path / "all.zip", quiet)
    there = houses("there", key="f" * 32)
    refused("other_key", lambda: import_(there, tmp_path / "all.zip", heard=quiet))
    assert import_(there, tmp_path / "all.zip", new_key=True, heard=quiet).authenticators == 1
    with there.db.read() as session:
        assert session.get_one(Member, shop.ada.member_id).totp_secret == "", "nobody is locked out"


def test_what_is_no_archive_is_refused(shop: Shop, houses: Houses, tmp_path: Path) -> None:
    there, path = houses("there"), tmp_path / "all.zip"
    export(shop.runtime, path, quiet)
    whole = path.read_bytes()
    at = whole.index(b"a clip")
    for damaged in (b"", b"not a zip", whole[:-100], whole[:at] + b"A CLIP" + whole[at + 6 :]):
        path.write_bytes(damaged)
        refused("bad_archive", lambda: import_(there, path, heard=quiet))
    refused("bad_archive", lambda: import_(there, tmp_path / "not there.zip", heard=quiet))
    path.write_bytes(whole)
    changed(path, revision="0001")
    refused("other_version", lambda: import_(there, path, heard=quiet))
    path.write_bytes(whole)
    changed(path, format=2)
    refused("other_version", lambda: import_(there, path, heard=quiet))
    path.write_bytes(whole)
    import_(there, path, heard=quiet)


def test_a_key_that_leads_out_of_the_storage_is_refused(shop: Shop, houses: Houses, tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    export(shop.runtime, path, quiet)
    line = json.dumps({"key": "../../out", "type": "text/plain"})
    rewritten(path, {"objects.jsonl": line.encode(), "objects/../../out": b"x"})
    refused("bad_key", lambda: import_(houses("there"), path, heard=quiet))


def changed(path: Path, **values: Any) -> None:
    """The archive with another manifest."""
    with zipfile.ZipFile(path) as archive:
        said = json.loads(archive.read(MANIFEST)) | values
    rewritten(path, {MANIFEST: json.dumps(said).encode()})


def rewritten(path: Path, changes: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()} | changes
    with zipfile.ZipFile(path, "w") as archive:
        for name, body in members.items():
            archive.writestr(name, body)
