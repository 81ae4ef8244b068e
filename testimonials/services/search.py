"""The index of the search: written in the transaction that changes the words, read by `services.review`.

PostgreSQL looks into a tsvector, SQLite into an FTS5 table; both hold the tokens of `domain.search` and nothing else.
"""

from __future__ import annotations

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
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session, selectinload

from testimonials.db import Transaction
from testimonials.domain.captions import Cue, transcript
from testimonials.domain.search import Term, terms, tokens
from testimonials.errors import Invalid
from testimonials.models import SearchDocument, Testimonial
from testimonials.runtime import Runtime

VERSION = 1
"""Of the tokens. Raise it when `domain.search` folds otherwise: `fill` then makes all documents anew."""
BATCH = 200
MAX_QUERY = 200
SAMPLE, FREQUENT = 2_000, 10
"""Where ten of the newest two thousand hold a word, walking is as fast as fetching."""


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
    session: Session, query: Select[Testimonial], workspace_id: str, found: list[Term], *, after: str | None
) -> Select[Testimonial]:
    """Narrow a list of testimonials to what holds all the terms, newest first; `after` is the id of the last one before."""
    query = query.join(SearchDocument, SearchDocument.testimonial_id == Testimonial.id)
    own = _workspace_word(workspace_id)
    if _on_server(session):
        asked = " & ".join([own, *(f"{term.token}:*" if term.prefix else term.token for term in found)])
        words = cast(bindparam("asked", asked), TSQUERY)
        query = query.where(SearchDocument.words.bool_op("@@")(words))
        number: ColumnElement[int] = SearchDocument.number.expression
        if _is_rare(session, words):
            number = number + 0
    else:
        asked = " AND ".join([f'"{own}"', *(f'"{term.token}"' + " *" * term.prefix for term in found)])
        index = table("search_index", column("rowid", BigInteger))
        query = query.join(index, index.c.rowid == SearchDocument.number)
        query = query.where(literal_column("search_index").op("MATCH")(bindparam("asked", asked)))
        number = index.c.rowid
    if after is not None:
        query = query.where(number < _number_held(session, after))
    return query.order_by(number.desc())


def _is_rare(session: Session, words: ColumnElement[str]) -> bool:
    """Whether few of the newest documents hold it. PostgreSQL keeps no statistics of rare words and walks through all
    documents for them. What is rare is fetched by the index of the words and then sorted (an order by an expression leaves
    it no other way), what is frequent is found while walking back from the newest."""
    newest = select(SearchDocument.words).order_by(SearchDocument.number.desc()).limit(SAMPLE).subquery()
    holding = select(func.count()).select_from(newest).where(newest.c.words.bool_op("@@")(words))
    return (session.scalar(holding) or 0) < FREQUENT


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
    return session.get_bind().dialect.name == "postgresql"
