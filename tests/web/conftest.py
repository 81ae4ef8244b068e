"""What several doors' tests start from: a testimonial on show. Files may have one of their own."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from testimonials.models import Testimonial
from testimonials.runtime import Runtime
from tests.acts import hand_in
from tests.conftest import Someone


@pytest.fixture
def shown(customer: FlaskClient, runtime: Runtime, owner: Someone) -> str:
    """Its token. There are no files behind it."""
    token = hand_in(customer, b"video")["token"]
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Testimonial).values(media="ready", review="approved"))
    return token
