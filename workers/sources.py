"""From the storage into a scratch folder: the segments of an original, or one of its renditions."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from testimonials import jobs
from testimonials.errors import MediaError, ObjectMissing
from testimonials.models import Asset, Testimonial, Upload
from testimonials.models.asset import AssetKind
from testimonials.runtime import Runtime
from testimonials.upkeep.maintenance import ATTEMPT_PREFIX
from workers.lease import Lease


@contextmanager
def scratch(runtime: Runtime) -> Iterator[Path]:
    """A folder of this attempt alone, gone whatever happens. What a killed worker leaves is swept at the next start.

    It is locked for as long as this process lives, which is how a sweep knows the folders of the dead.
    """
    folder, descriptor = _held_folder(runtime.settings.scratch_dir)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def _held_folder(within: Path) -> tuple[Path, int]:
    """A new folder and the open file that locks it. A sweep may come between the two: then it takes another one."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=ATTEMPT_PREFIX, dir=within))
        with suppress(FileNotFoundError):
            descriptor = os.open(folder, os.O_RDONLY)  # not inherited: an ffmpeg that lives on holds nothing
            with suppress(OSError):  # file systems without locks: there only a day's age says that it is dead
                fcntl.flock(descriptor, fcntl.LOCK_SH)
            if folder.exists():
                return folder, descriptor
            os.close(descriptor)


def fetch_segments(runtime: Runtime, held: jobs.Claim, folder: Path, lease: Lease) -> list[Path]:
    """The uploads that were handed in, in their order, each as one file. Raises MediaError `source_missing`."""
    with runtime.db.read() as session:
        query = select(Upload).where(Upload.testimonial_id == held.testimonial_id, Upload.finalized_at.is_not(None))
        query = query.options(selectinload(Upload.chunks)).order_by(Upload.position, Upload.id)
        uploads = list(session.scalars(query))
    if not uploads:
        raise MediaError("source_missing")
    return [_join(runtime, upload, folder / f"source-{number}", lease) for number, upload in enumerate(uploads)]


def fetch_asset(runtime: Runtime, asset: Asset, folder: Path, lease: Lease) -> Path:
    """A file of ours. Raises MediaError `source_missing`."""
    target = folder / f"asset-{asset.file}"
    with target.open("wb") as handle:
        _copy(runtime, asset.key, handle.write, lease)
    return target


def assets_of(runtime: Runtime, held: jobs.Claim, kind: AssetKind) -> list[Asset]:
    """What is stored of a kind, tallest first."""
    with runtime.db.read() as session:
        testimonial = session.get(Testimonial, held.testimonial_id, options=[selectinload(Testimonial.assets)])
        return testimonial.assets_of(kind) if testimonial else []


def _join(runtime: Runtime, upload: Upload, target: Path, lease: Lease) -> Path:
    """Any gap would decode without an error, so offsets are checked."""
    with target.open("wb") as handle:
        for chunk in upload.chunks:
            if handle.tell() != chunk.offset_bytes:
                raise MediaError("source_missing", f"the chunk at {chunk.offset_bytes} does not join")
            _copy(runtime, chunk.key, handle.write, lease)
        if handle.tell() != upload.length_bytes:
            raise MediaError("source_missing", f"{handle.tell()} of {upload.length_bytes} bytes")
    return target


def _copy(runtime: Runtime, key: str, write: Callable[[bytes], object], lease: Lease) -> None:
    lease.check()
    try:
        for piece in runtime.storage.open(key):
            write(piece)
    except ObjectMissing as error:
        raise MediaError("source_missing", error.detail) from error
