"""Captions: from spoken words to cues that can be read, from cues to files, and back from what people correct.

Figures: 42 columns and two lines (see `typesetting`), 1 to 6 s on screen, and at most 20 characters a second, which are
what the BBC's and Netflix's guides to captions agree on. All times are seconds from the start of the clip, to the
millisecond, which is as fine as WebVTT goes.
"""

from __future__ import annotations

import difflib
import json
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate, pairwise

from testimonials.domain.typesetting import (
    LINE_COLUMNS,
    MAX_LINES,
    columns,
    join_words,
    space_between,
    split_words,
    wrap_lines,
)
from testimonials.errors import Invalid

MIN_SECONDS, MAX_SECONDS = 1.0, 6.0
READING_CHARACTERS_PER_SECOND = 20
MAX_CUES = 2_000
MAX_CUE_CHARACTERS = 500
MAX_TEXT_CHARACTERS = 60_000  # an hour of speech
MAX_PAIRS = 300_000  # of equal words in two texts; every pair of two texts of 500 words is below it
PAUSE_SECONDS = 0.6  # a breath between two sentences is about this long
LONG_PAUSE_SECONDS = 1.5  # what was said before must not stand there while nobody speaks
_ROUNDING_SECONDS = 0.5  # by how much a container's duration and its last caption may differ
_SPEAKING_CHARACTERS_PER_SECOND = 15

_SENTENCE_END = re.compile(r"[.!?…。！？؟।][\"'”’»）)」』]*$")  # noqa: RUF001 - other scripts end sentences, too
_CLAUSE_END = re.compile(r"[,;:、，；：،—–][\"'”’»）)」』]*$")  # noqa: RUF001 - the same
_ABBREVIATION = re.compile(r"^(mr|mrs|ms|dr|prof|st|vs|nr|no|bzw|ca|\w|(\w\.)+\w)\.$", re.IGNORECASE)


@dataclass(frozen=True)
class Word:
    """One spoken word. `probability` is 0 to 1: how sure the recognizer was."""

    start_seconds: float
    end_seconds: float
    text: str
    probability: float = 1.0


@dataclass(frozen=True)
class Cue:
    """What stands on the screen from `start_seconds` to `end_seconds`: one paragraph, wrapped only when it is written."""

    start_seconds: float
    end_seconds: float
    text: str


def cues_from_words(words: Sequence[Word], *, duration_seconds: float | None = None) -> list[Cue]:
    """Cues of one or two lines that break at sentence ends and pauses, in order, never overlapping.

    They last 1 to 6 s wherever speech leaves room for it, and end within `duration_seconds` where that is given.
    """
    spoken = _in_order(words)
    cuts = _best_cuts(spoken)
    limit = math.inf if duration_seconds is None else duration_seconds
    cues = []
    for first, last in pairwise(cuts):
        following = spoken[last].start_seconds if last < len(spoken) else limit
        cues.append(_cue(spoken[first:last], following))
    return cues


def _in_order(words: Sequence[Word]) -> list[Word]:
    """Words in pieces that fit a cue, each starting at least a millisecond after the one before."""
    ordered: list[Word] = []
    earliest = 0
    for word in words:
        for piece in _spread(split_words(word.text), word.start_seconds, word.end_seconds, word.probability):
            start = max(round(piece.start_seconds * 1000), earliest)
            end = max(round(piece.end_seconds * 1000), start + 1)
            earliest = start + 1
            ordered.append(Word(start / 1000, end / 1000, piece.text, piece.probability))
    return ordered


def _spread(texts: Sequence[str], start: float, end: float, probability: float = 1.0) -> list[Word]:
    """Words that share a stretch of time by their lengths."""
    marks = [0, *accumulate(len(text) for text in texts)]
    second = max(end - start, 0.0) / max(marks[-1], 1)
    return [
        Word(start + a * second, start + b * second, text, probability)
        for text, (a, b) in zip(texts, pairwise(marks), strict=True)
    ]


def _cue(words: Sequence[Word], following: float) -> Cue:
    start = words[0].start_seconds
    wanted = min(max(words[-1].end_seconds, start + MIN_SECONDS), start + MAX_SECONDS)
    end = max(min(wanted, following), start + 0.001)
    return Cue(start, round(end, 3), join_words(word.text for word in words))


def _best_cuts(words: Sequence[Word]) -> list[int]:
    """Where cues begin, and the end: the cheapest way through the whole clip, so that no cue is paid for by the next."""
    ends = [_cost_of_ending(words, n) for n in range(len(words))]
    through = [0.0, *accumulate(_cost_of_going_on(words, n) for n in range(len(words)))]
    reach = [0, *accumulate(columns(word.text) + 1 for word in words)]
    best: list[tuple[float, int]] = [(0.0, 0)]
    for last in range(1, len(words) + 1):
        choices = [
            (
                best[first][0]
                + _cost(words, first, last, reach[last] - reach[first])
                + ends[last - 1]
                + (through[last - 1] - through[first]),
                first,
            )
            for first in _possible_starts(words, last)
        ]
        best.append(min(choices))
    cuts = [len(words)]
    while cuts[-1]:
        cuts.append(best[cuts[-1]][1])
    return cuts[::-1]


