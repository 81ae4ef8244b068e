"""Handing in: form, uploads and consent become a submitted testimonial whose processing is queued."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO

from sqlalchemy import select

from testimonials.db import Transaction
from testimonials.domain.collecting import MAX_SEGMENTS, MIN_TEXT, Kind
from testimonials.domain.lifecycle import MediaStatus, ReviewStatus, advance
from testimonials.domain.uploads import UploadState
from testimonials.errors import AppError, Conflict, Gone, Invalid, NotFound, TooLarge
from testimonials.i18n import gettext as _
from testimonials.jobs import MAKE_PICTURES, PROCESS_TESTIMONIAL, cancel, enqueue, newest_job
from testimonials.models import Campaign, Testimonial, Upload
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.services import consents, handoffs, invitations, publishing, receipts, search, uploads
from testimonials.services.consents import Grant
from testimonials.services.customers import own_testimonial


@dataclass(frozen=True, kw_only=True)
class Marks:
    """What the customer set while watching: where it begins and ends, and the moment of its poster, in seconds."""

    trim_start_seconds: float | None = None
    trim_end_seconds: float | None = None
    poster_seconds: float | None = None


@dataclass(frozen=True, kw_only=True)
class Details:
    """What the customer wrote, already checked by the form. `scopes` are the places they allow, `wording_hash` the text
    that they were shown (empty: whatever is shown today in `language`)."""

    name: str
    email: str
    title: str = ""
    company: str = ""
    rating: int | None = None
    text: str = ""
    scopes: tuple[str, ...]
    kind: Kind = Kind.VIDEO
    language: str = "en"
    wording_hash: str = ""
    guardian: str = ""
    invitation: str = ""
    handoff: str = ""
    marks: Marks = Marks()
    notices: tuple[str, ...] = ()


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


def finalize(runtime: Runtime, *, slug: str, upload_tokens: list[str], details: Details, address: str) -> Submitted:
    """Submit. Repeating it gives the same answer and changes nothing. Several uploads are segments, in their order.

    Raises Conflict while bytes are missing or for a used invitation, Invalid for an empty file or a way that the campaign
    does not offer, NotFound for an upload of another campaign.
    """
    with runtime.db.transaction() as transaction:
        found = _locked(transaction, upload_tokens, slug)
        testimonial = transaction.get_one(Testimonial, found[0].testimonial_id)
        if found[0].finalized_at is not None:
            return Submitted(testimonial.token, testimonial.manage_token)
        _check_offered(testimonial, details)
        _check_complete(runtime, found, details)
        _adopt(transaction, testimonial, found)
        _fill_in(testimonial, details)
        invitations.redeem(transaction, details.invitation, testimonial)
        handoffs.complete(transaction, details.handoff, testimonial)
        consents.grant(runtime, transaction, testimonial, _grant(testimonial.campaign, details), address=address)
        receipts.mail(runtime, transaction, testimonial)
        search.put(transaction, testimonial)
        if testimonial.media == MediaStatus.UPLOADED:
            queue_processing(runtime, transaction, testimonial.id)
        else:
            _queue(runtime, transaction, testimonial.id, MAKE_PICTURES)  # words alone: their share image
        return Submitted(testimonial.token, testimonial.manage_token)


def submit_file(
    runtime: Runtime, *, slug: str, stream: BinaryIO | None, size: int, details: Details, address: str
) -> Submitted:
    """The way without a script: the whole file, or none for words alone. The same steps, one after the other."""
    if size == 0 and details.kind is not Kind.TEXT:
        raise Invalid(_("The file is empty. Please choose the video again."), code="empty_file")
    view = uploads.start(runtime, campaign_slug=slug, length=size, address=address)
    try:
        if stream is not None and size:
            uploads.append(runtime, view.token, stream, offset=0)
        return finalize(runtime, slug=slug, upload_tokens=[view.token], details=details, address=address)
    except AppError:
        with suppress(AppError):  # nobody knows its token; left alone it would take room for a day
            uploads.discard(runtime, view.token)
        raise


def replace(
    runtime: Runtime, *, manage_token: str, upload_tokens: list[str], marks: Marks, kind: Kind = Kind.VIDEO
) -> Submitted:
    """Another video in the place of the one that was sent. It is prepared and reviewed anew: nobody approved this one.

    Repeating it gives the same answer and changes nothing. Raises as `finalize` does, and Conflict for words alone.
    """
    with runtime.db.transaction() as transaction:
        testimonial = own_testimonial(transaction, manage_token, for_update=True)
        found = _locked(transaction, upload_tokens, testimonial.campaign.slug)
        if found[0].testimonial_id == testimonial.id:
            return Submitted(testimonial.token, testimonial.manage_token)
        if {kind, Kind(testimonial.kind)} - {Kind.VIDEO, Kind.AUDIO}:
            raise Conflict("Only a video can take the place of a video.", code="wrong_kind")
        _check_complete(runtime, found, None)
        left = [upload.id for upload in testimonial.uploads]
        for upload in list(testimonial.uploads):
            transaction.delete(upload)
        transaction.flush()
        _adopt(transaction, testimonial, found)
        testimonial.kind = kind
        testimonial.media = advance(MediaStatus(testimonial.media), MediaStatus.UPLOADED)
        testimonial.failure = None
        testimonial.review = ReviewStatus.PENDING
        testimonial.reviewed_at = None
        testimonial.quote, testimonial.shortened, testimonial.approvals = "", False, []
        testimonial.cut_start_seconds = testimonial.cut_end_seconds = testimonial.whole_seconds = None
        publishing.changed(transaction, testimonial.workspace_id)
        _mark(testimonial, marks)
        queue_processing(runtime, transaction, testimonial.id)
        submitted = Submitted(testimonial.token, testimonial.manage_token)
    uploads.delete_chunks(runtime, left)
    return submitted


def queue_processing(runtime: Runtime, transaction: Transaction, testimonial_id: str) -> None:
    """A job with fresh attempts, in the transaction that made it necessary. What was going on for it is over."""
    cancel(transaction, testimonial_id)
    _queue(runtime, transaction, testimonial_id, PROCESS_TESTIMONIAL)


def _queue(runtime: Runtime, transaction: Transaction, testimonial_id: str, name: str) -> None:
    enqueue(
        transaction,
        runtime.nudge,
        name=name,
        testimonial_id=testimonial_id,
        max_attempts=runtime.settings.job_max_attempts,
    )


def progress(runtime: Runtime, manage_token: str) -> Progress:
    """What the customer's own page shows."""
    with runtime.db.read() as session:
        testimonial = own_testimonial(session, manage_token)
        job = newest_job(session, testimonial.id) if testimonial.media == MediaStatus.PROCESSING else None
        _ = testimonial.assets, testimonial.campaign.workspace  # loaded while the session is open
        return Progress(testimonial, testimonial.campaign, job.percent if job and job.stage == "transcoding" else None)


