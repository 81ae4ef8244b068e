"""Sample customers: clips of a drawn person who sways a little over a soft tone, a voice alone, and words alone.

All of it is made on the spot, so that nothing has to be shipped."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

from testimonials.domain.collecting import Kind

SCALE = 2  # drawn twice as large and scaled down, for smooth edges


@dataclass(frozen=True)
class Sitter:
    """A sample customer. Colors are hex; `tall` clips stand upright, as phones record them. Who gave only a voice or words is
    not drawn."""

    name: str
    title: str
    quote: str
    rating: int
    wall: tuple[str, str]
    shirt: str
    skin: str
    hair: str
    tall: bool
    seconds: int
    bun: bool
    kind: Kind = Kind.VIDEO


SITTERS = (
    Sitter("Maya R.", "Runs a bakery", "Nobody noticed we were one short. Not one cafe.", 5,
           ("#f6d5b8", "#d98f68"), "#1f4f5c", "#e3ad86", "#2a1a1a", False, 9, True),
    Sitter("Walter H.", "Retired teacher", "Forty years I have brought them bikes. They still ask how my knee is.", 5,
           ("#e2d3cc", "#8d7a74"), "#35557c", "#e0aa88", "#f1efec", True, 8, False),
    Sitter("Leila K.", "Courier", "I ride nine hours a day. My wheels have not been this true since they were new.", 5,
           ("#cfe8ee", "#6fa8b8"), "#7a3b58", "#d9a07c", "#e9dccb", False, 7, True),
    Sitter("Ines F.", "Nurse", "I call on the way home from the night shift. They always pick up.", 5,
           ("", ""), "", "", "", False, 7, False, Kind.AUDIO),
    Sitter("Paul D.", "Beekeeper", "My trailer was older than the apprentice. It rolls like new, and they kept the bell.", 5,
           ("", ""), "", "", "", False, 0, False, Kind.TEXT),
    Sitter("Omar S.", "Architect", "They talked me out of the expensive fork. Who does that?", 4,
           ("#f3dfb0", "#c99a4a"), "#25402f", "#a8704a", "#1d1512", True, 8, False),
)  # fmt: skip


def make_clip(sitter: Sitter, folder: Path) -> Path | None:
    """What a phone would hand in: H.264 in MP4, AAC alone for a voice, nothing for words."""
    if sitter.kind is Kind.TEXT:
        return None
    if sitter.kind is Kind.AUDIO:
        return _voice(sitter, folder / "voice.m4a")
    width, height = (720, 1280) if sitter.tall else (1280, 720)
    picture = folder / "portrait.png"
    _portrait(sitter, width + 64, height + 36).save(picture)
    clip = folder / "clip.mp4"
    sway = f"crop={width}:{height}:x='32+28*sin(t*0.9)':y='18+12*sin(t*1.7)',format=yuv420p"
    tone = "aevalsrc='0.05*sin(2*PI*196*t)*(0.6+0.4*sin(2*PI*1.3*t))':s=48000"
    subprocess.run(
        [
            *["ffmpeg", "-nostdin", "-y", "-v", "error"],
            *["-loop", "1", "-framerate", "30", "-i", str(picture), "-f", "lavfi", "-i", tone],
            *[
                "-t",
                str(sitter.seconds),
                "-vf",
                sway,
                "-c:v",
                "libx264",
                "-preset",
                "veryfast",
                "-c:a",
                "aac",
                str(clip),
            ],
        ],
        check=True,
        stdin=subprocess.DEVNULL,
    )
    return clip


def _voice(sitter: Sitter, target: Path) -> Path:
    """Nobody speaks, but it rises and falls as if somebody did."""
    swell = "abs(sin(2*PI*1.7*t))*(0.4+0.6*abs(sin(2*PI*0.31*t)))"
    tone = f"aevalsrc='0.25*{swell}*(sin(2*PI*180*t)+0.5*sin(2*PI*360*t))':s=48000"
    command = ["ffmpeg", "-nostdin", "-y", "-v", "error", "-f", "lavfi", "-i", tone, "-t", str(sitter.seconds)]
    subprocess.run([*command, "-c:a", "aac", str(target)], check=True, stdin=subprocess.DEVNULL)
    return target


def _portrait(sitter: Sitter, width: int, height: int) -> Image.Image:
    w, h = width * SCALE, height * SCALE
    picture = _gradient(sitter.wall, w, h)
    pen = ImageDraw.Draw(picture)
    unit = min(w, h) / 20
    middle, neck = w / 2, h * 0.62
    _window(picture, unit)
    if sitter.bun:
        _disc(pen, middle, neck - unit * 9.1, unit * 1.5, sitter.hair)
    pen.rounded_rectangle(
        (middle - unit * 6.4, neck + unit * 1.1, middle + unit * 6.4, h * 1.5), unit * 4.2, sitter.shirt
    )
    pen.rounded_rectangle(
        (middle - unit * 1.25, neck - unit * 2, middle + unit * 1.25, neck + unit * 2), unit, _darker(sitter.skin)
    )
    pen.ellipse((middle - unit * 2.9, neck - unit * 7.9, middle + unit * 2.9, neck - unit * 0.2), sitter.skin)
    pen.pieslice(
        (middle - unit * 3.1, neck - unit * 8.4, middle + unit * 3.1, neck - unit * 2.2), 180, 360, sitter.hair
    )
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def _gradient(colors: tuple[str, str], w: int, h: int) -> Image.Image:
    ramp = Image.linear_gradient("L").resize((w, h))
    return Image.composite(Image.new("RGB", (w, h), colors[1]), Image.new("RGB", (w, h), colors[0]), ramp)


def _window(picture: Image.Image, unit: float) -> None:
    """A pale window behind the sitter, out of focus, so that the wall has some depth."""
    layer = Image.new("L", picture.size, 0)
    pen = ImageDraw.Draw(layer)
    left, top = picture.width * 0.12, picture.height * 0.12
    for column in range(2):
        for row in range(2):
            x, y = left + column * unit * 2.6, top + row * unit * 2.9
            pen.rectangle((x, y, x + unit * 2.3, y + unit * 2.6), 90)
    light = Image.new("RGB", picture.size, "#ffffff")
    picture.paste(light, (0, 0), layer.filter(ImageFilter.GaussianBlur(unit * 0.18)))


def _disc(pen: ImageDraw.ImageDraw, x: float, y: float, radius: float, color: str) -> None:
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), color)


def _darker(color: str) -> str:
    return "#" + "".join(f"{int(int(color[n : n + 2], 16) * 0.84):02x}" for n in (1, 3, 5))
