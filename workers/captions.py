"""Captions of a clip that plays already: listen to its smallest rendition, store the cues and the files."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from testimonials import jobs
from testimonials.db import Transaction
from testimonials.domain.captions import cues_from_words
from testimonials.domain.notices import noted
from testimonials.errors import LeaseLost, MediaError
from testimonials.models import Captions, Testimonial
from testimonials.models.asset import AssetKind
from testimonials.runtime import Runtime
from testimonials.services import publishing, search
from testimonials.services.captions import Files, name_files, rows_of, save_files
from workers.brief import read_brief
from workers.lease import Lease
from workers.media.captions import write_captions as listen
from workers.media.sandbox import Sandbox
from workers.media.speech import Transcript
from workers.sources import assets_of, fetch_asset, scratch
from workers.storing import delete


def write_captions(runtime: Runtime, sandbox: Sandbox, held: jobs.Claim, lease: Lease) -> None:
    """What people have edited is never overwritten. Nothing is said where nothing was spoken."""
    brief = read_brief(runtime, held.testimonial_id)
    videos = assets_of(runtime, held, AssetKind.VIDEO)
    with runtime.db.read() as session:
        duration = _one(session, held).duration_seconds or 0.0
    if not videos:
        raise MediaError("source_missing", "there is no rendition to listen to")
    with scratch(runtime) as folder:
        lease.enter("fetching")
        video = fetch_asset(runtime, videos[-1], folder, lease)
        lease.enter("listening")
        transcript = listen(
            sandbox,
            video,
            folder,
            recognizer=runtime.settings.recognizer,
            language=brief.language,
            duration_seconds=duration,
            on_time=lambda seconds: lease.enter("listening", min(99, int(100 * seconds / max(duration, 1)))),
        )
    lease.enter("storing")
    _store(runtime, held, lease, transcript, duration)


def _store(runtime: Runtime, held: jobs.Claim, lease: Lease, transcript: Transcript | None, duration: float) -> None:
    cues = cues_from_words(transcript.words, duration_seconds=duration) if transcript else []
    files = save_files(runtime, held.testimonial_id, transcript.language, cues) if transcript and cues else None
    row = None
    if transcript and cues:
        row = Captions(language=transcript.language, engine=transcript.engine, confidence=transcript.confidence)
        row.cues = rows_of(cues)
    try:
        with runtime.db.transaction() as transaction:
            outdated = _change(transaction, held, row, files, heard=transcript is not None)
            jobs.finish(transaction, held, lease.timings())
    except DBAPIError:
        raise  # the commit may have gone through, as in `storing.store`
    except BaseException:
        delete(runtime, [asset.key for asset in files.assets] if files else [])
        raise
    delete(runtime, outdated)


def _change(
    transaction: Transaction, held: jobs.Claim, row: Captions | None, files: Files | None, *, heard: bool
) -> list[str]:
    """Returns the keys of files that no row names any more."""
    testimonial = _one(transaction, held)
    testimonial.notices = noted(testimonial.notices, "no_speech", heard and row is None)
    if row is None or files is None:
        return []
    before = next((each for each in testimonial.captions if each.language == row.language), None)
    if before is not None and before.edited_at is not None:
        return [asset.key for asset in files.assets]
    outdated = name_files(testimonial, files)
    testimonial.captions = [each for each in testimonial.captions if each is not before]
    transaction.flush()  # the language is unique: the old row has to go before the new one comes
    testimonial.captions = [*testimonial.captions, row]
    search.put(transaction, testimonial)
    publishing.changed(transaction, testimonial.workspace_id)
    return outdated


def _one(session: Session, held: jobs.Claim) -> Testimonial:
    testimonial = session.get(Testimonial, held.testimonial_id)
    if testimonial is None:
        raise LeaseLost
    return testimonial
