"""Erasing a testimonial: rows go and a tombstone stands for its objects; then the objects go; then a receipt."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select

from testimonials.errors import NotFound, StorageError
from testimonials.models import Erasure, Testimonial, Upload
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.services import audit, invitations, publishing, search
from testimonials.storage.keys import asset_prefix, upload_prefix

log = logging.getLogger(__name__)
TOMBSTONE_SECONDS = 3600


@dataclass(frozen=True)
class Receipt:
    """What an erasure removed. `objects` counts files in the storage, the original's chunks included. Where the storage was
    away, it is not `complete` yet: `finish_pending` goes on."""

    token: str
    erased_at: datetime
    objects: int
    renditions: int
    complete: bool


def erase_by_customer(runtime: Runtime, manage_token: str) -> Receipt:
    """From the customer's own page."""
    return _erase(runtime, Testimonial.manage_token == manage_token, who=audit.CUSTOMER)


def erase_by_business(runtime: Runtime, workspace_id: str, token: str) -> Receipt:
    """From the console or the API of the workspace that holds it."""
    return _erase(runtime, (Testimonial.token == token) & (Testimonial.workspace_id == workspace_id))


def finish_pending(runtime: Runtime) -> int:
    """Empty what erasures may have left: the storage was away, or a job was storing at that moment.

    A tombstone stays for an hour, which is longer than any job can go on after its testimonial is gone.
    """
    removed = 0
    with runtime.db.read() as session:
        pending = list(session.scalars(select(Erasure).order_by(Erasure.id).limit(100)))
    for tombstone in pending:
        removed += _empty(runtime, tombstone.prefixes)
        if tombstone.created_at < now() - timedelta(seconds=TOMBSTONE_SECONDS):
            with runtime.db.transaction() as transaction:
                transaction.execute(delete(Erasure).where(Erasure.id == tombstone.id))
    return removed


def _erase(runtime: Runtime, which: ColumnElement[bool], *, who: str = "") -> Receipt:
    with runtime.db.transaction() as transaction:
        testimonial = transaction.scalar(select(Testimonial).where(which).with_for_update())
        if testimonial is None:
            raise NotFound("There is no such testimonial.", code="unknown_testimonial")
        prefixes = [asset_prefix(testimonial.id)]
        prefixes += [upload_prefix(upload.id) for upload in testimonial.uploads]
        token, renditions = testimonial.token, len(testimonial.renditions)
        transaction.add(Erasure(prefixes=prefixes))
        audit.record(transaction, testimonial.workspace_id, "erase_testimonial", f"testimonial:{token}", who=who)
        invitations.forget_person(runtime, transaction, testimonial.id)
        search.forget(transaction, testimonial.id)
        for upload in list(testimonial.uploads):
            transaction.delete(transaction.get_one(Upload, upload.id))
        transaction.flush()
        publishing.changed(transaction, testimonial.workspace_id)
        transaction.expire(testimonial)
        transaction.delete(testimonial)
    try:
        return Receipt(token, now(), _empty(runtime, prefixes), renditions, complete=True)
    except StorageError:
        log.warning("the storage is away; what was erased will be removed from it by reconcile")
        return Receipt(token, now(), 0, renditions, complete=False)


def _empty(runtime: Runtime, prefixes: list[str]) -> int:
    keys = [key for prefix in prefixes for key in runtime.storage.keys(prefix)]
    for key in keys:
        runtime.storage.delete(key)
    return len(keys)
