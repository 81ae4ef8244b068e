"""The index of the search: written in the transaction that changes the words, read by `services.review`.

PostgreSQL looks into a tsvector, SQLite into an FTS5 table; both hold the tokens of `domain.search` and nothing else.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    bindparam,
    cast,
    column,
    delete,
    func,
    literal_column,
    select,
    table,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session, selectinload

from testimonials.db import Transaction, dialect_of
from testimonials.domain.captions import Cue, transcript
from testimonials.domain.search import Term, terms, tokens
from testimonials.errors import Invalid
from testimonials.models import SearchDocument, Testimonial
from testimonials.runtime import Runtime

VERSION = 1
"""Of the tokens. Raise it when `domain.search` folds otherwise: `fill` then makes all documents anew."""
BATCH = 200
MAX_QUERY = 200
SAMPLE, FREQUENT, FREQUENT_NARROW, FREQUENT_TERM = 2_000, 10, 20, 100
"""Where ten of the newest two thousand hold the words, walking is as fast as fetching: in a narrow list, which looks for each of
its testimonials, twenty. A single word that a hundred hold is not worth fetching while there is a rarer one."""


def number_of(testimonial_id: str) -> int:
    """The first 63 bits of a UUIDv7, without those that are the same in all: numbers sort as the ids do."""
    moment, chance, more = testimonial_id[:12], testimonial_id[13:16], testimonial_id[16:18]
    return int(moment, 16) << 15 | int(chance, 16) << 3 | int(more, 16) >> 3 & 7


def put(transaction: Transaction, testimonial: Testimonial) -> None:
    """Index it as it is now. Call it wherever its words, names or captions change."""
    transaction.flush()
    words = " ".join([_workspace_word(testimonial.workspace_id), *tokens(_texts(testimonial))])
    held = transaction.scalar(select(SearchDocument).where(SearchDocument.testimonial_id == testimonial.id))
    if held is None:
        number = number_of(testimonial.id)
        while transaction.get(SearchDocument, number) is not None:
            number += 1  # another one of the same millisecond and the same 15 random bits
        held = SearchDocument(number=number, testimonial_id=testimonial.id, words=words)
        transaction.add(held)
    else:
        _unlist(transaction, held)
        held.words = words
    testimonial.indexed_as = VERSION
    transaction.flush()
    if not _on_server(transaction):
        listed = text("INSERT INTO search_index(rowid, words) VALUES (:number, :words)")
        transaction.execute(listed, {"number": held.number, "words": words})


def forget(transaction: Transaction, testimonial_id: str) -> None:
    """Before its row goes. The document goes with the row, but FTS5 has to be told its words."""
    held = transaction.scalar(select(SearchDocument).where(SearchDocument.testimonial_id == testimonial_id))
    if held is not None:
        _unlist(transaction, held)
        transaction.execute(delete(SearchDocument).where(SearchDocument.number == held.number))


def fill(runtime: Runtime, *, batches: int = 10) -> int:
    """Index what is not, oldest first: after an update, or where somebody forgot. Goes on where it was stopped.

    Returns how many were done, at most `batches` times BATCH.
    """
    done = 0
    for _ in range(batches):
        outdated = select(Testimonial.id).where(Testimonial.indexed_as < VERSION, Testimonial.submitted_at.is_not(None))
        with runtime.db.read() as session:
            ids = list(session.scalars(outdated.order_by(Testimonial.indexed_as, Testimonial.id).limit(BATCH)))
        if not ids:
            break
        with runtime.db.transaction() as transaction:
            query = select(Testimonial).where(Testimonial.id.in_(ids)).order_by(Testimonial.id).with_for_update()
            for testimonial in transaction.scalars(query.options(selectinload(Testimonial.captions))):
                put(transaction, testimonial)
        done += len(ids)
    return done


def wanted(query: str) -> list[Term]:
    """What a question asks for. Raises Invalid `bad_search` where it is too long, or has no word in it."""
    found = terms(query[: MAX_QUERY + 1])
    if len(query) > MAX_QUERY or not found:
        raise Invalid(f"Search for a word or several, {MAX_QUERY} characters at most.", code="bad_search")
    return found


def matching(
    session: Session,
    query: Select[Testimonial],
    workspace_id: str,
    found: list[Term],
    *,
    after: str | None,
    narrow: bool,
) -> Select[Testimonial]:
    """Narrow a list of testimonials to what holds all the terms, newest first; `after` is the id of the last one before.

    `narrow`: the list asks for more than the workspace's testimonials.
    """
    own = _workspace_word(workspace_id)
    if _on_server(session):
        return _on_postgresql(session, query, own, found, after, narrow)
    query = query.join(SearchDocument, SearchDocument.testimonial_id == Testimonial.id)
    asked = " AND ".join([f'"{own}"', *(f'"{term.token}"' + " *" * term.prefix for term in found)])
    index = table("search_index", column("rowid", BigInteger))
    query = query.join(index, index.c.rowid == SearchDocument.number)
    query = query.where(literal_column("search_index").op("MATCH")(bindparam("asked", asked)))
    if after is not None:
        query = query.where(index.c.rowid < _number_held(session, after))
    return query.order_by(index.c.rowid.desc())


def _on_postgresql(
    session: Session, query: Select[Testimonial], own: str, found: list[Term], after: str | None, narrow: bool
) -> Select[Testimonial]:
    """PostgreSQL keeps no statistics of rare words, so a look at the newest documents decides how to go.

    What is rare is fetched by the index of the words and sorted before it meets the testimonials, of which a page is looked at
    and not all. What is frequent is found while walking back from the newest: along the testimonials' own indexes where the list
    is narrow, else along the documents, which lie side by side.
    """
    words, number = SearchDocument.words, SearchDocument.number
    all_words = _tsquery([own, *map(_spelled, found)])
    holding, by_term = _sampled(session, all_words, found)
    same = SearchDocument.testimonial_id == Testimonial.id
    if holding >= (FREQUENT_NARROW if narrow else FREQUENT):
        # Not by the index of the words, which would fetch them all.
        query = query.join(SearchDocument, same).where(words.bool_op("@@")(all_words).is_(true()))
        if narrow:
            query = query if after is None else query.where(Testimonial.id < after)
            return query.order_by(Testimonial.id.desc())
        query = query if after is None else query.where(number < _number_held(session, after))
        return query.order_by(number.desc())
    # The index would fetch every document for a frequent word: those are looked for in what the rare ones have found.
    rare = [term for term, count in zip(found, by_term, strict=True) if count < FREQUENT_TERM] or found
    place = (number + 0).label("place")  # an order that no index has: else it might walk through all
    documents = select(place, SearchDocument.testimonial_id).where(
        words.bool_op("@@")(_tsquery([own, *map(_spelled, rare)])), words.bool_op("@@")(all_words).is_(true())
    )
    if after is not None:
        documents = documents.where(number < _number_held(session, after))
    # A limit that is none keeps the sort below the join.
    chosen = documents.order_by(place.desc()).limit(literal_column("NULL")).subquery()
    return query.join(chosen, chosen.c.testimonial_id == Testimonial.id).order_by(chosen.c.place.desc())


def _sampled(session: Session, all_words: ColumnElement[Any], found: list[Term]) -> tuple[int, list[int]]:
    """How many of the newest documents hold all the words, and how many each of them."""
    newest = select(SearchDocument.words).order_by(SearchDocument.number.desc()).limit(SAMPLE).subquery()
    asked = [all_words] + ([_tsquery([_spelled(term)]) for term in found] if len(found) > 1 else [])
    counts = [func.count().filter(newest.c.words.bool_op("@@")(each)) for each in asked]
    holding, *by_term = session.execute(select(*counts).select_from(newest)).one()
    return holding, by_term or [holding]


def _spelled(term: Term) -> str:
    return f"{term.token}:*" if term.prefix else term.token


def _tsquery(words: list[str]) -> ColumnElement[Any]:
    """All of these. Tokens are letters and digits, so that nothing in them can be an operator."""
    return cast(" & ".join(words), TSQUERY)


def _number_held(session: Session, testimonial_id: str) -> int:
    held = session.scalar(select(SearchDocument.number).where(SearchDocument.testimonial_id == testimonial_id))
    return held if held is not None else number_of(testimonial_id)


def words_of(testimonial: Testimonial) -> list[str]:
    """What the customer wrote, and what they said in each language of the captions."""
    spoken = [transcript([Cue(**cue) for cue in each.cues]) for each in testimonial.captions]
    return [testimonial.text, *spoken]


def _texts(testimonial: Testimonial) -> list[str]:
    who = (testimonial.name, testimonial.title, testimonial.company, testimonial.email)
    return [*who, *words_of(testimonial)]


def _workspace_word(workspace_id: str) -> str:
    """A word that no customer says, so that the index itself keeps workspaces apart."""
    return f"w{workspace_id}"


def _unlist(transaction: Transaction, held: SearchDocument) -> None:
    if not _on_server(transaction):
        gone = text("INSERT INTO search_index(search_index, rowid, words) VALUES ('delete', :number, :words)")
        transaction.execute(gone, {"number": held.number, "words": held.words})


def _on_server(session: Session) -> bool:
    return dialect_of(session) == "postgresql"
