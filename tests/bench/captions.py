"""CPU of captions per second of speech: sound taken out, the child started, libraries imported, weights loaded, words timed."""

from __future__ import annotations

import math
import statistics
import tempfile
from pathlib import Path

from tests import speech
from tests.bench.measure import Result, cpu, spread
from workers.media.captions import write_captions
from workers.media.sandbox import choose

ROUNDS = 3
BAR = 0.12
MAX_WORD_ERROR_RATE = 0.08


def measure() -> Result:
    video, said, seconds = speech.talking_minute()
    rounds = [_once(video, said, seconds) for _ in range(ROUNDS)]
    used = [each[0] / seconds for each in rounds]
    errors = max(each[1] for each in rounds)
    return Result(
        "captions",
        statistics.median(used) if errors <= MAX_WORD_ERROR_RATE else math.inf,
        BAR,
        f"CPU {spread(used, 's')} a second of speech, {errors:.1%} word errors; {seconds:.0f} s of read English in a 360p"
        " MP4, default recognizer, sandbox prlimit",
    )


def _once(video: Path, said: str, seconds: float) -> tuple[float, float]:
    """CPU seconds and word error rate of one run."""
    # bubblewrap does not wait for what runs inside it, so its CPU time is booked to nobody; prlimit runs the same commands.
    sandbox = choose("prlimit")
    with tempfile.TemporaryDirectory() as folder, cpu() as used:
        made = write_captions(
            sandbox, video, Path(folder), recognizer="default", language="en", duration_seconds=seconds
        )
    assert made is not None
    return used.seconds, speech.word_error_rate(said, " ".join(word.text for word in made.words))
