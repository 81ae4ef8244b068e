"""What stands in the fields of a campaign's page: as it was saved, or as it was sent.

A question keeps its number for as long as the page is open, wherever it is moved to, and its translations carry that
number too: `question-3-text`, `t-de-question-3-text`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from testimonials.domain.campaigns import ALL_NETWORKS, BLANK, TRANSLATED
from testimonials.domain.sharing import NETWORKS
from testimonials.i18n import LANGUAGES
from testimonials.models import Campaign

PARTS = tuple(BLANK)
WORDED = (ALL_NETWORKS, *(name for name, network in NETWORKS.items() if network.longest is not None))
"""Ways of sharing that take a text along."""
_QUESTION = re.compile(r"question-(\d{1,3})-(?:text|hint)")
_TRANSLATION = re.compile(r"t-([a-z]{2})-.+")
_BETWEEN_SITES = re.compile(r"[\s,]+")
_PLAIN = (
    *("ways", "one_by_one", "asks_guardian", "brand_color", "max_seconds", "max_frame_rate", "reduce_noise"),
    *("action_label", "action_url", "share_texts", "asks_to_share", "redirect_url", "sites"),
)
_FIELD_OF = {"max_frame_rate": "smooth"}


@dataclass(frozen=True)
class Draft:
    """`values` are those of the plain fields, `questions` in their order, each with its `number`.

    `translations`: language → {greeting, …, "questions": {number: {text, hint}}}.
    """

    values: dict[str, Any]
    questions: list[dict[str, str]]
    translations: dict[str, dict[str, Any]]

    @property
    def kept(self) -> list[dict[str, str]]:
        """The questions without rows that were left empty."""
        return [each for each in self.questions if each["text"].strip() or each["hint"].strip()]

    def fields(self) -> dict[str, Any]:
        """What the service takes."""
        translations = {
            language: {
                **{name: texts[name] for name in TRANSLATED},
                "questions": [texts["questions"].get(each["number"], BLANK) for each in self.kept],
            }
            for language, texts in self.translations.items()
        }
        questions = [{part: each[part] for part in PARTS} for each in self.kept]
        return {**self.values, "questions": questions, "translations": translations}

    def placed(self, faults: dict[str, list[str]]) -> dict[str, str]:
        """The service's faults by the names of the page's fields."""
        return {self._field(name): " ".join(sentences) for name, sentences in faults.items()}

    def _field(self, name: str) -> str:
        first, *rest = name.split(".")
        if first == "questions" and len(rest) == 2:
            return f"question-{self.kept[int(rest[0])]['number']}-{rest[1]}"
        if first == "translations" and rest:
            language, *inside = rest
            return f"t-{language}-{self._field('.'.join(inside)) if inside else 'greeting'}"
        if first == "share_texts":
            return f"share-{rest[0] if rest and rest[0] in WORDED else ALL_NETWORKS}"
        return _FIELD_OF.get(first, first)


def saved(campaign: Campaign) -> Draft:
    values = {name: getattr(campaign, name) for name in ("name", "language", *TRANSLATED, *_PLAIN)}
    questions = [
        {"number": str(number), "text": each["text"], "hint": each.get("hint", "")}
        for number, each in enumerate(campaign.questions)
    ]
    translations = {
        language: {
            **{name: texts.get(name, "") for name in TRANSLATED},
            "questions": {str(number): each for number, each in enumerate(texts.get("questions", []))},
        }
        for language, texts in campaign.translations.items()
    }
    return Draft(values, questions, translations)


def sent(form: MultiDict[str, str]) -> Draft:
    """A form of the page. Whatever else it holds is passed over."""
    seconds = form.get("max_seconds", "").strip()
    values = {
        **{name: form.get(name, "") for name in ("name", "language", *TRANSLATED, "brand_color")},
        **{name: form.get(name, "").strip() for name in ("action_label", "action_url")},
        "share_texts": {name: form.get(f"share-{name}", "") for name in WORDED},
        "asks_to_share": "asks_to_share" in form,
        "redirect_url": form.get("redirect_url", "").strip(),
        "sites": [each.strip() for each in _BETWEEN_SITES.split(form.get("sites", "")) if each.strip()],
        "ways": form.getlist("ways"),
        "one_by_one": form.get("one_by_one") == "yes",
        "asks_guardian": "asks_guardian" in form,
        "max_seconds": int(seconds) if seconds.isdecimal() and len(seconds) < 6 else seconds,
        "max_frame_rate": 60 if "smooth" in form else 30,
        "reduce_noise": "reduce_noise" in form,
    }
    numbers = list(dict.fromkeys(found[1] for name in form if (found := _QUESTION.fullmatch(name))))
    questions = [{"number": number, **_pair(form, f"question-{number}")} for number in _ordered(numbers, form)]
    languages = dict.fromkeys(found[1] for name in form if (found := _TRANSLATION.fullmatch(name)))
    translations = {
        language: {
            **{name: form.get(f"t-{language}-{name}", "") for name in TRANSLATED},
            "questions": {number: _pair(form, f"t-{language}-question-{number}") for number in numbers},
        }
        for language in languages
        if language in LANGUAGES
    }
    return Draft(values, questions, translations)


def _pair(form: MultiDict[str, str], name: str) -> dict[str, str]:
    return {part: form.get(f"{name}-{part}", "") for part in PARTS}


def _ordered(numbers: list[str], form: MultiDict[str, str]) -> list[str]:
    """By the places that were written beside them (which only a page without a script asks for), else as they stand."""

    def place(item: tuple[int, str]) -> float:
        written = form.get(f"question-{item[1]}-place", "").strip()
        return float(written) if written.isdecimal() and len(written) < 4 else item[0] + 1

    return [number for _, number in sorted(enumerate(numbers), key=place)]
