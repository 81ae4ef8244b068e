"""Pictures for what has none of its own: the plate behind a spoken testimonial, and the card of a written one."""

from __future__ import annotations

from PIL import Image, ImageDraw

from testimonials.domain.color import Rgb
from workers.media.card import CARD, SIDE, Rows, Words, play_mark, star_ink
from workers.media.typesetting import Line, Style, wrapped

PLATE = (1280, 720)
WAVE_BOX = (64, 348, 1216, 548)
"""Where the waveform moves: left, top, right, bottom. Nothing but the flat ground is behind it, and the rest of the plate
below it is left to captions."""
BARS, BAR_GAP = 64, 7
_CARD_WAVE = (64, 390, 1136, 550)
_STILL_BARS = (9, 16, 30, 22, 44, 62, 38, 26, 52, 78, 96, 70, 48, 60, 34, 20, 28, 46, 68, 54, 36, 24, 14, 10)
_BRAND, _NAME, _DETAIL = (38, 32), (72, 64, 56, 48), (38, 34)
_QUOTE = (72, 64, 56, 48, 42, 36, 32)
_QUOTE_LEADING = 1.28
_MOST_QUOTE = 280


def draw_plate(words: Words, pair: tuple[Rgb, Rgb]) -> Image.Image:
    """1280 x 720: the brand, the stars, who speaks; flat ground where the waveform comes and where captions stand."""
    plate = Image.new("RGB", PLATE, pair[0])
    _brand(plate, words, pair)
    rows = Rows.of(words, PLATE[0] - 2 * SIDE, _NAME, lines=1)
    rows.draw(plate, words, (SIDE, PLATE[0] - SIDE), WAVE_BOX[1] - 36 - rows.height, (pair[1], star_ink(pair)))
    return plate


def draw_sound_card(words: Words, pair: tuple[Rgb, Rgb]) -> Image.Image:
    """1200 x 630: what networks show for a spoken testimonial, a wave that stands still and the play mark."""
    card = Image.new("RGB", CARD, pair[0])
    _brand(card, words, pair)
    rows = Rows.of(words, CARD[0] - 2 * SIDE, _NAME, lines=1)
    rows.draw(card, words, (SIDE, CARD[0] - SIDE), _CARD_WAVE[1] - 36 - rows.height, (pair[1], star_ink(pair)))
    draw = ImageDraw.Draw(card)
    left, top, right, bottom = _CARD_WAVE
    radius, middle = 62, (top + bottom) // 2
    mark = right - radius if words.rtl else left + radius
    start = left if words.rtl else left + 2 * radius + 48
    step = (right - left - 2 * radius - 48) / (2 * len(_STILL_BARS))
    for number, level in enumerate(_STILL_BARS * 2):
        x, half = start + number * step, level / 100 * (bottom - top) / 2
        draw.rounded_rectangle((x, middle - half, x + step - 7, middle + half), 5, fill=pair[1])
    play_mark(card, (mark, middle), radius, pair)
    return card


def draw_quote(quote: str, words: Words, pair: tuple[Rgb, Rgb]) -> Image.Image:
    """1200 x 630: what networks show for a written testimonial, the words as large as they fit."""
    card = Image.new("RGB", CARD, pair[0])
    _brand(card, words, pair)
    rows = Rows.of(words, CARD[0] - 2 * SIDE, (52, 44), lines=1)
    foot = CARD[1] - 44 - rows.height
    rows.draw(card, words, (SIDE, CARD[0] - SIDE), foot, (pair[1], star_ink(pair)))
    top = 150.0
    draw = ImageDraw.Draw(card)
    for line in _fitted(quote, words, foot - top - 40):
        top += _QUOTE_LEADING * line.size
        line.draw(draw, CARD[0] - SIDE - line.width if line.rtl else SIDE, top - 0.3 * line.size, pair[1])
    return card


def _fitted(quote: str, words: Words, height: float) -> list[Line]:
    """The quote in the largest size in which all of it fits; where none does, as much as the smallest one shows."""
    short = " ".join(quote.split())
    if len(short) > _MOST_QUOTE:
        short = short[:_MOST_QUOTE].rpartition(" ")[0].rstrip(" ,.;:-") + "…"
    found: list[Line] = []
    for size in _QUOTE:
        room = int(height / (size * _QUOTE_LEADING))
        style = Style((size,), bold=True, language=words.language)
        found = wrapped(f"“{short}”", style, CARD[0] - 2 * SIDE, lines=room)
        if found and found[-1].text.endswith("”"):
            break
    return found


def _brand(card: Image.Image, words: Words, pair: tuple[Rgb, Rgb]) -> None:
    """The brand's name, in the upper corner where reading begins."""
    for line in wrapped(words.brand, Style(_BRAND, bold=True, language=words.language), card.width - 2 * SIDE):
        line.draw(ImageDraw.Draw(card), card.width - SIDE - line.width if words.rtl else SIDE, 88, pair[1])
