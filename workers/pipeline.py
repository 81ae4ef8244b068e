"""The way of one clip to its first playable rendition: fetch, probe, plan, measure, transcode, choose a poster, store."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from testimonials import jobs
from testimonials.db import Transaction
from testimonials.domain.collecting import Kind
from testimonials.domain.lifecycle import MediaStatus
from testimonials.domain.notices import noted
from testimonials.models import Testimonial
from testimonials.models.asset import AssetKind
from testimonials.runtime import Runtime
from workers.brief import Brief, read_brief
from workers.lease import Lease
from workers.media.command import (
    CHOSEN_FILE,
    POSTER_PATTERN,
    chosen_command,
    copy_command,
    first_command,
    rendition_path,
    stills_command,
)
from workers.media.faces import Face
from workers.media.ffmpeg import follow
from workers.media.loudness import Loudness, gain_db, measure
from workers.media.packets import steady
from workers.media.pictures import Candidate, rank
from workers.media.plan import Plan, make_plan, may_copy
from workers.media.probe import Probe
from workers.media.sandbox import Limits, Sandbox
from workers.media.verify import Rendition, is_short, verify_rendition
from workers.photos import holds_photo, process_photo
from workers.pictures import poster_outputs
from workers.segments import Segments, open_segments
from workers.sources import fetch_segments, scratch
from workers.storing import Change, Output, output, store

FIRST = "first"
"""The label of the rendition that this job makes. The others take their sound from it."""


@dataclass(frozen=True)
class Transcode:
    """One run of ffmpeg over a plan's sources."""

    sandbox: Sandbox
    plan: Plan
    lease: Lease

    def run(self, command: list[str], *, reads: list[Path], writes: Path, stage: str = "transcoding") -> int:
        """Returns how many complaints the decoder had."""

        def on_time(seconds: float) -> None:
            self.lease.enter(stage, min(99, int(100 * seconds / self.plan.duration_seconds)))

        # Slow machines need up to ten seconds for one of 1080p; the floor is for short clips on a busy one.
        budget = int(120 + 10 * self.plan.duration_seconds)
        wrapped = self.sandbox.wrap(command, reads=reads, writes=writes, limits=Limits(cpu_seconds=budget * 2))
        return follow(wrapped, timeout=budget, on_time=on_time).complaints


def process_testimonial(runtime: Runtime, sandbox: Sandbox, held: jobs.Claim, lease: Lease) -> None:
    """From the uploaded chunks to `ready`. Raises MediaError for the clip's own faults, anything else may be retried."""
    prepare(runtime, sandbox, held, lease, read_brief(runtime, held.testimonial_id), lambda *_: None)


def prepare(runtime: Runtime, sandbox: Sandbox, held: jobs.Claim, lease: Lease, brief: Brief, also: Change) -> None:
    """All of it, by a brief. `also` is what else becomes true in the moment in which the clip is ready."""
    with scratch(runtime) as folder:
        lease.enter("fetching")
        sources = fetch_segments(runtime, held, folder, lease)
        if holds_photo(sources, brief):
            process_photo(runtime, sandbox, held, lease, sources[0], brief, folder)
            return
        segments = open_segments(sandbox, sources, brief, folder, lease)
        brief = replace(brief, kind=Kind.AUDIO if segments.only_heard else Kind.VIDEO)
        plan = plan_for(sandbox, segments, brief)
        made_in = folder / "out"
        made_in.mkdir()
        first = _make(sandbox, plan, segments.paths, made_in, brief, lease)
        lease.enter("picturing")
        ranked, chosen = _stills(made_in)
        outputs = [
            rendition_output(held, first.made, label=FIRST),
            *poster_outputs(held, ranked, chosen, brief, folder),
        ]
        face = (chosen or ranked[0]).face

        def change(transaction: Transaction, testimonial: Testimonial) -> None:
            _ready(runtime, transaction, testimonial, first, segments, brief.kind, face)
            also(transaction, testimonial)

        store(
            runtime,
            held,
            lease,
            outputs,
            replaces=lambda _: True,
            change=change,
        )


@dataclass(frozen=True)
class First:
    """The first rendition, by which plan it was made, and what was noticed."""

    plan: Plan
    made: Rendition
    loudness: Loudness | None
    notices: list[str]


def _make(sandbox: Sandbox, plan: Plan, sources: list[Path], made_in: Path, brief: Brief, lease: Lease) -> First:
    lease.enter("measuring")
    loudness = measure(sandbox, plan, sources, max_seconds=brief.max_seconds)
    complaints = _transcode(Transcode(sandbox, plan, lease), sources, made_in, loudness, brief)
    lease.enter("verifying")
    path = rendition_path(made_in, plan.first)
    made = verify_rendition(sandbox, path, plan.first, plan, max_seconds=brief.max_seconds)
    return First(plan, made, loudness, _notices(plan, made, loudness, complaints))


