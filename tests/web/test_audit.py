"""The audit log in the console: every route that changes something leaves an entry; owners read, narrow and take it home."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from testimonials.domain.audit import GENESIS, Said, chained
from testimonials.models import AuditHead, Job, Testimonial
from testimonials.runtime import Runtime
from testimonials.services import audit, widgets
from testimonials.services.audit import Wanted
from tests.acts import hand_in
from tests.conftest import Someone
from tests.web.accounts.test_roles import OPEN, path_of, rules

FORM = {
    "name": "Autumn",
    "slug": "autumn",
    "language": "en",
    "email": "new@copper.example",
    "role": "viewer",
    "tags": "bikes",
    "tag": "bikes",
    "reason": "Too dark",
    "text": "A note",
    "words": "",
    "two_approvals": "1",
    "days": "20",
    "promise": "Ten percent off",
    "threshold": "1",
    "each_at_most": "1",
    "all_at_most": "0",
    "active": "1",
    "codes": "AAA\nBBB",
    "act": "approve",
    "layout": "wall",
    "theme": "auto",
    "campaign": "spring",
    "consent_en": "I agree that this business shows what I sent, on its site and elsewhere.",
    "password": "correct horse battery",
    "again": "correct horse battery",
    "kind": "presence",
    "layout_a": "wall",
    "expected_percent": "3",
    "smallest_points": "1",
    "format": "square",
    "at": "1.0",
}
"""Whatever any form asks for. Where that is not enough, the route refuses, and then nothing may change either."""
QUIET = {
    "console.mint_share": "a share of a public testimonial is counted in the ledger; nothing of the workspace changes",
}
"""Unsafe routes that leave no entry, each with its reason. Empty is best."""
AT_LEAST = 22


def everything(runtime: Runtime) -> str:
    """All rows but the log's, and what a request always touches: when a browser or a token was last seen."""
    connection = sqlite3.connect(str(runtime.db.engine.url.database))
    lines = [line for line in connection.iterdump() if '"audit_' not in line and '"sign_in_misses"' not in line]
    connection.close()
    return "\n".join(lines)


def written(runtime: Runtime) -> int:
    """Entries of all workspaces: an act may be about one that was made a moment ago."""
    with runtime.db.read() as session:
        return sum(session.scalars(select(AuditHead.number)))


def test_every_route_that_changes_something_leaves_an_entry(
    app: Flask, runtime: Runtime, owner: Someone, customer: object
) -> None:
    token = hand_in(customer, b"video")["token"]  # type: ignore[arg-type]
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Testimonial).values(media="ready"))
    widget = widgets.create(runtime, owner.workspace_id, name="Wall").token
    owner.client.get("/api/v1/widgets", headers=owner.bearer)  # from now on its last use is kept already
    changed: set[str] = set()
    silent: list[str] = []
    last = ("leave", "sign_out", "delete_widget", "erase_testimonial", "password", "new_workspace", "open_workspace")
    walked = sorted(
        ((rule, method) for rule, method in rules(app, "console", "accounts", "api") if method != "GET"),
        key=lambda each: (each[0].endpoint.endswith(last), each[0].endpoint),
    )
    for rule, method in walked:
        if rule.endpoint in OPEN:
            continue  # signing in and out: the tests below
        of_widget = "/widgets/" in rule.rule
        values = {"token": widget if of_widget else token, "slug": "spring", "language": "en", "cause": "testimonial"}
        before, number = everything(runtime), written(runtime)
        sent = {"headers": owner.bearer, "json": FORM} if rule.endpoint.startswith("api.") else {"data": FORM}
        owner.client.open(path_of(app, rule, values), method=method, **sent)  # type: ignore[arg-type]
        if everything(runtime) == before:
            continue
        changed.add(rule.endpoint)
        if written(runtime) == number and rule.endpoint not in QUIET:
            silent.append(f"{method} {rule.endpoint}")
    assert silent == [], sorted(changed)
    assert len(changed) >= AT_LEAST, sorted(changed)
    assert audit.check(runtime).broken == {}


def test_whatever_else_is_unsafe_says_who_acts(app: Flask) -> None:
    """Those whose forms the walk could not fill in go through the same door, which says who acts; what writes is recorded."""
    for rule, method in rules(app, "console", "accounts"):
        if method != "GET" and rule.endpoint not in OPEN:
            assert hasattr(app.view_functions[rule.endpoint], "required_acts"), rule


