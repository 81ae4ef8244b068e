"""What a campaign may hold: one rule a field, and what becomes of translations when questions change.

Nothing that comes in is trusted: rules take values of any type and name every fault by its field, `questions.2.hint`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from testimonials.domain.collecting import MAX_QUESTIONS, WAYS
from testimonials.domain.sharing import MAX_TEXT, NETWORKS
from testimonials.domain.sites import MOST_SITES, SITE_CHARACTERS, led_on_to, site
from testimonials.errors import Invalid

NAME_CHARACTERS = 120
TEXT_CHARACTERS = 300
QUESTION_CHARACTERS = 200
LABEL_CHARACTERS = 60
ADDRESS_CHARACTERS = 2000
MIN_SECONDS = 10
FRAME_RATES = (30, 60)
TRANSLATED = ("greeting", "thanks_text", "incentive")
"""The texts besides the questions that a business writes once for each language."""
BLANK = {"text": "", "hint": ""}
PLACEHOLDERS = ("{name}", "{company}", "{workspace}")
"""What is filled in where a text for sharing is suggested."""
ALL_NETWORKS = "all"
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")

Question = dict[str, str]


@dataclass(frozen=True)
class Limits:
    """What the installation allows: the longest recording, and the languages that it speaks."""

    max_seconds: int
    languages: tuple[str, ...]


@dataclass(frozen=True)
class Spot:
    """Where a value stands, and the faults that were found so far, by field."""

    name: str
    faults: dict[str, list[str]]
    limits: Limits

    def inside(self, part: str | int) -> Spot:
        return Spot(f"{self.name}.{part}", self.faults, self.limits)

    def refuse(self, sentence: str) -> None:
        self.faults.setdefault(self.name, []).append(sentence)


Rule = Callable[[Any, Spot], Any]


def checked(given: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
    """The values as they are kept. Raises Invalid with all faults; a name without a rule is one too."""
    faults: dict[str, list[str]] = {}
    kept: dict[str, Any] = {}
    for name, value in given.items():
        spot = Spot(name, faults, limits)
        if name in RULES:
            kept[name] = RULES[name](value, spot)
        else:
            spot.refuse("There is no such field.")
    _raise(faults)
    return kept


def settled(before: Mapping[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The changes with what follows from them, so that all fields fit each other. Both hold checked values.

    Translations that are not given follow their questions. Raises Invalid where translations do not fit.
    """
    after = {**before, **changes}
    questions, translations = after["questions"], after["translations"]
    if "questions" in changes and "translations" not in changes:
        translations = {
            language: {**texts, "questions": carried(before["questions"], questions, texts["questions"])}
            if "questions" in texts
            else texts
            for language, texts in translations.items()
        }
    faults: dict[str, list[str]] = {}
    if after["language"] in translations:
        faults["language"] = ["There is a translation into this language. Remove that one first."]
    touched = {"action_label", "action_url"} & changes.keys()
    if touched and bool(after.get("action_label")) != bool(after.get("action_url")):
        name = "action_url" if after.get("action_label") else "action_label"
        faults[name] = ["A button needs both: what it says, and where it leads."]
    for language, texts in translations.items():
        if len(texts.get("questions", [])) > len(questions):
            faults[f"translations.{language}.questions"] = ["These are more questions than the campaign has."]
    _raise(faults)
    return {**changes, "translations": translations}


def carried(before: list[Question], after: list[Question], theirs: list[Question]) -> list[Question]:
    """A translation's questions in the new order. One is known again by its words, a reworded one by its place."""
    old = [each["text"] for each in before]
    kept = {each["text"] for each in after} & set(old)

    def source(place: int, words: str) -> int | None:
        if words in kept:
            return old.index(words)
        return place if place < len(old) and old[place] not in kept else None

    places = [source(place, each["text"]) for place, each in enumerate(after)]
    return [theirs[place] if place is not None and place < len(theirs) else BLANK for place in places]