def _stills(made_in: Path) -> tuple[list[Candidate], Candidate | None]:
    """The frames to choose from, best first, and the one that the customer chose."""
    chosen = made_in / CHOSEN_FILE
    found = rank(sorted(made_in.glob(POSTER_PATTERN.replace("%02d", "*"))))
    return found, rank([chosen])[0] if chosen.exists() else None


def handed_on(plan: Plan, made: Rendition, segments: Segments) -> dict[str, Any]:
    """What the next job needs to come to the same plan without looking at the sources again."""
    return {
        "segments": [facts.to_json() for facts in plan.segments],
        "copy": plan.copy,
        "shown_seconds": made.facts.duration_seconds,
        "drawn": segments.drawn,
        "kept": segments.kept,
    }


def plan_again(arguments: dict[str, Any], brief: Brief) -> Plan:
    """The plan that was `handed_on`."""
    facts = [Probe.from_json(each) for each in arguments["segments"]]
    return make_plan(facts, brief.wishes, steady=arguments["copy"]).lasting(arguments["shown_seconds"])


def plan_for(sandbox: Sandbox, segments: Segments, brief: Brief) -> Plan:
    """Decide what to make of the segments."""
    facts = segments.facts
    keeps = may_copy(facts, brief.wishes) and steady(sandbox, segments.paths[0], facts[0])
    return make_plan(facts, brief.wishes, steady=keeps)


def bound(plan: Plan, max_seconds: float) -> float:
    """Seconds of output at most: a file that lies about its length shows it within two seconds more, and not after ten
    minutes of work."""
    return min(max_seconds, plan.duration_seconds * 1.02 + 2)


def rendition_output(held: jobs.Claim, made: Rendition, codec: str = "h264", label: str = "") -> Output:
    rung = made.rung
    name = str(rung.short_side) if codec == "h264" else f"{rung.short_side}-{codec}"
    return output(
        held,
        made.path,
        AssetKind.VIDEO,
        "video/mp4",
        name=name,
        label=label,
        codec=codec,
        width=rung.width,
        height=rung.height,
    )


def _transcode(job: Transcode, sources: list[Path], folder: Path, loudness: Loudness | None, brief: Brief) -> int:
    job.lease.enter("transcoding")
    plan, limit = job.plan, bound(job.plan, brief.max_seconds)
    gain = gain_db(loudness, plan.duration_seconds)
    if not plan.copy:
        command = first_command(plan, sources, folder, gain_db=gain, max_seconds=limit)
        return job.run(command, reads=sources, writes=folder)
    command = copy_command(plan, sources, folder, gain_db=gain, max_seconds=limit)
    job.run(command, reads=sources, writes=folder)
    job.run(stills_command(plan, sources, folder, max_seconds=limit), reads=sources, writes=folder, stage="picturing")
    if plan.chosen_seconds is not None:
        job.run(chosen_command(plan, sources, folder), reads=sources, writes=folder, stage="picturing")
    return 0  # nothing was decoded yet that would have shown damage


def _notices(plan: Plan, made: Rendition, loudness: Loudness | None, complaints: int) -> list[str]:
    notices = noted([], "no_sound", not plan.has_audio)
    notices = noted(notices, "silent", loudness is not None and loudness.silent)
    notices = noted(notices, "damaged", complaints > 0)
    return noted(notices, "cut_short", is_short(made, plan))


def _ready(
    runtime: Runtime,
    transaction: Transaction,
    testimonial: Testimonial,
    first: First,
    segments: Segments,
    kind: Kind,
    face: Face | None,
) -> None:
    testimonial.kind = kind
    testimonial.duration_seconds = round(first.made.facts.duration_seconds, 3)
    testimonial.media = MediaStatus.READY
    testimonial.failure = None
    notices = noted(first.notices, "cut_short", "cut_short" in first.notices or not segments.complete)
    testimonial.notices = noted(notices, "without_form", "without_form" in testimonial.notices)
    testimonial.storyboard = None
    testimonial.captions = []
    testimonial.focus_x, testimonial.focus_y = (face.x, face.y) if face else (None, None)
    loudness = first.loudness
    follow_up: dict[str, dict[str, Any]] = {jobs.RENDER_REST: handed_on(first.plan, first.made, segments)}
    if loudness is not None and not loudness.silent and runtime.settings.recognizer != "off":
        follow_up[jobs.WRITE_CAPTIONS] = {}
    for name, arguments in follow_up.items():
        jobs.enqueue(
            transaction,
            runtime.nudge,
            name=name,
            testimonial_id=testimonial.id,
            max_attempts=runtime.settings.job_max_attempts,
            arguments=arguments,
        )
