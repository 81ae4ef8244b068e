"""Telling those who render feeds that what a workspace shows has changed."""

from __future__ import annotations

from itertools import count

from testimonials.db import Transaction, insert_into
from testimonials.models import Publication

_commits = count(1)
_newest = 0


def changed(transaction: Transaction, workspace_id: str) -> None:
    """What this workspace shows is another thing from the commit on. Call it beside whatever made it so.

    Costs one small write. Marking too much does no harm: what comes out the same is not written again.
    """
    mark = insert_into(transaction, Publication).values(workspace_id=workspace_id, revision=1, published=0)
    higher = {"revision": Publication.revision + 1}
    transaction.execute(mark.on_conflict_do_update(index_elements=[Publication.workspace_id], set_=higher))
    transaction.after_commit(_count)


def changes_here() -> int:
    """A number that grows whenever this process itself has committed a change: no need to ask the database for those."""
    return _newest


def _count() -> None:
    global _newest  # noqa: PLW0603 - a fact about this process, and no more than a hint
    _newest = next(_commits)
