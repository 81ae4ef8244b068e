"""Words in the languages we speak. Catalogs are .po files, read at their first use: nothing has to be compiled.

A request chooses a language once (`use`); whoever speaks after that calls `gettext`, as templates do with `_`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from babel.support import LazyProxy

FOLDER = Path(__file__).with_name("translations")
SOURCE = "en"
LANGUAGES: dict[str, str] = {
    "en": "English",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "pt": "Português",
    "it": "Italiano",
    "nl": "Nederlands",
    "pl": "Polski",
    "tr": "Türkçe",
    "ar": "العربية",
    "he": "עברית",
    "hi": "हिन्दी",
    "ja": "日本語",
    "ko": "한국어",
    "zh": "中文",
}
"""By their own names; the first one is what everything is written in."""
RIGHT_TO_LEFT = frozenset({"ar", "he"})
_current: ContextVar[str] = ContextVar("language", default=SOURCE)


@dataclass(frozen=True)
class Catalog:
    """`words`: message → translation. `script`: the part of it that ES modules say."""

    words: Mapping[str, str]
    script: Mapping[str, str]


@lru_cache(maxsize=len(LANGUAGES))
def catalog(language: str) -> Catalog:
    """What is known in a language. Untranslated and fuzzy messages are left out, and so stay English."""
    path = FOLDER / f"{language}.po"
    if language == SOURCE or language not in LANGUAGES or not path.exists():
        return Catalog({}, {})
    with path.open("rb") as handle:
        found = [each for each in read_po(handle, locale=language) if each.id and each.string and not each.fuzzy]
    words = {str(each.id): str(each.string) for each in found}
    said = {str(each.id) for each in found if any(file.endswith(".js") for file, _ in each.locations)}
    return Catalog(words, {message: words[message] for message in sorted(said)})


def known(tag: str) -> str | None:
    """The language of ours that a tag such as `pt-BR` means, if there is one. Old names for Hebrew are understood."""
    primary = tag.strip().replace("_", "-").partition("-")[0].lower()
    primary = {"iw": "he"}.get(primary, primary)
    return primary if primary in LANGUAGES else None


def choose(*wishes: str | None) -> str:
    """The first wish that is a language of ours; English where none is."""
    return next((found for wish in wishes if wish and (found := known(wish))), SOURCE)


def current() -> str:
    """The language of this request or of this piece of work."""
    return _current.get()


def use(language: str) -> None:
    """Speak it from here on, in this context."""
    _current.set(choose(language))


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak a language for a while: a mail to one customer."""
    token = _current.set(choose(language))
    try:
        yield
    finally:
        _current.reset(token)


def direction(language: str) -> str:
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


def gettext(message: str, **values: Any) -> str:
    """The message in the current language, with `{name}` places filled in."""
    said = catalog(current()).words.get(message, message)
    return said.format(**values) if values else said


def lazy(message: str) -> Any:
    """For words that are written down before anybody has asked: labels of forms, tables of sentences."""
    return LazyProxy(gettext, message, enable_cache=False)
