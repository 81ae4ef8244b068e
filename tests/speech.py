"""Human speech with what is said in it: Debian's `pocketsphinx-testdata`, read English from LibriVox, public domain."""

from __future__ import annotations

import re
import wave
from pathlib import Path

from tests import clips

FOLDER = Path("/usr/share/pocketsphinx/test/data/librivox")
PAUSE_SECONDS = 0.4
_SPELLED = {"mr": "mister", "mrs": "missus", "dr": "doctor"}


def sentences() -> list[tuple[Path, str]]:
    """Five recordings of 3 to 7 s, 24.7 s in all, and the words of each."""
    lines = (FOLDER / "transcription").read_text().splitlines()
    found = [re.fullmatch(r"<s> (.*) </s> \((.*)\)", line) for line in lines]
    return [(FOLDER / f"{match[2]}.wav", match[1]) for match in found if match]


def joined(count: int = 12) -> tuple[Path, str]:
    """`count` recordings one after another, each followed by a pause, and their words. Twelve are about a minute.

    There are five of them, so that they come again.
    """
    chosen = [sentences()[n % len(sentences())] for n in range(count)]
    inputs = [part for path, _ in chosen for part in ("-i", str(path))]
    padded = "".join(f"[{n}:a]apad=pad_dur={PAUSE_SECONDS}[p{n}];" for n in range(count))
    graph = f"{padded}{''.join(f'[p{n}]' for n in range(count))}concat=n={count}:v=0:a=1"
    wav = clips.make("speech.wav", *inputs, "-filter_complex", graph, *_PCM)
    return wav, " ".join(words for _, words in chosen)


def talking_clip(seconds: float = 12, size: str = "640x360") -> Path:
    """A moving picture over human speech, as a phone makes it: H.264 and AAC in MP4."""
    wav, _ = joined(5)
    sound = ["-stream_loop", "-1", "-i", str(wav)]
    codecs = [*clips.QUICK_H264, "-c:a", "aac", "-b:a", "96k", "-ar", "48000", "-ac", "2"]
    return clips.make("talking.mp4", *clips.picture(size, seconds), *sound, "-t", f"{seconds:g}", *codecs)


def talking_minute() -> tuple[Path, str, float]:
    """A clip of about a minute in which every sentence is whole; what is said, and for how many seconds."""
    wav, words = joined()
    codecs = [*clips.QUICK_H264, "-c:a", "aac", "-b:a", "96k", "-ar", "48000", "-ac", "2"]
    seconds = duration_of(wav)
    return clips.make("minute.mp4", *clips.picture("640x360", seconds), "-i", str(wav), *codecs), words, seconds


def sound(name: str, graph: str) -> Path:
    """A WAV for recognizers, from a source of ffmpeg's."""
    return clips.make(f"{name}.wav", "-f", "lavfi", "-i", graph, *_PCM)


def duration_of(wav: Path) -> float:
    with wave.open(str(wav), "rb") as stream:
        return stream.getnframes() / stream.getframerate()


def word_error_rate(said: str, heard: str) -> float:
    """Words to change, add or drop, over the words that were said. Case, punctuation and hyphens do not count."""
    wanted, found = _words(said), _words(heard)
    row = list(range(len(found) + 1))
    for n, word in enumerate(wanted, start=1):
        above, row = row, [n]
        for m, other in enumerate(found, start=1):
            row.append(min(above[m] + 1, row[m - 1] + 1, above[m - 1] + (word != other)))
    return row[-1] / max(len(wanted), 1)


def error_rate_within(endless: str, heard: str) -> float:
    """Word errors over the words heard, where the recording may begin and end anywhere in what was said."""
    wanted, found = _words(endless), _words(heard)
    row = [0] * (len(wanted) + 1)  # to begin late costs nothing
    for n, word in enumerate(found, start=1):
        above, row = row, [n]
        for m, other in enumerate(wanted, start=1):
            row.append(min(above[m] + 1, row[m - 1] + 1, above[m - 1] + (word != other)))
    return min(row) / len(found)  # and so does ending early


def _words(text: str) -> list[str]:
    return [_SPELLED.get(word, word) for word in re.findall(r"[\w']+", text.lower())]


_PCM = ("-ar", "16000", "-ac", "1", "-c:a", "pcm_s16le")
