"""The audit log: in the act's own transaction, one after the other, and every kind of tampering is found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from testimonials import migrations
from testimonials.cli import main
from testimonials.db import Database
from testimonials.domain.audit import chained
from testimonials.models import AuditEntry, AuditHead, Workspace
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.services import accounts, audit
from testimonials.services.audit import Wanted
from testimonials.settings import Settings
from testimonials.storage.memory import MemoryStorage
from tests.conftest import Nudges, Someone

TRIGGERS = {
    "audit_entries": ("audit_entries_no_update", "audit_entries_no_delete"),
    "audit_heads": ("audit_heads_count_up", "audit_heads_no_delete"),
}


@pytest.fixture
def house(both: str, settings: Settings) -> Iterator[Runtime]:
    """On both databases."""
    db = Database(both)
    migrations.upgrade(db)
    yield Runtime(settings, db, MemoryStorage(), Nudges([]))
    db.close()


@pytest.fixture
def written(house: Runtime) -> str:
    """A workspace with six entries; its id."""
    workspace = accounts.create_workspace(house, name="Copper Spoke")
    for number in range(5):
        note(house, workspace, f"act_{number}")
    return workspace


def note(house: Runtime, workspace: str, act: str, who: str = "member:1") -> None:
    with house.db.transaction() as transaction:
        audit.record(transaction, workspace, act, "campaign:spring", who=who)


def acts(house: Runtime, workspace: str) -> list[str]:
    return [entry.act for entry in audit.every(house, workspace, Wanted())]


def lay_open(house: Runtime) -> None:
    """As somebody would who holds the database: the triggers are put aside."""
    server = house.db.engine.dialect.name == "postgresql"
    with house.db.engine.begin() as connection:
        for table, names in TRIGGERS.items():
            for name in names:
                connection.execute(text(f"DROP TRIGGER {name}" + (f" ON {table}" if server else "")))


def test_what_was_written_holds(house: Runtime, written: str) -> None:
    checked = audit.check(house)
    assert (checked.workspaces, checked.entries, checked.broken) == (1, 6, {})
    assert acts(house, written) == ["act_4", "act_3", "act_2", "act_1", "act_0", "create_workspace"]


TAMPERED: dict[str, tuple[tuple[str, ...], int, str]] = {
    "who": (("UPDATE audit_entries SET who = 'member:2' WHERE {here} AND number = 3",), 3, "was changed"),
    "act": (("UPDATE audit_entries SET act = 'x' WHERE {here} AND number = 3",), 3, "was changed"),
    "object": (("UPDATE audit_entries SET object = 'x' WHERE {here} AND number = 3",), 3, "was changed"),
    "detail": (("UPDATE audit_entries SET detail = 'x' WHERE {here} AND number = 6",), 6, "was changed"),
    "time": (("UPDATE audit_entries SET at = '2020-01-01 00:00:00.000000' WHERE {here} AND number = 3",), 3, "was changed"),
    "hash made anew": (("UPDATE audit_entries SET act = 'x', hash = :forged WHERE {here} AND number = 3",), 4, "was changed"),
    "gone in the middle": (("DELETE FROM audit_entries WHERE {here} AND number = 3",), 3, "is missing"),
    "gone at the beginning": (("DELETE FROM audit_entries WHERE {here} AND number = 1",), 1, "is missing"),
    "gone at the end": (("DELETE FROM audit_entries WHERE {here} AND number > 4",), 5, "is missing, and all after it"),
    "all gone": (("DELETE FROM audit_entries WHERE {here}",), 1, "is missing, and all after it"),
    "head gone": (("DELETE FROM audit_heads WHERE {here}",), 0, "is missing: the head"),
    "all gone, head too": (
        ("DELETE FROM audit_entries WHERE {here}", "DELETE FROM audit_heads WHERE {here}"), 0, "is missing: the head"
    ),
    "changed places": (
        (
            "UPDATE audit_entries SET number = 99 WHERE {here} AND number = 3",
            "UPDATE audit_entries SET number = 3 WHERE {here} AND number = 4",
            "UPDATE audit_entries SET number = 4 WHERE {here} AND number = 99",
        ),
        3,
        "was changed, or stands in another's place",
    ),
    "slipped in at the end": (
        (
            "INSERT INTO audit_entries (workspace_id, number, at, who, act, object, detail, hash) "
            "SELECT workspace_id, 7, at, who, act, object, detail, hash FROM audit_entries WHERE {here} AND number = 6",
        ),
        7,
        "was changed",
    ),
    "from another workspace": (
        (
            "DELETE FROM audit_entries WHERE {here} AND number = 1",
            "UPDATE audit_entries SET workspace_id = :workspace WHERE workspace_id = :other AND number = 1",
        ),
        1,
        "was changed",
    ),
}  # fmt: skip


def test_every_kind_of_tampering_is_found(house: Runtime, written: str) -> None:
    """Each in a workspace of its own; the one that nobody touched holds."""
    lay_open(house)
    donor = accounts.create_workspace(house, name="Elsewhere")
    expected = {donor: (1, "is missing, and all after it")}
    for kind, (statements, number, how) in TAMPERED.items():
        workspace = accounts.create_workspace(house, name=kind)
        for index in range(5):
            note(house, workspace, f"act_{index}")
        expected[workspace] = (number, how)
        given = {"workspace": workspace, "other": donor, "forged": forged(house, workspace)}
        with house.db.engine.begin() as connection:
            for statement in statements:
                asked = statement.format(here="workspace_id = :workspace")
                used = {name: value for name, value in given.items() if f":{name}" in asked}
                assert connection.execute(text(asked), used).rowcount > 0, kind
    broken = audit.check(house).broken
    assert set(broken) == set(expected)
    for workspace, (number, how) in expected.items():
        assert (broken[workspace].number, broken[workspace].how[: len(how)]) == (number, how)


def forged(house: Runtime, workspace: str) -> str:
    """The hash that a changed third entry would need."""
    with house.db.read() as session:
        query = select(AuditEntry).where(AuditEntry.workspace_id == workspace, AuditEntry.number.in_((2, 3)))
        before, third = session.scalars(query.order_by(AuditEntry.number))
    return chained(before.hash, replace(audit.said(third), act="x"))


def test_the_database_itself_refuses(house: Runtime, written: str) -> None:
    statements = [
        "UPDATE audit_entries SET act = 'x'",
        "DELETE FROM audit_entries",
        "UPDATE audit_heads SET number = 1",
        "UPDATE audit_heads SET hash = 'x'",
        "DELETE FROM audit_heads",
    ]
    if house.db.engine.dialect.name == "postgresql":
        statements += ["TRUNCATE audit_entries", "TRUNCATE audit_heads"]
    for statement in statements:
        with pytest.raises(DBAPIError, match="append-only"), house.db.transaction() as transaction:
            transaction.execute(text(statement))
    assert (audit.check(house).entries, audit.check(house).broken) == (6, {})


def test_an_act_that_is_rolled_back_leaves_no_entry(house: Runtime, written: str) -> None:
    with pytest.raises(ZeroDivisionError), house.db.transaction() as transaction:
        audit.record(transaction, written, "act_9", "")
        transaction.flush()
        raise ZeroDivisionError
    assert "act_9" not in acts(house, written)
    assert audit.check(house).broken == {}


def test_many_write_at_once(house: Runtime, written: str) -> None:
    """Connections of their own stand for processes: the turn is taken in the database, not in Python."""
    other = accounts.create_workspace(house, name="Elsewhere")

    def work(worker: int) -> None:
        db = Database(str(house.db.engine.url.render_as_string(hide_password=False)))
        mine = Runtime(house.settings, db, house.storage, house.nudge)
        for number in range(10):
            with mine.db.transaction() as transaction:  # both logs, named in either order: nobody waits for each other
                for workspace in (written, other) if worker % 2 else (other, written):
                    audit.record(transaction, workspace, f"act_{worker}_{number}", "", who="member:1")
        db.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    checked = audit.check(house)
    assert (checked.entries, checked.broken) == (6 + 80 + 1 + 80, {})


def test_who_acts_is_recorded_once_where_the_use_case_says_nothing(house: Runtime, written: str) -> None:
    with audit.acting("member:7", written, "rename", "workspace"):
        for name in ("One", "Two"):
            with house.db.transaction() as transaction:
                transaction.get_one(Workspace, written).name = name
    newest = next(audit.every(house, written, Wanted()))
    assert (newest.number, newest.who, newest.act, newest.object) == (7, "member:7", "rename", "workspace")


def test_a_transaction_that_writes_nothing_is_no_act(house: Runtime, written: str) -> None:
    with audit.acting("member:7", written, "look"), house.db.transaction() as transaction:
        transaction.get_one(Workspace, written)
    assert "look" not in acts(house, written)


def test_it_is_read_page_by_page_and_filtered(house: Runtime, written: str) -> None:
    for number in range(audit.PAGE):
        note(house, written, "other", who="member:2" if number % 2 else "token:3")
    first = audit.page(house, written, Wanted())
    assert len(first) == audit.PAGE + 1
    assert first[0].number == 6 + audit.PAGE
    second = audit.page(house, written, Wanted(), before=first[audit.PAGE - 1].number)
    assert [each.number for each in second] == [6, 5, 4, 3, 2, 1]
    assert {each.who for each in audit.every(house, written, Wanted(who="member:2"))} == {"member:2"}
    assert len(list(audit.every(house, written, Wanted(act="act_3")))) == 1
    assert len(list(audit.every(house, written, Wanted(object="campaign:spring")))) == 5 + audit.PAGE
    hour = timedelta(hours=1)
    assert list(audit.every(house, written, Wanted(until=now() - hour))) == []
    assert len(list(audit.every(house, written, Wanted(since=now() - hour, until=now() + hour)))) == 6 + audit.PAGE


def test_the_head_counts_what_is_there(house: Runtime, written: str) -> None:
    with house.db.read() as session:
        assert session.get_one(AuditHead, written).number == 6


def test_doctor_fails_for_a_broken_chain(
    runtime: Runtime, owner: Someone, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TESTIMONIALS_SECRET_KEY", settings.secret_key)
    said = _doctor(settings.data_dir)
    assert "ok   audit log: " in said
    lay_open(runtime)
    with runtime.db.engine.begin() as connection:
        connection.execute(text("UPDATE audit_entries SET detail = 'x' WHERE number = 2"))
    told = CliRunner().invoke(main, ["doctor", "--data", str(settings.data_dir)])
    assert told.exit_code == 1
    assert "FAIL audit log: " in told.output
    assert "entry 2 was changed" in told.output


def _doctor(data_dir: Path) -> str:
    return CliRunner().invoke(main, ["doctor", "--data", str(data_dir)]).output


def test_no_entry_says_what_a_customer_is_called(house: Runtime, written: str) -> None:
    note(house, written, "approve")
    said = json.dumps([vars(audit.said(each)) for each in audit.every(house, written, Wanted())], default=str)
    assert "Copper" not in said
