"""CPU of the whole pipeline over how others make the same files: a process for each, and slower presets.

PeerTube's way, rebuilt: one ffmpeg for each rendition at `veryfast` with `-b_strategy 1 -bf 16`, one for the thumbnail, one
for the storyboard. MediaCMS' way, rebuilt: one for each of four profiles at `medium`, one for the thumbnail, one for the
sprite. Both with our bit rates, so that sizes and SSIM can be compared.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import tempfile
from pathlib import Path

from tests.bench.measure import Result, cpu, spread
from tests.bench.one_job import Through, go_through
from tests.bench.pipeline_limit import AAC, SIZES, source, x264

ROUNDS = 3
PEERTUBE_BAR, MEDIACMS_BAR = 0.90, 0.43
SSIM_APART, BYTES_OVER = 0.005, 1.05


def measure() -> Result:
    clip = source()
    figures: dict[str, list[float]] = {"ours": [], "peertube": [], "mediacms": []}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            places = {name: Path(tempfile.mkdtemp(dir=folder)) for name in figures}
            through = go_through(clip, places["ours"])
            figures["ours"].append(through.cpu_seconds)
            figures["peertube"].append(_peertube(clip, places["peertube"]))
            figures["mediacms"].append(_mediacms(clip, places["mediacms"]))
        apart, larger = _compared(clip, through, places["peertube"])
    ours, peertube, mediacms = (statistics.median(figures[name]) for name in figures)
    fair = apart <= SSIM_APART and larger <= BYTES_OVER
    return Result(
        "pipeline-peers",
        max(ours / peertube / PEERTUBE_BAR, ours / mediacms / MEDIACMS_BAR) if fair else float("inf"),
        1,
        f"CPU {ours / peertube:.3f} of PeerTube's way (bar {PEERTUBE_BAR}), {ours / mediacms:.3f} of MediaCMS' way (bar"
        f" {MEDIACMS_BAR}): {spread(figures['ours'], 's')}, {spread(figures['peertube'], 's')},"
        f" {spread(figures['mediacms'], 's')}; SSIM at most {apart:.4f} below PeerTube's, bytes {larger:.3f} of its;"
        " the same clip and outputs as pipeline-limit",
    )


def _peertube(clip: Path, folder: Path) -> float:
    with cpu() as used:
        for height, (width, rate) in SIZES.items():
            options = [*x264("veryfast", rate), "-b_strategy", "1", "-bf", "16", "-r", "30", *AAC]
            _run(clip, "-vf", f"scale={width}:{height}", *options, "-movflags", "+faststart", folder / f"{height}.mp4")
        _run(clip, "-ss", "10", "-frames:v", "1", "-q:v", "3", folder / "thumbnail.jpg")
        _run(clip, "-vf", "fps=1,scale=160:90,tile=10x2", "-frames:v", "1", folder / "board.jpg")
    return used.seconds


def _mediacms(clip: Path, folder: Path) -> float:
    with cpu() as used:
        for height, (width, rate) in (SIZES | {240: (426, 400)}).items():
            options = [*x264("medium", rate), *AAC]
            _run(clip, "-vf", f"scale={width}:{height}", *options, "-movflags", "+faststart", folder / f"{height}.mp4")
        _run(clip, "-ss", "10", "-frames:v", "1", "-q:v", "3", folder / "thumbnail.jpg")
        _run(clip, "-vf", "fps=1,scale=160:90,tile=10x2", "-frames:v", "1", folder / "board.jpg")
    return used.seconds


def _run(clip: Path, *options: str | Path) -> None:
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", str(clip), *map(str, options)]
    subprocess.run(command, check=True)


def _compared(clip: Path, ours: Through, peertube: Path) -> tuple[float, float]:
    """By how much our SSIM lies below theirs at most, and our bytes over theirs in all."""
    pairs = [(ours.rendition(height), peertube / f"{height}.mp4") for height in SIZES]
    apart = max(_ssim(clip, theirs) - _ssim(clip, mine) for mine, theirs in pairs)
    return apart, sum(mine.stat().st_size for mine, _ in pairs) / sum(theirs.stat().st_size for _, theirs in pairs)


def _ssim(clip: Path, made: Path) -> float:
    graph = "[1:v][0:v]scale2ref[b][a];[b]fps=30[b1];[a]fps=30[a1];[a1][b1]ssim"
    command = ["ffmpeg", "-nostdin", "-i", str(made), "-i", str(clip), "-filter_complex", graph, "-f", "null", "-"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    found = re.search(r"All:([\d.]+)", said)
    assert found, said[-500:]
    return float(found.group(1))
