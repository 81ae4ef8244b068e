"""An installation that sends mail, to a post office on this machine."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from testimonials.settings import Settings
from tests.post import PostOffice, post_office


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office() as found:
        yield found


@pytest.fixture
def settings(settings: Settings, office: PostOffice) -> Settings:
    return dataclasses.replace(settings, smtp_url=office.url, mail_from="reviews@copper.example")
