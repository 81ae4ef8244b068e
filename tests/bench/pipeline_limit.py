"""CPU of the whole pipeline over the CPU of ONE hand-written ffmpeg command with the same outputs: the limit."""

from __future__ import annotations

import statistics
import subprocess
import tempfile
from pathlib import Path

from tests import clips
from tests.bench.measure import Result, alternating, cpu, spread
from tests.bench.one_job import go_through
from workers.media.command import MOTION

ROUNDS = 5
BAR = 1.05
SIZES = {720: (1280, 2500), 480: (854, 1200), 360: (640, 800)}  # height: width, kbit/s


def source() -> Path:
    """20 s of 720p30 VP8 and Opus with sensor noise, as MediaRecorder makes it."""
    return clips.make(
        "bench.webm",
        *["-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=30:duration=20,noise=alls=12:allf=t", *clips.tone(20)],
        *["-c:v", "libvpx", "-b:v", "2500k", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"],
        *["-f", "webm", "-live", "1"],
    )


def measure() -> Result:
    clip = source()
    with tempfile.TemporaryDirectory() as folder:
        ours, limit = alternating(
            lambda: _pipeline(clip, Path(tempfile.mkdtemp(dir=folder))),
            lambda: _by_hand(clip, Path(tempfile.mkdtemp(dir=folder))),
            ROUNDS,
        )
    return Result(
        "pipeline-limit",
        statistics.median(ours) / statistics.median(limit),
        BAR,
        f"CPU of claim to all outputs {spread(ours, 's')} over one ffmpeg by hand {spread(limit, 's')}; 20 s 720p30 VP8 to"
        " 720p, 480p, 360p, 8 stills, posters as JPEG and WebP, storyboard, preview; no captions; sandbox prlimit",
    )


def x264(preset: str, rate: int) -> list[str]:
    """What all of these commands encode with."""
    return [
        *["-c:v", "libx264", "-preset", preset, "-profile:v", "high", "-pix_fmt", "yuv420p", "-crf", "23"],
        *["-maxrate", f"{rate}k", "-bufsize", f"{2 * rate}k", "-g", "60", "-keyint_min", "60", "-sc_threshold", "0"],
    ]


AAC = ["-c:a", "aac", "-b:a", "128k", "-ar", "48000", "-ac", "2"]


def _pipeline(clip: Path, folder: Path) -> float:
    through = go_through(clip, folder)
    assert [asset.height for asset in through.testimonial.renditions] == [720, 480, 360]
    return through.cpu_seconds


def _by_hand(clip: Path, folder: Path) -> float:
    """The gain is known beforehand here, and the frame of the poster too: nothing is measured, scored or verified."""
    graph = (
        "[0:v]fps=30,split=6[a][b][c][d][e][f];[a]scale=1280:720[v720];[b]scale=854:480[v480];[c]scale=640:360[v360];"
        "[d]fps=8/20,scale=1280:720[stills];[e]fps=1,scale=160:90,tile=10x2[board];"
        "[f]trim=5:8,setpts=PTS-STARTPTS,fps=15,split=2[g][still];[g]scale=640:360[preview];"
        "[still]trim=end_frame=1,split=3[s1][s2][s3];[s1]scale=1280:720,split=2[j1][w1];[s2]scale=640:360,split=2[j2][w2];"
        "[s3]scale=320:180,split=2[j3][w3];"
        "[0:a]volume=5dB,alimiter=limit=0.79:level=0,asplit=3[a1][a2][a3]"
    )
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(clip), "-filter_complex", graph]
    motion = [word for name, value in MOTION.items() for word in (f"-{name}", value)]  # what ours skips, this skips too
    for number, (height, (_, rate)) in enumerate(SIZES.items(), start=1):
        command += ["-map", f"[v{height}]", "-map", f"[a{number}]", *x264("veryfast", rate), *motion, *AAC]
        command += ["-map_metadata", "-1", "-movflags", "+faststart", str(folder / f"{height}.mp4")]
    command += ["-map", "[stills]", "-q:v", "3", str(folder / "still-%02d.jpg")]
    command += ["-map", "[board]", "-frames:v", "1", "-q:v", "4", str(folder / "board.jpg")]
    command += ["-map", "[preview]", *x264("veryfast", 700), *motion, str(folder / "preview.mp4")]
    for number in (1, 2, 3):
        command += ["-map", f"[j{number}]", "-frames:v", "1", "-q:v", "3", str(folder / f"poster-{number}.jpg")]
        webp = ["-c:v", "libwebp", "-quality", "78", str(folder / f"poster-{number}.webp")]
        command += ["-map", f"[w{number}]", "-frames:v", "1", *webp]
    with cpu() as used:
        subprocess.run(command, check=True)
    return used.seconds
