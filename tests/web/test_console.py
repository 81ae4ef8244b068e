"""The console and the sign-in: who may do what, and what strangers and forged requests get."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from testimonials.runtime import Runtime
from testimonials.services import accounts
from testimonials.upkeep import operations
from tests import acts
from tests.conftest import Someone


@pytest.fixture
def token(customer: FlaskClient, owner: Someone) -> str:
    return acts.hand_in(customer, b"x")["token"]


def review_of(owner: Someone, token: str) -> str:
    return owner.client.get(f"/api/v1/testimonials/{token}", headers=owner.bearer).json["review"]


def test_every_page_sends_strangers_to_sign_in(app: Flask, customer: FlaskClient) -> None:
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/console/"):
            path = rule.rule.replace("<token>", "guess").replace("<language>", "en")
            answer = customer.open(path, method="GET" if "GET" in rule.methods else "POST")
            assert answer.status_code == 302, path
            assert answer.headers["Location"].startswith("/sign-in?next=")


def test_what_belongs_to_others_does_not_exist(stranger: Someone, owner: Someone, token: str) -> None:
    for act in ("approve", "reject", "reopen", "retry"):
        assert stranger.client.post(f"/console/testimonials/{token}/{act}").status_code == 404
    for act in ("poster", "captions/en", "social"):
        given = {"candidate": "1", "text": "mine", "format": "1x1"}
        assert stranger.client.post(f"/console/testimonials/{token}/{act}", data=given).status_code == 404
    assert stranger.client.get(f"/console/testimonials/{token}/state.json").status_code == 404
    assert token not in stranger.client.get("/console/").text
    assert "/c/spring" not in stranger.client.get("/console/campaigns").text
    assert review_of(owner, token) == "pending"


def test_verdicts_and_undo(moderator: Someone, owner: Someone, token: str) -> None:
    page = moderator.client.get("/console/").text
    assert "Maya R." in page
    for act, state in (("approve", "approved"), ("reopen", "pending"), ("reject", "rejected"), ("reopen", "pending")):
        answer = moderator.client.post(f"/console/testimonials/{token}/{act}", headers={"Accept": "application/json"})
        assert (answer.json["review"], review_of(owner, token)) == (state, state)
    assert moderator.client.post(f"/console/testimonials/{token}/approve").status_code == 303


def test_a_viewer_looks_and_changes_nothing(viewer: Someone, owner: Someone, token: str) -> None:
    assert viewer.client.get("/console/").status_code == 200
    assert viewer.client.post(f"/console/testimonials/{token}/approve").status_code == 403
    assert (
        viewer.client.post(
            "/console/campaigns", data={"name": "x", "slug": "x", "brand_color": "#112233", "max_seconds": "60"}
        ).status_code
        == 403
    )
    assert viewer.client.post("/console/widgets", data={"name": "x", "layout": "wall"}).status_code == 403
    assert review_of(owner, token) == "pending"


def test_campaigns_and_widgets_are_made(owner: Someone) -> None:
    form = {"name": "Autumn", "slug": "autumn", "greeting": "", "brand_color": "#112233", "max_seconds": "60"}
    assert owner.client.post("/console/campaigns", data=form).status_code == 303
    assert "/c/autumn" in owner.client.get("/console/campaigns").text
    assert "This link is taken" in owner.client.post("/console/campaigns", data=form).text
    assert owner.client.post("/console/widgets", data={"name": "Home", "layout": "wall"}).status_code == 303
    assert "&lt;testimonial-widget" in owner.client.get("/console/widgets").text


def test_without_the_forms_token_nothing_happens(app: Flask, owner: Someone, token: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    assert owner.client.post(f"/console/testimonials/{token}/approve").status_code == 400
    assert owner.client.post("/sign-out").status_code == 400
    assert review_of(owner, token) == "pending"


def test_a_sign_in_link_works_once_and_not_by_looking(app: Flask, runtime: Runtime, owner: Someone) -> None:
    member = accounts.owner_id(runtime, owner.workspace_id)
    path = accounts.sign_in_link(runtime, member).removeprefix(runtime.settings.base_url)
    first, second = app.test_client(), app.test_client()
    for _ in range(2):
        assert first.get(path).status_code == 200, "a mail scanner that follows it uses nothing up"
    assert first.post(path).status_code == 303
    assert first.get("/console/").status_code == 200
    assert second.post(path).status_code == 404
    assert second.get("/console/").status_code == 302


def test_wrong_passwords_sound_alike_and_make_one_wait(app: Flask, owner: Someone) -> None:
    client = app.test_client()

    def attempt(email: str, password: str) -> tuple[int, str]:
        answer = client.post("/sign-in", data={"email": email, "password": password})
        return answer.status_code, "wrong" if "is wrong" in answer.text else answer.text

    assert attempt("nobody@copper.example", "x") == attempt("owner@copper.example", "x") == (401, "wrong")
    for _ in range(4):
        attempt("owner@copper.example", "x")
        attempt("nobody@copper.example", "x")
    assert attempt("owner@copper.example", "correct horse battery")[0] == 429
    assert attempt("nobody@copper.example", "x")[0] == 429, "the pause does not tell who has an account"
    elsewhere = app.test_client()
    given = {"email": "owner@copper.example", "password": "correct horse battery"}
    answer = elsewhere.post("/sign-in", data=given, environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert answer.status_code == 303, "nobody can lock the owner out from elsewhere"


def test_a_new_password_signs_the_other_browsers_out(app: Flask, owner: Someone) -> None:
    thief = app.test_client()
    thief.post("/sign-in", data={"email": "owner@copper.example", "password": "correct horse battery"})
    assert thief.get("/console/").status_code == 200
    assert owner.client.post("/password", data={"password": "another long password"}).status_code == 303
    assert thief.get("/console/").status_code == 302
    assert owner.client.get("/console/").status_code == 200, "the one who changed it stays"


def test_a_password_signs_in_and_sign_out_ends_it(app: Flask, owner: Someone) -> None:
    client = app.test_client()
    given = {"email": " Owner@Copper.example ", "password": "correct horse battery"}
    assert client.post("/sign-in", data=given).status_code == 303
    cookie = client.get_cookie("session")
    assert client.get("/console/").status_code == 200
    assert client.post("/sign-out").status_code == 303
    client.set_cookie("session", cookie.value)
    assert client.get("/console/").status_code == 302, "an old cookie that somebody kept opens nothing"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""]
)
def test_signing_in_never_leads_away(app: Flask, owner: Someone, target: str) -> None:
    given = {"email": "owner@copper.example", "password": "correct horse battery"}
    answer = app.test_client().post(f"/sign-in?next={target}", data=given)
    assert answer.headers["Location"] == "/console/"


def test_the_banner_says_when_no_worker_is_there(runtime: Runtime, owner: Someone) -> None:
    from testimonials.upkeep import operations

    assert "No worker has been seen" in owner.client.get("/console/").text
    operations.beat(runtime, name="w", sandbox="bubblewrap", ffmpeg="5")
    assert "No worker has been seen" not in owner.client.get("/console/").text


def test_pages_carry_strict_headers(owner: Someone) -> None:
    headers = owner.client.get("/console/").headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "private, no-store"


def test_no_redirect_repeats_what_host_the_client_claims(owner: Someone) -> None:
    for path in ("/console", "//console/", "/console/campaigns/"):
        answer = owner.client.get(path, headers={"Host": "evil.example"})
        assert "evil.example" not in answer.headers.get("Location", "")


def test_metrics_are_for_who_has_the_token(runtime: Runtime, customer: FlaskClient, owner: Someone, token: str) -> None:
    assert customer.get("/metrics").status_code == 404
    object.__setattr__(runtime.settings, "metrics_token", "a-token-for-prometheus")
    assert customer.get("/metrics").status_code == 404
    assert customer.get("/metrics", headers={"Authorization": "Bearer guess"}).status_code == 404
    operations.beat(runtime, name="w", lane="media", slots=1, sandbox="bubblewrap", ffmpeg="5")
    answer = customer.get("/metrics", headers={"Authorization": "Bearer a-token-for-prometheus"})
    assert 'testimonials_workers{lane="media",sandbox="bubblewrap"' in answer.text
    assert 'testimonials_jobs{name="testimonials.process",state="queued"} 1' in answer.text
    assert "Maya" not in answer.text
