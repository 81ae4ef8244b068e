"""The segments of a testimonial as clips: what was only spoken gets its picture here, and from then on is one like others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from testimonials.domain.color import brand_pair
from testimonials.errors import MediaError
from workers.brief import Brief
from workers.lease import Lease
from workers.media.audiogram import draw_audiogram
from workers.media.card import words_of
from workers.media.probe import Probe, Sound, examine, probe
from workers.media.sandbox import Sandbox

LEFT_OUT = ("too_short", "corrupt", "not_a_video", "no_video")
"""What a segment may be without taking the others with it. Whatever is against a rule, as too long a file, does take them."""


@dataclass(frozen=True)
class Segments:
    """Clips with what is known of them; `drawn` are the places of those whose picture is ours, `kept` the places that the
    clips have among all that was handed in."""

    paths: list[Path]
    facts: list[Probe]
    drawn: list[int]
    kept: list[int]
    complete: bool

    @property
    def only_heard(self) -> bool:
        return len(self.drawn) == len(self.paths)


def open_segments(sandbox: Sandbox, sources: list[Path], brief: Brief, folder: Path, lease: Lease) -> Segments:
    """Look at all of them. One of several that can be neither seen nor heard is left out: a phone that died in a second
    take must not cost the first. Raises MediaError where none is left."""
    lease.enter("probing")
    found, kept = _usable(sandbox, sources, brief)
    complete = len(kept) == len(sources)
    sources = [sources[place] for place in kept]
    paths, facts, drawn = list(sources), list[Probe](), list[int]()
    for place, seen in enumerate(found):
        if isinstance(seen, Sound):
            drawn.append(place)
            paths[place] = _draw(sandbox, sources[place], seen, brief, folder / f"audiogram-{place}", lease)
            facts.append(probe(sandbox, paths[place], max_seconds=brief.max_seconds + 1))
        else:
            facts.append(seen)
    return Segments(paths, facts, drawn, kept, complete)


def _usable(sandbox: Sandbox, sources: list[Path], brief: Brief) -> tuple[list[Probe | Sound], list[int]]:
    found: list[Probe | Sound] = []
    kept: list[int] = []
    refused: MediaError | None = None
    for place, source in enumerate(sources):
        try:
            found.append(examine(sandbox, source, max_seconds=brief.max_seconds))
            kept.append(place)
        except MediaError as error:
            if not error.permanent or error.code not in LEFT_OUT:
                raise
            refused = refused or error
    if not found and refused:
        raise refused
    return found, kept


def draw_again(
    sandbox: Sandbox, sources: list[Path], drawn: Iterable[int], brief: Brief, folder: Path, lease: Lease
) -> list[Path]:
    """The sources, with audiograms in the given places: the same ones whenever it is called."""
    paths = list(sources)
    for place in drawn:
        sound = examine(sandbox, sources[place], max_seconds=brief.max_seconds)
        if not isinstance(sound, Sound):
            raise MediaError("corrupt", "what was sound alone has a picture now")
        paths[place] = _draw(sandbox, sources[place], sound, brief, folder / f"audiogram-{place}", lease)
    return paths


def _draw(sandbox: Sandbox, source: Path, sound: Sound, brief: Brief, into: Path, lease: Lease) -> Path:
    lease.enter("drawing")
    into.mkdir()
    words = words_of(brief.name, brief.detail, brief.brand, brief.rating, brief.language)
    return draw_audiogram(sandbox, source, sound, into, words, brand_pair(brief.brand_color), brief.max_seconds)
