"""Tags: the words of a workspace, which testimonials carry them, and what to offer while one is typed."""

from __future__ import annotations

from sqlalchemy import delete, select

from testimonials.db import Transaction, insert_into
from testimonials.errors import Invalid
from testimonials.models import Tag, Tagging, Testimonial
from testimonials.models.base import new_id
from testimonials.runtime import Runtime

MOST_TAGS, MOST_CHARACTERS = 20, 40
OFFERED = 50


def clean(names: list[str]) -> list[str]:
    """Each once, without space around it. Raises Invalid `bad_tags` for too many or too long ones."""
    found = list(dict.fromkeys(" ".join(name.split()) for name in names if name.strip()))
    if len(found) > MOST_TAGS or any(len(name) > MOST_CHARACTERS for name in found):
        raise Invalid(f"At most {MOST_TAGS} tags of at most {MOST_CHARACTERS} characters.", code="bad_tags")
    return found


def put(transaction: Transaction, testimonial: Testimonial, names: list[str]) -> None:
    """Let it carry exactly these, in the caller's transaction."""
    wanted = clean(names)
    for name in set(wanted) - set(testimonial.tags):
        row = insert_into(transaction, Tag).values(id=new_id(), workspace_id=testimonial.workspace_id, name=name)
        transaction.execute(row.on_conflict_do_nothing())
    named = select(Tag.id).where(Tag.workspace_id == testimonial.workspace_id, Tag.name.in_(wanted))
    ids = list(transaction.scalars(named))
    transaction.execute(delete(Tagging).where(Tagging.testimonial_id == testimonial.id, Tagging.tag_id.not_in(ids)))
    for tag_id in ids:
        row = insert_into(transaction, Tagging).values(tag_id=tag_id, testimonial_id=testimonial.id)
        transaction.execute(row.on_conflict_do_nothing())
    testimonial.tags = wanted


def offered(runtime: Runtime, workspace_id: str) -> list[str]:
    """Tags of this workspace by name, as many as a list can show; the names alone, nobody is counted."""
    with runtime.db.read() as session:
        query = select(Tag.name).where(Tag.workspace_id == workspace_id).order_by(Tag.name).limit(OFFERED)
        return list(session.scalars(query))
