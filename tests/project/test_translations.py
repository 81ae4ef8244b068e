"""Every sentence that customers see is there in every language, with the same places to fill in."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from testimonials import i18n

HOUSE = Path(__file__).parents[2]
FOLDER = HOUSE / "testimonials" / "translations"
OTHERS = sorted(set(i18n.LANGUAGES) - {i18n.SOURCE})


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """What is said today, as `make words` finds it."""
    found = tmp_path_factory.mktemp("words") / "words.pot"
    subprocess.run([sys.executable, FOLDER / "extract.py", found], check=True, cwd=HOUSE)
    with found.open("rb") as handle:
        return read_po(handle)


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_translated(words: Catalog, language: str) -> None:
    with (FOLDER / f"{language}.po").open("rb") as handle:
        catalog = read_po(handle, locale=language)
    missing = [each.id for each in words if each.id and not (catalog.get(each.id) and catalog.get(each.id).string)]
    left_over = [each.id for each in catalog if each.id and each.id not in words]
    assert (missing, left_over) == ([], []), "run `make words`, then translate what is new"
    assert [each.id for each in catalog if each.fuzzy and each.id] == []


@pytest.mark.parametrize("language", OTHERS)
def test_places_to_fill_in_are_the_same(language: str) -> None:
    def places(text: object) -> list[str]:
        return sorted(re.findall(r"\{\w*\}", str(text)))

    with (FOLDER / f"{language}.po").open("rb") as handle:
        catalog = read_po(handle, locale=language)
    wrong = [each.id for each in catalog if each.id and each.string and places(each.id) != places(each.string)]
    assert wrong == []


def test_scripts_get_what_they_say_and_no_more() -> None:
    german = i18n.catalog("de")
    assert set(german.script) < set(german.words)
    assert "Start with my camera" not in german.script, "that is the server's to say"
