"""Receiving a video: start, append, discard, expire. Each append stores one immutable chunk object.

The order is always object first, row second: a chunk that a row names is certainly there, and an object that no row
names is swept by `reconcile --storage`.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from testimonials.domain.uploads import CROWD, UploadState, check_offset, declare_length, room
from testimonials.errors import ChecksumMismatch, Conflict, Gone, NotFound, RateLimited, StorageError, TooLarge
from testimonials.models import Campaign, Chunk, Testimonial, Upload
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.security import address_hash, network_of
from testimonials.storage.keys import chunk_key, upload_prefix

READ_BYTES = 128 * 1024  # larger pieces are slower: each is then fresh memory from the system
EXPIRE_A_ROUND = 50
BUSY_SECONDS = 600


@dataclass(frozen=True)
class UploadView:
    """What a tus client may know of its upload."""

    token: str
    state: UploadState
    expires_at: datetime
    metadata: str


@dataclass(frozen=True)
class _Body:
    path: Path
    size_bytes: int
    digest: bytes


def start(
    runtime: Runtime, *, campaign_slug: str, length: int | None, metadata: str = "", address: str = ""
) -> UploadView:
    """Create the testimonial and its upload in one transaction. Too long a file is refused here, not at its end.

    Raises RateLimited while too many uploads from the network of `address`, or to this campaign, are open.
    """
    limit = runtime.settings.max_upload_bytes
    state = UploadState(0, None) if length is None else declare_length(UploadState(0, None), length, limit)
    network = address_hash(runtime.settings.secret_key, network_of(address)) if address else ""
    with runtime.db.transaction() as transaction:
        campaign = transaction.scalar(select(Campaign).where(Campaign.slug == campaign_slug))
        if campaign is None:
            raise NotFound("There is no such campaign.", code="unknown_campaign")
        _check_room(runtime, transaction, campaign, network)
        # What holds when the recording begins, holds for it: the campaign may change while somebody speaks.
        terms = {"max_seconds": campaign.max_seconds, "ways": campaign.ways, "incentive": campaign.incentive}
        testimonial = Testimonial(campaign_id=campaign.id, workspace_id=campaign.workspace_id, terms=terms)
        transaction.add(testimonial)
        transaction.flush()
        upload = Upload(
            testimonial_id=testimonial.id,
            length_bytes=state.length_bytes,
            tus_metadata=metadata,
            network_hash=network,
            expires_at=_expiry(runtime),
        )
        transaction.add(upload)
        transaction.flush()
        return _view(upload)


def look_up(runtime: Runtime, token: str) -> UploadView:
    """Where an upload stands. Raises NotFound for a token nobody was given, Gone for one that has expired."""
    with runtime.db.read() as session:
        return _view(_open_upload(session, token))


def append(
    runtime: Runtime,
    token: str,
    stream: BinaryIO,
    *,
    offset: int,
    announced: int | None = None,
    declared_length: int | None = None,
    checksum: tuple[str, bytes] | None = None,
) -> UploadView:
    """Take the bytes that start at `offset`. A body that is cut off midway keeps what arrived.

    `announced` is the size of the body where it is known: too much is then refused before any of it is read.

    Raises Conflict at a wrong offset, TooLarge past the length or the limit, ChecksumMismatch for damaged bytes.
    """
    with runtime.db.read() as session:
        upload = _open_upload(session, token)
        if upload.finalized_at is not None:
            raise Gone("This upload is complete and was handed in.", code="upload_finalized")
    limit = runtime.settings.max_upload_bytes
    state = UploadState(upload.offset_bytes, upload.length_bytes)
    check_offset(state, offset)
    if declared_length is not None:
        state = declare_length(state, declared_length, limit)
    if announced is not None and announced > room(state, limit):
        raise _too_large()
    with _received(runtime, stream, room(state, limit), checksum[0] if checksum else None) as body:
        if checksum and body.digest != checksum[1]:
            raise ChecksumMismatch
        key = chunk_key(upload.id, offset)
        if body.size_bytes:
            runtime.storage.save(key, body.path, "application/octet-stream")
        try:
            return _record(runtime, upload, state, key, body.size_bytes)
        except Conflict:
            if body.size_bytes:
                with suppress(StorageError):  # nobody names it; `reconcile --storage` would sweep it anyway
                    runtime.storage.delete(key)
            raise


def discard(runtime: Runtime, token: str) -> None:
    """The customer does not want this take: its rows and its chunks go. What was handed in stays."""
    with runtime.db.transaction() as transaction:
        upload = _open_upload(transaction, token, lock=True)
        if upload.finalized_at is not None:
            raise Conflict("This video was handed in. It can be erased from your own page.", code="upload_finalized")
        _remove(transaction, [upload])
    delete_chunks(runtime, [upload.id])


def expire(runtime: Runtime) -> int:
    """Remove uploads that nobody continued in time. Returns how many."""
    with runtime.db.transaction() as transaction:
        idle = select(Upload).where(Upload.finalized_at.is_(None), Upload.expires_at < now()).limit(EXPIRE_A_ROUND)
        # Locked, so that nobody can hand in at the same moment; skipped where another worker is at it.
        uploads = list(transaction.scalars(idle.with_for_update(skip_locked=True)))
        _remove(transaction, uploads)
    delete_chunks(runtime, [upload.id for upload in uploads])
    return len(uploads)


def _remove(session: Session, uploads: list[Upload]) -> None:
    for upload in uploads:
        testimonial = session.get_one(Testimonial, upload.testimonial_id)
        session.delete(upload)
        session.flush()
        session.refresh(testimonial, ["uploads"])
        if not testimonial.uploads:
            session.delete(testimonial)


def delete_chunks(runtime: Runtime, upload_ids: list[str]) -> None:
    for upload_id in upload_ids:
        for key in list(runtime.storage.keys(upload_prefix(upload_id))):
            runtime.storage.delete(key)


def _open_upload(session: Session, token: str, *, lock: bool = False) -> Upload:
    query = select(Upload).where(Upload.token == token)
    upload = session.scalar(query.with_for_update() if lock else query)
    if upload is None:
        raise NotFound("There is no such upload.", code="unknown_upload")
    if upload.finalized_at is None and upload.expires_at < now():
        raise Gone("This upload was not continued in time and has expired.", code="upload_expired")
    return upload


def _record(runtime: Runtime, upload: Upload, state: UploadState, key: str, size: int) -> UploadView:
    with runtime.db.transaction() as transaction:
        still_there = (
            Upload.id == upload.id,
            Upload.offset_bytes == state.offset_bytes,
            Upload.finalized_at.is_(None),
        )
        values: dict[str, Any] = {"offset_bytes": state.offset_bytes + size}
        if size:  # only bytes keep an upload alive
            values["expires_at"] = _expiry(runtime)
        if upload.length_bytes is None and state.length_bytes is not None:
            values["length_bytes"] = state.length_bytes
        if transaction.execute(update(Upload).where(*still_there).values(**values)).rowcount != 1:  # type: ignore[attr-defined]
            raise Conflict("Another request has brought these bytes already.", code="wrong_offset")
        if size:
            transaction.add(Chunk(upload_id=upload.id, offset_bytes=state.offset_bytes, size_bytes=size, key=key))
        fresh = transaction.get_one(Upload, upload.id)
        return _view(fresh)


@contextmanager
def _received(runtime: Runtime, stream: BinaryIO, limit: int, algorithm: str | None) -> Iterator[_Body]:
    """The body as a file in the scratch folder, gone after the block. Memory use does not depend on its size."""
    size, digest = 0, hashlib.new(algorithm) if algorithm else None
    with tempfile.NamedTemporaryFile(
        dir=runtime.settings.scratch_dir, prefix="body-", delete=False, buffering=0
    ) as handle:
        path = Path(handle.name)
        try:
            while True:
                try:
                    piece = stream.read(READ_BYTES)
                except OSError:  # the client went away: what arrived until then is good
                    break
                if not piece:
                    break
                size += len(piece)
                if size > limit:
                    raise _too_large()
                if digest:
                    digest.update(piece)
                _keep(handle, piece)
            yield _Body(path, size, digest.digest() if digest else b"")
        finally:
            path.unlink(missing_ok=True)


def _keep(handle: Any, piece: bytes) -> None:
    """Unbuffered, so that a full disk is found here and named, and not once more when the file is closed."""
    left = memoryview(piece)
    try:
        while left:
            left = left[handle.write(left) :]
    except OSError as error:
        raise StorageError(
            "There is no room for the video just now. It can go on later.", code="scratch_full"
        ) from error


def _check_room(runtime: Runtime, session: Session, campaign: Campaign, network: str) -> None:
    """What lies open takes room until it expires, and a campaign that is flooded must not fill the disk."""
    settings = runtime.settings
    still_open = (Upload.finalized_at.is_(None), Upload.expires_at >= now())
    opened, of_campaign = select(func.count(Upload.id)).where(*still_open), Testimonial.campaign_id == campaign.id
    if most := settings.limit_open_uploads:
        if network and (session.scalar(opened.where(Upload.network_hash == network)) or 0) >= most:
            raise RateLimited(
                "Too many videos from here are under way. Send or discard one of them first.",
                code="too_many_open_uploads",
                retry_after_seconds=BUSY_SECONDS,
            )
        if (session.scalar(opened.join(Testimonial).where(of_campaign)) or 0) >= most * CROWD:
            raise _campaign_busy()
    if most := settings.limit_upload_bytes:
        today = select(func.sum(Upload.offset_bytes)).where(Upload.created_at >= now() - timedelta(days=1))
        if (session.scalar(today.join(Testimonial).where(of_campaign)) or 0) >= most * CROWD:
            raise _campaign_busy()


def _campaign_busy() -> RateLimited:
    detail = "Very many videos are being sent here just now. Please try again later."
    return RateLimited(detail, code="campaign_busy", retry_after_seconds=BUSY_SECONDS)


def _too_large() -> TooLarge:
    return TooLarge("More bytes came than were announced or are allowed.", code="upload_too_large")


def _expiry(runtime: Runtime) -> datetime:
    return now() + timedelta(hours=runtime.settings.upload_expiry_hours)


def _view(upload: Upload) -> UploadView:
    state = UploadState(upload.offset_bytes, upload.length_bytes)
    return UploadView(upload.token, state, upload.expires_at, upload.tus_metadata)
