"""The words of the search: one folding for what is kept, asked and highlighted."""

from __future__ import annotations

import pytest

from testimonials.domain.search import excerpt_around, highlighted, terms, tokens


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("They fixed our cargo bike", "CARGO bik"), ("Café Ærø, Łódź", "cafe aero lodz"), ("Straße", "strasse"),
        ("O'Neill-Smith", "o'neill smith"), ("maya@example.org", "maya example"), ("Cafe\u0301 dé\u0301jà", "café"),
        ("自転車が速くなった", "自転車"), ("自転車が速くなった", "速"), ("คนซ่อมจักรยาน", "จักรยาน"), ("हिन्दी में", "हिन्दी"),
        ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"), ("Élan n° 42", "42 elan"), ("WIFI5000", "wifi5"),
    ],
)  # fmt: skip
def test_what_is_asked_finds_what_is_kept(text: str, query: str) -> None:
    kept = tokens([text])
    assert terms(query)
    for term in terms(query):
        assert any(each.startswith(term.token) if term.prefix else each == term.token for each in kept), (term, kept)


@pytest.mark.parametrize("query", ["", "  ", "!?", "' OR 1=1 --"[:1], "*", "\u0301", '"'])
def test_a_question_without_words_asks_nothing(query: str) -> None:
    assert terms(query) == []


def test_tokens_are_letters_and_digits_alone() -> None:
    nasty = tokens(['a\'b:c & d|e !f (g) <-> h* \\i "j" NEAR(k) 🚲 x_y'])
    assert nasty == ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "near", "x", "y"]


@pytest.mark.parametrize(
    ("text", "query", "hits"),
    [
        ("A Café near the cafeteria", "cafe", ["Café", "cafe"]), ("Straßen", "strass", ["Straß"]),
        ("Cafe\u0301s", "cafe", ["Cafe\u0301"]), ("自転車が速い", "速い", ["速い"]), ("nothing", "cafe", []),
        ("our cargo bike", "bik car", ["car", "bik"]),
    ],
)  # fmt: skip
def test_hits_are_marked_where_they_stand(text: str, query: str, hits: list[str]) -> None:
    pieces = highlighted(text, terms(query))
    assert "".join(piece for piece, _ in pieces) == text
    assert [piece for piece, hit in pieces if hit] == hits


def test_a_long_text_is_shown_around_its_first_hit() -> None:
    text = f"{'word ' * 100}bicycle {'more ' * 100}"
    shown = excerpt_around(text, terms("bicy"))
    assert "bicycle" in shown
    assert len(shown) < 170
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    assert excerpt_around(text, terms("absent")) == ""
