"""The share page: what is said, who says it, what comes next, and a kind word where there is nothing any more."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree
from sqlalchemy import event, select, text, update

from testimonials.errors import Invalid
from testimonials.models import Campaign, Testimonial
from testimonials.runtime import Runtime
from testimonials.services import showing
from testimonials.services.actions import checked_url
from testimonials.services.campaigns import create as create_campaign
from tests.acts import change_campaign
from tests.conftest import Someone
from tests.web.on_show import NAME, change, show, speak

ACTION = {"action_url": "https://shop.example/book", "action_label": "Book a visit"}
NOT_WEB = [
    "javascript:alert(1)", "JavaScript:alert(1)", "java\nscript:alert(1)", " javascript:alert(1)", "data:text/html,<script>",
    "vbscript:x", "file:///etc/passwd", "//evil.example", "/console", "ftp://shop.example", "https://", "https:///x",
    "https://user@shop.example", "https://@shop.example", "https://shop.example\\@evil.example", "https://shop.example:99999/",
    "https://[half", "https://shop.example/\x00", "https://a b.example/", "",
]  # fmt: skip


@pytest.fixture
def token(customer: FlaskClient, runtime: Runtime, owner: Someone) -> str:
    return show(customer, runtime)


def _page(client: FlaskClient, token: str, query: str = "", status: int = 200) -> Any:
    answer = client.get(f"/t/{token}{query}", headers={"Accept": "text/html"})
    assert answer.status_code == status
    return etree.HTML(answer.text)


def _next(page: Any) -> list[str]:
    return [str(href).rsplit("/", 1)[1] for href in page.xpath("//section[@class='next']//a/@href")]


# -- words -------------------------------------------------------------------------------------------------------------
def test_cues_become_sentences_that_lead_to_their_moment(customer: FlaskClient, runtime: Runtime, token: str) -> None:
    speak(runtime, token, "en", "We deliver bread to eleven", "cafes, by bike.", "Nobody <b>noticed</b>.")
    links = _page(customer, token).xpath("//aside//ol//a")
    assert ["".join(each.itertext())[4:] for each in links] == [
        "We deliver bread to eleven cafes, by bike.",
        "Nobody <b>noticed</b>.",
    ]
    assert [each.get("data-from") for each in links] == ["0.0", "4.0"]
    assert links[1].get("href").endswith("/720.mp4#t=4.0"), "without a script, the file opens there"


def test_the_language_that_is_asked_for_is_read_and_is_on(customer: FlaskClient, runtime: Runtime, token: str) -> None:
    speak(runtime, token, "de", "Wir liefern Brot.")
    speak(runtime, token, "en", "We deliver bread.")
    speak(runtime, token, "es", "Repartimos pan.")
    for query, language, words in (
        ("", "en", "We deliver"),
        ("?words=es", "es", "Repartimos"),
        ("?words=xx", "en", "We"),
    ):
        page = _page(customer, token, query)
        assert words in "".join(page.find(".//aside//ol").itertext())
        assert page.find(".//video//track[@default]").get("srclang") == language
    assert len(page.xpath("//nav[@aria-label='Language']/a")) == 3


def test_who_got_something_for_it_says_so(customer: FlaskClient, runtime: Runtime, token: str) -> None:
    assert not _page(customer, token).xpath("//p[@class='disclosed']")
    change(runtime, token, terms={"incentive": "a free tune-up"}, verified="invitation")
    page = _page(customer, token)
    assert "a free tune-up" in "".join(page.find(".//p[@class='disclosed']").itertext())
    assert "invited" in "".join(page.find(".//details[@class='verified']").itertext())


def test_a_long_text_is_no_headline(customer: FlaskClient, runtime: Runtime, token: str) -> None:
    assert "Nobody noticed" in "".join(_page(customer, token).find(".//h1").itertext())
    change(runtime, token, text="So good. " * 60)
    page = _page(customer, token)
    assert "".join(page.find(".//h1").itertext()) == f"{NAME} about Copper Spoke"
    assert "So good." in page.find(".//blockquote").text


def test_the_page_is_nobodys_to_keep(customer: FlaskClient, token: str) -> None:
    """It holds a nonce: two readers behind one cache must not get the same."""
    answers = [customer.get(f"/t/{token}") for _ in range(2)]
    assert {answer.headers["Cache-Control"] for answer in answers} == {"private, no-cache"}
    assert len({etree.HTML(answer.text).find(".//main").get("data-nonce") for answer in answers}) == 2


def test_the_logo_leads_the_page(customer: FlaskClient, token: str) -> None:
    assert not _page(customer, token).xpath("//header//img")
    change_campaign(customer.application.extensions["testimonials"], logo_key="logos/x/0123456789ab")
    assert _page(customer, token).xpath("//header//img/@src") == ["/c/spring/logo?v=0123456789ab"]


# -- what comes next ---------------------------------------------------------------------------------------------------
def test_next_are_older_ones_of_the_campaign_then_the_newest_then_others_of_the_business(
    customer: FlaskClient, runtime: Runtime, owner: Someone, stranger: Someone
) -> None:
    create_campaign(runtime, owner.workspace_id, slug="autumn", name="Autumn")
    create_campaign(runtime, stranger.workspace_id, slug="elsewhere", name="Elsewhere")
    other = show(customer, runtime, campaign="autumn")
    show(customer, runtime, campaign="elsewhere")
    first, second, third = (show(customer, runtime) for _ in range(3))
    hidden = show(customer, runtime)
    change(runtime, hidden, review="pending")
    assert _next(_page(customer, second)) == [first, third, other]
    assert _next(_page(customer, first)) == [third, second, other]
    assert _next(_page(customer, other)) == [third, second, first]
    many = [show(customer, runtime) for _ in range(6)]
    assert _next(_page(customer, many[5])) == list(reversed(many[:5]))[: showing.NEXT]


def test_what_comes_next_is_found_by_an_index(customer: FlaskClient, runtime: Runtime, token: str) -> None:
    """Not one statement of it goes through the table of testimonials."""
    said: list[tuple[str, Any]] = []
    listen = ("before_cursor_execute", lambda _c, _cursor, sql, given, *_: said.append((sql, given)))
    testimonial = showing.public_testimonial(runtime, token)
    with runtime.db.read() as session:
        engine = session.get_bind()
    event.listen(engine, *listen)
    try:
        showing.next_to(runtime, testimonial)
    finally:
        event.remove(engine, *listen)
    asked = [(sql, given) for sql, given in said if "FROM testimonials" in sql]
    assert len(asked) == 3
    with runtime.db.read() as session:
        for sql, given in asked:
            plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given).all()
            steps = " ".join(str(row[-1]) for row in plan)
            assert "SEARCH testimonials USING INDEX ix_testimonials_" in steps, steps
            assert "SCAN testimonials" not in steps and "TEMP B-TREE" not in steps, steps
        assert session.scalar(text("SELECT count(*) FROM testimonials")) == 1


# -- nothing here any more ---------------------------------------------------------------------------------------------
def test_what_was_taken_back_leads_on_and_names_nobody(customer: FlaskClient, runtime: Runtime, token: str) -> None:
    change_campaign(runtime, **ACTION)
    still = show(customer, runtime, name="Walter H.")
    change(runtime, token, consent_status="withdrawn", allows_website=False)
    page = _page(customer, token, status=404)
    words = etree.tostring(page, encoding="unicode")
    assert "not on show any more" in words and "Copper Spoke" in words
    assert NAME not in words and "Söhne" not in words
    assert _next(page) == [still]
    assert page.xpath("//main//a[contains(@class, 'brand')]/@href") == ["https://shop.example/book"]
    assert page.xpath("//meta[@name='robots']/@content") == ["noindex"]


@pytest.mark.parametrize(
    "path", ["/t/guess", "/t/guess/player", "/t/guess/go", "/s/guess", "/s/guess/link", "/t/guess/share/x"]
)
def test_an_unknown_address_is_a_page_for_people_and_a_problem_for_programs(
    customer: FlaskClient, token: str, path: str
) -> None:
    page = customer.get(path, headers={"Accept": "text/html"})
    assert (page.status_code, "nothing to see" in page.text) == (404, True)
    problem = customer.get(path, headers={"Accept": "application/json"})
    assert (problem.status_code, problem.content_type) == (404, "application/problem+json")


# -- the button --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("url", NOT_WEB)
def test_a_button_leads_to_a_web_page_or_nowhere(customer: FlaskClient, runtime: Runtime, token: str, url: str) -> None:
    with pytest.raises(Invalid):
        checked_url(url)
    change_campaign(runtime, action_url=url, action_label="Go")
    page = _page(customer, token)
    assert not page.xpath("//*[@data-go]"), "a row from before the rule shows no button"
    assert customer.get(f"/t/{token}/go").status_code == 404
    change(runtime, token, review="pending")
    assert not _page(customer, token, status=404).xpath("//a[contains(@class, 'btn')]")


@pytest.mark.parametrize(
    "url", ["https://shop.example", "http://shop.example:8080/a?b=c#d", "https://xn--bcher-kva.example/"]
)
def test_a_web_page_is_taken_as_it_is(app: Flask, runtime: Runtime, token: str, url: str) -> None:
    assert checked_url(f" {url} ") == url
    with pytest.raises(Invalid):
        checked_url(url + "/" + "a" * 2000)
    change_campaign(runtime, action_url=url, action_label="Go")
    assert app.test_client().get(f"/t/{token}/go").headers["Location"].startswith(url.partition("?")[0])
    with runtime.db.transaction() as transaction:
        assert transaction.scalar(select(Campaign.action_url)) == url
        transaction.execute(update(Testimonial).values(review="pending"))
    assert app.test_client().get(f"/t/{token}/go").status_code == 404
