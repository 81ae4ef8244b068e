"""The mails, one function each: what they say in the language of who gets them. Nothing is sent here.

Sentences are translated; names, greetings and consent texts stay as they were written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from testimonials import i18n
from testimonials.domain.color import brand_inks, brand_pair, hex_color
from testimonials.i18n import gettext as _
from testimonials.i18n import lazy
from testimonials.models import Campaign

TEMPLATES = Path(__file__).with_name("templates") / "mail"
PLACES = {
    "website": lazy("On their website"),
    "social": lazy("On social networks"),
    "advertising": lazy("In advertising"),
    "editing": lazy("Shortened or put together with others"),
}
_MOST_OF_A_NAME = 40


@dataclass(frozen=True, kw_only=True)
class House:
    """In whose name a mail is written, and what color its button has (`#rrggbb`)."""

    name: str
    color: str


def house_of(campaign: Campaign) -> House:
    """The house that a campaign asks for; its workspace must be loaded, or the session open."""
    return House(name=campaign.workspace.name, color=campaign.brand_color)


@dataclass(frozen=True)
class Letter:
    """A mail that is ready: `headers` are further ones."""

    subject: str
    text: str
    html: str
    headers: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Whom an invitation asks for what. `greeting` and `incentive` are the campaign's words in this language, or empty;
    `link` is theirs alone, `unsubscribe` ends all further invitations."""

    name: str
    greeting: str
    incentive: str
    link: str
    unsubscribe: str


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What a member's mail says about one testimonial that waits for them. `kind` is a word for people."""

    name: str
    kind: str
    rating: int | None
    campaign: str


def received(house: House, language: str, *, name: str, page: str, scopes: list[str], wording: str) -> Letter:
    """To the customer who has handed in: the way to their page, and what they agreed to."""

    def words() -> dict[str, Any]:
        first = _first_name(name)
        return {
            "subject": _("Thank you. {workspace} has received it", workspace=house.name),
            "headline": _("Thank you, {name}", name=first) if first else _("Thank you"),
            "paragraphs": [
                _("{workspace} has received what you sent, and looks at it next.", workspace=house.name),
                _(
                    "On your own page you see how it stands. You can watch it, replace it, take it back or erase it there."
                ),
            ],
            "action": (_("Open your page"), page),
            "about_action": _("Whoever has this link can do so. Please keep it to yourself."),
            "details_title": _("What you agreed to"),
            "details": [str(PLACES[scope]) for scope in scopes if scope in PLACES],
            "quote": wording,
            "after": _("The signed receipt of it is attached. Keep it: it proves what you agreed to, word for word."),
            "because": _("You get this because you sent {workspace} your testimonial.", workspace=house.name),
        }

    return _letter(house, language, words)


def invitation(house: House, language: str, asked: Asked) -> Letter:
    """To a customer whom the business asks for the first time."""

    def words() -> dict[str, Any]:
        return _asking(house, asked) | {
            "subject": _("How was it with {workspace}?", workspace=house.name),
            "paragraphs": [
                *_hello(asked.name),
                _("{workspace} would like to hear from you, in your own words.", workspace=house.name),
                _("One minute on your phone is plenty, and it need not be perfect. There is nothing to install."),
            ],
        }

    return _letter(house, language, words, unsubscribe=asked.unsubscribe)


def reminder(house: House, language: str, asked: Asked, *, last: bool) -> Letter:
    """To a customer who was invited and has not handed in yet."""

    def words() -> dict[str, Any]:
        closing = [_("This is the last time that we ask.")] if last else []
        return _asking(house, asked) | {
            "subject": _("{workspace} would still like to hear from you", workspace=house.name),
            "paragraphs": [
                *_hello(asked.name),
                _("A while ago, {workspace} asked you how it was. Your link still works.", workspace=house.name),
                _("One minute on your phone is plenty, and it need not be perfect. There is nothing to install."),
                *closing,
            ],
        }

    return _letter(house, language, words, unsubscribe=asked.unsubscribe)


def rewarded(house: House, language: str, *, name: str, promise: str, code: str, page: str) -> Letter:
    """To a customer whose reward was approved: the code."""

    def words() -> dict[str, Any]:
        first = _first_name(name)
        return {
            "subject": _("Something for you from {workspace}", workspace=house.name),
            "headline": _("Thank you, {name}", name=first) if first else _("Thank you"),
            "paragraphs": [
                _("What you shared has brought something. As promised:"),
                promise,
                _("Your code: {code}", code=code),
            ],
            "action": (_("Open your page"), page),
            "about_action": _("It shows what your sharing has brought."),
            "because": _("You get this because you sent {workspace} your testimonial.", workspace=house.name),
        }

    return _letter(house, language, words)


def published(
    house: House, language: str, *, name: str, link: str, page: str, unsubscribe: str, asks_to_share: bool
) -> Letter:
    """To a customer whose testimonial is on show from now on: `link` is the page that all may see, `page` their own."""

    def words() -> dict[str, Any]:
        return {
            "subject": _("{workspace} shows what you sent", workspace=house.name),
            "headline": _("Yours is on show now"),
            "paragraphs": [
                *_hello(name),
                _(
                    "{workspace} has looked at what you sent, and shows it now where you have allowed it.",
                    workspace=house.name,
                ),
                *([_("If you like, pass it on: {link}", link=link)] if asks_to_share else []),
            ],
            "action": (_("See it"), link),
            "about_action": _("You can take it back or erase it at any time, on your own page: {page}", page=page),
            "because": _("You get this because you sent {workspace} your testimonial.", workspace=house.name),
        }

    return _letter(house, language, words, unsubscribe=unsubscribe)


