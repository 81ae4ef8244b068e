"""The card that networks show for a link: the poster, a play mark, who speaks and for which brand."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from testimonials.domain.color import DARK_INK, LIGHT_INK, Rgb, contrast
from workers.media.faces import Face
from workers.media.typesetting import Line, Style, is_rtl, language_of, legible, wrapped

CARD = (1200, 630)
_Box = tuple[float, float, float, float]
_SCRIM: Rgb = (12, 10, 9)  # --media-scrim
STAR: Rgb = (247, 184, 61)  # --star on dark
SIDE, _EDGE = 64, 40  # margins in pixels: of words, of an inset picture
_WIDE_SIZES, _TALL_SIZES = (76, 68, 60, 52), (92, 80, 68, 58, 50, 42)
_NAME_LEADING, _LEADING = 1.18, 1.36
_STARS_WIDTH, _STARS_HEIGHT = 210, 46
_FINE = 3  # shapes are drawn this much larger and brought down, which smooths their edges


@dataclass(frozen=True)
class Words:
    """What the card says; `rating` is 0 where there is none."""

    name: str
    detail: str
    brand: str
    rating: int
    language: str

    @property
    def rtl(self) -> bool:
        return is_rtl(legible(self.name))


def words_of(name: str, detail: str, brand: str, rating: int | None, language: str = "") -> Words:
    """Of what a testimonial has. `rating` is 1 to 5 or None; `language` (a tag) chooses the face for ideographs."""
    return Words(name, detail, brand, max(0, min(5, rating or 0)), language or language_of(name, detail, brand))


def draw_card(
    picture: Image.Image, face: Face | None, words: Words, pair: tuple[Rgb, Rgb], *, plays: bool = True
) -> Image.Image:
    """1200 x 630 pixels. `pair` is the brand's ground and the ink on it, as `brand_pair` gives them. What `plays` has a
    play mark."""
    draw = _over_picture if picture.width > 1.2 * picture.height else _beside_picture
    return draw(picture, face, words, pair, plays)


def star_ink(pair: tuple[Rgb, Rgb]) -> Rgb:
    """The color of stars on a brand's ground."""
    return STAR if contrast(STAR, pair[0]) >= 3 else pair[1]


def _over_picture(
    picture: Image.Image, face: Face | None, words: Words, pair: tuple[Rgb, Rgb], plays: bool
) -> Image.Image:
    card, head = _covered(picture, face)
    rows = Rows.of(words, CARD[0] - 2 * SIDE, _WIDE_SIZES, lines=1)
    top = CARD[1] - 44 - rows.height
    spot = _play_spot((0, 0, *CARD), head, 62, top - 16, inset=126, rtl=words.rtl)
    if plays and spot[1] > top:  # the mark has gone down beside the words
        rows = Rows.of(words, CARD[0] - 2 * SIDE - 180, _WIDE_SIZES, lines=1)
        top = CARD[1] - 44 - rows.height
    card.paste(_SCRIM, (0, 0), _shade(top, SIDE + rows.width, rtl=words.rtl))
    rows.draw(card, words, (SIDE, CARD[0] - SIDE), top, (LIGHT_INK, STAR))
    _chip(card, words, pair)
    if plays:
        play_mark(card, spot, 62, pair)
    return card


def _shade(top: float, reach: float, *, rtl: bool) -> Image.Image:
    """A mask for the scrim: from `top` downwards and as far as the words `reach`, dense enough for light ink on white.

    It fades out above and thins out beside them, so that it takes no more of the picture than it must.
    """
    column, row = Image.new("L", (1, CARD[1])), Image.new("L", (CARD[0], 1))
    column.putdata([round(208 * _eased((y - top + 130) / 170)) for y in range(CARD[1])])
    row.putdata([round(255 - 120 * _eased((x - reach - 40) / 320)) for x in range(CARD[0])])
    return ImageChops.multiply(column.resize(CARD), (ImageOps.mirror(row) if rtl else row).resize(CARD))


def _eased(part: float) -> float:
    """0 to 1 with a soft start and end; a straight ramp would show as an edge."""
    part = min(1.0, max(0.0, part))
    return part * part * (3 - 2 * part)


