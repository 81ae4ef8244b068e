"""Where a campaign leads its customers on to, which sites may frame its page, its templates; hostile input."""

from __future__ import annotations

import dataclasses
import html
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from testimonials.app import create_app
from testimonials.domain.campaign_templates import TEMPLATES, slug_of
from testimonials.runtime import Runtime
from tests import acts
from tests.conftest import Someone

EVIL = "\"'><script>alert(1)</script>{{7*7}}"
PAGE = "/console/campaigns/spring"
FORM = {"name": "Spring", "language": "en", "ways": ["text", "record"], "brand_color": "#123456", "max_seconds": "60"}
NO_PAGES = [
    "javascript:alert(1)", "JavaScript:alert(1)//https://example.com", "data:text/html,x", "http://example.com/",
    "//evil.example",
    "/console", "https:evil.example", "https:///evil.example", "https://", "https://user@evil.example", "https://a:b@evil.example",
    "https://evil.example\\@example.com", "https://evil.example:99999/",
    "https://evil.example:0/", "https://exa mple.com", "https://*.example.com/",
    "https://example.com\r\nSet-Cookie: a=b", "https://[::1]/", "https://127.0.0.1/", "https://localhost/", "https://exa%6dple.com/",
    "https://example.com;script-src *", "https://example.com'none'", "https://example..com/", "https://-example.com/",
    "https://example.com/" + "x" * 2000, EVIL, "https://example.com/\"><script>", "\u202ehttps://example.com",
    "https://ex\u0007ample.com/",
]  # fmt: skip
NO_SITES = [
    "*", "https://*", "*.com", "http://example.com", "data:", "blob:", "'self'", "'none'", "example", "localhost", "127.0.0.1",
    "[::1]", "a.*.example.com", "*example.com", "example.com;script-src", "user@example.com", "//", "example.com:99999",
    "ex\u0007ample.com", "https://",
    "<script>.com", "x" * 64 + ".com", ("a." * 150) + "com", "javascript:alert(1)", "example.com:*", "https://example.com'",
]  # fmt: skip


def edit(who: Someone, **change: Any) -> Any:
    return who.client.patch("/api/v1/campaigns/spring", headers=who.bearer, json=change)


def policy(client: FlaskClient, path: str = "/c/spring") -> dict[str, str]:
    header = client.get(path).headers["Content-Security-Policy"]
    return {name: rest for name, _, rest in (part.strip().partition(" ") for part in header.split(";"))}


def test_nobody_is_led_on_to_what_is_no_page_of_the_web(owner: Someone, customer: FlaskClient) -> None:
    for address in NO_PAGES:
        assert "redirect_url" in edit(owner, redirect_url=address).json.get("errors", {}), address
    for address in (NO_PAGES[0], NO_PAGES[3], EVIL):
        answer = owner.client.post(PAGE, data={**FORM, "redirect_url": address})
        assert (answer.status_code, 'data-error="redirect_url">' in answer.text) == (422, True)
        assert "<script>alert" not in answer.text
    assert policy(customer)["form-action"] == "'self'"


def test_no_site_gets_into_the_policy_that_is_none(owner: Someone, customer: FlaskClient) -> None:
    for name in NO_SITES:
        assert "sites" in edit(owner, sites=["example.com", name]).json.get("errors", {}), name
    for name in (NO_SITES[0], "<script>alert(1)</script>.com"):
        answer = owner.client.post(PAGE, data={**FORM, "sites": f"example.com\n{name}"})
        assert (answer.status_code, 'data-error="sites">' in answer.text) == (422, True)
        assert "<script>alert" not in answer.text
    assert policy(customer)["frame-ancestors"] == "'none'"


def test_sites_are_a_list_of_a_few_names(owner: Someone) -> None:
    for wrong in (None, "example.com", {"a": 1}, [1], [None], [["example.com"]], ["a.com"] * 21):
        assert "sites" in edit(owner, sites=wrong).json["errors"]


