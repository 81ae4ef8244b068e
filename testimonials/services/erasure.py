"""Erasing a testimonial: rows first, then every object, then a receipt of what was removed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select

from testimonials.errors import NotFound
from testimonials.models import Testimonial, Upload
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.storage.keys import asset_prefix, upload_prefix


@dataclass(frozen=True)
class Receipt:
    """What an erasure removed. `objects` counts files in the storage, the original's chunks included."""

    token: str
    erased_at: datetime
    objects: int
    renditions: int


def erase_by_customer(runtime: Runtime, manage_token: str) -> Receipt:
    """From the customer's own page."""
    return _erase(runtime, Testimonial.manage_token == manage_token)


def erase_by_business(runtime: Runtime, workspace_id: str, token: str) -> Receipt:
    """From the console or the API of the workspace that holds it."""
    return _erase(runtime, (Testimonial.token == token) & (Testimonial.workspace_id == workspace_id))


def _erase(runtime: Runtime, which: ColumnElement[bool]) -> Receipt:
    with runtime.db.transaction() as transaction:
        testimonial = transaction.scalar(select(Testimonial).where(which))
        if testimonial is None:
            raise NotFound("There is no such testimonial.", code="unknown_testimonial")
        prefixes = [asset_prefix(testimonial.id)]
        prefixes += [upload_prefix(upload.id) for upload in testimonial.uploads]
        token, renditions = testimonial.token, len(testimonial.renditions)
        for upload in list(testimonial.uploads):
            transaction.delete(transaction.get_one(Upload, upload.id))
        transaction.flush()
        transaction.expire(testimonial)
        transaction.delete(testimonial)
    removed = 0
    for prefix in prefixes:
        for key in list(runtime.storage.keys(prefix)):
            runtime.storage.delete(key)
            removed += 1
    return Receipt(token, now(), removed, renditions)
