"""Real clips, made by ffmpeg once and kept for the session (and between sessions, in `build/clips`)."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

QUICK_H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
FOLDER = Path(__file__).parents[1] / "build" / "clips"


def make(name: str, *arguments: str) -> Path:
    """The clip that ffmpeg makes of `arguments`; the name carries a hash of them, so that a change makes a new one."""
    mark = hashlib.sha256("\0".join(arguments).encode()).hexdigest()[:12]
    stem, _, suffix = name.rpartition(".")
    path = FOLDER / f"{stem}-{mark}.{suffix}"
    if not path.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"partial-{os.getpid()}-{path.name}")
        subprocess.run(["ffmpeg", "-y", "-v", "error", *arguments, str(partial)], check=True)
        partial.rename(path)
    return path


def picture(size: str = "640x360", seconds: float = 3, rate: str = "30") -> list[str]:
    """A moving test picture as an input of ffmpeg."""
    return ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}:duration={seconds}"]


def tone(seconds: float = 3) -> list[str]:
    return ["-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=48000:duration={seconds}"]


def webm(seconds: float = 3, size: str = "640x360") -> Path:
    """As MediaRecorder makes it: VP8 and Opus, and, being a live stream, no duration."""
    codecs = ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "1M", "-c:a", "libopus"]
    return make("recorded.webm", *picture(size, seconds), *tone(seconds), *codecs, "-f", "webm", "-live", "1")


def mp4(seconds: float = 3, size: str = "640x360", rate: str = "30") -> Path:
    """As a phone makes it: H.264 and AAC, its index at the end."""
    codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    return make("phone.mp4", *picture(size, seconds, rate), *tone(seconds), *codecs)


def silent_mp4(seconds: float = 2) -> Path:
    """Without any audio stream."""
    return make(
        "silent.mp4", *picture("640x360", seconds), "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"
    )


def odd_size(seconds: float = 1) -> Path:
    """A size that yuv420p cannot have."""
    return make(
        "odd.webm",
        *picture("641x361", seconds),
        "-pix_fmt",
        "yuv444p",
        "-c:v",
        "libvpx-vp9",
        "-cpu-used",
        "8",
        "-deadline",
        "realtime",
    )


def rotated(seconds: float = 1) -> Path:
    """Held upright: stored lying, with a flag that says to turn it."""
    lying = mp4(seconds, "640x360")
    return make("rotated.mp4", "-i", str(lying), "-c", "copy", "-metadata:s:v:0", "rotate=90")


def claims_20000_seconds() -> bytes:
    """Two frames that lie 20,000 s apart: 1.4 kB that would become 600,000 frames."""
    first = make(
        "one.mkv", *picture("64x64", 0.04, "25"), "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"
    )
    late = make(
        "bomb.mkv",
        *["-i", str(first), "-itsoffset", "20000", "-i", str(first)],
        *["-filter_complex", "[0:v][1:v]concat", "-vsync", "passthrough"],
        *["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"],
    )
    return late.read_bytes()
