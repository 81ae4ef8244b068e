"""The audit log, for owners: who did what to what, when; narrowed by a form, and taken home as CSV or JSON lines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from flask import Response, current_app, render_template, request

from testimonials.console.blueprint import blueprint
from testimonials.console.sharing import inert
from testimonials.domain.audit import stamped
from testimonials.domain.roles import MANAGE
from testimonials.errors import Invalid
from testimonials.http import runtime
from testimonials.models import AuditEntry
from testimonials.models.audit import ACT_LENGTH, OBJECT_LENGTH, WHO_LENGTH
from testimonials.services import audit
from testimonials.services.accounts import Person
from testimonials.services.audit import CUSTOMER, OPERATOR, Wanted
from testimonials.sessions import requires

COLUMNS = ("number", "at", "who", "act", "object", "detail", "hash")
OTHERS = {CUSTOMER: "A customer", OPERATOR: "Whoever runs the server"}
RECORDED = (
    *("sign_in", "first_proof", "sign_out", "create_workspace", "add_member", "make_sign_in_link", "join_workspace"),
    *("create_token", "create_campaign", "create_widget", "start_experiment", "stop_experiment", "delete_experiment"),
    *("edit_campaign", "erase_testimonial"),
)
"""Acts that use cases name themselves, beside the names of routes."""


@blueprint.get("/operations/audit")
@requires(MANAGE)
def audit_page(person: Person) -> str:
    try:
        wanted, error = _wanted(), ""
    except Invalid as refused:
        wanted, error = Wanted(), refused.detail
    number = request.args.get("before", "")
    before = int(number) if number.isascii() and number.isdigit() and len(number) < 18 else None
    found = audit.page(runtime(), person.workspace_id, wanted, before=before)
    names = OTHERS | audit.people(runtime(), person.workspace_id)
    asked = {key: value for key in ("who", "act", "object", "from", "to") if (value := request.args.get(key, ""))}
    return render_template(
        "console/audit.html",
        person=person,
        entries=found[: audit.PAGE],
        more=found[audit.PAGE - 1].number if len(found) > audit.PAGE else None,
        names=names,
        acts=_acts(),
        asked=asked,
        error=error,
        before=before,
    )


@blueprint.get("/operations/audit.csv")
@requires(MANAGE)
def audit_csv(person: Person) -> Response:
    """All entries that fit, the newest first."""
    lines = _csv(audit.every(runtime(), person.workspace_id, _wanted()))
    return _file(lines, "text/csv; charset=utf-8", "audit-log.csv")


@blueprint.get("/operations/audit.jsonl")
@requires(MANAGE)
def audit_jsonl(person: Person) -> Response:
    """The same with all that a hash is made of, so that anybody can check the chain."""
    lines = _json(audit.every(runtime(), person.workspace_id, _wanted()))
    return _file(lines, "application/jsonl; charset=utf-8", "audit-log.jsonl")


def _file(lines: Iterator[str], content_type: str, name: str) -> Response:
    response = Response(lines, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _csv(entries: Iterator[AuditEntry]) -> Iterator[str]:
    yield "\ufeff" + ",".join(COLUMNS) + "\r\n"
    for entry in entries:
        line = io.StringIO()
        csv.writer(line).writerow([inert(cell) for cell in _fields(entry).values()])
        yield line.getvalue()


def _json(entries: Iterator[AuditEntry]) -> Iterator[str]:
    for entry in entries:
        yield json.dumps({"workspace_id": entry.workspace_id, **_fields(entry)}) + "\n"


def _fields(entry: AuditEntry) -> dict[str, str | int]:
    fields: dict[str, str | int] = {name: getattr(entry, name) for name in COLUMNS if name != "at"}
    return {name: stamped(entry.at) if name == "at" else fields[name] for name in COLUMNS}


def _wanted() -> Wanted:
    """Raises Invalid for days that are none. Both days are included."""
    last = _day("to")
    return Wanted(
        who=request.args.get("who", "")[:WHO_LENGTH],
        act=request.args.get("act", "")[:ACT_LENGTH],
        object=request.args.get("object", "").strip()[:OBJECT_LENGTH],
        since=_day("from"),
        until=last + timedelta(days=1) if last else None,
    )


def _day(name: str) -> datetime | None:
    text = request.args.get(name, "")
    if not text:
        return None
    try:
        return datetime.combine(date.fromisoformat(text), time.min, UTC)
    except ValueError as error:
        raise Invalid("A day is written as 2026-12-31.", code="bad_day") from error


def _acts() -> list[str]:
    """What may stand in the log: routes that change something, and what use cases call it themselves."""
    routes = {
        rule.endpoint.rpartition(".")[2]
        for rule in current_app.url_map.iter_rules()
        if rule.endpoint.partition(".")[0] in ("console", "accounts", "api")
        and (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}
    }
    return sorted(routes | set(RECORDED))
