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


@dataclass(frozen=True)
class Segments:
    """Clips with what is known of them; `drawn` are the places of those whose picture is ours."""

    paths: list[Path]
    facts: list[Probe]
    drawn: list[int]

    @property
    def only_heard(self) -> bool:
        return len(self.drawn) == len(self.paths)


def open_segments(sandbox: Sandbox, sources: list[Path], brief: Brief, folder: Path, lease: Lease) -> Segments:
    """Look at all of them. Raises MediaError where one can be neither seen nor heard."""
    lease.enter("probing")
    found = [examine(sandbox, source, max_seconds=brief.max_seconds) for source in sources]
    paths, facts, drawn = list(sources), list[Probe](), list[int]()
    for place, seen in enumerate(found):
        if isinstance(seen, Sound):
            drawn.append(place)
            paths[place] = _draw(sandbox, sources[place], seen, brief, folder / f"audiogram-{place}", lease)
            facts.append(probe(sandbox, paths[place], max_seconds=brief.max_seconds + 1))
        else:
            facts.append(seen)
    return Segments(paths, facts, drawn)


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
