"""`testimonials import`: an archive into an installation that has nothing yet, of whatever database and storage."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Table, delete, func, insert, select, text, update

from testimonials import migrations
from testimonials.db import Transaction, dialect_of, lock
from testimonials.errors import Conflict, Invalid
from testimonials.models import Member, RecoveryCode, Testimonial, Workspace
from testimonials.runtime import Runtime
from testimonials.services import audit, search
from testimonials.upkeep import feeds
from testimonials.upkeep.archive import (
    FORMAT,
    MANIFEST,
    OBJECTS,
    Manifest,
    key_mark,
    object_file,
    rows_file,
    rows_from,
    tables,
)
from testimonials.upkeep.exporting import PORTION, Heard

IMPORT = "import"
"""The act under which it stands in the audit log."""


@dataclass(frozen=True)
class Imported:
    """`authenticators` counts members who have to set theirs up again."""

    testimonials: int
    objects: int
    authenticators: int


def import_(runtime: Runtime, path: Path, *, new_key: bool = False, heard: Heard) -> Imported:
    """Read the archive in. Objects come first and all rows in one transaction, so that what was stopped can be begun again.

    Raises Conflict where there is something already, where the secret key is another (unless `new_key`: what only the old key
    opens is then dropped), or where another version has to read it; Invalid where the file is no archive or damaged.
    """
    with _opened(path) as archive:
        manifest = _manifest(archive, path)
        _check(runtime, manifest, new_key)
        migrations.upgrade(runtime.db)
        with runtime.db.read() as session:
            _refuse_unless_empty(session.scalar(select(func.count()).select_from(Workspace)))
        objects = _store_objects(runtime, archive, heard)
        with runtime.db.transaction() as transaction:
            lock(transaction)
            _refuse_unless_empty(transaction.scalar(select(func.count()).select_from(Workspace)))
            for table in tables():
                _insert(transaction, table, archive)
            transaction.execute(update(Testimonial).values(indexed_as=0))
            dropped = _drop_sealed(transaction) if manifest.key != key_mark(runtime.settings.secret_key) else 0
    _settle(runtime, manifest)
    return Imported(manifest.rows["testimonials"], objects, dropped)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror or error}.", code="bad_archive") from error
    except (zipfile.BadZipFile, ValueError, KeyError, EOFError) as error:
        raise Invalid(
            f"{path} is no archive of this program, or it is damaged: {error}.", code="bad_archive"
        ) from error


def _manifest(archive: zipfile.ZipFile, path: Path) -> Manifest:
    if MANIFEST not in archive.namelist():
        raise Invalid(f"{path} is no archive of this program.", code="bad_archive")
    said = json.loads(archive.read(MANIFEST))
    if said.get("format") != FORMAT:
        raise Conflict(
            f"{path} was written by version {said.get('version')}: import it with that.", code="other_version"
        )
    return Manifest(**{name: said[name] for name in Manifest.__dataclass_fields__})


def _check(runtime: Runtime, manifest: Manifest, new_key: bool) -> None:
    if manifest.revision != migrations.head():
        raise Conflict(
            f"The archive was written by version {manifest.version}, whose tables are others. Import it with that version, then"
            " update.",
            code="other_version",
        )
    if manifest.key != key_mark(runtime.settings.secret_key) and not new_key:
        raise Conflict(
            "The secret key here is not the one of the installation that was exported. Put that one into"
            f" {runtime.settings.data_dir / 'secret.key'} or TESTIMONIALS_SECRET_KEY; or, if it is lost, add --new-key:"
            " authenticators have to be set up again then.",
            code="other_key",
        )


def _refuse_unless_empty(workspaces: int | None) -> None:
    if workspaces:
        raise Conflict("There is a workspace here already. Import into an empty folder or database.", code="not_empty")


def _store_objects(runtime: Runtime, archive: zipfile.ZipFile, heard: Heard) -> int:
    listed = [json.loads(line) for line in archive.read(OBJECTS).splitlines()]
    for number, each in enumerate(listed):
        heard(number, len(listed))
        with tempfile.TemporaryDirectory(dir=runtime.settings.scratch_dir) as folder:
            copy = Path(folder) / "object"
            with archive.open(object_file(each["key"])) as source, copy.open("wb") as target:
                while piece := source.read(1 << 20):
                    target.write(piece)
            runtime.storage.save(each["key"], copy, each["type"])
    return len(listed)


def _insert(transaction: Transaction, table: Table, archive: zipfile.ZipFile) -> None:
    """Rows as they were, in portions that name the same columns."""
    portion: list[dict[str, Any]] = []
    with archive.open(rows_file(table)) as lines:
        for row in rows_from(iter(lines), table):
            # None in such a column would be the JSON word null.
            given = {k: v for k, v in row.items() if v is not None or not isinstance(table.c[k].type, JSON)}
            if portion and (len(portion) == PORTION or portion[0].keys() != given.keys()):
                transaction.execute(insert(table), portion)
                portion = []
            portion.append(given)
    if portion:
        transaction.execute(insert(table), portion)
    column = table.autoincrement_column
    if column is not None and dialect_of(transaction) == "postgresql":
        following = select(func.coalesce(func.max(column), 0) + 1).scalar_subquery()
        sequence = func.pg_get_serial_sequence(table.name, column.name)
        transaction.execute(select(func.setval(sequence, following, text("false"))))


def _drop_sealed(transaction: Transaction) -> int:
    """What only the other key opens. Returns how many members that concerns."""
    concerned = list(transaction.scalars(select(Member.id).where(Member.totp_secret != "")))
    transaction.execute(delete(RecoveryCode).where(RecoveryCode.member_id.in_(concerned)))
    transaction.execute(update(Member).where(Member.id.in_(concerned)).values(totp_secret="", totp_step=0))
    return len(concerned)


def _settle(runtime: Runtime, manifest: Manifest) -> None:
    with runtime.db.transaction() as transaction:
        for workspace_id in transaction.scalars(select(Workspace.id)).all():
            audit.record(transaction, workspace_id, IMPORT, "installation", f"as of {manifest.made_at}")
    while search.fill(runtime):
        pass
    feeds.write_all_again(runtime)
