"""An installation that sends mail, to a post office on this machine."""

from __future__ import annotations

import pytest

from testimonials.settings import Settings
from tests.post import PostOffice, sending


@pytest.fixture
def settings(settings: Settings, office: PostOffice) -> Settings:
    return sending(settings, office)
