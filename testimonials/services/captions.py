"""Captions of a testimonial: the cues in a row, and the files that players load. Files first, rows second."""

from __future__ import annotations

import hashlib
import re
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from testimonials.db import Transaction
from testimonials.domain.captions import Cue, check_cues, retime, to_json, to_srt, to_webvtt, transcript
from testimonials.domain.notices import noted
from testimonials.errors import Conflict, Invalid, NotFound, StorageError
from testimonials.jobs import TRIM
from testimonials.models import Asset, Captions, Job, Testimonial, TextEdit
from testimonials.models.asset import AssetKind
from testimonials.models.base import now
from testimonials.models.job import UNFINISHED
from testimonials.runtime import Runtime
from testimonials.services import publishing, search
from testimonials.storage.keys import asset_file, asset_key

MAX_LANGUAGE = 16
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")  # as BCP 47 has them, without its rarities
FORMATS = {"vtt": ("text/vtt", to_webvtt), "srt": ("application/x-subrip", to_srt)}


@dataclass(frozen=True)
class Files:
    """What was stored for a language, not yet named by any row."""

    language: str
    assets: list[Asset]


def stored_cues(captions: Captions) -> list[Cue]:
    """The cues of a row."""
    return read_cues(captions.cues)


def read_cues(rows: list[dict[str, Any]]) -> list[Cue]:
    """The other way from `rows_of`."""
    return [Cue(**cue) for cue in rows]


def version_of(cues: list[Cue]) -> str:
    """Changes with every change of the captions, so that two people cannot write over each other unseen."""
    return hashlib.sha256(to_json(cues).encode()).hexdigest()[:16]


def rows_of(cues: list[Cue]) -> list[dict[str, Any]]:
    """Cues as a row keeps them and the API shows them."""
    return [asdict(cue) for cue in cues]


def save_files(runtime: Runtime, testimonial_id: str, language: str, cues: list[Cue]) -> Files:
    """Write WebVTT and SRT under new keys."""
    assets = []
    for suffix, (content_type, write) in FORMATS.items():
        body = write(cues).encode()
        file = asset_file(f"captions-{language}", suffix)
        key = asset_key(testimonial_id, file)
        with tempfile.TemporaryDirectory(dir=runtime.settings.scratch_dir) as folder:
            path = Path(folder, file)
            path.write_bytes(body)
            runtime.storage.save(key, path, content_type)
        asset = Asset(kind=AssetKind.CAPTIONS, label=language, file=file, key=key, content_type=content_type)
        asset.width, asset.height, asset.size_bytes = 0, 0, len(body)
        assets.append(asset)
    return Files(language, assets)


def name_files(testimonial: Testimonial, files: Files) -> list[str]:
    """Let the rows name them. Returns the keys of the files that they replace."""
    outdated = [
        asset for asset in testimonial.assets if asset.kind == AssetKind.CAPTIONS and asset.label == files.language
    ]
    testimonial.assets = [asset for asset in testimonial.assets if asset not in outdated] + files.assets
    return [asset.key for asset in outdated]


def edit(
    runtime: Runtime,
    workspace_id: str,
    token: str,
    language: str,
    *,
    cues: object = None,
    text: str | None = None,
    basis: str | None = None,
    undoes_id: str | None = None,
    member_id: str = "",
    member_name: str = "",
) -> Testimonial:
    """Replace the captions of a language, by cues with times or by the corrected text, which keeps the times.
    What stood there before is kept, with who changed it. `basis` is the version that was changed, where the client knows it.

    Raises Invalid `bad_captions`, Conflict `captions_changed` or `being_trimmed`, NotFound for a testimonial of others.
    """
    with runtime.db.read() as session:
        before = _one(session.scalar(_query(workspace_id, token)))
        held = next((each for each in before.captions if each.language == language), None)
    duration = before.duration_seconds or 0.0
    if text is not None:
        wanted = retime(stored_cues(held) if held else [], text, duration_seconds=duration)
    else:
        wanted = check_cues(cues, duration_seconds=duration)
    if held is None and not _is_language(language):
        raise Invalid("A language is a code such as 'en' or 'pt-BR'.", code="bad_language")
    files = save_files(runtime, before.id, language, wanted)
    with runtime.db.transaction() as transaction:
        testimonial = _one(transaction.scalar(_query(workspace_id, token).with_for_update(of=Testimonial)))
        stood = next((stored_cues(each) for each in testimonial.captions if each.language == language), [])
        refuse_while_trimmed(transaction, testimonial.id)
        if basis is not None and basis != version_of(stood):
            raise Conflict("Somebody else has changed these captions. Load them again.", code="captions_changed")
        outdated = name_files(testimonial, files)
        _write(transaction, testimonial, language, wanted)
        if stood != wanted:
            edit = TextEdit(testimonial_id=testimonial.id, member_id=member_id, member_name=member_name)
            edit.field, edit.before, edit.after = f"captions {language}", transcript(stood), transcript(wanted)
            edit.cues_before, edit.undoes_id = rows_of(stood), undoes_id
            transaction.add(edit)
        search.put(transaction, testimonial)
        publishing.changed(transaction, workspace_id)
        transaction.flush()
    for key in outdated:
        with suppress(StorageError):  # `reconcile --storage` finds what is left
            runtime.storage.delete(key)
    return testimonial


def refuse_while_trimmed(session: Session, testimonial_id: str) -> None:
    """The marks move times and files: what is changed meanwhile would get lost. Raises Conflict `being_trimmed`."""
    query = select(Job.id).where(Job.testimonial_id == testimonial_id, Job.name == TRIM, Job.state.in_(UNFINISHED))
    if session.scalar(query.limit(1)):
        raise Conflict("The clip is being shortened. Try again when that is done.", code="being_trimmed")


def _write(transaction: Transaction, testimonial: Testimonial, language: str, cues: list[Cue]) -> None:
    row = next((each for each in testimonial.captions if each.language == language), None)
    if row is None:
        row = Captions(language=language, engine="people")
        testimonial.captions = [*testimonial.captions, row]
    row.cues, row.confidence, row.edited_at = rows_of(cues), None, now()
    testimonial.notices = noted(testimonial.notices, "no_speech", False)
    transaction.add(row)


def _query(workspace_id: str, token: str) -> Any:
    query = select(Testimonial).where(Testimonial.workspace_id == workspace_id, Testimonial.token == token)
    query = query.where(Testimonial.submitted_at.is_not(None))
    return query.options(
        selectinload(Testimonial.assets), selectinload(Testimonial.captions), selectinload(Testimonial.campaign)
    )


def _one(testimonial: Testimonial | None) -> Testimonial:
    if testimonial is None:
        raise NotFound("There is no such testimonial.", code="unknown_testimonial")
    return testimonial


def _is_language(text: str) -> bool:
    return len(text) <= MAX_LANGUAGE and _LANGUAGE.fullmatch(text) is not None