def _possible_starts(words: Sequence[Word], last: int) -> Iterator[int]:
    """Every first word with which a cue that ends before `last` still fits; at least one.

    Lines are filled from the back, which takes as many as from the front, and one step for each word.
    """
    yield last - 1
    lines, width = 1, columns(words[last - 1].text)
    for first in range(last - 2, -1, -1):
        own = columns(words[first].text)
        joined = width + own + space_between(words[first].text, words[first + 1].text)
        lines, width = (lines, joined) if joined <= LINE_COLUMNS else (lines + 1, own)
        too_long = words[last - 1].end_seconds - words[first].start_seconds > MAX_SECONDS
        if lines > MAX_LINES or too_long or max(own, columns(words[last - 1].text)) > LINE_COLUMNS:
            return
        yield first


def _cost(words: Sequence[Word], first: int, last: int, width: int) -> float:
    """What a cue costs by itself: that there is one more, being too short, too fast to read, or fuller than its neighbor."""
    start, end = words[first].start_seconds, words[last - 1].end_seconds
    following = words[last].start_seconds if last < len(words) else math.inf
    seconds = max(min(max(end, start + MIN_SECONDS), following) - start, 0.001)
    too_fast = max(width / seconds - READING_CHARACTERS_PER_SECOND, 0) * 0.02
    return 1.0 + max(MIN_SECONDS - seconds, 0) * 4 + min(too_fast, 2) + (width / LINE_COLUMNS / MAX_LINES) ** 2 / 2


def _cost_of_ending(words: Sequence[Word], n: int) -> float:
    """What it costs the reader that a cue ends after word `n`."""
    if n == len(words) - 1 or ends_sentence(words[n].text):
        return 0.0
    if _pause_after(words, n) >= PAUSE_SECONDS:
        return 0.2
    return 0.6 if _CLAUSE_END.search(words[n].text) else 1.5


def _cost_of_going_on(words: Sequence[Word], n: int) -> float:
    """What it costs the reader that a cue does not end after word `n`."""
    pause = _pause_after(words, n)
    if pause >= LONG_PAUSE_SECONDS:
        return 8.0
    return (1.2 if ends_sentence(words[n].text) else 0.0) + (1.0 if pause >= PAUSE_SECONDS else 0.0)


def _pause_after(words: Sequence[Word], n: int) -> float:
    return words[n + 1].start_seconds - words[n].end_seconds if n + 1 < len(words) else 0.0


def ends_sentence(word: str) -> bool:
    return bool(_SENTENCE_END.search(word)) and not _ABBREVIATION.match(word)


def transcript(cues: Sequence[Cue]) -> str:
    """The whole text as one paragraph."""
    return join_words(cue.text for cue in cues)


def to_webvtt(cues: Sequence[Cue]) -> str:
    """A WebVTT file. `&`, `<` and `>` become entities, which also takes the meaning from `-->`; no line is blank."""
    blocks = ["WEBVTT\n"]
    for cue in cues:
        lines = "\n".join(wrap_lines(cue.text))
        escaped = lines.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        blocks.append(f"{_clock(cue.start_seconds, '.')} --> {_clock(cue.end_seconds, '.')}\n{escaped}\n")
    return "\n".join(blocks)


# SubRip knows no entities: players take `<i>` for a tag and `{\\an8}` for a command. These look alike and mean nothing.
_HARMLESS = str.maketrans({"<": "‹", ">": "›", "{": "(", "}": ")"})  # noqa: RUF001 - looking alike is the point


def to_srt(cues: Sequence[Cue]) -> str:
    """A SubRip file. `<`, `>`, `{` and `}` become look-alikes, because the format has no way to escape them."""
    blocks = []
    for number, cue in enumerate(cues, start=1):
        lines = "\n".join(wrap_lines(cue.text)).translate(_HARMLESS)
        blocks.append(f"{number}\n{_clock(cue.start_seconds, ',')} --> {_clock(cue.end_seconds, ',')}\n{lines}\n")
    return "\n".join(blocks)


def _clock(seconds: float, point: str) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d}{point}{rest % 1000:03d}"


def to_json(cues: Sequence[Cue]) -> str:
    """A list of objects with the names of `Cue`'s fields; `from_json` and `check_cues` read it."""
    return json.dumps([asdict(cue) for cue in cues], ensure_ascii=False, separators=(",", ":"))


def from_json(text: str) -> list[Cue]:
    """What `to_json` wrote. Raises Invalid `bad_captions` for anything else."""
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _bad("The captions are not valid JSON.") from error
    return check_cues(raw)


