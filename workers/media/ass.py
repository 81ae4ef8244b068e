"""Everything that is written over a social clip, as one ASS file: captions, who speaks, and the cards before and after.

The words come from strangers. They reach ffmpeg in this file only, never in the filter graph, and in this file they
cannot end up as anything but words. Every line and every box is placed by itself: nothing is left to libass to lay out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from testimonials.domain.social import Format, SocialClip
from testimonials.errors import Invalid
from workers.media.lettering import clean, is_rtl, line_ratio, runs, shorten, width, wrap

INTRO_SECONDS, OUTRO_SECONDS = 2.0, 2.5
LOWER_THIRD_DELAY, LOWER_THIRD_SECONDS = 0.2, 5.0
FADE_MS = 300
LINE = 1.36  # height of a line in ems: what Noto Sans asks for
CAPTION_LINES = 2
# The em of captions in pixels: a phone shows 1080 pixels of 9:16 over its whole width, and 16:9 on half of that.
CAPTION_EM = {"9x16": 58, "1x1": 52, "16x9": 54}
CAPTION_WIDEST = 22  # ems, about 40 letters: longer lines are read by turning the head
NAME_EM, TITLE_EM = 48, 34
CARD_NAME_EM, CARD_TITLE_EM, CARD_BRAND_EM, OUTRO_EM = 88, 46, 42, 108
CONTRAST = 4.5  # WCAG 2.2, 1.4.3
WHITE, BLACK = "#ffffff", "#000000"
_LTR_MARK, _RTL_MARK = "\u200e", "\u200f"

Span = tuple[float, float]  # from, to; seconds of the finished clip

_HEAD = """[Script Info]
ScriptType: v4.00+
PlayResX: {width}
PlayResY: {height}
WrapStyle: 2
ScaledBorderAndShadow: yes

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, \
StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
{styles}

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
{events}
"""


class Cue(Protocol):
    """What is said from `start_seconds` to `end_seconds` of the source."""

    @property
    def start_seconds(self) -> float: ...
    @property
    def end_seconds(self) -> float: ...
    @property
    def text(self) -> str: ...


@dataclass(frozen=True)
class Timeline:
    """Seconds of the finished clip: the source runs from `begin` to `end`, cards may stand before and after."""

    begin: float
    end: float
    total: float


@dataclass(frozen=True)
class _Words:
    """One line and how it is set. `style` is one of the styles of the file, `em` in pixels."""

    text: str
    style: str
    em: int

    @property
    def bold(self) -> bool:
        return self.style != "Title"

    @property
    def height(self) -> float:
        """Of a quotation mark only the upper half of a line is inked."""
        return self.em * (0.5 if self.style == "Quote" else LINE)


def timeline(clip: SocialClip, duration_seconds: float) -> Timeline:
    """When what begins. Without cards the source is all there is."""
    begin = INTRO_SECONDS if clip.intro else 0.0
    end = begin + duration_seconds
    return Timeline(begin, end, end + (OUTRO_SECONDS if clip.outro else 0.0))


def overlay(
    clip: SocialClip,
    *,
    duration_seconds: float,
    author_lines: Sequence[str],
    brand_color: str,
    brand_name: str,
    cues: Sequence[Cue],
    language: str,
) -> str:
    """The text of the ASS file.

    `author_lines` are the name and, if known, title and company; `brand_color` is `#rrggbb`; `language` is a BCP 47 tag
    and decides how Chinese characters look. Raises Invalid `bad_social` for another color, ConfigurationError where a
    font is missing.
    """
    times = timeline(clip, duration_seconds)
    author = [line for line in map(clean, author_lines) if line]
    brand = clean(brand_name)
    shown = list(_captions(clip, cues, language, times)) if clip.captions else []
    events = [*shown, *_lower_third(clip.shape, author, language, times, _caption_room(clip) if shown else 0)]
    if clip.intro:
        events += _intro(clip.shape, author, brand, language, times)
    if clip.outro:
        events += _outro(clip.shape, brand, language, times)
    styles = "\n".join(_styles(brand_color))
    return _HEAD.format(width=clip.shape.width, height=clip.shape.height, styles=styles, events="\n".join(events))


def text_color(background: str) -> str:
    """White or black, whichever is read better on a color `#rrggbb`; one of them always has a contrast above 4.5."""
    return WHITE if contrast(WHITE, background) >= CONTRAST else BLACK


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colors `#rrggbb`, from 1 to 21, as WCAG 2.2 defines it."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    shares = [part / 255 for part in _rgb(color)]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rgb(color: str) -> tuple[int, int, int]:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", color):
        raise Invalid("A color is written as #rrggbb.", code="bad_social", fields={"brand_color": ["Use #rrggbb."]})
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _styles(brand_color: str) -> list[str]:
    ink = text_color(brand_color)
    shade = BLACK if ink == WHITE else WHITE  # away from the ink, so that words on it are read even better
    looks = [
        ("Caption", WHITE, 0, True),
        ("CaptionBox", BLACK, 0x46, False),
        ("Brand", brand_color, 0, False),
        ("Shade", shade, 0xE4, False),
        ("Quote", ink, 0xA0, True),
        ("Name", ink, 0, True),
        ("Title", ink, 0, False),
    ]
    return [_style(*look) for look in looks]


def _style(name: str, color: str, transparency: int, bold: bool) -> str:
    """ASS writes colors as transparency, blue, green, red. Encoding -1 takes the direction of a line from its text."""
    red, green, blue = _rgb(color)
    code = f"&H{transparency:02X}{blue:02X}{green:02X}{red:02X}"
    return f"Style: {name},Noto Sans,60,{code},{code},{code},{code},{-int(bold)},0,0,0,100,100,0,0,1,0,0,5,0,0,0,-1"


def _dialogue(layer: int, start: float, end: float, style: str, tags: str, text: str) -> str:
    return f"Dialogue: {layer},{_clock(start)},{_clock(end)},{style},,0,0,0,,{{{tags}}}{text}"


def _clock(seconds: float) -> str:
    hundredths = round(seconds * 100)
    return f"{hundredths // 360000}:{hundredths // 6000 % 60:02d}:{hundredths // 100 % 60:02d}.{hundredths % 100:02d}"


def escape(text: str) -> str:
    """Cleaned words that libass takes for nothing else. A backslash before an invisible joiner begins no command."""
    return text.replace("\\", "\\\u2060").replace("{", "\\{").replace("}", "\\}")


def _set(words: _Words, language: str) -> str:
    """The words with a font for each part of them. ASS counts font sizes by the height of a line, which differs by font."""
    mark = _RTL_MARK if is_rtl(words.text) else _LTR_MARK
    parts = (
        f"{{\\fn{run.family}\\fs{words.em * line_ratio(run.family, words.bold):.2f}}}{mark * (n == 0)}{escape(run.text)}"
        for n, run in enumerate(runs(words.text, language))
    )
    return "".join(parts)


def _box(width: float, height: float, radius: float) -> str:
    """A rounded rectangle as a drawing of ASS."""
    w, h, r, k = round(width), round(height), round(radius), round(radius * 0.45)
    return (
        f"m {r} 0 l {w - r} 0 b {w - k} 0 {w} {k} {w} {r} l {w} {h - r} b {w} {h - k} {w - k} {h} {w - r} {h}"
        f" l {r} {h} b {k} {h} 0 {h - k} 0 {h - r} l 0 {r} b 0 {k} {k} 0 {r} 0"
    )


def _caption_room(clip: SocialClip) -> float:
    """Pixels that captions take up at the most, with the distance to what stands above them."""
    return CAPTION_EM[clip.format] * (LINE * CAPTION_LINES + 1.1)


def _captions(clip: SocialClip, cues: Sequence[Cue], language: str, times: Timeline) -> Iterator[str]:
    """Two lines at a time. A cue that is longer is shown in parts, each for as long as its share of the letters."""
    safe, em = clip.shape.safe, CAPTION_EM[clip.format]
    limit = min(safe.width - em, em * CAPTION_WIDEST)
    for start, end, text in _in_order(cues, times):
        lines = wrap(text, language, em, True, limit)
        screens = [lines[n : n + CAPTION_LINES] for n in range(0, len(lines), CAPTION_LINES)]
        letters, said = sum(map(len, lines)), 0
        for screen in screens:
            begin = start + (end - start) * said / letters
            said += sum(map(len, screen))
            yield from _caption(clip.shape, screen, em, language, (begin, start + (end - start) * said / letters))


def _in_order(cues: Sequence[Cue], times: Timeline) -> Iterator[tuple[float, float, str]]:
    """Cues on the clock of the finished clip, without empty ones; none lasts into the next, nor beyond the source."""
    kept = sorted(((cue.start_seconds, cue.end_seconds, clean(cue.text)) for cue in cues), key=lambda cue: cue[0])
    kept = [cue for cue in kept if cue[2]]
    for number, (start, end, text) in enumerate(kept):
        following = kept[number + 1][0] if number + 1 < len(kept) else end
        begin = max(times.begin, times.begin + start)
        stop = min(times.begin + min(end, following), times.end)
        if begin < stop:
            yield begin, stop, text


def _caption(shape: Format, lines: list[str], em: int, language: str, when: Span) -> Iterator[str]:
    height = em * LINE * len(lines)
    pad = em * 0.22
    wide = max(width(line, language, em, True) for line in lines) + em * 0.8
    top = shape.safe.bottom - height - 2 * pad
    place = f"\\an7\\pos({shape.width / 2 - wide / 2:.0f},{top:.0f})\\p1"
    yield _dialogue(0, *when, "CaptionBox", place, _box(wide, height + 2 * pad, em * 0.3))
    words, at = [_Words(line, "Caption", em) for line in lines], (shape.width / 2, top + pad)
    yield from _column(words, at, 5, language, when, layer=1, tags=_clip(shape))


def _clip(shape: Format) -> str:
    """Whatever a font does with rare letters, nothing is drawn outside of the safe zone."""
    safe = shape.safe
    return f"\\clip({safe.x},{safe.y},{safe.right},{safe.bottom})"


def _column(
    lines: list[_Words], at: tuple[float, float], align: int, language: str, when: Span, *, layer: int, tags: str = ""
) -> Iterator[str]:
    """Lines one below the other from a point at their top. `align` is 4, 5 or 6: left, middle or right of the point."""
    x, y = at
    for line in lines:
        place = f"\\an{align}\\pos({x:.0f},{y + line.height / 2:.0f}){tags}"
        yield _dialogue(layer, *when, line.style, place, _set(line, language))
        y += line.height


def _lines(text: str, style: str, em: int, language: str, limit: float, count: int) -> list[_Words]:
    bold = style != "Title"
    cut = shorten(wrap(text, language, em, bold, limit), count, language, em, bold, limit)
    return [_Words(line, style, em) for line in cut]


def _lower_third(shape: Format, author: list[str], language: str, times: Timeline, room: float) -> Iterator[str]:
    """Who speaks, on the brand's color, above where captions stand; on the right where the name is written from there."""
    if not author:
        return
    pad_x, pad_y, safe = 34, 20, shape.safe
    limit = min(safe.width, shape.height) * 0.9 - 2 * pad_x
    lines = _lines(author[0], "Name", NAME_EM, language, limit, 2)
    for line in author[1:]:
        lines += _lines(line, "Title", TITLE_EM, language, limit, 2)
    wide = max(width(line.text, language, line.em, line.bold) for line in lines) + 2 * pad_x
    height = sum(line.height for line in lines) + 2 * pad_y
    mirrored = is_rtl(author[0])
    left, top = (safe.right - wide if mirrored else safe.x), safe.bottom - room - height
    start = min(times.begin + LOWER_THIRD_DELAY, times.end)
    when = (start, min(start + LOWER_THIRD_SECONDS, times.end))
    fade = f"\\fad({FADE_MS},{FADE_MS})"
    yield _dialogue(2, *when, "Brand", f"\\an7\\pos({left:.0f},{top:.0f}){fade}\\p1", _box(wide, height, 16))
    align, x = (6, left + wide - pad_x) if mirrored else (4, left + pad_x)
    yield from _column(lines, (x, top + pad_y), align, language, when, layer=3, tags=fade + _clip(shape))