def in_words(original: list[Question], theirs: list[Question]) -> list[Question]:
    """The questions in a translation; one that was not translated stays as it is in the original."""
    pairs = zip(original, [*theirs, *[BLANK] * len(original)], strict=False)
    return [
        {"text": their["text"], "hint": their["hint"]}
        if their["text"]
        else {"text": own["text"], "hint": their["hint"] or own.get("hint", "")}
        for own, their in pairs
    ]


def _raise(faults: dict[str, list[str]]) -> None:
    if faults:
        name, sentences = next(iter(faults.items()))
        raise Invalid(f"{name}: {sentences[0]}", fields=faults)


def _line(most: int, *, needed: str = "") -> Rule:
    def rule(value: Any, spot: Spot) -> str:
        if not isinstance(value, str):
            spot.refuse(needed if needed and value is None else "Give a text.")
            return ""
        text = " ".join(value.split())
        if needed and not text:
            spot.refuse(needed)
        if len(text) > most:
            spot.refuse(f"At most {most} characters.")
        if any(unicodedata.category(each) in ("Cc", "Cs") for each in text):
            spot.refuse("It holds a character that is no text.")
        return text

    return rule


def _address(value: Any, spot: Spot) -> str:
    """Where a button leads: a page on the web, or nowhere. It stands on our pages, so nothing else may be hidden in it."""
    text: str = _line(ADDRESS_CHARACTERS)(value, spot)
    if text and not _on_the_web(text):
        spot.refuse("An address of a page, like https://example.com/book.")
        return ""
    return text


def _redirect(value: Any, spot: Spot) -> str:
    """Where customers are led on to: an https:// page, or nowhere. Only the business sets it; no request can."""
    text: str = _line(ADDRESS_CHARACTERS)(value, spot)
    if text and not led_on_to(text):
        spot.refuse("An address that begins with https://, like https://example.com/thanks.")
        return ""
    return text


def _sites(value: Any, spot: Spot) -> list[str]:
    """Origins that may show the page in a frame, each once."""
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        spot.refuse("A list of sites.")
        return []
    if len(value) > MOST_SITES:
        spot.refuse(f"At most {MOST_SITES} sites.")
        return []
    found = {}
    for each in value:
        origin = site(each) if len(each) <= SITE_CHARACTERS else None
        if origin is None:
            spot.refuse(f"“{each.strip()[:60]}” is no site. Write example.com, or *.example.com for all below it.")
        else:
            found[origin] = True
    return list(found)


def _on_the_web(text: str) -> bool:
    try:
        parsed = urlsplit(text)
        parsed.port  # noqa: B018 - raises for a port that is none
    except ValueError:
        return False
    plain = not any(each.isspace() or each in '\\<>"`' for each in text)
    named = bool(parsed.hostname) and "@" not in parsed.netloc
    return plain and named and text.lower().startswith(("https://", "http://"))


def _share_texts(value: Any, spot: Spot) -> dict[str, str]:
    """By network, and `all` for those that have none of their own. Blank ones are left out."""
    if not isinstance(value, dict):
        spot.refuse("An object with a text for each network.")
        return {}
    found = {}
    for name, text in value.items():
        inside = spot.inside(name if isinstance(name, str) else "?")
        if name != ALL_NETWORKS and name not in NETWORKS:
            inside.refuse(f"Networks are {ALL_NETWORKS}, {', '.join(NETWORKS)}.")
            continue
        words = _line(MAX_TEXT)(text, inside)
        if unknown := [each for each in _PLACEHOLDER.findall(words) if each not in PLACEHOLDERS]:
            inside.refuse(f"{unknown[0]} cannot be filled in. Use {', '.join(PLACEHOLDERS)}.")
        if words:
            found[name] = words
    return found


def _slug(value: Any, spot: Spot) -> str:
    if not isinstance(value, str) or not _SLUG.fullmatch(value):
        spot.refuse("A link may hold small letters, digits and hyphens.")
        return ""
    return value


def _flag(value: Any, spot: Spot) -> bool:
    if not isinstance(value, bool):
        spot.refuse("Give true or false.")
    return bool(value)


def _color(value: Any, spot: Spot) -> str:
    if not isinstance(value, str) or not _COLOR.fullmatch(value):
        spot.refuse("A color is six hex digits after #, like #1f6b52.")
        return ""
    return value


