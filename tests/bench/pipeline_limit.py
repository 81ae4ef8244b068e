"""CPU of the whole pipeline over the CPU of ONE hand-written ffmpeg command with the same outputs: the limit."""

from __future__ import annotations

import statistics
import subprocess
import tempfile
import threading
from pathlib import Path

from testimonials import migrations
from testimonials.db import Database
from testimonials.runtime import Runtime
from testimonials.services import accounts, campaigns, review, submissions
from testimonials.services.submissions import Details
from testimonials.settings import load
from testimonials.storage.opener import open_storage
from tests import clips
from tests.bench.measure import Result, alternating, cpu, spread
from workers.media.sandbox import choose
from workers.tasks import Hands, run_job

ROUNDS = 3


def measure() -> Result:
    source = clips.make(
        "bench.webm",
        *["-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=30:duration=20,noise=alls=12:allf=t", *clips.tone(20)],
        *["-c:v", "libvpx", "-b:v", "2500k", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"],
        *["-f", "webm", "-live", "1"],
    )
    with tempfile.TemporaryDirectory() as folder:
        ours, limit = alternating(
            lambda: _pipeline(source, Path(tempfile.mkdtemp(dir=folder))),
            lambda: _by_hand(source, Path(tempfile.mkdtemp(dir=folder))),
            ROUNDS,
        )
    return Result(
        "pipeline-limit",
        statistics.median(ours) / statistics.median(limit),
        1.10,
        f"CPU of claim to ready {spread(ours, 's')} over one ffmpeg by hand {spread(limit, 's')};"
        " 20 s 720p30 VP8 to 720p, 480p, 360p and poster; sandbox prlimit",
    )


def _pipeline(source: Path, folder: Path) -> float:
    sent: list[str] = []
    settings = load({}, data_dir=folder)
    settings.scratch_dir.mkdir()
    db = Database(settings.database_url)
    migrations.upgrade(db)
    runtime = Runtime(settings, db, open_storage(settings.storage_url), lambda _, job_id: bool(sent.append(job_id)))
    workspace = accounts.create_workspace(runtime, name="bench")
    campaigns.create(runtime, workspace, slug="bench", name="bench")
    with source.open("rb") as stream:
        details = Details(name="B", email="b@example.org", scopes=("website",))
        submitted = submissions.submit_file(
            runtime, slug="bench", stream=stream, size=source.stat().st_size, details=details, address=""
        )
    # bubblewrap does not wait for what runs inside it, so its CPU time is booked to nobody; prlimit runs the same commands.
    sandbox = choose("prlimit")
    with cpu() as used:
        run_job(Hands(runtime, sandbox, "bench", threading.Event()), sent[0])
    made = review.read(runtime, workspace, submitted.token).testimonial
    assert [asset.height for asset in made.renditions] == [720, 480, 360], made.failure
    db.close()
    return used.seconds


def _by_hand(source: Path, folder: Path) -> float:
    graph = (
        "[0:v]fps=30,split=4[a][b][c][d];[a]scale=1280:720[v720];[b]scale=854:480[v480];[c]scale=640:360[v360];"
        "[d]select=eq(n\\,90),scale=1280:720[poster]"
    )
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(source), "-filter_complex", graph]
    for height, rate in ((720, 2500), (480, 1200), (360, 800)):
        command += [
            "-map",
            f"[v{height}]",
            "-map",
            "0:a:0",
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
            "-profile:v",
            "high",
        ]
        command += ["-pix_fmt", "yuv420p", "-crf", "23", "-maxrate", f"{rate}k", "-bufsize", f"{2 * rate}k"]
        command += [
            "-g",
            "60",
            "-keyint_min",
            "60",
            "-sc_threshold",
            "0",
            "-c:a",
            "aac",
            "-b:a",
            "128k",
            "-ar",
            "48000",
        ]
        command += ["-ac", "2", "-map_metadata", "-1", "-movflags", "+faststart", str(folder / f"{height}.mp4")]
    command += ["-map", "[poster]", "-frames:v", "1", "-q:v", "3", str(folder / "poster.jpg")]
    with cpu() as used:
        subprocess.run(command, check=True)
    return used.seconds