def check_cues(raw: object, *, duration_seconds: float | None = None) -> list[Cue]:
    """Cues as a client sends them: a list of objects with `start_seconds`, `end_seconds` and `text`, in order.

    White space is evened out, times are rounded to milliseconds. Raises Invalid `bad_captions` for more than 2,000 cues,
    times that overlap, go backwards or leave the clip, and text that is empty, over 500 characters or no text.
    """
    if not isinstance(raw, list):
        raise _bad("Captions are a list.")
    if len(raw) > MAX_CUES:
        raise _bad(f"There can be {MAX_CUES:,} captions at most; there are {len(raw):,}.")
    cues = [_check_cue(number, entry) for number, entry in enumerate(raw, start=1)]
    for number, (before, cue) in enumerate(pairwise(cues), start=2):
        if cue.start_seconds < before.end_seconds:
            raise _bad(f"Caption {number} starts before caption {number - 1} ends.")
    if cues and duration_seconds is not None and cues[-1].end_seconds > duration_seconds + _ROUNDING_SECONDS:
        raise _bad(f"Caption {len(cues)} ends after the video, which is {duration_seconds:.1f} s long.")
    return cues


def _check_cue(number: int, entry: object) -> Cue:
    if not isinstance(entry, dict) or set(entry) != {"start_seconds", "end_seconds", "text"}:
        raise _bad(f"Caption {number} needs start_seconds, end_seconds and text, and nothing else.")
    start, end = (_check_time(number, entry[name]) for name in ("start_seconds", "end_seconds"))
    if start >= end:
        raise _bad(f"Caption {number} ends before it starts.")
    text = entry["text"]
    if not isinstance(text, str):
        raise _bad(f"The text of caption {number} is no text.")
    return Cue(start, end, _check_text(text, f"Caption {number}", MAX_CUE_CHARACTERS))


def _check_time(number: int, value: object) -> float:
    # A bool is an int in Python, NaN compares with nothing, and 100 hours is where the clock of WebVTT gets wider.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 360_000:
        raise _bad(f"Caption {number} has a time that is no number of seconds from 0 on.")
    return round(float(value), 3)


def _check_text(text: str, name: str, limit: int) -> str:
    if len(text) > limit:
        raise _bad(f"{name} has more than {limit:,} characters.")
    if any(unicodedata.category(character) in {"Cc", "Cs"} and character not in "\n\r\t" for character in text):
        raise _bad(f"{name} holds a character that is no text.")
    evened = " ".join(text.split())
    if not columns(evened):
        raise _bad(f"{name} is empty.")
    return evened


def retime(cues: Sequence[Cue], new_text: str, *, duration_seconds: float | None = None) -> list[Cue]:
    """Cues for a corrected text: words that stayed keep their times, others are spread over the time in between.

    `new_text` has at most 60,000 characters. Without any cue to go by the words are spread over `duration_seconds`.
    Raises Invalid `bad_captions` where that is missing, and where the text is empty or no text.
    """
    new = split_words(_check_text(new_text, "The text", MAX_TEXT_CHARACTERS))
    old = [word for cue in cues for word in _spread(split_words(cue.text), cue.start_seconds, cue.end_seconds)]
    if not old:
        if not duration_seconds:
            raise _bad("There are no captions yet that the text could follow.")
        return cues_from_words(_spread(new, 0.0, duration_seconds), duration_seconds=duration_seconds)
    was, will = [_bare(word.text) for word in old], [_bare(word) for word in new]
    matcher = difflib.SequenceMatcher(_too_common(was, will).__contains__, was, will, autojunk=False)
    timed: list[Word] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            timed += [Word(o.start_seconds, o.end_seconds, n) for o, n in zip(old[a:b], new[c:d], strict=True)]
        else:
            timed += _spread(new[c:d], *_room(old, a, b, new[c:d], duration_seconds))
    made = cues_from_words(timed, duration_seconds=duration_seconds)
    if len(made) > MAX_CUES:
        raise _bad(f"There can be {MAX_CUES:,} captions at most.")
    return made


def _room(old: Sequence[Word], first: int, last: int, texts: Sequence[str], limit: float | None) -> tuple[float, float]:
    """The time for words that replace `old[first:last]`: theirs, or for mere insertions what lies around them."""
    if first < last:
        return old[first].start_seconds, old[last - 1].end_seconds
    needed = sum(map(len, texts)) / _SPEAKING_CHARACTERS_PER_SECOND
    if first < len(old):
        end = old[first].start_seconds
    else:
        end = min(old[-1].end_seconds + needed, math.inf if limit is None else limit)
    start = old[first - 1].end_seconds if first else max(end - needed, 0.0)
    if first and end - start < needed:  # nothing was silent there: half of the word before has to do
        start -= (start - old[first - 1].start_seconds) / 2
    return start, end


def _too_common(was: Sequence[str], will: Sequence[str]) -> set[str]:
    """Words that match in too many places to start a match with: without that bound a hostile text takes a minute."""
    before, after = Counter(was), Counter(will)
    rarest_first = sorted(after, key=lambda word: before[word] * after[word])
    pairs = accumulate(before[word] * after[word] for word in rarest_first)
    return {word for word, total in zip(rarest_first, pairs, strict=True) if total > MAX_PAIRS}


def _bare(word: str) -> str:
    """A word as it sounds: without case and punctuation, so that a comma set right keeps the time."""
    return re.sub(r"\W", "", word.casefold()) or word


def _bad(detail: str) -> Invalid:
    return Invalid(detail, code="bad_captions")
