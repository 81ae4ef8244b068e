"""The days that a report is about, and those it is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from testimonials.errors import Invalid

CHOICES = (7, 30, 90)
DEFAULT_DAYS = 30
MAX_DAYS = 366


@dataclass(frozen=True)
class Period:
    """Days in UTC, both ends included."""

    first: date
    last: date

    @property
    def length(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range(self.length)]

    @property
    def before(self) -> Period:
        """As many days, just before."""
        return Period(self.first - timedelta(days=self.length), self.first - timedelta(days=1))


def latest(days: int, today: date) -> Period:
    """The last so many days, today being one of them."""
    return Period(today - timedelta(days=days - 1), today)


def between(first: str, last: str, today: date) -> Period:
    """Two dates as a form sends them. Raises Invalid, with the field that is wrong."""
    found = {name: _date(text) for name, text in (("from", first), ("to", last))}
    faults = {name: ["A date like 2026-11-25."] for name, value in found.items() if value is None}
    begin, end = found["from"], found["to"]
    if begin and end:
        if end > today:
            faults["to"] = ["This day is still to come."]
        elif begin > end:
            faults["from"] = ["It begins after it ends."]
        elif (end - begin).days >= MAX_DAYS:
            faults["from"] = [f"At most {MAX_DAYS} days."]
        else:
            return Period(begin, end)
    raise Invalid("These dates are no period.", code="bad_period", fields=faults)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
