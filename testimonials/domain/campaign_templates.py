"""Campaigns to begin with: greeting, questions with hints and the rest, written once. All of it can be changed afterwards."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Template:
    """`fields` are those of a campaign; `about` says whom it is for, `name` what such a campaign is called at first."""

    title: str
    about: str
    icon: str
    name: str
    fields: dict[str, Any]


def _asked(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"text": text, "hint": hint} for text, hint in pairs]


TEMPLATES: dict[str, Template] = {
    "product": Template(
        "A product",
        "Something people bought and use",
        "star",
        "Product review",
        {
            "greeting": "How do you like it so far?",
            "thanks_text": "Thank you. Whoever is still making up their mind will be glad of this.",
            "questions": _asked(
                ("What made you look for something like this?", "What annoyed you, or what was missing"),
                ("When did you first think: this was worth it?", "One moment, as you remember it"),
                ("What would you tell a friend who is not sure?", "Also what they should know before they buy"),
            ),
            "max_seconds": 60,
        },
    ),
    "service": Template(
        "A service or an agency",
        "Work that you did for somebody",
        "users",
        "Working with us",
        {
            "greeting": "How was it to work with us?",
            "thanks_text": "Thank you. It means a lot to everybody who worked on this.",
            "questions": _asked(
                ("What was the situation before we started?", "What you had tried, and why it was not enough"),
                ("How was it to work together?", "Answers, deadlines, surprises; good ones and others"),
                ("What is different today?", "A number, if you have one that you may share"),
                ("Whom would you send to us?", ""),
            ),
            "max_seconds": 120,
        },
    ),
    "course": Template(
        "A course or coaching",
        "Something people learned with you",
        "badge-check",
        "What I learned",
        {
            "greeting": "What can you do now that you could not do before?",
            "thanks_text": "Thank you. Somebody who is where you were will see themselves in this.",
            "questions": _asked(
                ("Where did you stand before the course?", "What held you back"),
                ("What do you do differently now?", "One thing that you have used already"),
                ("Who should take it, and who should not?", "Be honest, that helps both"),
            ),
            "max_seconds": 90,
        },
    ),
    "event": Template(
        "An event",
        "Ask while they are still there",
        "megaphone",
        "How was the day?",
        {
            "greeting": "How was your day with us?",
            "thanks_text": "Thank you for coming, and for telling us. See you next time.",
            "questions": _asked(
                ("What will you take home from today?", "A talk, somebody you met, an idea"),
                ("What surprised you?", ""),
                ("Will you come again, and whom will you bring?", ""),
            ),
            "max_seconds": 45,
        },
    ),
    "software": Template(
        "Software, as a case story",
        "A longer story, question by question",
        "layout-grid",
        "Customer story",
        {
            "greeting": "Tell us your story with it",
            "thanks_text": "Thank you. A story told by somebody who did it says more than we ever could.",
            "questions": _asked(
                ("Who are you, and what does your team do?", "One sentence is enough"),
                ("How did you do it before?", "The tools, the time it took, what went wrong"),
                ("Why did you choose this one?", "What else you had looked at"),
                ("What has changed since then?", "Hours, money, mistakes; a number if you have one"),
                ("What would you miss most if it were gone tomorrow?", ""),
            ),
            "one_by_one": True,
            "max_seconds": 180,
        },
    ),
}


def slug_of(name: str) -> str:
    """The end of a link, made of a campaign's name: small letters, digits and hyphens, at most 40."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "campaign"
