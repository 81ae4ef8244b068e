"""Who is a person and who is a program, by what they call themselves."""

from __future__ import annotations

from importlib.metadata import version

import pytest

from testimonials.visitor import is_program
from tests.readers import BOTS, PEOPLE


@pytest.mark.parametrize("agent", BOTS)
def test_programs_are_known(agent: str) -> None:
    assert is_program(agent)


@pytest.mark.parametrize("agent", PEOPLE)
def test_people_in_the_browsers_of_apps_are_people(agent: str) -> None:
    assert not is_program(agent)


def test_the_list_of_crawlers_is_no_older_than_a_year() -> None:
    """1.67 is of October 2026, the newest there was when this was written; the kept list grows with every release."""
    assert tuple(map(int, version("crawler-user-agents").split("."))) >= (1, 67)
    assert len(set(BOTS)) >= 40
