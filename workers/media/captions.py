"""From a finished rendition to the words that are said in it, without a service and without a network.

Two processes: ffmpeg takes the sound out, inside the sandbox; the recognizer reads it in a child of its own, so that its
300 MB are given back and a worker that loses its lease can stop it. Nothing that a stranger sent reaches the recognizer:
it gets samples that our ffmpeg has written from a file that our ffmpeg has made.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

from testimonials.domain.captions import Word
from testimonials.errors import ConfigurationError, MediaError
from workers.media import ffmpeg
from workers.media.sandbox import Limits, Sandbox
from workers.media.speech import SAMPLE_RATE, Transcript, open_recognizer

# The default engine takes 0.06 s a second; a model that an operator brings may take 4 s on a small machine.
SECONDS_PER_SECOND = 6
START_SECONDS = 120
EXTRACT_SECONDS = 60
# The address space of the default engine is 2 GB; a large model of an operator has 3 GB of weights.
MEMORY_BYTES = 12 * 1024**3
_NO_SOUND = ("matches no streams", "does not contain any stream")


def write_captions(
    sandbox: Sandbox,
    video: Path,
    folder: Path,
    *,
    recognizer: str,
    language: str,
    duration_seconds: float,
    on_time: Callable[[float], None] | None = None,
) -> Transcript | None:
    """The words of a rendition with their times; None where the recognizer is `off` or the file has no sound.

    `recognizer` is a setting of `speech.open_recognizer`; `language` a code or empty. Works in `folder` and leaves
    nothing there. `on_time` is called about once a second with the seconds done and may raise to stop everything.
    Raises ConfigurationError where the recognizer cannot be used, MediaError `timed_out`, `stalled` or `internal`.
    """
    if open_recognizer(recognizer) is None:
        return None
    wav, result = folder / "speech.wav", folder / "speech.json"
    try:
        if not _extract(sandbox, video, wav, duration_seconds, on_time):
            return None
        _recognize(sandbox, [str(wav), str(result), recognizer, language], duration_seconds, on_time)
        return parse_result(result.read_bytes())
    finally:
        for path in (wav, result):
            path.unlink(missing_ok=True)


def extract_command(video: Path, wav: Path, duration_seconds: float) -> list[str]:
    """The sound as 16 kHz mono 16-bit PCM, which is what every speech model was trained on. Progress comes on stdout."""
    options = ["-nostdin", "-nostats", "-v", "error", "-progress", "pipe:1", "-y"]
    sound = ["-map", "0:a:0", "-ac", "1", "-ar", str(SAMPLE_RATE), "-c:a", "pcm_s16le", "-map_metadata", "-1"]
    return [
        "ffmpeg",
        *options,
        "-i",
        f"file:{video}",
        *sound,
        "-t",
        f"{duration_seconds:.3f}",
        "-f",
        "wav",
        f"file:{wav}",
    ]


def _extract(
    sandbox: Sandbox, video: Path, wav: Path, duration_seconds: float, on_time: Callable[[float], None] | None
) -> bool:
    limit = EXTRACT_SECONDS + duration_seconds
    command = sandbox.wrap(
        extract_command(video, wav, duration_seconds),
        reads=[video],
        writes=wav.parent,
        limits=Limits(cpu_seconds=int(limit)),
    )
    try:
        # For the caller nothing is recognized yet, so it hears zero; it can stop this part all the same.
        ffmpeg.run(command, timeout=limit, on_time=on_time and (lambda _: on_time(0.0)))
    except MediaError as error:
        if any(said in error.detail for said in _NO_SOUND):
            return False
        raise
    return True


def _recognize(
    sandbox: Sandbox, arguments: list[str], duration_seconds: float, on_time: Callable[[float], None] | None
) -> None:
    limit = START_SECONDS + SECONDS_PER_SECOND * duration_seconds
    # Limits without the closed room: the program is ours and so is what it reads. It dies with this process.
    bounded = Sandbox("ulimit" if sandbox.level == "ulimit" else "prlimit").wrap(
        [sys.executable, "-m", "workers.media.recognize", *arguments],
        reads=[],
        writes=None,
        limits=Limits(cpu_seconds=int(limit), memory_bytes=MEMORY_BYTES, open_files=256),
    )
    try:
        # A large model may be silent for longer than a stalled encoder; the time limit is the bound.
        ffmpeg.run(bounded, timeout=limit, on_time=on_time, stall=limit)
    except MediaError as error:
        if error.code == "corrupt":  # the recognizer broke, not the clip
            raise MediaError("internal", f"speech recognition failed: {error.detail}", permanent=False) from error
        raise


def parse_result(body: bytes) -> Transcript:
    """What the child wrote, taken for nothing but what it should be. Raises ConfigurationError as the child did, else
    MediaError `internal`."""
    try:
        raw = json.loads(body)
        if isinstance(raw, dict) and isinstance(said := raw.get("configuration_error"), str):
            raise ConfigurationError(said)
        if not isinstance(raw, dict) or set(raw) != {"language", "engine", "confidence", "words"}:
            raise ValueError("the wrong fields")
        words = tuple(_word(entry) for entry in raw["words"])
        confidence = _number(raw["confidence"], 1.0)
        return Transcript(_text(raw["language"]), words, confidence, _text(raw["engine"]))
    except (ValueError, TypeError) as error:
        raise MediaError("internal", f"speech recognition answered with nonsense: {error}", permanent=False) from error


def _word(entry: object) -> Word:
    if not isinstance(entry, list):
        raise TypeError("a word is no list")
    start, end, text, probability = entry
    word = Word(_number(start, 360_000), _number(end, 360_000), _text(text), _number(probability, 1.0))
    if word.end_seconds < word.start_seconds:
        raise ValueError("a word ends before it starts")
    return word


def _number(value: object, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise ValueError(f"{value!r} is no number from 0 to {most}")
    return float(value)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError(f"{value!r} is no text")
    return value
