"""What the team remembers of a testimonial: their notes, what was done to it, and what was edited in its words."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, select

from testimonials.errors import Invalid, NotFound
from testimonials.models import ActOn, Note, ReviewAct, Testimonial, TextEdit
from testimonials.runtime import Runtime
from testimonials.services.moderation import By

MOST_CHARACTERS = 2000
MOST_SHOWN = 50


@dataclass(frozen=True)
class Remarks:
    """Notes oldest first, as a conversation is read; acts and edits newest first."""

    notes: list[Note]
    acts: list[ReviewAct]
    edits: list[TextEdit]


def read(runtime: Runtime, workspace_id: str, token: str) -> Remarks:
    """All of it for one testimonial. Raises NotFound for those of others."""
    with runtime.db.read() as session:
        own = select(Testimonial.id).where(Testimonial.token == token, Testimonial.workspace_id == workspace_id)
        testimonial_id = session.scalar(own.where(Testimonial.submitted_at.is_not(None)))
        if testimonial_id is None:
            raise NotFound("There is no such testimonial.", code="unknown_testimonial")
        notes = select(Note).where(Note.testimonial_id == testimonial_id).order_by(Note.id.desc())
        acts = select(ReviewAct).join(ActOn, ActOn.act_id == ReviewAct.id).where(ActOn.testimonial_id == testimonial_id)
        edits = select(TextEdit).where(TextEdit.testimonial_id == testimonial_id).order_by(TextEdit.id.desc())
        return Remarks(
            list(session.scalars(notes.limit(MOST_SHOWN)))[::-1],
            list(session.scalars(acts.order_by(ActOn.act_id.desc()).limit(MOST_SHOWN))),
            list(session.scalars(edits.limit(MOST_SHOWN))),
        )


def add_note(runtime: Runtime, workspace_id: str, token: str, text: str, by: By) -> Note:
    """For the team alone. Raises Invalid `bad_note` for an empty or too long one."""
    words = text.strip()
    with runtime.db.transaction() as transaction:
        own = select(Testimonial.id).where(Testimonial.token == token, Testimonial.workspace_id == workspace_id)
        testimonial_id = transaction.scalar(own.where(Testimonial.submitted_at.is_not(None)))
        if testimonial_id is None:
            raise NotFound("There is no such testimonial.", code="unknown_testimonial")
        if not 1 <= len(words) <= MOST_CHARACTERS:
            raise Invalid(f"A note has 1 to {MOST_CHARACTERS} characters.", code="bad_note")
        note = Note(testimonial_id=testimonial_id, member_id=by.member_id, member_name=by.name, text=words)
        transaction.add(note)
        transaction.flush()
    return note


def remove_note(runtime: Runtime, workspace_id: str, token: str, note_id: str, by: By) -> None:
    """Only whoever wrote it may. Raises NotFound otherwise."""
    own = select(Testimonial.id).where(Testimonial.token == token, Testimonial.workspace_id == workspace_id)
    mine = (Note.id == note_id, Note.member_id == by.member_id, Note.testimonial_id.in_(own))
    with runtime.db.transaction() as transaction:
        if transaction.scalar(delete(Note).where(*mine).returning(Note.id)) is None:
            raise NotFound("There is no such note of yours.", code="unknown_note")
