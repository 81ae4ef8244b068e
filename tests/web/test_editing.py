"""What can be changed about a clip, from the API, the console and the customer's page; and what strangers get."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from testimonials.runtime import Runtime
from testimonials.storage.memory import MemoryStorage
from tests import acts, clips
from tests.conftest import Someone
from tests.media.conftest import Outputs, streams
from tests.speech import talking_clip

pytestmark = pytest.mark.media


@pytest.fixture
def handed_in(runtime: Runtime, customer: FlaskClient, owner: Someone) -> dict[str, str]:
    made = acts.hand_in(customer, talking_clip(6))
    acts.work_through(runtime)
    return made


@pytest.fixture
def outputs(runtime: Runtime, tmp_path: Any) -> Outputs:
    return Outputs(runtime, tmp_path)


def api(who: Someone, method: str, token: str, path: str = "", **body: Any) -> Any:
    return who.client.open(f"/api/v1/testimonials/{token}{path}", method=method, json=body, headers=who.bearer)


def test_another_frame_becomes_the_poster_everywhere(
    runtime: Runtime, owner: Someone, customer: FlaskClient, outputs: Outputs
) -> None:
    token = acts.hand_in(customer, clips.webm(4))["token"]
    acts.work_through(runtime)
    before = api(owner, "GET", token).json
    other = before["candidates"][-1]
    assert api(owner, "POST", token, "/poster", candidate=other["candidate"]).status_code == 202
    acts.work_through(runtime)
    after = api(owner, "GET", token).json
    assert (after["poster"]["url"], after["share_image"]["url"]) != (
        before["poster"]["url"],
        before["share_image"]["url"],
    )
    assert len(after["renditions"]) == len(before["renditions"])
    assert outputs.file(after["poster"]["url"]).read_bytes() != b""
    named = {url.rsplit("/", 1)[1].partition("?")[0] for url in _urls(after)}
    stored = {key.rsplit("/", 1)[1] for key in runtime.storage.keys("testimonials/")}
    assert named <= stored
    assert api(owner, "POST", token, "/poster", candidate="99").json["code"] == "unknown_candidate"


def _urls(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [url for each in value.values() for url in _urls(each)]
    if isinstance(value, list):
        return [url for each in value for url in _urls(each)]
    return [value] if isinstance(value, str) and "/media/" in value else []


def test_the_customer_chooses_the_poster_too(
    runtime: Runtime, customer: FlaskClient, owner: Someone, handed_in: Any
) -> None:
    path = handed_in["manage_url"].split("/my/")[1]
    page = customer.get(f"/my/{path}").text
    assert "Choose the picture" in page
    before = api(owner, "GET", handed_in["token"]).json["poster"]["url"]
    assert customer.post(f"/my/{path}/poster", data={"candidate": "1"}).status_code == 303
    acts.work_through(runtime)
    assert api(owner, "GET", handed_in["token"]).json["poster"]["url"] != before
    assert customer.post("/my/guess/poster", data={"candidate": "1"}).status_code == 404


def test_corrected_words_keep_their_times_and_new_files_replace_the_old(
    runtime: Runtime, owner: Someone, outputs: Outputs, handed_in: Any
) -> None:
    token = handed_in["token"]
    before = api(owner, "GET", token, "/captions/en").json
    words = " ".join(cue["text"] for cue in before["cues"])
    first, _, rest = words.partition(" ")
    changed = api(owner, "PUT", token, "/captions/en", text=f"Zounds {rest}")
    assert changed.status_code == 200
    after = api(owner, "GET", token, "/captions/en").json
    assert after["edited"] is True
    assert after["cues"][0]["text"].startswith("Zounds")
    assert after["cues"][0]["start_seconds"] == pytest.approx(before["cues"][0]["start_seconds"], abs=0.3)
    files = [outputs.file(changed.json["captions"][0][name]).read_text() for name in ("url", "srt_url")]
    assert all("Zounds" in text and first not in text.split("Zounds")[0] for text in files)
    assert sum("captions-en" in key for key in runtime.storage.keys("testimonials/")) == 2


def test_captions_with_times_are_checked(owner: Someone, handed_in: Any) -> None:
    cues = [{"start_seconds": 0.5, "end_seconds": 2.0, "text": "Grüß Gott"}]
    assert api(owner, "PUT", handed_in["token"], "/captions/de", cues=cues).status_code == 200
    assert api(owner, "GET", handed_in["token"], "/captions/de").json["cues"] == cues
    for wrong in (cues + cues, [{"start_seconds": 3, "end_seconds": 1, "text": "x"}], "words", None):
        assert api(owner, "PUT", handed_in["token"], "/captions/de", cues=wrong).json["code"] == "bad_captions"
    assert api(owner, "PUT", handed_in["token"], "/captions/nolanguageatall", cues=cues).json["code"] == "bad_language"
    assert api(owner, "GET", handed_in["token"], "/captions/fr").status_code == 404


def test_what_people_have_edited_no_recognizer_overwrites(runtime: Runtime, owner: Someone, handed_in: Any) -> None:
    from testimonials import jobs

    token = handed_in["token"]
    api(owner, "PUT", token, "/captions/en", text="What I really said")
    with runtime.db.transaction() as transaction:
        from sqlalchemy import select

        from testimonials.models import Testimonial

        found = transaction.scalars(select(Testimonial.id)).one()
        jobs.enqueue(transaction, runtime.nudge, name=jobs.WRITE_CAPTIONS, testimonial_id=found, max_attempts=1)
    acts.work_through(runtime)
    assert api(owner, "GET", token, "/captions/en").json["cues"][0]["text"] == "What I really said"
    assert sum("captions-en" in key for key in runtime.storage.keys("testimonials/")) == 2


def test_a_clip_for_networks_is_made_on_demand(
    runtime: Runtime, owner: Someone, outputs: Outputs, handed_in: Any
) -> None:
    token = handed_in["token"]
    assert api(owner, "PUT", token, "/focus", x=0.2, y=0.5).json["focus"] == {"x": 0.2, "y": 0.5}
    for _ in range(2):
        assert api(owner, "POST", token, "/social", format="9x16").status_code == 202
    assert len(acts.work_through(runtime)) == 1, "pressed twice, made once"
    (clip,) = api(owner, "GET", token).json["social"]
    assert (clip["format"], clip["width"], clip["height"]) == ("9x16", 1080, 1920)
    assert [stream["codec_name"] for stream in streams(outputs.file(clip["url"]))] == ["h264", "aac"]
    api(owner, "POST", token, "/social", format="9x16", intro=True)
    acts.work_through(runtime)
    (again,) = api(owner, "GET", token).json["social"]
    assert again["url"] != clip["url"], "the newest of a format replaces the one before"
    assert api(owner, "POST", token, "/social", format="4x3").json["code"] == "bad_social"
    assert api(owner, "PUT", token, "/focus", x=2, y="left").json["code"] == "bad_focus"


def test_without_consent_to_networks_no_clip_is_made_for_them(
    runtime: Runtime, customer: FlaskClient, owner: Someone
) -> None:
    token = acts.hand_in(customer, clips.webm(1), consent=["website"])["token"]
    assert api(owner, "POST", token, "/social", format="1x1").json["code"] == "wrong_state"
    acts.work_through(runtime)
    assert api(owner, "POST", token, "/social", format="1x1").json["code"] == "no_consent"


def test_the_console_offers_all_of_it_to_editors_only(moderator: Someone, owner: Someone, handed_in: Any) -> None:
    token = handed_in["token"]
    page = owner.client.get("/console/").text
    for part in ("Save captions", "Make this clip", "Use frame 1", "First playable version"):
        assert part in page
    watching = moderator.client.get("/console/").text
    assert "Save captions" not in watching
    assert "First playable version" in watching
    post = f"/console/testimonials/{token}"
    for act, data in (("captions/en", {"text": "Hello"}), ("poster", {"candidate": "1"})):
        assert moderator.client.post(f"{post}/{act}", data=data).status_code == 403
        assert owner.client.post(f"{post}/{act}", data=data).status_code == 303
    form = {"format": "1x1", "focus_x": "30", "focus_y": "60", "captions": "on"}
    assert owner.client.post(f"{post}/social", data=form).status_code == 303
    shown = api(owner, "GET", token).json
    assert shown["focus"] == {"x": 0.3, "y": 0.6}
    assert "Clip for networks" in [each["title"] for each in shown["jobs"]]


def test_hostile_words_in_captions_stay_words(owner: Someone, customer: FlaskClient, handed_in: Any) -> None:
    token = handed_in["token"]
    nasty = "</textarea><script>alert(1)</script> {\\p1} --> 00:00"
    api(owner, "PUT", token, "/captions/en", text=nasty)
    api(owner, "POST", token, "/approve")
    for page in (owner.client.get("/console/?status=approved").text, customer.get(f"/t/{token}").text):
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page
    url = api(owner, "GET", token).json["captions"][0]["url"]
    answer = customer.get("/" + url.split("/", 3)[3])
    assert answer.headers["Content-Type"].startswith("text/vtt")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "<script" not in answer.text


def test_the_feed_and_the_share_page_carry_what_was_made(owner: Someone, customer: FlaskClient, handed_in: Any) -> None:
    token = handed_in["token"]
    api(owner, "POST", token, "/approve")
    widget = owner.client.post("/api/v1/widgets", json={"name": "Home"}, headers=owner.bearer).json["token"]
    (entry,) = customer.get(f"/widget/{widget}.json").json["items"]
    assert entry["captions"][0]["language"] == "en"
    assert entry["poster"]["srcset"].count(".webp ") >= 1
    for url in [entry["captions"][0]["src"], entry["poster"]["src"], entry["poster"]["srcset"].split()[0]]:
        assert customer.get("/" + url.split("/", 3)[3]).status_code == 200
    page = customer.get(f"/t/{token}").text
    assert 'property="og:image:width" content="1200"' in page
    assert '<track kind="captions"' in page
    assert 'id="words"' in page


def test_erasing_takes_every_kind_of_file_along(runtime: Runtime, owner: Someone, handed_in: Any) -> None:
    api(owner, "POST", handed_in["token"], "/social", format="1x1")
    acts.work_through(runtime)
    assert isinstance(runtime.storage, MemoryStorage)
    assert len(list(runtime.storage.keys("testimonials/"))) > 12
    api(owner, "DELETE", handed_in["token"])
    assert list(runtime.storage.keys("")) == []
