"""When members are mailed that something waits for review: at once, once a day, or never."""

from __future__ import annotations

from datetime import datetime, timedelta

NOW, DAILY, OFF = "now", "daily", "off"
CHOICES: dict[str, str] = {NOW: "At once", DAILY: "Once a day", OFF: "Never"}
"""Each choice in words."""
DAILY_HOUR = 6
"""UTC: before the working day in Europe and Africa, in the night of the Americas, in the afternoon of the Far East."""
SETTLING = timedelta(seconds=60)
"""What is younger waits: its transaction may not be seen by all, and the rest of a burst comes along in the same mail."""
PAUSE = timedelta(minutes=15)
"""Between two mails to who wants them at once."""


def next_mail(choice: str, after: datetime) -> datetime | None:
    """When the next mail may go out, from a moment on. None: never."""
    if choice == OFF:
        return None
    if choice == NOW:
        return after + PAUSE
    today = after.replace(hour=DAILY_HOUR, minute=0, second=0, microsecond=0)
    return today if today > after else today + timedelta(days=1)


def first_mail(choice: str, at: datetime) -> datetime | None:
    """The same for somebody who has just chosen it, and has had no mail."""
    return at if choice == NOW else next_mail(choice, at)
