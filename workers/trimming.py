"""Other marks of the business on a clip that plays: made anew from what the customer sent, and shown once it is whole."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import selectinload

from testimonials import jobs
from testimonials.db import Transaction
from testimonials.domain.captions import Cue
from testimonials.domain.cue_edits import Cut, cut_cues, spoken
from testimonials.errors import LeaseLost
from testimonials.models import Captions, Testimonial, TextEdit
from testimonials.runtime import Runtime
from testimonials.services import search
from testimonials.services.captions import Files, read_cues, rows_of, save_files
from workers.brief import held_cut, read_brief
from workers.lease import Lease
from workers.media.sandbox import Sandbox
from workers.pipeline import prepare
from workers.storing import delete


@dataclass(frozen=True)
class Moved:
    """Captions of a language after the marks have moved, with their files; no files where nothing of them is left."""

    language: str
    cues: list[Cue]
    outside: list[Cue]
    files: Files | None


def trim(runtime: Runtime, sandbox: Sandbox, held: jobs.Claim, lease: Lease) -> None:
    """The marks hold from the moment in which the new files do, and so does what visitors are told of them."""
    cut = Cut(held.arguments["start_seconds"], held.arguments["end_seconds"])
    brief = read_brief(runtime, held.testimonial_id, cut)
    with runtime.db.read() as session:
        query = select(Testimonial).where(Testimonial.id == held.testimonial_id)
        before = session.scalar(query.options(selectinload(Testimonial.captions)))
    if before is None:
        raise LeaseLost
    moved = [_move(runtime, before, each, cut) for each in before.captions]
    try:
        prepare(
            runtime,
            sandbox,
            held,
            lease,
            brief,
            lambda transaction, now: _hold(transaction, now, before, cut, moved, held.arguments["by"]),
        )
    except DBAPIError:
        raise  # the commit may have gone through, as in `storing.store`
    except BaseException:
        delete(runtime, [asset.key for each in moved if each.files for asset in each.files.assets])
        raise


def _move(runtime: Runtime, testimonial: Testimonial, captions: Captions, cut: Cut) -> Moved:
    inside, outside = read_cues(captions.cues), read_cues(captions.outside)
    kept, left = cut_cues(inside, outside, held_cut(testimonial), cut)
    files = save_files(runtime, testimonial.id, captions.language, kept) if kept else None
    return Moved(captions.language, kept, left, files)


def _hold(
    transaction: Transaction,
    testimonial: Testimonial,
    before: Testimonial,
    cut: Cut,
    moved: list[Moved],
    by: dict[str, str],
) -> None:
    testimonial.whole_seconds = before.whole_seconds or before.duration_seconds
    testimonial.cut_start_seconds, testimonial.cut_end_seconds = cut.start_seconds or None, cut.end_seconds
    testimonial.shortened = cut.shortens
    testimonial.focus_x, testimonial.focus_y = before.focus_x, before.focus_y
    rows = {each.language: each for each in before.captions}
    transaction.flush()  # the language is unique: the old rows have to go before the new ones come
    for each in moved:
        old = rows[each.language]
        row = Captions(language=each.language, engine=old.engine, confidence=old.confidence, edited_at=old.edited_at)
        row.cues, row.outside = rows_of(each.cues), rows_of(each.outside)
        testimonial.captions = [*testimonial.captions, row]
        testimonial.assets = [*testimonial.assets, *(each.files.assets if each.files else [])]
    search.put(transaction, testimonial)
    edit = TextEdit(testimonial_id=testimonial.id, member_id=by["member_id"], member_name=by["member_name"])
    edit.field, edit.before, edit.after = "trim", spoken(held_cut(before)), spoken(cut)
    transaction.add(edit)
