"""`testimonials export`: everything of an installation in one file, as it was at one moment, while it goes on working."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from testimonials import migrations
from testimonials.errors import Conflict, ObjectMissing, StorageError
from testimonials.models import Asset, Campaign, Chunk, Workspace
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.services import audit
from testimonials.services.workroom import EXPORT
from testimonials.upkeep.archive import (
    FORMAT,
    MANIFEST,
    OBJECTS,
    Manifest,
    key_mark,
    line_of,
    object_file,
    rows_file,
    tables,
)

PORTION = 1000
Heard = Callable[[int, int], object]
"""Is told how many objects are done, and of how many."""


@dataclass(frozen=True)
class Exported:
    """What the file holds. `missing` counts objects that rows name and that were not in the storage."""

    testimonials: int
    objects: int
    missing: int
    size_bytes: int


def export(runtime: Runtime, path: Path, heard: Heard) -> Exported:
    """Write the archive. It is there whole or not at all, and only its owner may read it: it holds personal data.

    Raises Conflict where the file is there already or the database is not up to date, StorageError where it cannot be written.
    """
    if migrations.pending(runtime.db):
        raise Conflict("The database is not up to date. Run `testimonials init` first.", code="not_migrated")
    if path.exists():
        raise Conflict(f"{path} is there already. Choose another name.", code="file_exists")
    with _whole_or_not(path) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        with runtime.db.read() as session:  # one moment for all tables
            rows = {table.name: _write_rows(archive, session, table) for table in tables()}
            objects = list(_named(session))
        missing = _write_objects(runtime, archive, objects, heard)
        manifest = Manifest(
            format=FORMAT,
            version=version("testimonials"),
            revision=migrations.head(),
            made_at=now().isoformat(),
            key=key_mark(runtime.settings.secret_key),
            rows=rows,
            objects=len(objects) - len(missing),
            missing=missing,
        )
        archive.writestr(MANIFEST, manifest.written())
    _record(runtime)
    return Exported(rows["testimonials"], manifest.objects, len(missing), path.stat().st_size)


@contextmanager
def _whole_or_not(path: Path) -> Iterator[Path]:
    part = path.with_name(f"{path.name}.part")
    try:
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        yield part
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(path)
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _write_rows(archive: zipfile.ZipFile, session: Session, table: Table) -> int:
    number = 0
    query = select(table).order_by(*table.primary_key).execution_options(yield_per=PORTION)
    with archive.open(rows_file(table), "w", force_zip64=True) as file:
        for row in session.execute(query).mappings():
            file.write(line_of(dict(row)))
            number += 1
    return number


def _named(session: Session) -> Iterator[tuple[str, str]]:
    """Key and type of every object that a row names."""
    for key, kind in session.execute(select(Asset.key, Asset.content_type).order_by(Asset.key)):
        yield key, kind
    for (key,) in session.execute(select(Chunk.key).order_by(Chunk.key)):
        yield key, "application/octet-stream"
    for (key,) in session.execute(select(Campaign.logo_key).where(Campaign.logo_key != "").order_by(Campaign.logo_key)):
        yield key, "image/png"


def _write_objects(
    runtime: Runtime, archive: zipfile.ZipFile, objects: list[tuple[str, str]], heard: Heard
) -> list[str]:
    """Returns the keys that were not there. Clips are as small as they get: they are stored as they are."""
    kept, missing = [], []
    for number, (key, kind) in enumerate(objects):
        heard(number, len(objects))
        try:
            pieces = runtime.storage.open(key)
            first = next(pieces, b"")
        except ObjectMissing:
            missing.append(key)
            continue
        member = zipfile.ZipInfo(object_file(key))
        member.external_attr = 0o600 << 16
        with archive.open(member, "w", force_zip64=True) as file:
            file.write(first)
            for piece in pieces:
                file.write(piece)
        kept.append(json.dumps({"key": key, "type": kind}))
    archive.writestr(OBJECTS, "".join(f"{line}\n" for line in kept))
    return missing


def _record(runtime: Runtime) -> None:
    """Every workspace's owner sees that a copy left the house."""
    with runtime.db.transaction() as transaction:
        for workspace_id in transaction.scalars(select(Workspace.id)).all():
            audit.record(transaction, workspace_id, EXPORT, "installation", "all workspaces, into one file")