def _locked(transaction: Transaction, tokens: list[str], slug: str) -> list[Upload]:
    """The uploads in the order of the tokens. Locked, in one order for everybody: whoever expires, discards or hands one in
    at the same moment waits, and then sees what came of it."""
    if not 1 <= len(tokens) <= MAX_SEGMENTS or len(set(tokens)) != len(tokens):
        raise Invalid(f"Name 1 to {MAX_SEGMENTS} uploads, each once.", code="bad_uploads")
    query = select(Upload).where(Upload.token.in_(tokens)).order_by(Upload.id).with_for_update()
    found = {upload.token: upload for upload in transaction.scalars(query)}
    uploads_found = [found[token] for token in tokens if token in found]
    slugs = {transaction.get_one(Testimonial, each.testimonial_id).campaign.slug for each in uploads_found}
    if len(uploads_found) < len(tokens) or slugs != {slug}:
        raise NotFound("There is no such upload here.", code="unknown_upload")
    finalized = {upload.finalized_at is not None for upload in uploads_found}
    owners = {upload.testimonial_id for upload in uploads_found}
    if len(finalized) > 1 or (finalized == {True} and len(owners) > 1):
        raise Conflict("Some of these were handed in already, with others.", code="upload_finalized")
    return uploads_found


def _check_complete(runtime: Runtime, found: list[Upload], details: Details | None) -> None:
    for upload in found:
        state = UploadState(upload.offset_bytes, upload.length_bytes)
        if upload.expires_at < now():
            raise Gone(_("This upload was not continued in time and has expired."), code="upload_expired")
        if not state.complete:
            raise Conflict(_("The video has not arrived completely yet."), code="upload_incomplete")
        if state.offset_bytes == 0 and (details is None or details.kind is not Kind.TEXT):
            raise Invalid(_("The file is empty. Please choose the video again."), code="empty_file")
    if sum(upload.offset_bytes for upload in found) > runtime.settings.max_upload_bytes:
        raise TooLarge(_("Together, these are larger than one video may be."), code="upload_too_large")
    if details is not None and details.kind in (Kind.TEXT, Kind.PHOTO) and len(found) > 1:
        raise Invalid("Only videos and sound have several parts.", code="bad_uploads")