def _seconds(value: Any, spot: Spot) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not MIN_SECONDS <= value <= spot.limits.max_seconds:
        spot.refuse(f"Recordings may last {MIN_SECONDS} to {spot.limits.max_seconds} seconds.")
        return MIN_SECONDS
    return value


def _frame_rate(value: Any, spot: Spot) -> int:
    if isinstance(value, bool) or value not in FRAME_RATES:
        spot.refuse("Videos can be kept at 30 or 60 frames a second.")
        return FRAME_RATES[0]
    return int(value)


def _language(value: Any, spot: Spot) -> str:
    if not isinstance(value, str) or value not in spot.limits.languages:
        spot.refuse(f"One of {', '.join(spot.limits.languages)}.")
        return ""
    return value


def _ways(value: Any, spot: Spot) -> list[str]:
    if not isinstance(value, list) or any(not isinstance(each, str) or each not in WAYS for each in value):
        spot.refuse(f"A list of {', '.join(WAYS)}.")
        return []
    if not value:
        spot.refuse("Offer at least one way.")
    return [way for way in WAYS if way in value]


def _questions_of(text: Rule) -> Rule:
    hint = _line(QUESTION_CHARACTERS)

    def rule(value: Any, spot: Spot) -> list[Question]:
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            spot.refuse("A list of questions, each with a text and a hint.")
            return []
        if len(value) > MAX_QUESTIONS:
            spot.refuse(f"At most {MAX_QUESTIONS} questions.")
            return []
        for place, each in enumerate(value):
            for name in each.keys() - BLANK.keys():
                spot.inside(place).inside(name).refuse("There is no such field.")
        return [
            {
                "text": text(each.get("text", ""), spot.inside(place).inside("text")),
                "hint": hint(each.get("hint", ""), spot.inside(place).inside("hint")),
            }
            for place, each in enumerate(value)
        ]

    return rule


def _translations(value: Any, spot: Spot) -> dict[str, Any]:
    if not isinstance(value, dict):
        spot.refuse("An object with one object for each language.")
        return {}
    found = {language: _translation(texts, spot.inside(language), language) for language, texts in value.items()}
    return {language: texts for language, texts in found.items() if texts}


def _translation(value: Any, spot: Spot, language: str) -> dict[str, Any]:
    """What was really translated: blank texts are left out."""
    if language not in spot.limits.languages:
        spot.refuse(f"One of {', '.join(spot.limits.languages)}.")
        return {}
    if not isinstance(value, dict):
        spot.refuse(f"An object with {', '.join(TRANSLATED)} and questions.")
        return {}
    rules = {**dict.fromkeys(TRANSLATED, _line(TEXT_CHARACTERS)), "questions": _TRANSLATED_QUESTIONS}
    for name in value.keys() - rules.keys():
        spot.inside(name).refuse("There is no such field.")
    found = {name: rule(value[name], spot.inside(name)) for name, rule in rules.items() if name in value}
    if all(each == BLANK for each in found.get("questions", [])):
        found.pop("questions", None)
    return {name: texts for name, texts in found.items() if texts}


_TRANSLATED_QUESTIONS = _questions_of(_line(QUESTION_CHARACTERS))
RULES: dict[str, Rule] = {
    "slug": _slug,
    "name": _line(NAME_CHARACTERS, needed="Give it a name."),
    **dict.fromkeys(TRANSLATED, _line(TEXT_CHARACTERS)),
    "questions": _questions_of(_line(QUESTION_CHARACTERS, needed="Write the question, or remove it.")),
    "language": _language,
    "translations": _translations,
    "ways": _ways,
    "one_by_one": _flag,
    "asks_guardian": _flag,
    "brand_color": _color,
    "max_seconds": _seconds,
    "max_frame_rate": _frame_rate,
    "reduce_noise": _flag,
    "action_label": _line(LABEL_CHARACTERS),
    "action_url": _address,
    "share_texts": _share_texts,
    "asks_to_share": _flag,
    "redirect_url": _redirect,
    "sites": _sites,
}
