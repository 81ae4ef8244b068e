"""A clip is handed in as a customer does, all jobs are done, and what came out is looked at as the API shows it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from testimonials.domain.collecting import WAYS
from testimonials.models import Campaign
from testimonials.runtime import Runtime
from tests import acts
from tests.conftest import Someone

Processed = Callable[[Path | bytes], dict[str, Any]]
Given = Callable[..., dict[str, Any]]


@pytest.fixture
def processed(runtime: Runtime, customer: FlaskClient, owner: Someone) -> Processed:
    """Hand a clip in, do all that follows, and read the testimonial."""

    def run(clip: Path | bytes) -> dict[str, Any]:
        token = acts.hand_in(customer, clip)["token"]
        acts.work_through(runtime)
        answer: dict[str, Any] = customer.get(f"/api/v1/testimonials/{token}", headers=owner.bearer).json
        return answer

    return run


@pytest.fixture
def given(runtime: Runtime, customer: FlaskClient, owner: Someone) -> Given:
    """As `processed`, for a campaign that takes everything: `given(body, kind="photo", …)` with details of the form."""
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Campaign).values(ways=list(WAYS)))

    def run(body: Path | bytes, **details: Any) -> dict[str, Any]:
        token = acts.hand_in(customer, body, **details)["token"]
        acts.work_through(runtime)
        answer: dict[str, Any] = customer.get(f"/api/v1/testimonials/{token}", headers=owner.bearer).json
        return answer

    return run


@dataclass
class Outputs:
    """What is stored, as files."""

    runtime: Runtime
    folder: Path

    def file(self, url: str) -> Path:
        """The file behind a media address."""
        name = url.partition("?")[0].rsplit("/", 1)[1]
        key = next(key for key in self.runtime.storage.keys("testimonials/") if key.endswith(name))
        path = self.folder / name
        path.write_bytes(b"".join(self.runtime.storage.open(key)))
        return path

    def rendition(self, made: dict[str, Any], number: int = 0) -> Path:
        return self.file(made["renditions"][number]["url"])

    def all(self) -> list[Path]:
        return [self.file(key) for key in self.runtime.storage.keys("testimonials/")]


@pytest.fixture
def outputs(runtime: Runtime, tmp_path: Path) -> Outputs:
    folder = tmp_path / "outputs"
    folder.mkdir()
    return Outputs(runtime, folder)


def streams(path: Path) -> list[dict[str, Any]]:
    """What ffprobe says of each stream."""
    command = ["ffprobe", "-v", "error", "-of", "json", "-show_streams", "-show_format", str(path)]
    found: list[dict[str, Any]] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["streams"]
    return found


def codes(made: dict[str, Any]) -> list[str]:
    """What the moderator is told of a clip."""
    return [notice["code"] for notice in made["notices"]]


def sizes(made: dict[str, Any]) -> list[tuple[int, int]]:
    return [(each["width"], each["height"]) for each in made["renditions"]]


def flash_and_beep(path: Path, rate: int = 8000) -> tuple[float, float]:
    """Seconds at which the picture turns white and the sound begins."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-vf", "scale=1:1:flags=area,format=gray", "-vsync", "0"]
    grays = subprocess.run([*command, "-f", "rawvideo", "-"], capture_output=True, check=True).stdout
    video = streams(path)[0]
    frames = Fraction(video["avg_frame_rate"])
    flash = float(next(n for n, gray in enumerate(grays) if gray > 128) / frames)
    beep = next(n for n, sample in enumerate(samples(path, rate)) if abs(sample) > 1500) / rate
    return flash, beep


def color(path: Path, at: float = 0.2, box: str = "iw:ih:0:0") -> tuple[int, int, int]:
    """The mean color of a part of a frame, as r, g, b. Read as players and viewers do: BT.709, JPEG as BT.601."""
    matrix = "bt601" if path.suffix == ".jpg" else "bt709"
    filters = f"scale=in_color_matrix={matrix},format=rgb24,crop={box},scale=1:1:flags=area"
    return tuple(_frames(path, at, filters)[:3])  # type: ignore[return-value]


def pixels(path: Path, at: float, width: int, height: int) -> bytes:
    """A frame in gray."""
    return _frames(path, at, f"scale={width}:{height}:flags=area,format=gray")


def samples(path: Path, rate: int = 8000) -> list[int]:
    """The sound in mono, 16 bits."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-ac", "1", "-ar", str(rate), "-f", "s16le", "-"]
    return list(memoryview(subprocess.run(command, capture_output=True, check=True).stdout).cast("h"))


def loudness(path: Path) -> float:
    """Integrated loudness in LUFS, by ffmpeg's meter."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:a:0", "-af"]
    command += ["ebur128=metadata=1,ametadata=mode=print:file=-:key=lavfi.r128.I", "-f", "null", "-"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return float(said.strip().rsplit("=", 1)[1])


def _frames(path: Path, at: float, filters: str) -> bytes:
    seek = ["-ss", str(at)] if at else []  # a JPEG cannot be sought in
    command = ["ffmpeg", "-v", "error", *seek, "-i", str(path), "-frames:v", "1", "-vf", filters]
    return subprocess.run([*command, "-f", "rawvideo", "-"], capture_output=True, check=True).stdout