def _beside_picture(
    picture: Image.Image, face: Face | None, words: Words, pair: tuple[Rgb, Rgb], plays: bool
) -> Image.Image:
    ink = pair[1]
    card = _ground(picture, pair)
    height = CARD[1] - 2 * _EDGE
    width = min(height, max(200, round(picture.width * height / picture.height)))
    left = CARD[0] - _EDGE - width if words.rtl else _EDGE
    box = (left, _EDGE, left + width, _EDGE + height)
    _shadow(card, box, 28)
    shown = ImageOps.fit(picture, (width, height), Image.Resampling.LANCZOS)
    card.paste(shown, (left, _EDGE), _rounded((width, height), 28))
    head = _head(face, (width, height), (left, _EDGE)) if face else None
    if plays:
        play_mark(card, _play_spot(box, head, 50, box[3] - 20, inset=74, rtl=words.rtl), 50, pair)
    room = (SIDE, left - 60) if words.rtl else (left + width + 60, CARD[0] - SIDE)
    rows = Rows.of(words, room[1] - room[0], _TALL_SIZES, lines=2)
    star = star_ink(pair)
    rows.draw(card, words, room, CARD[1] - _EDGE - 12 - rows.height, (ink, star))
    for brand in wrapped(words.brand, Style((38, 32), bold=True, language=words.language), room[1] - room[0]):
        brand.draw(ImageDraw.Draw(card), room[1] - brand.width if words.rtl else room[0], _EDGE + 46, ink)
    return card


def _ground(picture: Image.Image, pair: tuple[Rgb, Rgb]) -> Image.Image:
    """The brand's color with the picture's light in it, blurred: only ever farther from the ink, so contrast holds."""
    ground, ink = pair
    light = ImageOps.autocontrast(picture.resize((12, 6), Image.Resampling.BOX).convert("L"))
    mask = light.resize(CARD, Image.Resampling.BICUBIC)
    far: Rgb = (255, 255, 255) if ink == DARK_INK else (0, 0, 0)
    # Light ink wants the dark places darker, dark ink the light places lighter.
    mask = (mask if ink == DARK_INK else ImageOps.invert(mask)).point([round(level * 0.3) for level in range(256)])
    return Image.composite(Image.new("RGB", CARD, far), Image.new("RGB", CARD, ground), mask)


def _covered(picture: Image.Image, face: Face | None) -> tuple[Image.Image, _Box | None]:
    """The picture filling the card, cut around the face, and where the face is then."""
    scale = max(CARD[0] / picture.width, CARD[1] / picture.height)
    width, height = picture.width * scale, picture.height * scale
    focus = face or Face(0.5, 0.42, 0)
    left = min(max(0, focus.x * width - CARD[0] / 2), width - CARD[0])
    top = min(max(0, focus.y * height - 0.4 * CARD[1]), height - CARD[1])
    box = (left / scale, top / scale, (left + CARD[0]) / scale, (top + CARD[1]) / scale)
    card = picture.resize(CARD, Image.Resampling.BICUBIC, box=box)
    return card, _head(face, (width, height), (-left, -top)) if face else None


def _head(face: Face, size: tuple[float, float], at: tuple[float, float]) -> _Box:
    """The box around a face in a picture that is shown in `size`, its corner `at`."""
    x, y, half = at[0] + face.x * size[0], at[1] + face.y * size[1], face.size * min(size) / 2
    return x - half, y - half, x + half, y + half


