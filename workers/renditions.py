"""What a clip that plays already still lacks: its other sizes, the storyboard and the preview. One decode."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from testimonials import jobs
from testimonials.domain.notices import noted
from testimonials.errors import MediaError
from testimonials.models import Asset, Testimonial
from testimonials.models.asset import AssetKind
from testimonials.runtime import Runtime
from workers.brief import Brief, read_brief
from workers.lease import Lease
from workers.media.command import AV1_FILE, PREVIEW_FILE, STORYBOARD_FILE, preview_size, rendition_path, rest_command
from workers.media.plan import Plan, Rung, make_plan
from workers.media.sandbox import Sandbox
from workers.media.storyboard import to_webvtt
from workers.media.verify import verify_rendition
from workers.pipeline import FIRST, Transcode, bound, plan_again, rendition_output
from workers.segments import draw_again
from workers.sources import assets_of, fetch_asset, fetch_segments, scratch
from workers.storing import Output, output, store


@dataclass(frozen=True)
class Made:
    """What a run has left in its folder, by which plan. With `anew` the first rendition was made again too."""

    plan: Plan
    rungs: tuple[Rung, ...]
    complaints: int
    anew: bool = False


def render_rest(runtime: Runtime, sandbox: Sandbox, held: jobs.Claim, lease: Lease) -> None:
    """Add the other renditions. The first one stays, unless its kept track turned out to be damaged."""
    brief = read_brief(runtime, held.testimonial_id)
    with scratch(runtime) as folder:
        lease.enter("fetching")
        sources = fetch_segments(runtime, held, folder, lease)
        sources = [sources[place] for place in held.arguments.get("kept", range(len(sources)))]
        sources = draw_again(sandbox, sources, held.arguments.get("drawn", []), brief, folder, lease)
        first = _first(runtime, held)
        sound = fetch_asset(runtime, first, folder, lease)
        job = Transcode(sandbox, plan_again(held.arguments, brief), lease)
        made_in = folder / "out"
        made_in.mkdir()
        made = _render(job, sources, sound, made_in, brief)
        lease.enter("verifying")
        outputs = _outputs(sandbox, held, made, made_in, brief)
        store(
            runtime,
            held,
            lease,
            outputs,
            replaces=lambda asset: _is_ours(asset) and (made.anew or asset.file != first.file),
            change=lambda _, testimonial: _complete(testimonial, made),
        )


def _first(runtime: Runtime, held: jobs.Claim) -> Asset:
    """The rendition whose sound all others get."""
    found = [asset for asset in assets_of(runtime, held, AssetKind.VIDEO) if asset.label == FIRST]
    if not found:
        raise MediaError("source_missing", "the first rendition is gone")
    return found[0]


def _render(job: Transcode, sources: list[Path], sound: Path, folder: Path, brief: Brief) -> Made:
    job.lease.enter("transcoding")
    limit, reads = bound(job.plan, brief.max_seconds), [*sources, sound]
    plan = job.plan
    command = rest_command(plan, plan.rest, sources, sound, folder, max_seconds=limit)
    complaints = job.run(command, reads=reads, writes=folder)
    if not (plan.copy and complaints):
        return Made(plan, plan.rest, complaints)
    # Decoding it for the first time has shown that the track we kept is damaged: players would show what we have seen.
    plan = make_plan(list(plan.segments), brief.wishes).lasting(plan.duration_seconds)
    command = rest_command(plan, plan.rungs, sources, sound, folder, max_seconds=limit)
    complaints = Transcode(job.sandbox, plan, job.lease).run(command, reads=reads, writes=folder)
    return Made(plan, plan.rungs, complaints, anew=True)


def _outputs(sandbox: Sandbox, held: jobs.Claim, made: Made, folder: Path, brief: Brief) -> list[Output]:
    plan, outputs = made.plan, []
    for rung in made.rungs:
        path = rendition_path(folder, rung)
        found = verify_rendition(sandbox, path, rung, plan, max_seconds=brief.max_seconds)
        label = FIRST if made.anew and rung == made.rungs[0] else ""
        outputs.append(rendition_output(held, found, label=label))
    if brief.wishes.av1:
        path = folder / AV1_FILE
        found = verify_rendition(sandbox, path, plan.rungs[0], plan, max_seconds=brief.max_seconds, codec="av1")
        outputs.append(rendition_output(held, found, codec="av1"))
    return [*outputs, *_storyboard(held, plan, folder), _preview(held, plan, folder)]


def _storyboard(held: jobs.Claim, plan: Plan, folder: Path) -> list[Output]:
    board = plan.storyboard
    width, height = board.columns * board.tile_width, board.rows * board.tile_height
    path = folder / STORYBOARD_FILE
    sprite = output(held, path, AssetKind.STORYBOARD, "image/jpeg", name="storyboard", width=width, height=height)
    index = folder / "storyboard.vtt"
    index.write_text(to_webvtt(board, plan.duration_seconds, sprite.asset.file))
    return [sprite, output(held, index, AssetKind.STORYBOARD_INDEX, "text/vtt", name="storyboard")]


def _preview(held: jobs.Claim, plan: Plan, folder: Path) -> Output:
    width, height = preview_size(plan)
    return output(
        held, folder / PREVIEW_FILE, AssetKind.PREVIEW, "video/mp4", name="preview", width=width, height=height
    )


def _is_ours(asset: Asset) -> bool:
    return asset.kind in (AssetKind.VIDEO, AssetKind.STORYBOARD, AssetKind.STORYBOARD_INDEX, AssetKind.PREVIEW)


def _complete(testimonial: Testimonial, made: Made) -> None:
    testimonial.storyboard = asdict(made.plan.storyboard)
    if made.complaints:
        testimonial.notices = noted(testimonial.notices, "damaged", True)
