"""The outbox on both databases, against real SMTP servers: good ones, and ones that refuse, hang, drip and die."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from socket import socket

import pytest
from sqlalchemy import select, update

from testimonials import mailer, migrations
from testimonials.db import Database
from testimonials.mailer import MailError
from testimonials.models import Mail, Workspace
from testimonials.models.base import now
from testimonials.models.mail import MailState
from testimonials.notifications import Letter
from testimonials.runtime import Runtime
from testimonials.services import outbox
from testimonials.settings import Settings
from testimonials.storage.memory import MemoryStorage
from tests import post
from tests.acts import a_campaign
from tests.conftest import Nudges
from tests.post import PostOffice

LETTER = Letter("Hello", "In plain words.", "<p>In <b>bold</b> words.</p>", {})


@pytest.fixture
def runtime(both: str, settings: Settings, nudges: Nudges, office: PostOffice) -> Iterator[Runtime]:
    db = Database(both)
    migrations.upgrade(db)
    mail = {"smtp_url": office.url, "mail_from": "Reviews <reviews@copper.example>"}
    yield Runtime(dataclasses.replace(settings, **mail), db, MemoryStorage(), nudges)
    db.close()


@pytest.fixture
def workspace(runtime: Runtime) -> str:
    with runtime.db.transaction() as transaction:
        return a_campaign(transaction).workspace_id


def put(
    runtime: Runtime, workspace: str, recipient: str = "maya@example.org", letter: Letter = LETTER, **more: str
) -> bool:
    with runtime.db.transaction() as transaction:
        return outbox.put(runtime, transaction, letter, workspace_id=workspace, recipient=recipient, **more)


def rows(runtime: Runtime) -> list[Mail]:
    with runtime.db.read() as session:
        return list(session.scalars(select(Mail).order_by(Mail.id)))


def rewind(runtime: Runtime, *columns: str) -> None:
    """As if the pause, or the lease, had run out."""
    past = now() - timedelta(seconds=1)
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Mail).values(dict.fromkeys(columns or ("run_after",), past)))


def to(runtime: Runtime, url: str) -> Runtime:
    return dataclasses.replace(runtime, settings=dataclasses.replace(runtime.settings, smtp_url=url))


def test_a_mail_arrives_once_and_is_not_kept(runtime: Runtime, workspace: str, office: PostOffice) -> None:
    assert put(runtime, workspace, attachment='{"signed": "ä"}')
    assert outbox.send_due(runtime) == 1
    assert outbox.send_due(runtime) == 0
    assert office.envelopes == [("reviews@copper.example", ["maya@example.org"])]
    [mail] = office.mails
    assert (mail["From"], mail["To"], mail["Subject"]) == (
        "Reviews <reviews@copper.example>",
        "maya@example.org",
        "Hello",
    )
    assert mail["Date"].datetime.tzinfo is not None
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert (text.get_content().strip(), html.get_content().strip()) == (LETTER.text, LETTER.html)
    [attached] = mail.iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == ("consent-receipt.json", "application/json")
    assert attached.get_content().decode() == '{"signed": "ä"}'
    [row] = rows(runtime)
    assert (row.state, row.attempts, row.text, row.html, row.attachment) == (MailState.SENT, 1, "", "", "")
    assert row.sent_at is not None


def test_nothing_is_written_without_a_mail_server_or_an_address(runtime: Runtime, workspace: str) -> None:
    assert not put(to(runtime, ""), workspace)
    for nobody in ("", "nobody", "a@b.example\r\nBcc: c@d.example"):
        assert not put(runtime, workspace, nobody)
    assert rows(runtime) == []
    assert outbox.send_due(to(runtime, "")) == 0


def test_what_is_rolled_back_was_never_written(runtime: Runtime, workspace: str, office: PostOffice) -> None:
    with pytest.raises(RuntimeError, match="something else"), runtime.db.transaction() as transaction:
        outbox.put(runtime, transaction, LETTER, workspace_id=workspace, recipient="maya@example.org")
        raise RuntimeError("something else failed")
    assert outbox.send_due(runtime) == 0
    assert office.raw == []


def test_a_refusal_for_now_is_tried_again_under_the_same_name(
    runtime: Runtime, workspace: str, office: PostOffice
) -> None:
    put(runtime, workspace)
    office.refuse_message = "451 greylisted, come back later"
    assert outbox.send_due(runtime) == 0
    [row] = rows(runtime)
    assert (row.state, row.attempts, row.detail) == (MailState.QUEUED, 1, "451 greylisted, come back later")
    assert timedelta(seconds=40) < row.run_after - now() < timedelta(seconds=80)
    assert outbox.send_due(runtime) == 0, "its time has not come"
    office.refuse_message = ""
    rewind(runtime)
    assert outbox.send_due(runtime) == 1
    [mail] = office.mails
    assert mail["Message-ID"] == f"<{outbox.message_name(row.id)}@copper.example>"
    assert row.id not in mail["Message-ID"], "ids stay in the house"


def test_pauses_grow_and_the_attempts_end(runtime: Runtime, workspace: str, office: PostOffice) -> None:
    put(runtime, workspace)
    office.refuse_recipient = "450 mailbox busy"
    pauses = []
    for _ in range(outbox.MAX_ATTEMPTS):
        outbox.send_due(runtime)
        pauses.append((rows(runtime)[0].run_after - now()).total_seconds())
        rewind(runtime)
    assert all(one < other * 1.7 for one, other in itertools.pairwise(pauses[:-1]))
    [row] = rows(runtime)
    assert (row.state, row.attempts, row.detail) == (MailState.FAILED, outbox.MAX_ATTEMPTS, "450 mailbox busy")
    assert row.text == ""
    outbox.send_due(runtime)
    assert rows(runtime)[0].attempts == outbox.MAX_ATTEMPTS


@pytest.mark.parametrize("where", ["refuse_recipient", "refuse_message"])
def test_a_refusal_for_good_ends_it_with_its_reason(
    runtime: Runtime, workspace: str, office: PostOffice, where: str
) -> None:
    put(runtime, workspace)
    setattr(office, where, "550 5.1.1 nobody of this name here")
    outbox.send_due(runtime)
    [row] = rows(runtime)
    assert (row.state, row.attempts, row.detail) == (MailState.FAILED, 1, "550 5.1.1 nobody of this name here")
    setattr(office, where, "")
    rewind(runtime)
    assert outbox.send_due(runtime) == 0


def test_while_the_server_is_away_the_others_keep_their_attempts(runtime: Runtime, workspace: str) -> None:
    for number in range(3):
        put(runtime, workspace, f"maya{number}@example.org")
    away = to(runtime, "smtp://127.0.0.1:9")
    assert outbox.send_due(away) == 0
    assert sorted(row.attempts for row in rows(runtime)) == [0, 0, 1]
    with pytest.raises(MailError, match="ConnectionRefused"):
        outbox.check_server(away)
    outbox.check_server(runtime)


@pytest.mark.parametrize("talk", [post.says_nothing, post.dies_in_the_middle, post.drips])
def test_servers_that_hang_die_or_drip(
    runtime: Runtime,
    workspace: str,
    office: PostOffice,
    monkeypatch: pytest.MonkeyPatch,
    talk: Callable[[socket], None],
) -> None:
    monkeypatch.setattr(mailer, "STEP_SECONDS", 1)
    monkeypatch.setattr(mailer, "DEADLINE_SECONDS", 2)
    put(runtime, workspace)
    began = now()
    with post.rude_server(talk) as url:
        assert outbox.send_due(to(runtime, url)) == 0
    assert now() - began < timedelta(seconds=5)
    [row] = rows(runtime)
    assert (row.state, row.attempts, row.lease_until) == (MailState.QUEUED, 1, None)
    assert row.detail
    rewind(runtime)
    assert outbox.send_due(runtime) == 1, "nothing is lost"
    assert len(office.raw) == 1


def test_what_was_taken_is_sent_whatever_the_goodbye_is(runtime: Runtime, workspace: str) -> None:
    put(runtime, workspace)
    with post.rude_server(post.takes_it_and_hangs_up) as url:
        assert outbox.send_due(to(runtime, url)) == 1
    assert rows(runtime)[0].state == MailState.SENT


def test_many_workers_send_each_mail_once(runtime: Runtime, workspace: str, office: PostOffice) -> None:
    for number in range(40):
        put(runtime, workspace, f"maya{number}@example.org")
    with ThreadPoolExecutor(6) as workers:
        sent = sum(workers.map(lambda _: outbox.send_due(runtime), range(6)))
    assert sent == 40
    assert len({mail["To"] for mail in office.mails}) == len(office.mails) == 40
    assert {row.attempts for row in rows(runtime)} == {1}


def test_whoever_comes_back_late_writes_nothing(runtime: Runtime, workspace: str) -> None:
    put(runtime, workspace)
    [row] = rows(runtime)
    slow = outbox._take(runtime, row.id)
    assert slow is not None
    assert outbox.send_due(runtime) == 0, "somebody holds it"
    rewind(runtime, "lease_until")
    second = outbox._take(runtime, row.id)
    assert second is not None
    outbox._settle_failure(runtime, slow, MailError("too late", permanent=True))
    assert rows(runtime)[0].state == MailState.QUEUED, "the second one holds it now"
    rewind(runtime, "lease_until")
    assert outbox.send_due(runtime) == 1
    outbox._settle_failure(runtime, slow, MailError("too late", permanent=True))
    assert (rows(runtime)[0].state, rows(runtime)[0].detail) == (MailState.SENT, "")


def test_a_worker_that_dies_at_the_last_attempt(runtime: Runtime, workspace: str, office: PostOffice) -> None:
    put(runtime, workspace)
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Mail).values(attempts=outbox.MAX_ATTEMPTS, lease_until=now() - timedelta(seconds=1)))
    assert outbox.send_due(runtime) == 0
    [row] = rows(runtime)
    assert (row.state, row.detail) == (MailState.FAILED, "the worker was lost at the last attempt")
    assert office.raw == []


def test_a_round_ends_when_the_worker_is_told_to(runtime: Runtime, workspace: str, office: PostOffice) -> None:
    for _ in range(3):
        put(runtime, workspace)
    assert outbox.send_due(runtime, stopping=lambda: len(office.raw) >= 2) == 2


def test_old_mail_is_forgotten_and_waiting_mail_is_not(runtime: Runtime, workspace: str) -> None:
    for _ in range(2):
        put(runtime, workspace)
    first, _ = rows(runtime)
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Mail).values(created_at=now() - timedelta(days=40)))
        transaction.execute(update(Mail).where(Mail.id == first.id).values(state=MailState.SENT))
    outbox.forget_old(runtime)
    assert [row.state for row in rows(runtime)] == [MailState.QUEUED]
    assert outbox.standing(runtime) == outbox.Standing(waiting=1, failed=0)


def test_no_line_break_becomes_a_header(runtime: Runtime, workspace: str, office: PostOffice) -> None:
    evil = "Hello\r\nBcc: victim@example.org\r\n\r\nBuy this\x00\u2028now"
    put(runtime, workspace, letter=dataclasses.replace(LETTER, subject=evil))
    nameless = dataclasses.replace(runtime.settings, mail_from="reviews@copper.example")
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Workspace).values(name='Copper "Spoke"\r\nBcc: victim@example.org'))
    assert outbox.send_due(dataclasses.replace(runtime, settings=nameless)) == 1
    [mail] = office.mails
    assert mail["Bcc"] is None
    assert "Bcc: victim@example.org" in mail["Subject"]
    assert mail["From"].addresses[0].display_name == 'Copper "Spoke" Bcc: victim@example.org'
    assert office.envelopes == [("reviews@copper.example", ["maya@example.org"])]


def test_a_letter_that_cannot_be_written_fails_alone(runtime: Runtime, workspace: str, office: PostOffice) -> None:
    put(runtime, workspace, letter=dataclasses.replace(LETTER, headers={"X-Bad": "a\nb"}))
    put(runtime, workspace)
    assert outbox.send_due(runtime) == 1
    assert {row.state for row in rows(runtime)} == {MailState.FAILED, MailState.SENT}


def test_long_words_of_every_script_arrive_whole(runtime: Runtime, workspace: str, office: PostOffice) -> None:
    subject = "Wie war es bei der Donaudampfschifffahrtsgesellschaft, 山田さくら? " * 3 + "x" * 90
    link = "<https://feedback.copper.example/unsubscribe/" + "a" * 180 + "?lang=de>"
    headers = {"List-Unsubscribe": link, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    text = "مرحبا " * 400 + "\n.\n..\nFrom here\n"
    put(runtime, workspace, letter=Letter(subject, text, "<p>" + "שלום " * 500 + "</p>", headers))
    assert outbox.send_due(runtime) == 1
    [mail], [raw] = office.mails, office.raw
    assert mail["Subject"] == subject.strip()
    assert mail["List-Unsubscribe"] == link
    assert f"List-Unsubscribe: {link}\r\n".encode() in raw, "mail programs do not decode it"
    body = mail.get_body(("plain",))
    assert body is not None
    assert body.get_content().split() == text.split()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
