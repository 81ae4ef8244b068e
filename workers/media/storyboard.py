"""The index of a storyboard: which tile of the sprite shows which seconds, as WebVTT."""

from __future__ import annotations

from workers.media.plan import Storyboard


def to_webvtt(board: Storyboard, duration_seconds: float, sprite: str) -> str:
    """One cue a tile, with a media fragment (`#xywh=`) of the sprite, whose name is relative to this file."""
    cues = ["WEBVTT"]
    for tile in range(board.tiles):
        start = tile * board.interval_seconds
        end = min((tile + 1) * board.interval_seconds, duration_seconds)
        if start >= end:
            break
        x, y = tile % board.columns * board.tile_width, tile // board.columns * board.tile_height
        place = f"{sprite}#xywh={x},{y},{board.tile_width},{board.tile_height}"
        cues.append(f"{_clock(start)} --> {_clock(end)}\n{place}")
    return "\n\n".join(cues) + "\n"


def _clock(seconds: float) -> str:
    whole = round(seconds * 1000)
    return f"{whole // 3_600_000:02d}:{whole // 60_000 % 60:02d}:{whole // 1000 % 60:02d}.{whole % 1000:03d}"
