"""The way of a photo: looked at, made upright and small, stored as posters. It has no renditions and nothing to play."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from testimonials import jobs
from testimonials.domain.collecting import Kind
from testimonials.domain.lifecycle import MediaStatus
from testimonials.domain.notices import noted
from testimonials.errors import MediaError
from testimonials.models import Testimonial
from testimonials.runtime import Runtime
from workers.brief import Brief
from workers.lease import Lease
from workers.media.containers import sniff, sniff_picture
from workers.media.photo import develop
from workers.media.pictures import Candidate, rank
from workers.media.sandbox import Sandbox
from workers.pictures import frame_outputs
from workers.storing import store


def holds_photo(sources: list[Path], brief: Brief) -> bool:
    """Whether a still picture was handed in as what it is: the way of a photo asks for words, and without them a picture
    says nothing. What was called a photo and moves is a video. Raises MediaError `not_a_photo` or `photo_heic`."""
    if brief.kind is not Kind.PHOTO or len(sources) != 1:
        return False
    if sniff_picture(sources[0]) is not None:
        return True
    try:
        sniff(sources[0])
    except MediaError as error:
        raise MediaError("not_a_photo" if error.code == "not_a_video" else error.code) from error
    return False


def process_photo(
    runtime: Runtime, sandbox: Sandbox, held: jobs.Claim, lease: Lease, source: Path, brief: Brief, folder: Path
) -> None:
    """From the file to `ready`. Raises MediaError for the photo's own faults."""
    decoder = sniff_picture(source)
    assert decoder is not None  # noqa: S101 - `holds_photo` has seen it
    lease.enter("picturing")
    photo = develop(sandbox, source, decoder, folder)
    (seen,) = rank([photo])
    outputs = frame_outputs(held, photo, replace(brief, kind=Kind.PHOTO), folder)
    store(
        runtime,
        held,
        lease,
        outputs,
        replaces=lambda _: True,
        change=lambda _, testimonial: _ready(testimonial, seen),
    )


def _ready(testimonial: Testimonial, seen: Candidate) -> None:
    testimonial.kind = Kind.PHOTO
    testimonial.media = MediaStatus.READY
    testimonial.failure, testimonial.duration_seconds, testimonial.storyboard = None, None, None
    testimonial.notices = noted([], "without_form", "without_form" in testimonial.notices)
    testimonial.captions = []
    face = seen.face
    testimonial.focus_x, testimonial.focus_y = (face.x, face.y) if face else (None, None)