def waiting(house: House, *, number: str, rows: list[Waiting], queue: str, settings: str, others: bool) -> Letter:
    """To a member who reviews, in English. `number` is how many, in digits; `rows` are the newest of them. `others`: they are
    in more than one workspace."""
    one = number == "1"
    where = f" If another workspace opens, switch to {house.name} there." if others else ""
    said = {
        "subject": f"{number} new testimonial{'' if one else 's'} for {house.name}",
        "headline": f"{number} new testimonial{'' if one else 's'}",
        "paragraphs": [
            f"{'It waits' if one else 'They wait'} for you at {house.name}. Nothing is shown before you say yes."
        ],
        "action": ("Open the queue", queue),
        "about_action": f"A approves, R rejects, J goes on.{where}",
        "details_title": "It came from" if one else "The newest came from",
        "details": [_row(each) for each in rows],
        "because": f"You get this because you review testimonials at {house.name}.",
        "footer_link": ("Change or end these mails", settings),
    }
    return _letter(house, i18n.SOURCE, lambda: said)


def _row(row: Waiting) -> str:
    stars = f"{row.rating} star{'' if row.rating == 1 else 's'}" if row.rating else ""
    return ", ".join(part for part in (_first_name(row.name) or "Somebody", row.kind, stars, row.campaign) if part)


def asked_again(house: House, language: str, *, name: str, message: str, page: str) -> Letter:
    """To a customer whose testimonial is not shown as it is: what the business says about it, and where to send another."""

    def words() -> dict[str, Any]:
        return {
            "subject": _("{workspace} would still like to hear from you", workspace=house.name),
            "headline": _("{workspace} would still like to hear from you", workspace=house.name),
            "paragraphs": [
                *_hello(name),
                message,
                _("One minute on your phone is plenty, and it need not be perfect. There is nothing to install."),
            ],
            "action": (_("Open your page"), page),
            "about_action": _(
                "On your own page you see how it stands. You can watch it, replace it, take it back or erase it there."
            ),
            "because": _("You get this because you sent {workspace} your testimonial.", workspace=house.name),
        }

    return _letter(house, language, words)


def to_member(
    house: House,
    *,
    subject: str,
    headline: str,
    paragraphs: list[str],
    action: tuple[str, str],
    about_action: str,
    because: str,
) -> Letter:
    """To somebody who works here, in English. `action` is the word on the button and where it leads."""
    said = {"subject": subject, "headline": headline, "paragraphs": paragraphs, "action": action}
    return _letter(house, i18n.SOURCE, lambda: {**said, "about_action": about_action, "because": because})


def _asking(house: House, asked: Asked) -> dict[str, Any]:
    return {
        "headline": asked.greeting or _("How was it with {workspace}?", workspace=house.name),
        "action": (_("Tell us how it was"), asked.link),
        "about_action": _("This link is yours alone, and works once."),
        "incentive": _("As a thank-you: {incentive}", incentive=asked.incentive) if asked.incentive else "",
        "because": _("You get this because {workspace} invited you.", workspace=house.name),
    }


def _hello(name: str) -> list[str]:
    first = _first_name(name)
    return [_("Hello {name},", name=first)] if first else []


def _letter(house: House, language: str, words: Callable[[], dict[str, Any]], *, unsubscribe: str = "") -> Letter:
    """Both forms of it, in the language. `words` is called while that language is spoken."""
    with i18n.speaking(language):
        said = words()
        if unsubscribe:
            said["footer_link"] = (_("No more mail from {workspace}", workspace=house.name), unsubscribe)
        spoken = i18n.current()
        values = {**_EMPTY, **said, "house": house, "colors": _colors(house.color), "language": spoken}
        values["direction"] = i18n.direction(spoken)
        html = _templates().get_template("mail.html").render(values)
        text = _templates().get_template("mail.txt").render(values)
    headers = {"Content-Language": spoken}
    if unsubscribe:  # RFC 8058: one click in the mail program, without a page
        headers["List-Unsubscribe"] = f"<{unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return Letter(said["subject"], text, html, headers)


_EMPTY: dict[str, Any] = {
    "about_action": "",
    "incentive": "",
    "details_title": "",
    "details": [],
    "quote": "",
    "after": "",
    "footer_link": None,
}


def _first_name(name: str) -> str:
    """What to call them, or nothing. Anybody may type a name and anybody's address, so nothing like a link gets through."""
    first = next(iter(name.split()), "").strip(",;")
    wanted = first and len(first) <= _MOST_OF_A_NAME and not any(each in "./:@\\<>&?=%#" for each in first)
    return first if wanted and not any(each.isdigit() for each in first) else ""


def _colors(color: str) -> dict[str, str]:
    (ground, on_ground), (day, night) = brand_pair(color), brand_inks(color)
    return {
        "ground": hex_color(ground),
        "on_ground": hex_color(on_ground),
        "ink": hex_color(day),
        "night_ink": hex_color(night),
    }


@lru_cache(maxsize=1)
def _templates() -> Environment:
    """HTML is escaped, plain text is not: what a customer wrote cannot become markup."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
