"""Damaged voices and photos: they end with a name, in bounded time and room, and the worker lives on."""

from __future__ import annotations

import io
import random
import time
from pathlib import Path

import pytest
from PIL import Image

from testimonials.domain.failures import FAILURES
from testimonials.errors import MediaError
from tests import clips
from workers.media.audiogram import draw_audiogram
from workers.media.card import words_of
from workers.media.containers import sniff_picture
from workers.media.photo import develop
from workers.media.probe import Sound, examine
from workers.media.sandbox import choose

pytestmark = pytest.mark.media
MOST_SECONDS = 60
VOICES = {"m4a": ("aac", ()), "mp3": ("libmp3lame", ()), "wav": ("pcm_s16le", ()), "webm": ("libopus", ("-live", "1"))}
PAIR = ((31, 107, 82), (253, 252, 249))


def damaged(body: bytes, seed: int) -> bytes:
    """Bytes turned, cut out and written over, always the same way for a seed."""
    chance = random.Random(seed)
    broken = bytearray(body)
    for _ in range(chance.randint(1, 40)):
        broken[chance.randrange(len(broken))] = chance.randrange(256)
    if seed % 3 == 0:
        del broken[chance.randrange(len(broken)) :]
    if seed % 4 == 0:
        at = chance.randrange(len(broken) or 1)
        broken[at : at + 4] = b"\xff\xff\xff\xff"
    return bytes(broken)


@pytest.mark.parametrize("kind", VOICES)
def test_damaged_voices(kind: str, tmp_path: Path) -> None:
    codec, more = VOICES[kind]
    body = clips.make(f"hostile-voice.{kind}", *clips.tone(1), "-c:a", codec, *more).read_bytes()
    sandbox, words = choose(), words_of("Maya", "", "Copper Spoke", 5)
    for seed in range(6):
        source, folder = tmp_path / f"{seed}", tmp_path / f"{seed}-out"
        source.write_bytes(damaged(body, seed))
        folder.mkdir()
        began, ended = time.monotonic(), ""
        try:
            sound = examine(sandbox, source, max_seconds=100)
            assert isinstance(sound, Sound)
            draw_audiogram(sandbox, source, sound, folder, words, PAIR, 100)
        except MediaError as error:
            ended = error.code
        assert ended in ("", *FAILURES), seed
        assert time.monotonic() - began < MOST_SECONDS, seed
        assert sum(path.stat().st_size for path in folder.iterdir()) < 50_000_000, seed


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_damaged_photos(kind: str, tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.effect_mandelbrot((600, 400), (-2, -1, 1, 1), 60).convert("RGB").save(file, kind)
    sandbox = choose()
    for seed in range(12):
        source, folder = tmp_path / f"{seed}", tmp_path / f"{seed}-out"
        source.write_bytes(damaged(file.getvalue(), seed))
        folder.mkdir()
        decoder = sniff_picture(source)
        if decoder is None:
            continue
        ended = ""
        try:
            with Image.open(develop(sandbox, source, decoder, folder), formats=["JPEG"]) as made:
                assert max(made.size) <= 2560, seed
        except MediaError as error:
            ended = error.code
        assert ended in ("", *FAILURES), seed
