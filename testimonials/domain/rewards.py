"""Rules of rewards: what they are given for, how many somebody has earned, and what makes one doubtful."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

CAUSES = {
    "testimonial": "For a testimonial, whatever it says",
    "visits": "For visits that their sharing brings",
    "conversions": "For customers that their sharing brings",
}
DOUBTS = {
    "fast": "Most of the visits came within an hour.",
    "nobody_watched": "Hardly any visitor played the video.",
    "one_share": "All of it came through one single link.",
}
MAX_CODE = 80
_HEADINGS = {"code", "codes", "coupon", "coupons", "voucher", "discount code"}
FAST_PART, FAST_LEAST = 0.8, 10
WATCHED_PART, WATCHED_LEAST = 0.05, 20


@dataclass(frozen=True)
class Achieved:
    """What the sharing of one customer has brought. `busiest_hour` is the visits of the hour with the most."""

    shares: int = 0
    visits: int = 0
    plays: int = 0
    conversions: int = 0
    busiest_hour: int = 0


@dataclass(frozen=True)
class Codes:
    """What a list of codes holds: each code once, how many stood there again, and lines that are none, with the reason."""

    codes: list[str]
    repeated: int
    bad: list[tuple[int, str]]


def read_codes(text: str) -> Codes:
    """The first column of a CSV file, or one code a line. A first line that only names the column is passed over."""
    found: dict[str, None] = {}
    repeated = 0
    bad: list[tuple[int, str]] = []
    try:
        rows = list(enumerate(csv.reader(io.StringIO(text.removeprefix("\ufeff"))), 1))
    except csv.Error:
        return Codes([], 0, [(1, "This is no CSV file.")])
    for number, row in rows:
        code = row[0].strip() if row else ""
        if number == 1 and code.lower() in _HEADINGS:
            continue
        if not code:
            if any(cell.strip() for cell in row):
                bad.append((number, "The first column is empty."))
        elif len(code) > MAX_CODE:
            bad.append((number, f"Longer than {MAX_CODE} characters."))
        elif not code.isprintable():
            bad.append((number, "It holds a character that cannot be printed."))
        elif code in found:
            repeated += 1
        else:
            found[code] = None
    return Codes(list(found), repeated, bad)


def earned(cause: str, achieved: Achieved, *, threshold: int, each_at_most: int) -> int:
    """How many rewards of a rule. A rating or a word of praise is nowhere in this: it must not count."""
    if cause == "testimonial":
        return 1
    reached = achieved.visits if cause == "visits" else achieved.conversions
    return min(reached // max(1, threshold), each_at_most)


def doubts(cause: str, achieved: Achieved) -> list[str]:
    """What the business should look at before it approves."""
    if cause != "visits":
        return []
    found = []
    if achieved.visits >= FAST_LEAST and achieved.busiest_hour >= FAST_PART * achieved.visits:
        found.append("fast")
    if achieved.visits >= WATCHED_LEAST and achieved.plays < WATCHED_PART * achieved.visits:
        found.append("nobody_watched")
    if achieved.visits >= WATCHED_LEAST and achieved.shares == 1:
        found.append("one_share")
    return found
