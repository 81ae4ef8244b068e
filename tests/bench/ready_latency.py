"""Seconds from the answer to a submit until there is something to play, on a whole installation as an operator starts it."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from tests import clips
from tests.bench.measure import Result
from tests.bench.pipeline_limit import source
from tests.bench.widget_weight import hand_in
from tests.installation import Installation, embedded, wait_for


def measure() -> Result:
    cases = [
        ("H.264 within limits, 20 s", _within_limits(20), 2 + 0.03 * 20),
        ("H.264 within limits, 60 s", _within_limits(60), 2 + 0.03 * 60),
        ("noisy VP8 720p30, 20 s", source(), 2 + 0.4 * 20),
        ("VP8 720p30, 60 s", _recording(60), 2 + 0.4 * 60),
    ]
    with tempfile.TemporaryDirectory() as folder, embedded(Path(folder)) as installation:
        with installation.api() as api:
            api.post("/campaigns", json={"slug": "spring", "name": "Spring"})
        _seconds(installation, clips.webm(1))  # the first one pays for imports
        found = [(name, _seconds(installation, clip), allowed) for name, clip, allowed in cases]
    return Result(
        "ready-latency",
        max(seconds / allowed for _, seconds, allowed in found),
        1,
        "; ".join(f"{name}: {seconds:.1f} s of {allowed:.1f} s" for name, seconds, allowed in found),
    )


def _seconds(installation: Installation, clip: Path) -> float:
    """Until it can be played; then the rest is waited for, so that it does not get in the way of the next one."""
    with installation.api() as api:
        token = hand_in(installation, clip)
        started = time.monotonic()
        wait_for(lambda: api.get(f"/testimonials/{token}").json()["media"] == "ready", 300)
        spent = time.monotonic() - started
        wait_for(lambda: all(j["state"] == "done" for j in api.get(f"/testimonials/{token}").json()["jobs"]), 300)
    return spent


def _within_limits(seconds: int) -> Path:
    """As a browser with H.264 records it: 720p30 at 2 Mbit/s, fragmented."""
    picture = f"testsrc2=size=1280x720:rate=30:duration={seconds}"
    options = [
        "-c:v",
        "libx264",
        "-preset",
        "veryfast",
        "-pix_fmt",
        "yuv420p",
        "-b:v",
        "2M",
        "-maxrate",
        "2M",
        "-bufsize",
        "4M",
    ]
    options += ["-g", "60", "-colorspace", "bt709", "-c:a", "aac", "-movflags", "frag_keyframe+empty_moov"]
    return clips.make("within.mp4", "-f", "lavfi", "-i", picture, *clips.tone(seconds), *options)


def _recording(seconds: int) -> Path:
    """As MediaRecorder makes it, of a quiet picture."""
    codecs = ["-c:v", "libvpx", "-b:v", "2500k", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"]
    live = ["-f", "webm", "-live", "1"]
    return clips.make("minute.webm", *clips.picture("1280x720", seconds), *clips.tone(seconds), *codecs, *live)