def _check_offered(testimonial: Testimonial, details: Details) -> None:
    ways = {Kind.VIDEO: {"record", "upload"}, Kind.AUDIO: {"audio", "record", "upload"}}
    if not ways.get(details.kind, {str(details.kind)}) & set(testimonial.terms.get("ways", testimonial.campaign.ways)):
        raise Invalid(_("This way is not offered here."), code="way_not_offered")
    if details.kind in (Kind.TEXT, Kind.PHOTO) and len(details.text) < MIN_TEXT:
        sentence = _("Please write a few words. They are what others will read.")
        raise Invalid(sentence, code="text_missing", fields={"text": [sentence]})


def _adopt(transaction: Transaction, testimonial: Testimonial, found: list[Upload]) -> None:
    """All segments become this testimonial's; the drafts that they had brought along are gone."""
    left = {upload.testimonial_id for upload in found} - {testimonial.id}
    for position, upload in enumerate(found):
        upload.testimonial_id, upload.position, upload.finalized_at = testimonial.id, position, now()
        upload.network_hash = ""  # it was needed while it lay open
    transaction.flush()
    for testimonial_id in left:
        draft = transaction.get_one(Testimonial, testimonial_id)
        transaction.refresh(draft, ["uploads"])
        if not draft.uploads and draft.submitted_at is None:
            transaction.delete(draft)
    transaction.refresh(testimonial, ["uploads"])


def _fill_in(testimonial: Testimonial, details: Details) -> None:
    for name in ("name", "email", "title", "company", "rating", "text", "kind", "language"):
        setattr(testimonial, name, getattr(details, name))
    done = MediaStatus.READY if details.kind is Kind.TEXT else MediaStatus.UPLOADED
    testimonial.media = advance(MediaStatus(testimonial.media), done)
    testimonial.submitted_at = now()
    testimonial.notices = list(details.notices)
    _mark(testimonial, details.marks)


def _mark(testimonial: Testimonial, marks: Marks) -> None:
    testimonial.trim_start_seconds = marks.trim_start_seconds
    testimonial.trim_end_seconds = marks.trim_end_seconds
    testimonial.poster_seconds = marks.poster_seconds


def _grant(campaign: Campaign, details: Details) -> Grant:
    shown = (
        consents.wording_of(campaign, details.wording_hash)
        if details.wording_hash
        else consents.wording(campaign, details.language)
    )
    return Grant(scopes=details.scopes, wording=shown, guardian=details.guardian if campaign.asks_guardian else "")
