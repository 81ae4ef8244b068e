"""Which of the words that a recognizer reports were said. Speech models invent some where nobody speaks.

Figures: Whisper's own thresholds (mean log probability -1, no-speech probability 0.6, compression ratio 2.4, from its
`transcribe.py`), looked at on read speech, German given to an English model, noise, and music (see the tests).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from testimonials.domain.captions import Word

MIN_MEAN_LOG_PROBABILITY = -1.0
MIN_WORD_PROBABILITY = 0.3  # mean over a segment; read English has 0.8 and more, German heard as English 0.2 to 0.35
MAX_NO_SPEECH_PROBABILITY = 0.6
UNSURE_LOG_PROBABILITY = -0.5
MAX_COMPRESSION_RATIO = 2.4
QUIET_BELOW_LOUDEST_DB = 25  # background, where the loudest stretch is the speaker
SILENT_DBFS = -60
_REPEATS = 4  # "very, very, very" is said; a phrase four times in a row is a loop

# What the models saw under the silence at the end of films and videos.
_STOCK = re.compile(
    r"(thanks?( you)?( (so|very) much)?( (all|everyone))?( for (watching|listening|your attention|viewing))?"
    r"|(please )?(like and )?subscribe( to (my|the|our) channel)?|see you( in the)? next (time|video)|bye( bye)?|you|the end"
    r"|(sub)?(titles|captions?|transcription) by .*|.*amara org.*"
    r"|vielen dank( fürs zuschauen)?|untertitel.*|sous titrage.*|merci d avoir regardé.*)"
)


@dataclass(frozen=True)
class Heard:
    """A stretch of words and what the engine says about it. Engines that do not say leave what speaks for the words."""

    words: tuple[Word, ...]
    loudness_dbfs: float
    no_speech_probability: float = 0.0
    mean_log_probability: float = 0.0
    compression_ratio: float = 1.0


def plausible(heard: Sequence[Heard], duration_seconds: float) -> Iterator[Word]:
    """The words that were most likely said, with times inside the file and in order."""
    loudest = max((each.loudness_dbfs for each in heard), default=0.0)
    # The same sentence again and again is a loop, too; the first of them may have been said.
    for _, same in groupby((each for each in heard if each.words), key=_bare_text):
        group = list(same)
        for each in group[:1] if len(group) >= _REPEATS else group:
            if _was_said(each, loudest):
                yield from (
                    _within(word, duration_seconds) for word in each.words if word.start_seconds < duration_seconds
                )


def _was_said(heard: Heard, loudest_dbfs: float) -> bool:
    probability = sum(word.probability for word in heard.words) / len(heard.words)
    unsure = heard.mean_log_probability < UNSURE_LOG_PROBABILITY or probability < 0.5
    if heard.mean_log_probability < MIN_MEAN_LOG_PROBABILITY or probability < MIN_WORD_PROBABILITY:
        return False
    if heard.loudness_dbfs < SILENT_DBFS or (heard.no_speech_probability > MAX_NO_SPEECH_PROBABILITY and unsure):
        return False
    if heard.compression_ratio > MAX_COMPRESSION_RATIO and (unsure or _loops(heard.words)):
        return False
    quiet = heard.loudness_dbfs < loudest_dbfs - QUIET_BELOW_LOUDEST_DB
    return not (_STOCK.fullmatch(_bare_text(heard)) and (quiet or unsure or heard.no_speech_probability > 0.3))


def _loops(words: Sequence[Word]) -> bool:
    """Whether a phrase of up to eight words comes four times in a row."""
    texts = [_bare(word.text) for word in words]
    return any(
        all(texts[start + n] == texts[start + n - length] for n in range(length, length * _REPEATS))
        for length in range(1, 9)
        for start in range(len(texts) - length * _REPEATS + 1)
    )


def _within(word: Word, duration_seconds: float) -> Word:
    start = max(word.start_seconds, 0.0)
    return Word(start, min(max(word.end_seconds, start), duration_seconds), word.text, word.probability)


def _bare_text(heard: Heard) -> str:
    return " ".join(filter(None, (_bare(word.text) for word in heard.words)))


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()
