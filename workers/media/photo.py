"""A photo as people send it becomes one that we show: decoded in the sandbox, upright, and nothing but the picture.

ffmpeg decodes it and not Pillow: it runs where clips are decoded, with the same limits and without our interpreter, and of
dozens of formats only three can be reached. What comes out is a PNG that ffmpeg wrote, which Pillow may open.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from PIL import Image

from testimonials.errors import MediaError
from workers.media.ffmpeg import run
from workers.media.sandbox import Limits, Sandbox

MOST_PIXELS = 8192 * 8192  # the largest that phones take are of 50 megapixels; decoded it is some 250 MB
LOOKED_AT_PIXELS = 1 << 28  # so much is decoded at most to say that it is too large
LEAST_SIDE, MOST_SIDE = 160, 2560
SECONDS = 30
# How EXIF says that the camera was held: what has to be done to the pixels.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_DEMUXERS = {"mjpeg": "jpeg_pipe", "png": "png_pipe", "webp": "webp_pipe"}


def develop(sandbox: Sandbox, source: Path, decoder: str, folder: Path) -> Path:
    """Write `photo.jpg` into `folder`: upright, at most 2560 pixels on its longer side, on white where it is transparent.

    `decoder` is what `sniff_picture` said. Raises MediaError `photo_too_large`, `photo_too_small` or `photo_unreadable`.
    """
    width, height, orientation = _look(sandbox, source, decoder)
    if not width * height:
        raise MediaError("photo_unreadable", "it does not say how large it is")
    if width * height > MOST_PIXELS:
        raise MediaError("photo_too_large", f"{width}x{height}")
    if min(width, height) < LEAST_SIDE:
        raise MediaError("photo_too_small", f"{width}x{height}")
    scale = min(1.0, MOST_SIDE / max(width, height))
    size = f"scale={max(1, round(width * scale))}:{max(1, round(height * scale))}:flags=area,format=rgba"
    made = folder / "photo.png"
    output = ["-frames:v", "1", "-vf", size, "-map_metadata", "-1", "-f", "image2", "-update", "1", "-c:v", "png"]
    command = ["ffmpeg", "-nostdin", "-y", "-v", "error", "-noautorotate", *_input(source, decoder, MOST_PIXELS)]
    command += [*output, f"file:{made}"]
    _run(sandbox, command, source, folder)
    if not made.exists():
        raise MediaError("photo_unreadable", "no picture came out")
    with Image.open(made, formats=["PNG"]) as picture:
        white = Image.new("RGBA", picture.size, "white")
        flat = Image.alpha_composite(white, picture.convert("RGBA")).convert("RGB")
    upright = flat.transpose(_TURNS[orientation]) if orientation in _TURNS else flat
    upright.save(folder / "photo.jpg", "JPEG", quality=94, subsampling=0)
    return folder / "photo.jpg"


def _look(sandbox: Sandbox, source: Path, decoder: str) -> tuple[int, int, int]:
    """Width and height as stored, and the EXIF orientation (1 where it is not said)."""
    show = ["-show_entries", "stream=width,height:frame_tags=Orientation", "-read_intervals", "%+#1"]
    command = ["ffprobe", "-v", "error", "-of", "json=compact=1", *show, *_input(source, decoder, LOOKED_AT_PIXELS)]
    found: dict[str, Any] = json.loads(_run(sandbox, command, source, None))
    stream: dict[str, Any] = next(iter(found.get("streams", [])), {})
    frame: dict[str, Any] = next(iter(found.get("frames", [])), {})
    said = str(frame.get("tags", {}).get("Orientation", "1")).strip()
    return int(stream.get("width", 0)), int(stream.get("height", 0)), int(said) if said.isdigit() else 1


def _input(source: Path, decoder: str, most_pixels: int) -> list[str]:
    demuxer = _DEMUXERS[decoder]
    return [
        *("-protocol_whitelist", "file", "-format_whitelist", demuxer, "-codec_whitelist", decoder),
        *("-max_pixels", str(most_pixels), "-f", demuxer, "-i", f"file:{source}"),
    ]


def _run(sandbox: Sandbox, command: list[str], source: Path, folder: Path | None) -> bytes:
    limits = Limits(cpu_seconds=SECONDS, file_bytes=256 * 1024**2, memory_bytes=2 * 1024**3)
    try:
        return run(sandbox.wrap(command, reads=[source], writes=folder, limits=limits), timeout=SECONDS * 2)
    except MediaError as error:
        if error.code == "corrupt":
            raise MediaError("photo_unreadable", error.detail) from error
        raise