def _intro(shape: Format, author: list[str], brand: str, language: str, times: Timeline) -> Iterator[str]:
    """The brand's color, a quotation mark, who speaks, and below for whom. Fades into the clip that follows."""
    when, fade = (0.0, times.begin), f"\\fad(0,{FADE_MS})"
    limit = shape.safe.width
    lines = [_Words("“", "Quote", 320)]
    for number, line in enumerate(author):
        style, em = ("Title", CARD_TITLE_EM) if number else ("Name", CARD_NAME_EM)
        lines += _lines(line, style, em, language, limit, 3)
    yield from _ground(shape, when, fade)
    height = sum(line.height for line in lines)
    at = (shape.width / 2, (shape.height - height) / 2 - 40)
    yield from _column(lines, at, 5, language, when, layer=6, tags=fade)
    foot = _lines(brand, "Name", CARD_BRAND_EM, language, limit, 1) if brand else []
    at = (shape.width / 2, shape.safe.bottom - CARD_BRAND_EM * LINE)
    yield from _column(foot, at, 5, language, when, layer=6, tags=fade)


def _outro(shape: Format, brand: str, language: str, times: Timeline) -> Iterator[str]:
    """The brand's name on its color."""
    when, fade = (times.end, times.total), f"\\fad({FADE_MS},0)"
    yield from _ground(shape, when, fade)
    lines = _lines(brand, "Name", OUTRO_EM, language, shape.safe.width, 3) if brand else []
    height = sum(line.height for line in lines)
    yield from _column(lines, (shape.width / 2, (shape.height - height) / 2), 5, language, when, layer=6, tags=fade)
    rule = f"\\an8\\pos({shape.width / 2:.0f},{(shape.height + height) / 2 + 24:.0f}){fade}\\p1"
    yield _dialogue(6, *when, "Quote", rule, _box(120, 8, 4))


def _ground(shape: Format, when: Span, fade: str) -> Iterator[str]:
    """The whole frame in the brand's color, with a large disc, cut by the corner, to give it depth."""
    yield _dialogue(4, *when, "Brand", f"\\an7\\pos(0,0){fade}\\p1", _box(shape.width, shape.height, 0))
    size = max(shape.width, shape.height)
    disc = f"\\an5\\pos({shape.width:.0f},{shape.height * 0.08:.0f}){fade}\\p1"
    yield _dialogue(5, *when, "Shade", disc, _box(size, size, size / 2))
