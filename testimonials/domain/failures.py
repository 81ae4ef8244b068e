"""Why a clip could not be used: one named code, one sentence for the customer, one for the business."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Failure:
    """`customer` speaks to who recorded it, `business` to who waits for it; `retry` says whether trying again can help."""

    customer: str
    business: str
    retry: bool = False


FAILURES: dict[str, Failure] = {
    "empty_file": Failure("The file is empty. Please choose the video again.", "The uploaded file was empty."),
    "not_a_video": Failure(
        "That file is not a video we can read. A clip from your phone's camera works best.",
        "The file is not a video in a known format (MP4, MOV or WebM).",
    ),
    "no_video": Failure(
        "We found neither a picture nor sound in that file. Please record it again, or choose another file.",
        "The file has neither a picture nor sound.",
    ),
    "codec_not_supported": Failure(
        "Your video is in a format we cannot read. A clip from your phone's camera works best.",
        "It uses a codec that is not accepted here (H.264, HEVC, VP8, VP9 and AV1 are; of sound AAC, Opus, Vorbis, MP3 and PCM).",
    ),
    "not_a_photo": Failure(
        "That file is not a photo we can read. Please send it as JPEG, PNG or WebP.",
        "The file is no picture in a known format (JPEG, PNG or WebP).",
    ),
    "photo_heic": Failure(
        "Your phone saved this photo in a format that other devices cannot show. Please send it as JPEG, or a screenshot of it.",
        "The photo is HEIC or AVIF, which is not accepted here. JPEG, PNG and WebP are.",
    ),
    "photo_too_large": Failure(
        "The photo has more pixels than we can handle. Please send a smaller one.",
        "The photo is above the limit of 67 megapixels.",
    ),
    "photo_too_small": Failure(
        "The photo is too small to show. Please send one of at least 160 pixels on each side.",
        "The photo has less than 160 pixels on one of its sides.",
    ),
    "photo_unreadable": Failure(
        "The photo did not arrive in a readable state. Please choose it again.",
        "The photo is damaged and could not be decoded.",
    ),
    "too_short": Failure(
        "The video is too short to show. Please record a few seconds at least.",
        "The video has no playable length.",
    ),
    "too_long": Failure(
        "The video is longer than this page accepts. Please record a shorter one.",
        "The video, or what it claims to be, is longer than the limit.",
    ),
    "too_many_pixels": Failure(
        "The picture is larger than we can handle. Please record in Full HD or 4K.",
        "The frame size is above the limit of 9.4 megapixels.",
    ),
    "corrupt": Failure(
        "Part of the video did not arrive in a readable state. Please record or choose it again.",
        "The video is damaged and could not be decoded.",
    ),
    "timed_out": Failure(
        "Your video took too long to prepare. It is safe, and the team can try again.",
        "Preparing the video went over its time limit. The original is kept: try again.",
        retry=True,
    ),
    "stalled": Failure(
        "Preparing your video got stuck. It is safe, and the team can try again.",
        "The encoder made no progress for a minute and was stopped. The original is kept: try again.",
        retry=True,
    ),
    "storage_unavailable": Failure(
        "Your video is safe. Preparing it has to wait for our storage.",
        "The storage refused or did not answer, several times. The original is kept: try again once it is back.",
        retry=True,
    ),
    "misconfigured": Failure(
        "Your video is safe. Something on our side has to be set right first.",
        "This installation lacks something that the job needs; the worker's log names it. Mend it, then try again.",
        retry=True,
    ),
    "scratch_full": Failure(
        "Your video is safe. Preparing it has to wait for room on our disk.",
        "The disk on which clips are prepared is full. Free some space; it goes on by itself.",
        retry=True,
    ),
    "other_version": Failure(
        "Your video is safe. Preparing it has to wait until our update is done.",
        "Another version of this program has queued this job. It waits for a worker of that version: update the workers.",
        retry=True,
    ),
    "worker_lost": Failure(
        "Your video is safe. Preparing it was interrupted, and the team can try again.",
        "The worker was stopped in the middle of this job too many times. The original is kept: try again.",
        retry=True,
    ),
    "source_missing": Failure(
        "Your video could not be found any more. Please record or choose it again.",
        "Parts of the original are missing from the storage.",
    ),
    "internal": Failure(
        "Something on our side went wrong. Your video is safe, and the team can try again.",
        "An unexpected error stopped the processing. The original is kept: try again, and look into the worker's log.",
        retry=True,
    ),
}


def failure(code: str) -> Failure:
    """The sentences for a code; codes that nobody wrote sentences for are internal errors."""
    return FAILURES.get(code, FAILURES["internal"])