def acts_of(runtime: Runtime, workspace: str) -> list[tuple[str, str, str]]:
    return [(each.who, each.act, each.object) for each in audit.every(runtime, workspace, Wanted())]


def test_signing_in_and_out_are_recorded(runtime: Runtime, owner: Someone) -> None:
    who, act, _ = acts_of(runtime, owner.workspace_id)[1]
    assert who.startswith("member:")
    assert act == "sign_in"
    owner.client.post("/sign-out")
    assert acts_of(runtime, owner.workspace_id)[0] == (who, "sign_out", who)


def test_moderation_names_each_testimonial_and_who(runtime: Runtime, owner: Someone, shown: str) -> None:
    owner.client.post(f"/console/testimonials/{shown}/reject", data={"reason": "Maya is too loud"})
    who, act, on = acts_of(runtime, owner.workspace_id)[0]
    assert (who.partition(":")[0], act, on) == ("member", "reject", f"testimonial:{shown}")
    tail = {"headers": owner.bearer, "json": {}}
    owner.client.post(f"/api/v1/testimonials/{shown}/approve", **tail)
    assert acts_of(runtime, owner.workspace_id)[0][0].startswith("token:")


def test_an_erasure_stays_in_the_log_without_the_person(runtime: Runtime, owner: Someone, shown: str) -> None:
    owner.client.post(f"/console/testimonials/{shown}/notes", data={"text": "Maya called"})
    owner.client.delete(f"/api/v1/testimonials/{shown}", headers=owner.bearer)
    assert acts_of(runtime, owner.workspace_id)[0][1:] == ("erase_testimonial", f"testimonial:{shown}")
    said = owner.client.get("/console/operations/audit.jsonl").text
    assert "Maya" not in said
    assert "maya" not in said


def test_the_exported_log_can_be_checked_by_anybody(owner: Someone) -> None:
    answer = owner.client.get("/console/operations/audit.jsonl")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="audit-log.jsonl"'
    lines = [json.loads(line) for line in answer.text.splitlines()][::-1]
    previous = GENESIS
    for line in lines:
        kept = line.pop("hash")
        previous = chained(previous, Said(**{**line, "at": datetime.fromisoformat(line["at"])}))
        assert previous == kept
    assert len(lines) >= 4


def test_it_is_narrowed_and_taken_home_as_csv(owner: Someone) -> None:
    found = owner.client.get("/console/operations/audit.csv?act=create_campaign").text.removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(found)))
    assert [row["object"] for row in rows] == ["campaign:spring"]
    page = owner.client.get("/console/operations/audit?object=campaign:spring")
    assert page.text.count("<tr><td") == 1
    assert "No entry fits" in owner.client.get("/console/operations/audit?to=2001-01-01").text
    wrong = owner.client.get("/console/operations/audit?from=yesterday")
    assert wrong.status_code == 200
    assert "A day is written as" in wrong.text


@pytest.mark.parametrize("path", ["operations", "operations/audit", "operations/audit.csv", "operations/audit.jsonl"])
def test_only_owners_see_it(path: str, moderator: Someone, stranger: Someone, owner: Someone) -> None:
    assert moderator.client.get(f"/console/{path}").status_code == 403
    assert owner.client.get(f"/console/{path}").status_code == 200
    theirs = stranger.client.get(f"/console/{path}").text.replace('placeholder="campaign:spring"', "")
    assert "campaign:spring" not in theirs


def test_what_failed_is_shown_and_tried_again_once(
    runtime: Runtime, owner: Someone, stranger: Someone, customer: object, tmp_path: Path
) -> None:
    token = hand_in(customer, b"video")["token"]  # type: ignore[arg-type]
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Testimonial).values(media="failed", failure="timed_out"))
        transaction.execute(update(Job).values(state="failed", failure="timed_out", timings={"probing": 1.5}))
    page = owner.client.get("/console/operations").text
    assert "went over its time limit" in page
    assert "probing 1.5 s" in page
    assert "Nothing has failed" in stranger.client.get("/console/operations?show=failed").text
    retry = f"/console/operations/testimonials/{token}/retry"
    assert stranger.client.post(retry).status_code == 404
    assert owner.client.post(retry).headers["Location"].endswith("said=retried")
    assert owner.client.post(retry).headers["Location"].endswith("said=settled")
    failed = owner.client.get("/console/operations?show=failed").text
    assert "It was tried again since." in failed
    assert retry not in failed
