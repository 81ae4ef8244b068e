"""The review page and the API of moderation from outside: who may, what strangers get, and addresses that can be shared."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from testimonials.runtime import Runtime
from testimonials.services import accounts, review_rules
from tests import acts
from tests.conftest import Someone

JSON = {"Accept": "application/json"}
ACTS = (
    "approve", "reject", "reopen", "archive", "restore", "tag", "untag", "retag", "feature", "unfeature", "assign",
    "quote", "notes", "notes/1/delete", "retry",
)  # fmt: skip


@pytest.fixture
def token(customer: FlaskClient, owner: Someone) -> str:
    return words(customer, "Maya R.")


def words(customer: FlaskClient, name: str, **more: Any) -> str:
    given = {"name": name, "kind": "text", "text": "They fixed our bike. Nobody noticed we were one short.", **more}
    return str(acts.hand_in(customer, b"", **given)["token"])


def do(who: Someone, token: str, act: str, **form: Any) -> Any:
    return who.client.post(f"/console/testimonials/{token}/{act}", data=form, headers=JSON)


def read(owner: Someone, token: str) -> Any:
    return owner.client.get(f"/api/v1/testimonials/{token}", headers=owner.bearer).json


def api(who: Someone, method: str, path: str, **body: Any) -> Any:
    options = {"json": body} if body else {}
    return who.client.open(f"/api/v1{path}", method=method, headers=who.bearer, **options)


@pytest.mark.parametrize("act", ACTS)
def test_each_act_is_for_moderators_of_this_workspace(
    act: str, app: Flask, owner: Someone, viewer: Someone, stranger: Someone, token: str
) -> None:
    before = read(owner, token)
    assert app.test_client().post(f"/console/testimonials/{token}/{act}").status_code == 302
    assert do(viewer, token, act, text="x", words="They fixed our bike").status_code == 403
    assert do(stranger, token, act, text="x", words="They fixed our bike").status_code == 404
    assert read(owner, token) == before


def test_moderators_do_all_but_edit(moderator: Someone, owner: Someone, token: str) -> None:
    assert do(moderator, token, "quote", words="They fixed our bike.").status_code == 403
    assert do(owner, token, "quote", words="They fixed our bike.").json["said"] == "Quote changed of Maya R."
    shown = read(owner, token)
    assert (shown["quote"], shown["disclosure"]) == ("They fixed our bike.", "The quote is an excerpt.")
    assert do(owner, token, "quote", words="They fixed our car.").json["code"] == "not_their_words"
    for act, form, field, value in (
        ("tag", {"tags": "bread"}, "tags", ["bread"]), ("feature", {}, "featured", True),
        ("archive", {}, "archived", True), ("restore", {}, "archived", False),
    ):  # fmt: skip
        answer = do(moderator, token, act, **form)
        assert (answer.status_code, read(owner, token)[field]) == (200, value)
        assert answer.json["act"]


def test_undo_belongs_to_who_did_it(moderator: Someone, owner: Someone, stranger: Someone, token: str) -> None:
    act = do(moderator, token, "approve").json["act"]
    for other in (owner, stranger):
        assert other.client.post(f"/console/acts/{act}/undo", headers=JSON).status_code == 404
    assert moderator.client.post(f"/console/acts/{act}/undo", headers=JSON).json["said"] == "Undone: Maya R."
    assert read(owner, token)["review"] == "pending"
    assert moderator.client.post(f"/console/acts/{act}/undo", headers=JSON).json["code"] == "undone"


def test_without_a_script_an_act_can_be_undone_too(moderator: Someone, owner: Someone, token: str) -> None:
    answer = moderator.client.post(f"/console/testimonials/{token}/approve?status=pending&q=bike")
    assert answer.status_code == 303
    assert "q=bike" in answer.headers["Location"]
    page = moderator.client.get(answer.headers["Location"]).text
    assert "Undo</button>" in page
    act = answer.headers["Location"].split("acted=")[1].split("&", maxsplit=1)[0]
    assert moderator.client.post(f"/console/acts/{act}/undo").status_code == 303
    assert read(owner, token)["review"] == "pending"


def test_several_at_once(
    moderator: Someone, viewer: Someone, stranger: Someone, owner: Someone, customer: FlaskClient
) -> None:
    tokens = [words(customer, f"N{n}") for n in range(3)]
    form = {"act": "approve", "token": tokens}
    assert viewer.client.post("/console/testimonials/bulk", data=form, headers=JSON).status_code == 403
    assert stranger.client.post("/console/testimonials/bulk", data=form, headers=JSON).json["done"] == []
    assert [read(owner, each)["review"] for each in tokens] == ["pending"] * 3
    answer = moderator.client.post("/console/testimonials/bulk", data=form, headers=JSON).json
    assert answer["said"] == "Approved 3 testimonials."
    assert [read(owner, each)["review"] for each in tokens] == ["approved"] * 3
    moderator.client.post(f"/console/acts/{answer['act']}/undo", headers=JSON)
    assert [read(owner, each)["review"] for each in tokens] == ["pending"] * 3
    for wrong in ("quote", "retag", "erase", ""):
        sent = moderator.client.post("/console/testimonials/bulk", data=form | {"act": wrong}, headers=JSON)
        assert sent.json["code"] == "unknown_act"


def test_an_address_says_what_is_shown(moderator: Someone, customer: FlaskClient, token: str) -> None:
    other = words(customer, "Walter <b>", rating=2, text="Forty years I have brought them bikes.")
    do(moderator, token, "tag", tags="bread")

    def page(query: str) -> str:
        found: str = moderator.client.get(f"/console/?{query}").text
        return found

    assert "<mark>Forty</mark>" in page("q=forty")
    assert "Maya R." not in page("q=forty")
    assert "Walter &lt;b&gt;" in page("rating=2")
    assert "Walter" not in page("tag=bread")
    assert token in page("tag=bread&mine=&status=all")
    assert "Nothing fits" in page("q=unicorn")
    assert "Look among all" in page("rating=1")
    assert "Ask in other words" in page("q=%21%21")
    assert other in page("status=nonsense&kind=nonsense&rating=9&cursor=gone")
    assert f'data-token="{token}"' in page(f"rating=2&id={token}"), "whom the address names is shown, wherever they are"
    for hostile in ('"><script>', "' OR 1=1 --", "\u202e", "a" * 201, "%00"):
        answer = moderator.client.get("/console/", query_string={"q": hostile, "tag": hostile, "campaign": hostile})
        assert "<script>" not in answer.text
        assert answer.status_code == 200, hostile


def test_a_page_of_others_shows_none_of_ours(stranger: Someone, token: str) -> None:
    for query in ("q=maya", "status=all", f"id={token}", f"cursor={token}", "status=all&rating=5"):
        assert token not in stranger.client.get(f"/console/?{query}").text


def test_two_approvals_are_the_owners_to_ask_for(
    runtime: Runtime, owner: Someone, moderator: Someone, viewer: Someone, token: str
) -> None:
    for who in (moderator, viewer):
        assert who.client.get("/console/balance").status_code == 200
        assert who.client.post("/console/balance/rules", data={"two_approvals": "1"}).status_code == 403
    assert owner.client.post("/console/balance/rules", data={"two_approvals": "1"}).status_code == 303
    assert review_rules.read(runtime, owner.workspace_id)
    assert do(moderator, token, "approve").json["said"] == "Your approval of Maya R. is in. One more is needed."
    assert do(moderator, token, "approve").json["code"] == "second_person"
    assert api(owner, "POST", f"/testimonials/{token}/approve").json["code"] == "needs_two"
    assert "Approve as the second" in owner.client.get("/console/").text
    assert do(owner, token, "approve").json["review"] == "approved"
    assert owner.client.post("/console/balance/rules", data={}).status_code == 303
    assert not review_rules.read(runtime, owner.workspace_id)


def test_notes_are_for_the_team(
    moderator: Someone, owner: Someone, viewer: Someone, stranger: Someone, customer: FlaskClient, token: str
) -> None:
    do(owner, token, "approve")
    do(moderator, token, "notes", text="Ask <i>her</i> boss")
    page = viewer.client.get("/console/?status=approved").text
    assert "Ask &lt;i&gt;her&lt;/i&gt; boss" in page
    assert api(owner, "GET", f"/testimonials/{token}/notes").json["items"][0]["text"] == "Ask <i>her</i> boss"
    assert api(owner, "POST", f"/testimonials/{token}/notes", text="From afar").status_code == 201
    assert api(stranger, "GET", f"/testimonials/{token}/notes").status_code == 404
    assert api(owner, "POST", f"/testimonials/{token}/notes", text=" ").json["code"] == "bad_note"
    widget = api(owner, "POST", "/widgets", name="Home").json["token"]
    for path in (f"/t/{token}", f"/widget/{widget}.json", f"/widget/{widget}"):
        public = customer.get(path, follow_redirects=True).text
        assert "boss" not in public, path


def test_the_api_narrows_and_searches(owner: Someone, stranger: Someone, customer: FlaskClient, token: str) -> None:
    words(customer, "Walter", rating=2, text="Forty years I have brought them bikes.", company="Rad & Tat")

    def names(query: str) -> list[str]:
        return [each["author"]["name"] for each in api(owner, "GET", f"/testimonials?{query}").json["items"]]

    assert names("q=rad") == names("rating=2") == names("q=fort+bik&rating=2") == ["Walter"]
    assert names("kind=text") == ["Walter", "Maya R."]
    assert names("kind=video") == names("q=unicorn") == names("trouble=1") == names("assignee=nobody") == []
    assert api(owner, "GET", "/testimonials?rating=6").json["code"] == "bad_rating"
    assert api(owner, "GET", "/testimonials?q=!!").json["code"] == "bad_search"
    assert api(stranger, "GET", "/testimonials?q=maya").json["items"] == []


def test_the_api_changes_what_is_named(runtime: Runtime, owner: Someone, stranger: Someone, token: str) -> None:
    member = accounts.owner_id(runtime, owner.workspace_id)
    path = f"/testimonials/{token}"
    changed = api(
        owner, "PATCH", path, tags=["b", "a"], featured=True, assignee=member, quote="They fixed our bike."
    ).json
    assert {name: changed[name] for name in ("tags", "featured", "assignee", "quote")} == {
        "tags": ["b", "a"], "featured": True, "assignee": member, "quote": "They fixed our bike.",
    }  # fmt: skip
    assert api(owner, "PATCH", path, quote=None, assignee=None).json["quote"] is None
    assert api(owner, "GET", "/tags").json["items"] == ["a", "b"]
    assert api(stranger, "GET", "/tags").json["items"] == []
    for wrong in (
        {"tags": "b"},
        {"featured": "yes"},
        {"assignee": 5},
        {"quote": ["x"]},
        {"name": "x"},
        {"assignee": "x"},
    ):
        assert api(owner, "PATCH", path, **wrong).status_code == 422


def test_the_api_acts_on_many_and_takes_it_back(
    owner: Someone, stranger: Someone, customer: FlaskClient, token: str
) -> None:
    tokens = [token, words(customer, "Walter")]
    done = api(owner, "POST", "/testimonials/bulk", testimonials=[*tokens, "guess"], act="reject", reason="Dark").json
    assert sorted(done["done"]) == sorted(tokens)
    assert [(each["id"], each["code"]) for each in done["refused"]] == [("guess", "unknown_testimonial")]
    assert api(stranger, "POST", f"/acts/{done['act']}/undo").status_code == 404
    assert len(api(owner, "POST", f"/acts/{done['act']}/undo").json["done"]) == 2
    assert read(owner, token)["review"] == "pending"
    for wrong in (
        {"testimonials": [], "act": "approve"},
        {"testimonials": "x", "act": "approve"},
        {"testimonials": ["x"], "act": "eat"},
    ):
        assert api(owner, "POST", "/testimonials/bulk", **wrong).status_code == 422
    assert api(stranger, "POST", "/testimonials/bulk", testimonials=tokens, act="approve").json["done"] == []


def test_what_is_not_approved_is_nowhere(owner: Someone, moderator: Someone, customer: FlaskClient, token: str) -> None:
    for act, status in (("approve", 200), ("archive", 404), ("restore", 200), ("reject", 404)):
        do(moderator, token, act)
        assert customer.get(f"/t/{token}").status_code == status, act


def test_what_was_left_out_is_said_on_every_surface(customer: FlaskClient, owner: Someone, token: str) -> None:
    other = words(customer, "Ben T.", text="A new chain, and home before dark.")
    for each in (token, other):
        assert do(owner, each, "approve").status_code == 200
    do(owner, token, "quote", words="They fixed our bike.")
    do(owner, token, "feature")
    widget = api(owner, "POST", "/widgets", name="Home").json["token"]
    items = customer.get(f"/widget/{widget}.json").json["items"]
    assert [item["token"] for item in items] == [token, other], "what is featured stands first, though it is older"
    assert (items[0]["quote"], items[0]["disclosure"]) == ("They fixed our bike.", "The quote is an excerpt.")
    assert items[1]["disclosure"] is None
    for path in (f"/t/{token}", f"/widget/{widget}.html"):
        page = customer.get(path).text
        assert "They fixed our bike." in page, path
        assert "The quote is an excerpt." in page, path
    assert "Nobody noticed" not in customer.get(f"/t/{token}").text
