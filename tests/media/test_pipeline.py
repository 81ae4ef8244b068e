"""The pipeline on real clips: what goes in, and what must come out."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from testimonials.runtime import Runtime
from tests import acts, clips
from tests.conftest import Nudges, Someone

pytestmark = pytest.mark.media


def processed(runtime: Runtime, nudges: Nudges, client: FlaskClient, owner: Someone, clip: Path | bytes) -> dict:
    token = acts.hand_in(client, clip)["token"]
    acts.work(runtime, nudges.sent[-1][1])
    return client.get(f"/api/v1/testimonials/{token}", headers=owner.bearer).json


def test_it_makes_a_recording_ready(runtime: Runtime, nudges: Nudges, customer: FlaskClient, owner: Someone) -> None:
    made = processed(runtime, nudges, customer, owner, clips.webm(3, "1280x720"))
    assert (made["media"], made["failure"]) == ("ready", None)
    assert [(r["width"], r["height"], r["codec"]) for r in made["renditions"]] == [
        (1280, 720, "h264"),
        (854, 480, "h264"),
        (640, 360, "h264"),
    ]
    assert made["duration_seconds"] == pytest.approx(3, abs=0.2)
    assert (made["poster"]["width"], made["poster"]["height"]) == (1280, 720)