def test_other_types_are_refused(owner: Someone) -> None:
    for wrong in (None, 1, [], {}, ["https://example.com"]):
        for field in ("asks_to_share", "redirect_url"):
            assert field in edit(owner, **{field: wrong}).json["errors"]


def test_named_sites_may_frame_the_page_and_no_other_page(owner: Someone, customer: FlaskClient) -> None:
    assert policy(customer)["frame-ancestors"] == "'none'"
    written = "Example.com\n https://www.example.com/contact?x=1, *.shop.example.com\n"
    written += "bücher.example.com example.com:8443 example.com."
    assert owner.client.post(PAGE, data={**FORM, "sites": written}).status_code == 303
    kept = [
        "https://example.com", "https://www.example.com", "https://*.shop.example.com", "https://xn--bcher-kva.example.com",
        "https://example.com:8443",
    ]  # fmt: skip
    assert owner.client.get("/api/v1/campaigns/spring", headers=owner.bearer).json["sites"] == kept
    assert policy(customer)["frame-ancestors"] == " ".join(kept)
    refused = customer.post("/c/spring/submissions", data={"kind": "text"})
    assert "https://*.shop.example.com" in refused.headers["Content-Security-Policy"], "also with what was wrong in it"
    assert kept[0] in owner.client.get(PAGE).text
    given = acts.hand_in(customer, b"x")
    for path in (given["manage_url"], f"{given['manage_url']}/replace", PAGE, "/sign-in", f"/t/{given['token']}"):
        assert "example.com" not in owner.client.get(path).headers["Content-Security-Policy"], path
    assert edit(owner, sites=[]).json["sites"] == []
    assert policy(customer)["frame-ancestors"] == "'none'"


def test_customers_are_led_on_and_no_request_says_where(owner: Someone, customer: FlaskClient) -> None:
    edit(owner, redirect_url="https://example.com/thanks?from=us&x=<y")
    assert "redirect_url" in edit(owner, redirect_url="https://example.com/thanks?from=us&x=<y").json["errors"]
    edit(owner, redirect_url="https://Example.com/thanks?from=us&amp;x=1")
    page = customer.get(
        "/c/spring?redirect_url=https://evil.example&onward=https://evil.example&next=//evil.example"
    ).text
    assert "evil.example" not in page
    assert "Continue to example.com" in page
    assert 'href="https://Example.com/thanks?from=us&amp;amp;x=1"' in page
    assert policy(customer)["form-action"] == "'self' https://example.com"
    words = {**acts.DETAILS, "kind": "text", "redirect_url": "https://evil.example", "onward": "https://evil.example"}
    answer = customer.post("/c/spring/submissions", data=words)
    assert answer.headers["Location"].startswith("/my/"), "mail is off: their own page is nowhere else"
    assert "Continue to" not in customer.get("/c/spring").text.replace("Continue to example.com", "")


def test_without_script_they_are_led_on_where_mail_has_their_page(
    runtime: Runtime, owner: Someone, customer: FlaskClient
) -> None:
    edit(owner, redirect_url="https://example.com/thanks")
    settings = dataclasses.replace(runtime.settings, smtp_url="smtp://127.0.0.1:9", mail_from="a@example.org")
    client = create_app(runtime=dataclasses.replace(runtime, settings=settings)).test_client()
    answer = client.post("/c/spring/submissions", data={**acts.DETAILS, "kind": "text"})
    assert (answer.status_code, answer.headers.get("Location")) == (303, "https://example.com/thanks")


def test_the_prompt_to_share_can_be_left_out(owner: Someone, customer: FlaskClient) -> None:
    assert "share it or take it back" in customer.get("/c/spring").text
    assert owner.client.post(PAGE, data=FORM).status_code == 303, "the switch is off in this form"
    page = customer.get("/c/spring").text
    assert ("See where it is or take it back" in page, "share it or take it back" in page) == (True, False)
    assert "zurückziehen" in customer.get("/c/spring?lang=de").text
    assert owner.client.post(PAGE, data={**FORM, "asks_to_share": EVIL}).status_code == 303
    assert owner.client.get("/api/v1/campaigns/spring", headers=owner.bearer).json["asks_to_share"] is True


