"""A list of people to invite, as spreadsheets save it: a header row with the names of the columns, then one person a row."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

MAX_ROWS = 5000
MAX_BYTES = 4_000_000
COLUMNS = ("name", "email", "order_reference", "language")
_ALSO = {"e-mail": "email", "mail": "email", "order": "order_reference", "reference": "order_reference"}


@dataclass(frozen=True)
class Person:
    """One row. `row` is its number in the spreadsheet, where the header is row 1. Empty where nothing was given."""

    row: int
    name: str
    email: str
    order_reference: str
    language: str


class UnreadableList(ValueError):
    """The whole file is the problem; `str()` says in a sentence what it is."""


def parse(body: bytes) -> list[Person]:
    """Everybody in the list; rows without anything are left out. Semicolons, commas or tabs; UTF-8, or what Excel writes.

    Raises UnreadableList where it is no such file, or a longer one than `MAX_ROWS`.
    """
    text = _decoded(body)
    header = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(";,\t", key=header.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise UnreadableList(f"This is not a CSV file that can be read: {error}.") from error
    first = next((number for number, cells in enumerate(rows) if any(map(str.strip, cells))), None)
    if first is None:
        raise UnreadableList("The file is empty.")
    names = [_column(cell) for cell in rows[first]]
    if not {"name", "email"} & set(names):
        raise UnreadableList("The first row must name the columns: name, email, order_reference, language.")
    people = [_person(number, names, cells) for number, cells in enumerate(rows, 1) if number > first + 1]
    people = [each for each in people if each.name or each.email or each.order_reference]
    if len(people) > MAX_ROWS:
        raise UnreadableList(f"At most {MAX_ROWS} people at a time; this list has {len(people)}.")
    return people


def _decoded(body: bytes) -> str:
    # A spreadsheet's "Unicode text" is UTF-16; whoever says CSV and not UTF-8 means the code page of Windows.
    encodings = ("utf-16",) if body[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252", "latin-1")
    for encoding in encodings:
        try:
            text = body.decode(encoding)
        except UnicodeError:
            continue
        if "\0" not in text:
            return text
    raise UnreadableList("This is not a text file. Please save the list as CSV.")


def _column(cell: str) -> str:
    name = "_".join(cell.strip().lower().split())
    return _ALSO.get(name, name)


def _person(number: int, names: list[str], cells: list[str]) -> Person:
    # From the back, so that of two columns with one name the first counts.
    given = {name: cell.strip() for name, cell in reversed(list(zip(names, cells, strict=False)))}
    return Person(number, *(given.get(name, "") for name in COLUMNS))
