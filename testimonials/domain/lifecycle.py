"""What states a testimonial can be in, which steps lead from one to another, and when the world may see it."""

from __future__ import annotations

from enum import StrEnum

from testimonials.errors import Conflict


class MediaStatus(StrEnum):
    """The clip: from the first uploaded byte to playable renditions."""

    UPLOADING = "uploading"
    UPLOADED = "uploaded"
    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"


class ReviewStatus(StrEnum):
    """The moderator's verdict. Any verdict can be changed for the other or taken back."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


class ConsentStatus(StrEnum):
    """The newest consent record of the customer."""

    GRANTED = "granted"
    WITHDRAWN = "withdrawn"


MEDIA_STEPS: dict[MediaStatus, frozenset[MediaStatus]] = {
    # Words alone have nothing to be prepared.
    MediaStatus.UPLOADING: frozenset({MediaStatus.UPLOADED, MediaStatus.READY}),
    MediaStatus.UPLOADED: frozenset({MediaStatus.PROCESSING, MediaStatus.FAILED}),
    # `uploaded` again: the worker gave up for now and the job waits for its next attempt.
    MediaStatus.PROCESSING: frozenset({MediaStatus.READY, MediaStatus.FAILED, MediaStatus.UPLOADED}),
    MediaStatus.READY: frozenset({MediaStatus.UPLOADED}),
    MediaStatus.FAILED: frozenset({MediaStatus.UPLOADED}),
}


def advance(now: MediaStatus, to: MediaStatus) -> MediaStatus:
    """The next media status. Raises Conflict where no such step exists; staying where one is, is no step."""
    if to == now:
        return now
    if to not in MEDIA_STEPS[now]:
        raise Conflict(f"A testimonial that is {now} cannot become {to}.", code="wrong_state")
    return to


def is_public(
    *,
    media: MediaStatus,
    review: ReviewStatus,
    consent: ConsentStatus | None,
    scopes: frozenset[str],
    archived: bool,
) -> bool:
    """Whether any surface may show it. `models.testimonial.PUBLIC` says the same in SQL; one test holds both."""
    return (
        media is MediaStatus.READY
        and review is ReviewStatus.APPROVED
        and consent is ConsentStatus.GRANTED
        and "website" in scopes
        and not archived
    )
