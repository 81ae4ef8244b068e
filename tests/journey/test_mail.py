"""A whole installation with a mail server: what people do there arrives as mail, sent by its own worker."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests import acts, post
from tests.installation import embedded, wait_for


@pytest.mark.media
def test_the_worker_sends_what_is_written(tmp_path: Path) -> None:
    with (
        post.post_office() as office,
        embedded(tmp_path, smtp_url=office.url, mail_from="reviews@copper.example") as installation,
    ):
        with installation.api() as api:
            api.post("/campaigns", json={"slug": "spring", "name": "Spring"})
            body = {"name": "Maya", "email": "maya@example.org", "language": "en"}
            invited = api.post("/campaigns/spring/invitations", json=body).json()
        wait_for(lambda: len(office.raw) == 1, 30)
        form = {**acts.DETAILS, "kind": "text", "invitation": invited["token"]}
        answer = httpx.post(f"{installation.base}/c/spring/submissions", json=form, timeout=30)
        assert answer.status_code == 201, answer.text
        wait_for(lambda: len(office.raw) == 2, 30)
        assert invited["url"] in post.body(office.mails[0])
        assert answer.json()["testimonial"]["manage_url"] in post.body(office.mails[1])
        assert "mail" in installation.command("doctor")
