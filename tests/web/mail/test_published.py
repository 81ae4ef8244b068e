"""The mail to a customer whose testimonial is on show: once, with its link, and never for what nobody can see."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from testimonials.i18n import LANGUAGES
from testimonials.models import Testimonial
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.services import announcements
from tests import acts
from tests.conftest import Someone
from tests.post import PostOffice, body, deliver

READY = {"media": "ready"}


def change(runtime: Runtime, **values: Any) -> None:
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Testimonial).values(**values))


def approve(who: Someone, token: str) -> Any:
    answer = who.client.post(f"/api/v1/testimonials/{token}/approve", headers=who.bearer)
    assert answer.status_code == 200, answer.text
    return answer.json


def minutes_later(runtime: Runtime) -> None:
    change(runtime, reviewed_at=now() - timedelta(minutes=2))


def announced(office: PostOffice) -> list[Any]:
    return [mail for mail in office.mails if mail["List-Unsubscribe"]]


def test_who_is_shown_gets_the_link_once(
    runtime: Runtime, customer: FlaskClient, owner: Someone, office: PostOffice
) -> None:
    given = acts.hand_in(customer, b"x", name="Maya <b>Rivera</b>")
    change(runtime, **READY)
    approve(owner, given["token"])
    deliver(runtime)
    assert announced(office) == [], "there is a minute to undo it"
    minutes_later(runtime)
    deliver(runtime)
    [mail] = announced(office)
    assert (mail["To"], mail["Subject"]) == ("maya@example.org", "Copper Spoke shows what you sent")
    for part in (body(mail), body(mail, "html")):
        assert f"/t/{given['token']}" in part
        assert given["manage_url"] in part
        assert "Hello Maya," in part
        assert "pass it on" in part
    left = mail["List-Unsubscribe"].strip("<>").partition("/unsubscribe/")[2]
    deliver(runtime)
    owner.client.post(f"/api/v1/testimonials/{given['token']}/reopen", headers=owner.bearer)
    approve(owner, given["token"])
    minutes_later(runtime)
    deliver(runtime)
    assert len(announced(office)) == 1, "once for ever"
    assert customer.post(f"/unsubscribe/{left}").status_code == 200
    again = acts.hand_in(customer, b"y")
    change(runtime, **READY)
    approve(owner, again["token"])
    minutes_later(runtime)
    deliver(runtime)
    assert len(announced(office)) == 1, "they wanted no more"


@pytest.mark.parametrize(
    "hidden",
    [
        {"review": "pending"},
        {"review": "rejected"},
        {"media": "processing"},
        {"media": "failed"},
        {"archived_at": now()},
        {"consent_status": "withdrawn"},
        {"allows_website": False},
        {"reviewed_at": now() - timedelta(days=3)},
    ],
)
def test_nobody_is_told_of_what_is_not_on_show(
    runtime: Runtime, customer: FlaskClient, owner: Someone, office: PostOffice, hidden: dict[str, Any]
) -> None:
    acts.hand_in(customer, b"x")
    before = {"media": "ready", "review": "approved", "reviewed_at": now() - timedelta(minutes=2)}
    change(runtime, **{**before, **hidden})
    deliver(runtime)
    assert announced(office) == []
    if "reviewed_at" not in hidden:
        change(runtime, **before, archived_at=None, consent_status="granted", allows_website=True)
        deliver(runtime)
        assert len(announced(office)) == 1, "as soon as all may see it"


def test_without_the_prompt_or_the_leave_nobody_is_asked_to_share(
    runtime: Runtime, customer: FlaskClient, owner: Someone, office: PostOffice
) -> None:
    acts.hand_in(customer, b"x", consent=["website"])
    change(runtime, media="ready", review="approved", reviewed_at=now() - timedelta(minutes=2))
    deliver(runtime)
    off = owner.client.patch("/api/v1/campaigns/spring", headers=owner.bearer, json={"asks_to_share": False})
    assert off.status_code == 200
    acts.hand_in(customer, b"y")
    change(runtime, media="ready", review="approved", reviewed_at=now() - timedelta(minutes=2))
    deliver(runtime)
    assert len(announced(office)) == 2
    assert not any("pass it on" in body(mail) for mail in announced(office))


def test_several_workers_write_one_mail(runtime: Runtime, customer: FlaskClient, owner: Someone) -> None:
    acts.hand_in(customer, b"x")
    change(runtime, media="ready", review="approved", reviewed_at=now() - timedelta(minutes=2))
    with ThreadPoolExecutor(6) as pool:
        written = list(pool.map(lambda _: announcements.write_due(runtime), range(12)))
    assert sum(written) == 1
    with runtime.db.read() as session:
        assert session.scalar(select(Testimonial.announced_at)) is not None


def test_the_whole_conversation_in_every_language(
    runtime: Runtime, customer: FlaskClient, owner: Someone, office: PostOffice
) -> None:
    """Received, published, and not shown with the moderator's own words: in the language in which they were asked."""
    reason = "Your <b>café</b> is not in the picture."
    for number, language in enumerate(LANGUAGES):
        email = f"c{number}@example.org"
        shown = acts.hand_in(customer, b"x", language=language, email=email)
        change(runtime, media="ready", review="approved", reviewed_at=now() - timedelta(minutes=2))
        deliver(runtime)
        not_shown = acts.hand_in(customer, b"y", language=language, email=email)
        told = {"reason": "Other", "message": reason}
        answer = owner.client.post(f"/api/v1/testimonials/{not_shown['token']}/reject", headers=owner.bearer, json=told)
        assert answer.status_code == 200, answer.text
        office_before = len(office.mails)
        _hurry(runtime)
        deliver(runtime)
        mails = [mail for mail in office.mails if mail["To"] == email]
        assert [mail["Content-Language"] for mail in mails] == [language] * len(mails)
        assert len(office.mails) > office_before
        published = next(mail for mail in mails if mail["List-Unsubscribe"])
        rejected = next(mail for mail in mails if "café" in body(mail))
        assert f"/t/{shown['token']}" in body(published)
        assert "&lt;b&gt;café" in body(rejected, "html")
        assert not_shown["manage_url"] in body(rejected)
        if language != "en":
            assert "shows what you sent" not in published["Subject"]
            assert "at any time, on your own page" not in body(published)


def _hurry(runtime: Runtime) -> None:
    from testimonials.models import Mail

    with runtime.db.transaction() as transaction:
        transaction.execute(update(Mail).values(run_after=now() - timedelta(seconds=1)))
