"""What may be chosen from a customer's words: stretches of them, in their order, and nothing that they did not say."""

from __future__ import annotations

import re

from testimonials.errors import Invalid

MIN_CHARACTERS, MAX_CHARACTERS = 12, 600
LEFT_OUT = " … "
_GAP = re.compile(r"\s*(?:\[\s*(?:…|\.{3})\s*\]|…|\.{3})\s*")


def excerpt(words: str, sources: list[str]) -> str:
    """The excerpt as it is shown, with `…` for what was left out between its stretches.

    Each stretch has to stand in one of the sources letter by letter (spaces aside), whole words, one after the other. Raises
    Invalid `not_their_words`, and `bad_excerpt` for one that is too short or too long.
    """
    stretches = [" ".join(each.split()) for each in _GAP.split(words.strip().strip('“”"').strip())]
    stretches = [each for each in stretches if each]
    shown = LEFT_OUT.join(stretches)
    if not MIN_CHARACTERS <= len(shown) <= MAX_CHARACTERS:
        raise Invalid(f"An excerpt has {MIN_CHARACTERS} to {MAX_CHARACTERS} characters.", code="bad_excerpt")
    if not any(_stand_in(stretches, " ".join(source.split())) for source in sources):
        sentence = "Choose from what the customer said or wrote, letter by letter. Put … where you leave something out."
        raise Invalid(sentence, code="not_their_words")
    return shown


def _stand_in(stretches: list[str], source: str) -> bool:
    at = 0
    for stretch in stretches:
        found = re.search(rf"(?<!\w){re.escape(stretch)}(?!\w)", source[at:])
        if found is None:
            return False
        at += found.end()
    return True