@pytest.mark.parametrize("name", ["product", "software"])
def test_a_template_makes_a_campaign_that_can_be_edited(owner: Someone, customer: FlaskClient, name: str) -> None:
    template = TEMPLATES[name]
    page = owner.client.get("/console/campaigns").text
    assert f'value="{name}"' in page
    made = owner.client.post(
        "/console/campaigns", data={"name": template.name, "template": name, "brand_color": "#123456"}
    )
    assert made.status_code == 303
    slug = slug_of(template.name)
    assert f"/console/campaigns/{slug}?" in made.headers["Location"]
    shown = html.unescape(customer.get(f"/c/{slug}").text)
    assert template.fields["greeting"] in shown
    for question in template.fields["questions"]:
        assert question["text"] in shown
        assert len(question["text"]) < 80
    body = {"questions": [{"text": "Mine?"}], "greeting": "Mine"}
    edited = owner.client.patch(f"/api/v1/campaigns/{slug}", headers=owner.bearer, json=body)
    assert edited.json["questions"] == [{"text": "Mine?", "hint": ""}]
    again = owner.client.post(
        "/console/campaigns", data={"name": template.name, "template": name, "brand_color": "#123456"}
    )
    assert re.search(rf"/console/campaigns/{slug}-[0-9a-f]{{6}}\?", again.headers["Location"]), "the link was taken"


def test_a_hostile_form_makes_no_campaign(owner: Someone, viewer: Someone) -> None:
    good = {"name": "New", "template": "product", "brand_color": "#123456"}
    for wrong in (
        {"template": "nothing"},
        {"template": EVIL},
        {"name": ""},
        {"slug": "../x"},
        {"brand_color": "red"},
        {"max_seconds": "soon"},
    ):
        answer = owner.client.post("/console/campaigns", data={**good, **wrong})
        assert answer.status_code == 200
        assert 'class="err"' in answer.text
        assert "<script>alert" not in answer.text
    assert viewer.client.post("/console/campaigns", data=good).status_code == 403
    assert [each["slug"] for each in owner.client.get("/api/v1/campaigns", headers=owner.bearer).json["items"]] == [
        "spring"
    ]
    own = owner.client.post("/console/campaigns", data={**good, "greeting": EVIL, "max_seconds": "30"})
    slug = own.headers["Location"].partition("campaigns/")[2].partition("?")[0]
    made = owner.client.get(f"/api/v1/campaigns/{slug}", headers=owner.bearer).json
    assert (made["greeting"], made["max_seconds"], len(made["questions"])) == (EVIL, 30, 3), "their own words go first"


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Spring  Tune-Up!", "spring-tune-up"), ("Ölwechsel", "olwechsel"), ("春", "campaign"), (EVIL, "script-alert-1-script-7-7"),
     ("-" * 50, "campaign"), ("a" * 120, "a" * 40), ("../../etc", "etc")],
)  # fmt: skip
def test_a_link_is_made_of_a_name(name: str, slug: str) -> None:
    assert slug_of(name) == slug


def test_the_qr_code_and_the_lines_for_a_site(owner: Someone, stranger: Someone) -> None:
    assert stranger.client.get(PAGE).status_code == 404
    assert 'src="/console/campaigns/spring/code.svg"' in owner.client.get(PAGE).text
    edit(owner, language="de", brand_color="#ffee00")
    lines = [
        html.unescape(each) for each in re.findall(r"<code data-copy-source>(.*?)</code>", owner.client.get(PAGE).text)
    ]
    button = next(each for each in lines if each.startswith("<a "))
    frame = next(each for each in lines if each.startswith("<iframe "))
    assert 'href="http://127.0.0.1:8000/c/spring"' in button
    assert "color:#ffffff" not in button, "what stands on it can be read"
    assert "Tell us how it was" not in button
    assert 'allow="camera; microphone' in frame
