"""The search and the filters of the review page, in step with what they look at."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from sqlalchemy import select

from testimonials.errors import Invalid, NotFound
from testimonials.models import SearchDocument, Testimonial
from testimonials.services import (
    captions,
    erasure,
    remarks,
    review,
    search,
)
from testimonials.services import tags as tags_of
from testimonials.services.moderation import Act
from testimonials.services.review import Filter
from tests.services.shop import Shop, refused


def test_the_search_is_in_step_with_the_words(shop: Shop) -> None:
    token = shop.hand_in("Zoë Łukasz", company="O'Neill & Sons", text="Das Fahrrad fährt größer", duration_seconds=9.0)
    shop.hand_in("Other", text="Nothing of it")
    for query in ("zoe", "LUKA", "o'neill sons", "fahrt grosser", "zoe@example.org", "Fahr zo"):
        assert shop.found(query) == ["Zoë Łukasz"], query
    assert shop.found("fahrrad nothing") == []
    captions.edit(shop.runtime, shop.id, token, "de", text="Die Speichen klappern")
    assert shop.found("speich") == ["Zoë Łukasz"]
    captions.edit(shop.runtime, shop.id, token, "de", text="Die Kette klappert")
    assert shop.found("speich") == []
    assert shop.found("kette klapp") == ["Zoë Łukasz"]
    erasure.erase_by_business(shop.runtime, shop.id, token)
    assert shop.found("kette") == []
    assert shop.found("nothing") == ["Other"]
    for query in ("!!", "x" * 201):
        refused("bad_search", lambda query=query: shop.found(query))


@pytest.mark.parametrize(
    "query", ['"', "'", "NOT zo", "zo* OR", "a:b", "words:zo", "-zo", "(zo", "zo & !x", "NEAR(zo)", "\\", "zo:*"]
)
def test_no_question_is_read_as_a_command(shop: Shop, query: str) -> None:
    shop.hand_in("Zo Not Words Near A B X Or")
    with suppress(Invalid):
        assert shop.found(query) in ([], ["Zo Not Words Near A B X Or"])


def test_nobody_finds_what_belongs_to_others(shop: Shop) -> None:
    shop.hand_in("Maya")
    other = Shop(shop.runtime, "Else Where")
    other.hand_in("Maya of others")
    assert shop.found("maya") == ["Maya"]
    assert shop.found(f"w{other.id}") == []
    with pytest.raises(NotFound):
        remarks.read(shop.runtime, shop.id, other.read(other.hand_in("X")).token)


def test_search_and_filters_are_paged_by_key(shop: Shop) -> None:
    for number in range(7):
        shop.hand_in(f"Rider {number}", rating=number % 5 + 1, language="de" if number % 2 else "en")
    for wanted in (Filter(query="rider"), Filter(), Filter(query="rid", language="en"), Filter(language="en")):
        seen: list[str] = []
        cursor = None
        while True:
            page = review.listing(shop.runtime, shop.id, replace(wanted, cursor=cursor), limit=2)
            seen += [each.name for each in page.testimonials]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert seen == [f"Rider {n}" for n in range(6, -1, -1) if not wanted.language or n % 2 == 0]


def test_each_filter_narrows(shop: Shop) -> None:
    shop.hand_in("Plain", rating=5, language="en")
    voice = shop.hand_in("Voice", kind="audio", rating=2, language="de")
    shop.hand_in("Odd", notices=["no_speech"], kind="text")
    shop.hand_in("Broken", media="failed", failure="bad_data")
    shop.do(voice, Act.TAG, tags=("radio",))
    shop.do(voice, Act.ASSIGN, assignee=shop.ben.member_id)
    away = shop.hand_in("Away")
    shop.do(away, Act.ARCHIVE)
    assert shop.found(kind="audio") == shop.found(rating=2) == shop.found(language="de") == ["Voice"]
    assert shop.found(tag="radio") == shop.found(assignee=shop.ben.member_id) == ["Voice"]
    assert shop.found("voi", tag="radio", rating=2, campaign=shop.slug, review="pending") == ["Voice"]
    assert shop.found(trouble=True) == ["Broken", "Odd"]
    assert shop.found(trouble=True, rating=5) == []
    assert shop.found(review="archived") == ["Away"]
    assert "Away" not in shop.found()
    assert shop.found(tag="nobody") == shop.found(campaign="nobody") == []
    assert tags_of.offered(shop.runtime, shop.id) == ["radio"]
    refused("unknown_member", lambda: shop.do(voice, Act.ASSIGN, assignee=Shop(shop.runtime, "Else").ada.member_id))
    for wrong in ({"review": "odd"}, {"kind": "odd"}, {"media": "odd"}):
        refused("unknown_state", lambda wrong=wrong: shop.found(**wrong))


def test_what_was_there_before_is_indexed_in_batches(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "BATCH", 2)
    for number in range(5):
        shop.hand_in(f"Rider {number}")
    with shop.runtime.db.transaction() as transaction:
        for row in transaction.scalars(select(Testimonial).where(Testimonial.workspace_id == shop.id)):
            search.forget(transaction, row.id)
            row.indexed_as = 0
    assert shop.found("rider") == []
    assert search.fill(shop.runtime, batches=1) == 2
    assert len(shop.found("rider")) == 2
    assert search.fill(shop.runtime) == 3
    assert shop.found("rider") == [f"Rider {n}" for n in range(4, -1, -1)]
    assert search.fill(shop.runtime) == 0


def test_two_of_the_same_moment_have_numbers_of_their_own(shop: Shop) -> None:
    first = shop.read(shop.hand_in("First"))
    twin = first.id[:31] + ("0" if first.id[31] != "0" else "1")
    assert search.number_of(first.id) == search.number_of(twin)
    shop.hand_in("Second", id=twin)
    assert (shop.found("first"), shop.found("second")) == (["First"], ["Second"])
    with shop.runtime.db.read() as session:
        both = select(SearchDocument.number).where(SearchDocument.testimonial_id.in_([first.id, twin]))
        assert len(set(session.scalars(both))) == 2


def test_counting_stops_at_a_hundred(shop: Shop) -> None:
    for number in range(3):
        shop.hand_in(str(number))
    assert str(review.counts(shop.runtime, shop.id)["pending"]) == "3"
    assert str(review.Capped(100)) == f"{review.Capped(1_000_000)}" == "99+"
