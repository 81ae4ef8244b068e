"""Campaigns from outside: what the API and the console change, what customers then see, and what strangers get."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from testimonials.runtime import Runtime
from tests import acts
from tests.conftest import Someone

EVIL = "\"'><script>alert(1)</script>{{7*7}}"
AGREE = "I agree that Copper Spoke may show my video where I have allowed it."
STIMME_ZU = "Ich stimme zu, dass Copper Spoke mein Video zeigt, wo ich es erlaubt habe."
EVERYTHING: dict[str, Any] = {
    "name": "Spring",
    "language": "en",
    "greeting": "How was it?",
    "thanks_text": "Thank you!",
    "incentive": "A coupon",
    "questions": [{"text": "Before?", "hint": "Then"}, {"text": "After?", "hint": ""}],
    "translations": {
        "de": {
            "greeting": "Wie war es?",
            "questions": [{"text": "Vorher?", "hint": ""}, {"text": "", "hint": ""}],
        }
    },
    "ways": ["record", "text"],
    "one_by_one": True,
    "asks_guardian": True,
    "brand_color": "#123456",
    "max_seconds": 45,
    "max_frame_rate": 60,
    "reduce_noise": True,
}
FORM = {
    "name": "Spring", "language": "en", "greeting": "Hello", "thanks_text": "", "incentive": "", "ways": ["text", "record"],
    "one_by_one": "", "brand_color": "#123456", "max_seconds": "60",
}  # fmt: skip


def api(who: Someone, method: str, path: str = "/spring", **options: Any) -> Any:
    return who.client.open(f"/api/v1/campaigns{path}", method=method, headers=who.bearer, **options)


def save(who: Someone, **fields: Any) -> Any:
    return who.client.post("/console/campaigns/spring", data={**FORM, **fields})


def add_text(who: Someone, **texts: str) -> Any:
    return api(who, "POST", "/spring/consent-texts", json={"texts": texts})


def test_every_field_can_be_changed_and_reads_back_the_same(owner: Someone) -> None:
    changed = api(owner, "PATCH", json=EVERYTHING)
    assert changed.status_code == 200
    read = api(owner, "GET").json
    assert {name: read[name] for name in EVERYTHING} == EVERYTHING
    assert (read["slug"], read["logo_url"], read["consent_version"]) == ("spring", None, 0)
    again = api(owner, "PATCH", json={name: read[name] for name in EVERYTHING}).json
    assert again == read == changed.json
    assert api(owner, "PATCH", json={"greeting": " How\n was it? "}).json == read, "the rest stays"


def test_a_campaign_is_created_with_the_same_fields(owner: Someone) -> None:
    made = api(owner, "POST", "", json={"slug": "autumn", **EVERYTHING})
    assert made.status_code == 201
    assert {name: made.json[name] for name in EVERYTHING} == EVERYTHING
    plain = api(owner, "POST", "", json={"slug": "winter", "name": "W"}).json
    assert (plain["max_seconds"], len(plain["questions"]), len(plain["ways"])) == (90, 3, 5)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"), ({"name": "x" * 121}, "name"), ({"name": 5}, "name"), ({"name": None}, "name"),
        ({"greeting": "x" * 301}, "greeting"), ({"thanks_text": ["x"]}, "thanks_text"), ({"incentive": "a\u0007b"}, "incentive"),
        ({"questions": [{"text": "?"}] * 11}, "questions"), ({"questions": "?"}, "questions"),
        ({"questions": ["?"]}, "questions"),
        ({"questions": [{"text": ""}]}, "questions.0.text"), ({"questions": [{"text": "x" * 201}]}, "questions.0.text"),
        ({"questions": [{"text": "?", "hint": 3}]}, "questions.0.hint"),
        ({"questions": [{"text": "?", "x": 1}]}, "questions.0.x"),
        ({"brand_color": "red;}"}, "brand_color"), ({"brand_color": "#12345g"}, "brand_color"),
        ({"max_seconds": 9}, "max_seconds"), ({"max_seconds": 601}, "max_seconds"), ({"max_seconds": "60"}, "max_seconds"),
        ({"max_seconds": True}, "max_seconds"), ({"max_frame_rate": 24}, "max_frame_rate"), ({"reduce_noise": 1}, "reduce_noise"),
        ({"ways": []}, "ways"), ({"ways": ["dance"]}, "ways"), ({"ways": "text"}, "ways"), ({"ways": [{}]}, "ways"),
        ({"one_by_one": "yes"}, "one_by_one"), ({"asks_guardian": None}, "asks_guardian"),
        ({"language": "tlh"}, "language"), ({"language": []}, "language"), ({"translations": []}, "translations"),
        ({"translations": {"xx": {}}}, "translations.xx"), ({"translations": {"de": "Hallo"}}, "translations.de"),
        ({"translations": {"de": {"greeting": 1}}}, "translations.de.greeting"),
        ({"translations": {"de": {"name": "x"}}}, "translations.de.name"),
        ({"translations": {"de": {"questions": [{"text": "x"}] * 9}}}, "translations.de.questions"),
        ({"translations": {"de": {"questions": [{"text": "x" * 201}]}}}, "translations.de.questions.0.text"),
        ({"translations": {"en": {"greeting": "x"}}}, "language"),
        ({"slug": "other"}, "slug"), ({"workspace_id": "x"}, "workspace_id"), ({"logo_key": "uploads/x"}, "logo_key"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_its_name_and_changes_nothing(
    owner: Someone, change: dict[str, Any], field: str
) -> None:
    before = api(owner, "GET").json
    answer = api(owner, "PATCH", json={"greeting": "Not this", **change})
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert field in answer.json["errors"]
    assert api(owner, "GET").json == before
    if field != "slug":
        assert api(owner, "POST", "", json={"slug": "n", "name": "n", **change}).status_code == 422


def test_translations_follow_their_questions(owner: Someone) -> None:
    api(owner, "PATCH", json=EVERYTHING)
    turned = [{"text": "After?"}, {"text": "New?"}, {"text": "Before?"}]
    words = api(owner, "PATCH", json={"questions": turned}).json["translations"]["de"]["questions"]
    assert [each["text"] for each in words] == ["", "", "Vorher?"]
    reworded = [{"text": "After?"}, {"text": "New?"}, {"text": "What was before?"}]
    words = api(owner, "PATCH", json={"questions": reworded}).json["translations"]["de"]["questions"]
    assert [each["text"] for each in words] == ["", "", "Vorher?"], "a reworded question keeps its translation"


def test_customers_read_their_language_and_the_original_where_there_is_none(
    owner: Someone, customer: FlaskClient
) -> None:
    api(owner, "PATCH", json=EVERYTHING)
    german, french = (customer.get(f"/c/spring?lang={language}").text for language in ("de", "fr"))
    assert all(words in german for words in ("Wie war es?", "Vorher?", "After?", "A coupon"))
    assert "Before?" not in german
    assert all(words in french for words in ("How was it?", "Before?", "Thank you!"))


def test_others_find_no_campaign_and_change_none(stranger: Someone, owner: Someone) -> None:
    before = api(owner, "GET").json
    assert api(stranger, "GET").status_code == 404
    for body in ({"name": "Mine"}, {"name": 5}, {}):
        assert api(stranger, "PATCH", json=body).status_code == 404
    assert api(stranger, "PUT", "/spring/logo", data=b"x").status_code == 404
    assert api(stranger, "DELETE", "/spring/logo").status_code == 404
    assert api(stranger, "GET", "/spring/consent-texts").status_code == 404
    assert add_text(stranger, en=AGREE).status_code == 404
    page = "/console/campaigns/spring"
    assert stranger.client.get(page).status_code == 404
    assert save(stranger, name="Mine").status_code == 404
    for act in ("logo", "logo/remove", "consent-texts"):
        assert stranger.client.post(f"{page}/{act}", data={"consent-en": AGREE}).status_code == 404
    assert api(owner, "GET").json == before
    assert owner.client.get("/console/campaigns/nobody").status_code == 404


def test_who_may_not_edit_looks_and_changes_nothing(viewer: Someone, moderator: Someone, owner: Someone) -> None:
    before = api(owner, "GET").json
    for who in (viewer, moderator):
        page = who.client.get("/console/campaigns/spring")
        assert page.status_code == 200
        assert 'fieldset class="stack loose" disabled' in page.text
        assert "Put it in force" not in page.text
        assert save(who).status_code == 403
        for act in ("logo", "logo/remove", "consent-texts"):
            assert who.client.post(f"/console/campaigns/spring/{act}", data={"consent-en": AGREE}).status_code == 403
    assert api(owner, "GET").json == before


def test_without_the_forms_token_nothing_changes(app: Flask, owner: Someone) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    before = api(owner, "GET").json
    assert save(owner, name="Mine").status_code == 400
    for act in ("logo", "logo/remove", "consent-texts"):
        assert owner.client.post(f"/console/campaigns/spring/{act}", data={"consent-en": AGREE}).status_code == 400
    assert api(owner, "GET").json == before


def test_the_page_saves_adds_removes_and_reorders_without_a_script(owner: Someone) -> None:
    answer = save(
        owner,
        **{"question-0-text": "First?", "question-0-hint": "", "question-0-place": "3"},
        **{"question-1-text": "Second?", "question-1-hint": "h", "question-1-place": "1"},
        **{"question-2-text": "", "question-2-hint": " ", "question-2-place": "2"},
        **{"question-104-text": "Added?", "question-104-hint": "", "question-104-place": "4"},
        **{"t-de-greeting": "Hallo", "t-de-question-104-text": "Neu?", "t-de-question-1-text": "Zweite?"},
        **{"t-xx-greeting": "?", "add_language": "fr", "smooth": "on"},
    )
    assert answer.status_code == 303
    assert "translate=fr" in answer.headers["Location"]
    read = api(owner, "GET").json
    assert [each["text"] for each in read["questions"]] == ["Second?", "First?", "Added?"]
    assert [each["text"] for each in read["translations"]["de"]["questions"]] == ["Zweite?", "", "Neu?"]
    assert list(read["translations"]) == ["de"]
    assert (read["ways"], read["max_frame_rate"], read["reduce_noise"]) == (["record", "text"], 60, False)
    page = owner.client.get(answer.headers["Location"]).text
    assert 'name="t-fr-greeting"' in page
    assert "Zweite?" in page


def test_faults_stand_at_their_fields_and_nothing_typed_is_lost(owner: Someone) -> None:
    wrong = {
        "name": "", "max_seconds": "soon", "ways": [], "question-0-text": "", "question-0-hint": "A hint without a question",
        "question-7-text": "Kept?", "question-7-hint": "", "t-de-question-7-text": "x" * 201,
    }  # fmt: skip
    answer = save(owner, **wrong)
    assert answer.status_code == 422
    shown = dict(re.findall(r'data-error="([^"]+)">([^<]+)<', answer.text))
    assert set(shown) == {"name", "max_seconds", "ways", "question-0-text", "t-de-question-7-text"}
    assert all(words in answer.text for words in ("A hint without a question", "Kept?", "x" * 201, 'value="soon"'))
    machine = owner.client.post(
        "/console/campaigns/spring", data={**FORM, **wrong}, headers={"Accept": "application/json"}
    )
    assert (machine.status_code, set(machine.json["errors"])) == (422, set(shown))
    good = owner.client.post("/console/campaigns/spring", data=FORM, headers={"Accept": "application/json"})
    assert good.json == {"saved": True}


def test_nothing_that_is_written_becomes_markup(owner: Someone, customer: FlaskClient) -> None:
    texts = dict.fromkeys(("name", "greeting", "thanks_text", "incentive"), EVIL)
    question = [{"text": EVIL, "hint": EVIL}]
    translation = {name: EVIL for name in texts if name != "name"} | {"questions": question}
    everything = {**texts, "questions": question, "translations": {"de": translation, "ar": translation}}
    assert api(owner, "PATCH", json=everything).status_code == 200
    assert add_text(owner, en=EVIL + AGREE, de=EVIL + STIMME_ZU).status_code == 201
    pages = [owner.client.get(path).text for path in ("/console/campaigns/spring", "/console/campaigns")]
    pages += [customer.get(f"/c/spring?lang={language}").text for language in ("en", "de", "ar")]
    pages.append(save(owner, **dict.fromkeys(texts, EVIL * 12)).text)
    pages.append(owner.client.post("/console/campaigns/spring/consent-texts", data={"consent-en": EVIL}).text)
    pages.append(owner.client.post("/console/campaigns", data={**FORM, "name": EVIL, "slug": EVIL}).text)
    for page in pages:
        assert "alert(1)" in page
        assert "<script>alert" not in page
        assert "49" not in html.unescape(page).split("alert(1)")[1][:20]
        assert 'value=""\'' not in page


def test_a_consent_text_in_force_is_what_customers_see_and_what_is_counted(
    owner: Someone, customer: FlaskClient
) -> None:
    acts.hand_in(customer, b"x")
    assert add_text(owner, en=AGREE, de=STIMME_ZU).json == {"version": 1}
    acts.hand_in(customer, b"y")
    acts.hand_in(customer, b"z", language="de")
    assert add_text(owner, en=AGREE + " Always.").json == {"version": 2}
    versions = api(owner, "GET", "/spring/consent-texts").json["items"]
    assert [(each["version"], each["agreed"], each["in_force"]) for each in versions] == [
        (2, 0, True), (1, 2, False), (0, 1, False),
    ]  # fmt: skip
    assert versions[1]["texts"]["de"]["text"] == STIMME_ZU
    assert versions[1]["until"] == versions[0]["since"]
    assert versions[0]["until"] is None
    assert AGREE + " Always." in customer.get("/c/spring?lang=de").text, "the campaign's own where there is no German"
    page = owner.client.get("/console/campaigns/spring").text
    assert "Version 2" in page
    assert STIMME_ZU in page
    assert re.search(r">2</span> customers agreed", page)
    assert re.search(r">1</span> customer agreed", page)


def test_a_version_is_never_changed(app: Flask, owner: Someone) -> None:
    add_text(owner, en=AGREE)
    before = api(owner, "GET", "/spring/consent-texts").json["items"]
    assert add_text(owner, en=AGREE).json["code"] == "unchanged"
    methods = {
        method
        for rule in app.url_map.iter_rules()
        if "consent-texts" in rule.rule
        for method in rule.methods or set()
        if method not in ("HEAD", "OPTIONS")
    }
    assert methods == {"GET", "POST"}
    add_text(owner, en=AGREE + " More.")
    after = api(owner, "GET", "/spring/consent-texts").json["items"]
    assert {**after[1], "until": None, "in_force": True} == before[0]


@pytest.mark.parametrize(
    ("texts", "field"),
    [
        ({"en": "Too short."}, "texts.en"), ({"en": "x" * 5001}, "texts.en"), ({"de": STIMME_ZU}, "texts.en"), ({}, "texts.en"),
        ({"en": AGREE, "xx": AGREE}, "texts.xx"), ({"en": 7}, "texts.en"), ({"en": AGREE, "de": None}, "texts.de"),
        ([AGREE], "texts"), (None, "texts"), ({"en": " " * 80}, "texts.en"),
    ],
)  # fmt: skip
def test_consent_texts_are_checked(owner: Someone, texts: Any, field: str) -> None:
    answer = api(owner, "POST", "/spring/consent-texts", json={"texts": texts})
    assert answer.status_code == 422
    assert field in answer.json["errors"]
    assert [each["version"] for each in api(owner, "GET", "/spring/consent-texts").json["items"]] == [0]


def test_the_console_adds_a_version_or_says_what_is_wrong(owner: Someone) -> None:
    page = "/console/campaigns/spring/consent-texts"
    short = owner.client.post(page, data={"consent-en": "Short", "consent-de": STIMME_ZU})
    assert short.status_code == 422
    assert "Between 40 and 5,000 characters." in short.text
    assert STIMME_ZU in short.text
    assert owner.client.post(page, data={"consent-en": AGREE, "consent-de": STIMME_ZU}).status_code == 303
    again = owner.client.post(page, data={"consent-en": AGREE, "consent-de": STIMME_ZU})
    assert (again.status_code, "in force already" in again.text) == (409, True)


def test_a_campaign_is_made_and_leads_to_its_page(runtime: Runtime, owner: Someone) -> None:
    form = {"name": "Autumn", "slug": "autumn", "brand_color": "#112233", "max_seconds": "9"}
    refused = owner.client.post("/console/campaigns", data=form)
    assert f"Recordings may last 10 to {runtime.settings.max_duration_seconds} seconds." in refused.text
    made = owner.client.post("/console/campaigns", data={**form, "max_seconds": "60"})
    assert made.headers["Location"].startswith("/console/campaigns/autumn")
    page = owner.client.get(made.headers["Location"]).text
    assert "/c/autumn" in page
    assert "/console/campaigns/autumn/invitations" in page


def test_a_recording_that_runs_goes_on_while_the_campaign_changes(owner: Someone, customer: FlaskClient) -> None:
    path = acts.start(customer, length=6)
    assert acts.patch(customer, path, b"abc").status_code == 204
    shown = re.search(r'name="consent_hash" value="(\w+)"', customer.get("/c/spring").text)
    api(owner, "PATCH", json={**EVERYTHING, "max_seconds": 10})
    add_text(owner, en=AGREE)
    assert acts.patch(customer, path, b"def", 3).status_code == 204
    assert shown
    handed_in = acts.submit(customer, path.rsplit("/", 1)[1], consent_hash=shown[1])
    assert handed_in.status_code == 201
    versions = api(owner, "GET", "/spring/consent-texts").json["items"]
    assert [each["agreed"] for each in versions] == [0, 1], "it counts for the text that was read"