def _play_spot(
    box: _Box, head: _Box | None, radius: int, floor: float, *, inset: int, rtl: bool
) -> tuple[float, float]:
    """The middle of the picture; if somebody's face is there, right below it; if that is too low, the far lower corner."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    if head is None or not (head[0] - radius < x < head[2] + radius and head[1] - radius < y < head[3] + radius):
        return x, y
    if head[3] + 2 * radius + 12 <= floor:
        return x, min(head[3] + 28, floor - 2 * radius) + radius
    return (box[0] + inset if rtl else box[2] - inset), box[3] - inset


@dataclass(frozen=True)
class Rows:
    """Stars, name and detail, one above the other. `height` is what they take in pixels."""

    name: list[Line]
    detail: list[Line]
    stars: int

    @classmethod
    def of(cls, words: Words, width: float, sizes: tuple[int, ...], *, lines: int) -> Rows:
        name = wrapped(words.name, Style(sizes, bold=True, language=words.language), width, lines=lines)
        detail = wrapped(words.detail, Style((38, 34), language=words.language), width, lines=lines)
        return cls(name, detail, words.rating)

    @property
    def height(self) -> float:
        lines = sum(each.size * _NAME_LEADING for each in self.name) + sum(each.size * _LEADING for each in self.detail)
        return lines + (_STARS_HEIGHT if self.stars else 0)

    @property
    def width(self) -> float:
        return max([each.width for each in (*self.name, *self.detail)] + [_STARS_WIDTH if self.stars else 0])

    def draw(
        self, card: Image.Image, words: Words, room: tuple[float, float], top: float, inks: tuple[Rgb, Rgb]
    ) -> None:
        draw = ImageDraw.Draw(card)
        if self.stars:
            _stars(card, words, room, top, inks[1])
            top += _STARS_HEIGHT
        for leading, lines in ((_NAME_LEADING, self.name), (_LEADING, self.detail)):
            for each in lines:
                top += leading * each.size
                each.draw(draw, room[1] - each.width if words.rtl else room[0], top - 0.3 * each.size, inks[0])


def _stars(card: Image.Image, words: Words, box: tuple[float, float], top: float, ink: Rgb) -> None:
    side, step = 34, _STARS_WIDTH // 5
    mask = Image.new("L", (step * 5 * _FINE, side * _FINE))
    draw = ImageDraw.Draw(mask)
    for number in range(5):
        draw.polygon(_star(number * step + side / 2, side / 2, side / 2), fill=255 if number < words.rating else 84)
    small = mask.resize((step * 5, side), Image.Resampling.BOX)
    left = round(box[0])
    if words.rtl:
        small, left = ImageOps.mirror(small), round(box[1]) - step * 5
    card.paste(ink, (left, round(top)), small)


def _star(x: float, y: float, radius: float) -> list[tuple[float, float]]:
    points = []
    for corner in range(10):
        reach = radius * (0.46 if corner % 2 else 1.0)
        turn = math.pi * corner / 5
        points.append(((x + reach * math.sin(turn)) * _FINE, (y + 0.06 * radius - reach * math.cos(turn)) * _FINE))
    return points


def _chip(card: Image.Image, words: Words, pair: tuple[Rgb, Rgb]) -> None:
    """The brand's name on its color, in the upper corner where reading begins."""
    for text in wrapped(words.brand, Style((30,), bold=True, language=words.language), 460):
        width, height = round(text.width) + 52, 62
        left = CARD[0] - SIDE - width if words.rtl else SIDE
        _shadow(card, (left, 44, left + width, 44 + height), height // 2)
        card.paste(pair[0], (left, 44), _rounded((width, height), height // 2))
        text.draw(ImageDraw.Draw(card), left + 26, 44 + 42, pair[1])


def play_mark(card: Image.Image, spot: tuple[float, float], radius: int, pair: tuple[Rgb, Rgb]) -> None:
    """The round mark that says that there is something to play, its middle at `spot`."""
    x, y = (round(value) for value in spot)
    box = (x - radius, y - radius, x + radius, y + radius)
    _shadow(card, box, radius)
    card.paste(LIGHT_INK, box[:2], _rounded((2 * radius, 2 * radius), radius))
    mark = Image.new("L", (2 * radius * _FINE, 2 * radius * _FINE))
    reach = radius * _FINE
    corners = [(reach * (1 + a), reach * (1 + b)) for a, b in ((-0.2, -0.36), (-0.2, 0.36), (0.42, 0.0))]
    ImageDraw.Draw(mark).polygon(corners, fill=255)
    ImageDraw.Draw(mark).line([*corners, *corners[:2]], fill=255, width=reach // 8, joint="curve")
    ink = pair[0] if contrast(pair[0], LIGHT_INK) >= 3 else DARK_INK
    card.paste(ink, box[:2], mark.resize((2 * radius, 2 * radius), Image.Resampling.BOX))


def _rounded(size: tuple[int, int], radius: int) -> Image.Image:
    mask = Image.new("L", (size[0] * _FINE, size[1] * _FINE))
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, mask.width - 1, mask.height - 1), radius * _FINE, fill=255)
    return mask.resize(size, Image.Resampling.BOX)


def _shadow(card: Image.Image, box: tuple[int, int, int, int], radius: int) -> None:
    """A soft fall below a rounded box, as --sh-2 has it."""
    spread = 24
    width, height = box[2] - box[0], box[3] - box[1]
    mask = Image.new("L", (width + 2 * spread, height + 2 * spread))
    ImageDraw.Draw(mask).rounded_rectangle((spread, spread, spread + width, spread + height), radius, fill=90)
    soft = mask.filter(ImageFilter.BoxBlur(9)).filter(ImageFilter.BoxBlur(9))
    card.paste(_SCRIM, (box[0] - spread, box[1] - spread + 8), soft)
