"""The captions editor: one step at a time, each kept and each to be taken back; and names as the workspace spells them."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, selectinload

from testimonials.domain.captions import Cue
from testimonials.domain.cue_edits import merge, split
from testimonials.domain.glossary import Suggestion, applied, read_terms, suggestions
from testimonials.errors import Conflict, Invalid, NotFound
from testimonials.models import GlossaryTerm, Testimonial, TextEdit
from testimonials.runtime import Runtime
from testimonials.services import captions
from testimonials.services.captions import read_cues, rows_of, stored_cues, version_of
from testimonials.services.moderation import By

MOST_EDITS = 200


@dataclass(frozen=True)
class Editor:
    """Captions of a language as they are edited. `undo` is the edit that would be taken back next, None where there is none."""

    language: str
    cues: list[Cue]
    version: str
    undo: TextEdit | None
    suggestions: list[Suggestion]
    terms: list[str] = field(default_factory=list)


def read(runtime: Runtime, workspace_id: str, token: str) -> Editor:
    """The captions that are shown, empty ones in the customer's language where there are none. Raises NotFound."""
    with runtime.db.read() as session:
        testimonial = _one(session, workspace_id, token)
        held = next(iter(testimonial.captions), None)
        language = held.language if held else testimonial.language
        cues = stored_cues(held) if held else []
        terms = _terms(session, workspace_id)
        return Editor(
            language,
            cues,
            version_of(cues),
            _undoable(session, testimonial, language),
            suggestions(cues, terms),
            terms,
        )


def change(
    runtime: Runtime, workspace_id: str, token: str, language: str, cues: list[Cue], basis: str, act: str, by: By
) -> Testimonial:
    """Save captions as they stand in the editor, after one act: `save`, `split:PLACE`, `split:PLACE:CHARACTER`, `merge:PLACE`
    or `remove:PLACE`. Raises Invalid `bad_captions` or `unknown_act`, and what `captions.edit` raises."""
    name, *numbers = act.split(":")
    if not all(each.isascii() and each.isdigit() and len(each) < 6 for each in numbers):
        raise Invalid("There is no such act.", code="unknown_act")
    match name, [int(each) for each in numbers]:
        case "save", []:
            wanted = cues
        case "split", [place]:
            wanted = split(cues, place)
        case "split", [place, at]:
            wanted = split(cues, place, at)
        case "merge", [place]:
            wanted = merge(cues, place)
        case "remove", [place]:
            wanted = [*cues[:place], *cues[place + 1 :]]
        case _:
            raise Invalid("There is no such act.", code="unknown_act")
    return _save(runtime, workspace_id, token, language, wanted, basis, by)


def undo(runtime: Runtime, workspace_id: str, token: str, language: str, by: By) -> Testimonial:
    """Take back the newest step that was not taken back yet. Raises Conflict `nothing_to_undo`."""
    with runtime.db.read() as session:
        testimonial = _one(session, workspace_id, token)
        step = _undoable(session, testimonial, language)
        held = next((each for each in testimonial.captions if each.language == language), None)
    if step is None or step.cues_before is None or held is None:
        raise Conflict("There is nothing to take back.", code="nothing_to_undo")
    before = read_cues(step.cues_before)
    return _save(runtime, workspace_id, token, language, before, version_of(stored_cues(held)), by, step.id)


def set_terms(runtime: Runtime, workspace_id: str, text: str) -> list[str]:
    """The whole glossary, one name a line. Raises Invalid `bad_glossary`."""
    terms = read_terms(text)
    with runtime.db.transaction() as transaction:
        transaction.execute(delete(GlossaryTerm).where(GlossaryTerm.workspace_id == workspace_id))
        transaction.add_all(GlossaryTerm(workspace_id=workspace_id, term=term) for term in terms)
    return terms


def spell(
    runtime: Runtime, workspace_id: str, token: str, chosen: list[tuple[int, str]], basis: str, by: By
) -> Testimonial:
    """Put names right in the captions: those of the suggestions, by place and what stands there, that were chosen."""
    editor = read(runtime, workspace_id, token)
    taken = [each for each in editor.suggestions if (each.place, each.found) in chosen]
    if not taken:
        raise Invalid("Choose at least one name.", code="nothing_chosen")
    return _save(runtime, workspace_id, token, editor.language, applied(editor.cues, taken), basis, by)


def _save(
    runtime: Runtime,
    workspace_id: str,
    token: str,
    language: str,
    cues: list[Cue],
    basis: str,
    by: By,
    undoes_id: str | None = None,
) -> Testimonial:
    who = {"member_id": by.member_id, "member_name": by.name}
    rows = rows_of(cues)
    return captions.edit(runtime, workspace_id, token, language, cues=rows, basis=basis, undoes_id=undoes_id, **who)


def _undoable(session: Session, testimonial: Testimonial, language: str) -> TextEdit | None:
    """Steps before the marks of the clip moved have other times: they stay as they are."""
    query = select(TextEdit).where(TextEdit.testimonial_id == testimonial.id)
    query = query.where(TextEdit.field.in_((f"captions {language}", "trim"))).order_by(TextEdit.id.desc())
    older_than: str | None = None
    for step in session.scalars(query.limit(MOST_EDITS)):
        if older_than is not None and step.id >= older_than:
            continue
        if step.undoes_id:
            older_than = step.undoes_id
            continue
        return step if step.cues_before and step.field != "trim" else None
    return None


def _terms(session: Session, workspace_id: str) -> list[str]:
    query = select(GlossaryTerm.term).where(GlossaryTerm.workspace_id == workspace_id).order_by(GlossaryTerm.term)
    return list(session.scalars(query))


def _one(session: Session, workspace_id: str, token: str) -> Testimonial:
    query = select(Testimonial).where(Testimonial.workspace_id == workspace_id, Testimonial.token == token)
    query = query.where(Testimonial.submitted_at.is_not(None)).options(selectinload(Testimonial.captions))
    testimonial = session.scalar(query)
    if testimonial is None:
        raise NotFound("There is no such testimonial.", code="unknown_testimonial")
    return testimonial
