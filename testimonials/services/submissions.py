"""Handing in: form, upload and consent become a submitted testimonial whose processing is queued."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from sqlalchemy import select

from testimonials.db import Transaction
from testimonials.domain.consent import text_hash
from testimonials.domain.lifecycle import ConsentStatus, MediaStatus, advance
from testimonials.domain.uploads import UploadState
from testimonials.errors import Conflict, Gone, Invalid, NotFound
from testimonials.jobs import PROCESS_TESTIMONIAL, cancel, enqueue, newest_job
from testimonials.models import Campaign, Consent, Testimonial, Upload
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.security import address_hash
from testimonials.services import uploads


@dataclass(frozen=True, kw_only=True)
class Details:
    """What the customer wrote, already checked by the form. `scopes` are the places they allow."""

    name: str
    email: str
    title: str = ""
    company: str = ""
    rating: int | None = None
    text: str = ""
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class Submitted:
    """The answer to a submission, the same one however often it is sent."""

    token: str
    manage_token: str


@dataclass(frozen=True)
class Progress:
    """How far a testimonial is, for its customer. `percent` is the encoder's own figure, None where there is none."""

    testimonial: Testimonial
    campaign: Campaign
    percent: int | None


def finalize(runtime: Runtime, *, slug: str, upload_token: str, details: Details, address: str) -> Submitted:
    """Submit. Repeating it gives the same answer and changes nothing.

    Raises Conflict while bytes are missing, Invalid for an empty file, NotFound for an upload of another campaign.
    """
    with runtime.db.transaction() as transaction:
        # Locked: whoever expires, discards or hands it in at the same moment waits, and then sees what came of it.
        upload = transaction.scalar(select(Upload).where(Upload.token == upload_token).with_for_update())
        testimonial = transaction.get_one(Testimonial, upload.testimonial_id) if upload else None
        if upload is None or testimonial is None or testimonial.campaign.slug != slug:
            raise NotFound("There is no such upload here.", code="unknown_upload")
        if upload.finalized_at is not None:
            return Submitted(testimonial.token, testimonial.manage_token)
        _check_complete(upload)
        upload.finalized_at = now()
        _fill_in(testimonial, details)
        transaction.add(_consent(runtime, testimonial, details.scopes, address))
        queue_processing(runtime, transaction, testimonial.id)
        return Submitted(testimonial.token, testimonial.manage_token)


def submit_file(
    runtime: Runtime, *, slug: str, stream: BinaryIO, size: int, details: Details, address: str
) -> Submitted:
    """The way without a script: the whole file in one form. The same steps, one after the other."""
    if size == 0:
        raise Invalid("The file is empty. Please choose the video again.", code="empty_file")
    view = uploads.start(runtime, campaign_slug=slug, length=size)
    uploads.append(runtime, view.token, stream, offset=0)
    return finalize(runtime, slug=slug, upload_token=view.token, details=details, address=address)


def queue_processing(runtime: Runtime, transaction: Transaction, testimonial_id: str) -> None:
    """A job with fresh attempts, in the transaction that made it necessary. What was going on for it is over."""
    cancel(transaction, testimonial_id)
    enqueue(
        transaction,
        runtime.nudge,
        name=PROCESS_TESTIMONIAL,
        testimonial_id=testimonial_id,
        max_attempts=runtime.settings.job_max_attempts,
    )


def progress(runtime: Runtime, manage_token: str) -> Progress:
    """What the customer's own page shows."""
    with runtime.db.read() as session:
        testimonial = session.scalar(select(Testimonial).where(Testimonial.manage_token == manage_token))
        if testimonial is None:
            raise NotFound("There is no such testimonial. Perhaps it was erased.", code="unknown_testimonial")
        job = newest_job(session, testimonial.id) if testimonial.media == MediaStatus.PROCESSING else None
        _ = testimonial.assets, testimonial.campaign.workspace  # loaded while the session is open
        return Progress(testimonial, testimonial.campaign, job.percent if job and job.stage == "transcoding" else None)


def _check_complete(upload: Upload) -> None:
    state = UploadState(upload.offset_bytes, upload.length_bytes)
    if upload.expires_at < now():
        raise Gone("This upload was not continued in time and has expired.", code="upload_expired")
    if not state.complete:
        raise Conflict("The video has not arrived completely yet.", code="upload_incomplete")
    if state.offset_bytes == 0:
        raise Invalid("The file is empty. Please choose the video again.", code="empty_file")


def _fill_in(testimonial: Testimonial, details: Details) -> None:
    testimonial.name = details.name
    testimonial.email = details.email
    testimonial.title = details.title
    testimonial.company = details.company
    testimonial.rating = details.rating
    testimonial.text = details.text
    testimonial.media = advance(MediaStatus(testimonial.media), MediaStatus.UPLOADED)
    testimonial.submitted_at = now()


def _consent(runtime: Runtime, testimonial: Testimonial, scopes: tuple[str, ...], address: str) -> Consent:
    text = testimonial.campaign.consent_text
    testimonial.consent_status = ConsentStatus.GRANTED
    testimonial.consent_scopes = list(scopes)
    testimonial.allows_website = "website" in scopes
    return Consent(
        testimonial_id=testimonial.id,
        status=ConsentStatus.GRANTED,
        scopes=list(scopes),
        text=text,
        text_hash=text_hash(text),
        address_hash=address_hash(runtime.settings.secret_key, address),
    )
