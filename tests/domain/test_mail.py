"""Addresses, mail servers, and lists of people as spreadsheets write them."""

from __future__ import annotations

import pytest

from testimonials.domain import invitation_list
from testimonials.domain.color import brand_inks, brand_pair, contrast
from testimonials.domain.invitation_list import UnreadableList
from testimonials.domain.mail import deliverable, parse_mailbox, parse_server


@pytest.mark.parametrize(
    "address",
    ["a@b.example", "first.last+tag@sub.example.org", "o'neil@example.org", " padded@example.org ", "x@localhost"],
)
def test_addresses_that_can_be_written_to(address: str) -> None:
    assert deliverable(address) == address.strip()


def test_other_scripts_in_a_domain_are_written_in_ascii() -> None:
    assert deliverable("post@bücher.example") == "post@xn--bcher-kva.example"
    assert deliverable("jürgen@example.org") == "jürgen@example.org", "the server says whether it takes such"


@pytest.mark.parametrize(
    "address",
    [
        "", "a", "@b.example", "a@", "a@b@c.example", "a b@c.example", "a@b..example", "a@-b.example", ".a@b.example",
        "a..b@c.example", "a@b.example\nBcc: c@d.example", "a\r\nRCPT TO:<x@y.example>@b.example", "a@b.example,c@d.example",
        "<a@b.example>", "a\0@b.example", "a" * 65 + "@b.example", "a@" + "b" * 250 + ".example", "a@[127.0.0.1]",
        '"a b"@c.example', "a@\u3002", "a@b_c.example",
    ],
)  # fmt: skip
def test_addresses_that_are_none(address: str) -> None:
    assert deliverable(address) is None


def test_mailboxes() -> None:
    assert parse_mailbox("Copper Spoke <hello@copper.example>").name == "Copper Spoke"
    assert parse_mailbox("hello@copper.example").domain == "copper.example"
    for text in ("Copper Spoke", "a@b.example\nBcc: c@d.example", "A\r\n <a@b.example>", ""):
        with pytest.raises(ValueError, match="Name"):
            parse_mailbox(text)


def test_mail_servers() -> None:
    plain = parse_server("smtp://127.0.0.1:2525")
    assert (plain.host, plain.port, plain.tls, plain.starttls, plain.user) == ("127.0.0.1", 2525, False, False, "")
    full = parse_server("smtp://me%40copper.example:p%3Aw%2F@mail.example:587?starttls=yes")
    assert (full.user, full.password, full.port, full.starttls) == ("me@copper.example", "p:w/", 587, True)
    assert parse_server("smtps://mail.example").port == 465


@pytest.mark.parametrize(
    "url",
    [
        "mail.example", "http://mail.example", "smtp://", "smtp://mail.example:port", "smtp://mail.example/path",
        "smtp://mail.example?starttls=maybe", "smtp://mail.example?tls=yes", "smtps://mail.example?starttls=yes",
        "smtp://me:secret@mail.example", "smtp://me:secret@mail.example?starttls=no",
    ],
)  # fmt: skip
def test_mail_servers_that_are_none(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_server(url)


def people(body: bytes | str) -> list[tuple[str, str, str, str]]:
    raw = body if isinstance(body, bytes) else body.encode()
    return [(each.name, each.email, each.order_reference, each.language) for each in invitation_list.parse(raw)]


MAYA = [("Maya Rivera", "maya@example.org", "A-1", "de")]


@pytest.mark.parametrize(
    "body",
    [
        "name,email,order_reference,language\nMaya Rivera,maya@example.org,A-1,de\n",
        "name;email;order_reference;language\r\nMaya Rivera;maya@example.org;A-1;de",
        '\ufeffName;E-Mail;Order reference;Language\r\n"Maya Rivera"; maya@example.org ;A-1;de\r\n;;;\r\n',
        "language\torder_reference\temail\tname\r\nde\tA-1\tmaya@example.org\tMaya Rivera\r\n",
        "\n\nshop,name,ORDER_REFERENCE,email,language,name\nx,Maya Rivera,A-1,maya@example.org,de,second\n",
        "name,email,order_reference,language\rMaya Rivera,maya@example.org,A-1,de\r",
    ],
)
def test_lists_as_spreadsheets_write_them(body: str) -> None:
    assert people(body) == MAYA


def test_rows_may_be_short_quoted_and_of_many_lines() -> None:
    body = 'name,email\n"Doe, Jane",jane@example.org,too,many\nMaya\n"two\nlines",x@example.org\n'
    assert people(body) == [
        ("Doe, Jane", "jane@example.org", "", ""),
        ("Maya", "", "", ""),
        ("two\nlines", "x@example.org", "", ""),
    ]
    assert [each.row for each in invitation_list.parse(body.encode())] == [2, 3, 4]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"])
def test_letters_beyond_ascii(encoding: str) -> None:
    assert people("name,email\nZoë Müller,zoe@example.org\n".encode(encoding)) == [
        ("Zoë Müller", "zoe@example.org", "", "")
    ]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"), (b"\n \n", "empty"), (b"maya@example.org\njane@example.org\n", "first row"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0", "not a text"), (b"PK\x03\x04\0\0", "not a text"),
        (b"name,email\n" + b"a,a@b.example\n" * 5001, "At most 5000"), (b"name\n" + b"x" * 140_000, "CSV"),
    ],
)  # fmt: skip
def test_files_that_are_no_list(body: bytes, words: str) -> None:
    with pytest.raises(UnreadableList, match=words):
        invitation_list.parse(body)


def test_the_brand_can_be_read_in_mail_by_day_and_night() -> None:
    for red in range(0, 256, 51):
        for green in range(0, 256, 51):
            for blue in range(0, 256, 51):
                color = f"#{red:02x}{green:02x}{blue:02x}"
                day, night = brand_inks(color)
                assert contrast(day, (255, 255, 255)) >= 4.5, color
                assert contrast(night, (0x1C, 0x19, 0x17)) >= 4.5, color
                assert contrast(*brand_pair(color)) >= 4.5, color
