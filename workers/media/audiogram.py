"""A picture for what was only spoken: a plate with the name, and bars that move with the voice.

The result is an intermediate file that goes the way of any clip, so that renditions, pictures, captions and clips for
networks need not know of it. For a second of speech it takes about 0.12 s of CPU.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ffmpeg
import numpy as np
from numpy.typing import NDArray

from testimonials.domain.color import Rgb
from workers.media.card import Words
from workers.media.ffmpeg import run
from workers.media.graph import AUDIO_RATE, even_sound
from workers.media.plate import BAR_GAP, BARS, WAVE_BOX, draw_plate
from workers.media.probe import Sound, input_options
from workers.media.sandbox import Limits, Sandbox

FRAMES_PER_SECOND = 20
LEVEL_RATE = 8_000  # Hz: enough to see a voice in
_ROWS = 60  # heights that a bar can have; the picture is half the wave, and mirrored
_FLOOR_DB, _RANGE_DB = -62.0, 34.0  # nothing moves below the floor; what is a range below the loud parts lies flat
_FALL = 0.8  # of its height is what a bar keeps from frame to frame: it jumps up and sinks
_LEVELS, _BARS, _PLATE = "levels.pcm", "bars.gray", "plate.png"


def draw_audiogram(
    sandbox: Sandbox, source: Path, sound: Sound, folder: Path, words: Words, pair: tuple[Rgb, Rgb], max_seconds: float
) -> Path:
    """Write `audiogram.mov` into `folder`: 1280 x 720 H.264 at 20 frames, and the sound as PCM, in step with it.

    Raises MediaError where the sound cannot be decoded.
    """
    draw_plate(words, pair).save(folder / _PLATE)
    limit = min(max_seconds, sound.duration_seconds * 1.02 + 2)
    _run(sandbox, _levels_command(source, sound, folder, limit), [source], folder, limit)
    drawn = bars(np.fromfile(folder / _LEVELS, np.int16))
    (folder / _BARS).write_bytes(drawn.tobytes())
    # Plate and color have no end of their own.
    seconds = len(drawn) / FRAMES_PER_SECOND
    _run(sandbox, _picture_command(source, sound, folder, pair[1], seconds), [source], folder, seconds)
    for name in (_LEVELS, _BARS, _PLATE):
        (folder / name).unlink()
    return folder / "audiogram.mov"


def bars(samples: NDArray[np.int16]) -> NDArray[np.uint8]:
    """Frames of `_ROWS` x `BARS` gray bytes, 20 for each second of the samples: bars of 255 that stand on the lowest row.

    The voice begins in the middle and runs outwards, and sinks on its way.
    """
    level = _level(samples)
    away = np.abs(np.arange(BARS) - (BARS - 1) / 2)
    moment = np.arange(len(level))[:, None] - np.floor(away / 1.5).astype(int)[None, :]
    reached = np.where(moment >= 0, level[np.maximum(moment, 0)], 0.0)
    uneven = 0.72 + 0.28 * np.cos(np.arange(BARS) * 2.39996) ** 2  # the golden angle: no two neighbors are alike
    heights = np.maximum(1, np.rint(reached * uneven * (1 - 0.6 * (away / away.max()) ** 2) * _ROWS))
    rows = np.arange(_ROWS, 0, -1)
    return np.where(heights[:, None, :] >= rows[None, :, None], np.uint8(255), np.uint8(0))


def _level(samples: NDArray[np.int16]) -> NDArray[np.float64]:
    """How loud each frame is, from 0 to 1, measured against the loud parts of the same recording."""
    each = LEVEL_RATE // FRAMES_PER_SECOND
    count = max(1, -(-len(samples) // each))
    padded = np.zeros(count * each)
    padded[: len(samples)] = samples / 32768.0
    loud = 10 * np.log10(np.mean(padded.reshape(count, each) ** 2, axis=1) + 1e-10)
    top = max(float(np.percentile(loud, 95)), _FLOOR_DB + _RANGE_DB)
    level: NDArray[np.float64] = np.clip((loud - top + _RANGE_DB) / _RANGE_DB, 0.0, 1.0)
    for place in range(1, count):
        level[place] = max(level[place], level[place - 1] * _FALL)
    return level


def _opened(source: Path, sound: Sound) -> Any:
    media = ffmpeg.input(f"file:{source}", **input_options(sound.demuxer), vn=None)
    return even_sound(media[str(sound.index)], sound.duration_seconds)


def _levels_command(source: Path, sound: Sound, folder: Path, limit: float) -> list[str]:
    options = {"f": "s16le", "c:a": "pcm_s16le", "ar": LEVEL_RATE, "ac": 1, "t": limit}
    return _command(ffmpeg.output(_opened(source, sound), f"file:{folder / _LEVELS}", **options))


def _picture_command(source: Path, sound: Sound, folder: Path, ink: Rgb, seconds: float) -> list[str]:
    left, top, right, bottom = WAVE_BOX
    width, height = right - left, bottom - top
    rate = {"framerate": FRAMES_PER_SECOND}
    drawn = ffmpeg.input(f"file:{folder / _BARS}", f="rawvideo", pixel_format="gray", video_size=(BARS, _ROWS), **rate)
    halves = drawn.filter_multi_output("split", 2)
    wave = ffmpeg.filter([halves[0], halves[1].filter("vflip")], "vstack")
    wave = wave.filter("scale", width, height, flags="neighbor")
    wave = wave.filter("drawgrid", w=width // BARS, h=height, t=BAR_GAP, color="black")
    color = ffmpeg.input(f"color=c=0x{bytes(ink).hex()}:s={width}x{height}:r={FRAMES_PER_SECOND}", f="lavfi")
    wave = ffmpeg.filter([color.filter("format", "yuva420p"), wave], "alphamerge")
    plate = ffmpeg.input(f"file:{folder / _PLATE}", f="image2", pattern_type="none", **rate)
    plate = plate.filter("scale", out_color_matrix="bt709", out_range="tv").filter("format", "yuv420p")
    plate = plate.filter("loop", loop=-1, size=1).filter("setpts", f"N/{FRAMES_PER_SECOND}/TB")
    frames = ffmpeg.overlay(plate, wave, x=left, y=top, format="yuv420")
    # The lightest preset: its track is often kept as the largest rendition, at some 0.5 Mbit/s.
    encoding = {
        "c:v": "libx264",
        "preset": "ultrafast",
        "crf": 26,
        "threads": 2,
        "g": 2 * FRAMES_PER_SECOND,
        "colorspace": "bt709",
        "color_primaries": "bt709",
        "color_trc": "bt709",
        "color_range": "tv",
        "c:a": "pcm_s16le",
        "ar": AUDIO_RATE,
    }
    bounds = {"f": "mov", "t": seconds, "map_metadata": -1, "map_chapters": -1}
    return _command(
        ffmpeg.output(frames, _opened(source, sound), f"file:{folder / 'audiogram.mov'}", **encoding, **bounds)
    )


def _command(output: Any) -> list[str]:
    quiet = ("-nostdin", "-nostats", "-v", "error", "-progress", "pipe:1")
    return ["ffmpeg", *output.global_args(*quiet).overwrite_output().get_args()]


def _run(sandbox: Sandbox, command: list[str], reads: list[Path], folder: Path, seconds: float) -> None:
    budget = int(60 + 4 * seconds)
    wrapped = sandbox.wrap(command, reads=reads, writes=folder, limits=Limits(cpu_seconds=budget * 2))
    run(wrapped, timeout=budget, on_time=lambda _: None)
