"""The way of one clip: fetch, probe, plan, transcode, choose a poster, verify, store, done."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from testimonials import jobs
from testimonials.domain.lifecycle import MediaStatus
from testimonials.errors import LeaseLost, MediaError, ObjectMissing, StorageError
from testimonials.models import Asset, Campaign, Testimonial, Upload
from testimonials.models.asset import AssetKind
from testimonials.runtime import Runtime
from testimonials.storage.keys import asset_file, asset_key
from workers.lease import Lease
from workers.media.command import POSTER_PATTERN, rendition_path, transcode_command
from workers.media.ffmpeg import run
from workers.media.plan import Plan, make_plan
from workers.media.poster import choose_poster
from workers.media.probe import probe
from workers.media.sandbox import Limits, Sandbox
from workers.media.verify import Rendition, verify_rendition

GRACE, GRACE_SECONDS = 1.1, 5


@dataclass(frozen=True)
class Output:
    """A finished file and the row that will name it."""

    path: Path
    asset: Asset


def process_testimonial(runtime: Runtime, sandbox: Sandbox, held: jobs.Claim, lease: Lease) -> None:
    """From the uploaded chunks to `ready`. Raises MediaError for the clip's own faults, anything else may be retried."""
    limit = _longest(runtime, held)
    with _scratch(runtime) as folder:
        lease.enter("fetching")
        source = _fetch(runtime, held, folder, lease)
        lease.enter("probing")
        plan = make_plan(probe(sandbox, source, max_seconds=limit))
        made_in = folder / "out"
        made_in.mkdir()
        _transcode(sandbox, plan, source, made_in, lease, limit)
        lease.enter("verifying")
        made = [
            verify_rendition(sandbox, rendition_path(made_in, rung), rung, plan, max_seconds=limit)
            for rung in plan.rungs
        ]
        poster = choose_poster(sorted(made_in.glob(POSTER_PATTERN.replace("%02d", "*"))))
        lease.enter("storing")
        _store(runtime, held, lease, _outputs(held, plan, made, poster), made[0].facts.duration_seconds)


def _longest(runtime: Runtime, held: jobs.Claim) -> float:
    """Seconds a clip may last: the campaign's limit with some grace for a slow finger, never above the installation's."""
    with runtime.db.read() as session:
        query = select(Campaign.max_seconds).join(Testimonial, Testimonial.campaign_id == Campaign.id)
        campaign = session.scalar(query.where(Testimonial.id == held.testimonial_id))
    if campaign is None:
        raise LeaseLost
    return min(float(runtime.settings.max_duration_seconds), campaign * GRACE + GRACE_SECONDS)


def _fetch(runtime: Runtime, held: jobs.Claim, folder: Path, lease: Lease) -> Path:
    """Join the chunks of the upload that was handed in. Any gap would decode without an error, so offsets are checked."""
    with runtime.db.read() as session:
        query = select(Upload).where(Upload.testimonial_id == held.testimonial_id, Upload.finalized_at.is_not(None))
        upload = session.scalar(query.order_by(Upload.id.desc()).limit(1))
        chunks = list(upload.chunks) if upload else []
    if upload is None:
        raise MediaError("source_missing")
    source = folder / "source"
    with source.open("wb") as target:
        for chunk in chunks:
            if target.tell() != chunk.offset_bytes:
                raise MediaError("source_missing", f"the chunk at {chunk.offset_bytes} does not join")
            lease.check()
            try:
                for piece in runtime.storage.open(chunk.key):
                    target.write(piece)
            except ObjectMissing as error:
                raise MediaError("source_missing", error.detail) from error
        if target.tell() != upload.length_bytes:
            raise MediaError("source_missing", f"{target.tell()} of {upload.length_bytes} bytes")
    return source


def _transcode(sandbox: Sandbox, plan: Plan, source: Path, folder: Path, lease: Lease, limit: float) -> None:
    def on_time(seconds: float) -> None:
        lease.enter("transcoding", min(99, int(100 * seconds / plan.duration_seconds)))

    lease.enter("transcoding")
    # Slow machines need up to ten seconds for one of 1080p; the floor is for short clips on a busy one.
    budget = int(120 + 10 * plan.duration_seconds)
    # A file that lies about its length shows it within two seconds of output more, and not after ten minutes of work.
    command = transcode_command(plan, source, folder, max_seconds=min(limit, plan.duration_seconds * 1.02 + 2))
    wrapped = sandbox.wrap(command, reads=[source], writes=folder, limits=Limits(cpu_seconds=budget * 2))
    run(wrapped, timeout=budget, on_time=on_time)


def _outputs(held: jobs.Claim, plan: Plan, made: list[Rendition], poster: Path) -> list[Output]:
    outputs = []
    for rendition in made:
        rung = rendition.rung
        asset = _asset(held, rendition.path, str(rung.short_side), "mp4", rung.width, rung.height)
        asset.kind, asset.codec, asset.content_type = AssetKind.VIDEO, "h264", "video/mp4"
        outputs.append(Output(rendition.path, asset))
    picture = _asset(held, poster, "poster", "jpg", plan.poster_width, plan.poster_height)
    picture.kind, picture.content_type = AssetKind.POSTER, "image/jpeg"
    return [*outputs, Output(poster, picture)]


def _asset(held: jobs.Claim, path: Path, label: str, suffix: str, width: int, height: int) -> Asset:
    file = asset_file(label, suffix)
    return Asset(
        testimonial_id=held.testimonial_id,
        file=file,
        key=asset_key(held.testimonial_id, file),
        width=width,
        height=height,
        size_bytes=path.stat().st_size,
    )


def _store(runtime: Runtime, held: jobs.Claim, lease: Lease, outputs: list[Output], duration: float) -> None:
    """New objects under new keys first, then all rows at once, under the fence; the old objects go last."""
    try:
        for output in outputs:
            lease.check()
            runtime.storage.save(output.asset.key, output.path, output.asset.content_type)
            if runtime.storage.size(output.asset.key) != output.asset.size_bytes:
                raise StorageError("The storage kept another number of bytes than it was given.")
        outdated = _swap_rows(runtime, held, outputs, duration)
    except BaseException:
        _delete(runtime, [output.asset.key for output in outputs])  # nobody names them
        raise
    _delete(runtime, outdated)


def _swap_rows(runtime: Runtime, held: jobs.Claim, outputs: list[Output], duration: float) -> list[str]:
    """The moment at which the world sees the new files. Returns the keys of the ones they replace."""
    with runtime.db.transaction() as transaction:
        testimonial = transaction.get(Testimonial, held.testimonial_id)
        if testimonial is None:
            raise LeaseLost
        outdated = [asset.key for asset in testimonial.assets]
        testimonial.assets = [output.asset for output in outputs]
        testimonial.duration_seconds = round(duration, 3)
        testimonial.media = MediaStatus.READY
        testimonial.failure = None
        jobs.finish(transaction, held)
    return outdated


def _delete(runtime: Runtime, keys: list[str]) -> None:
    """As far as the storage lets us; `reconcile --storage` finds what is left."""
    for key in keys:
        with suppress(StorageError):
            runtime.storage.delete(key)


@contextmanager
def _scratch(runtime: Runtime) -> Iterator[Path]:
    """A folder of this attempt alone, gone whatever happens. What a killed worker leaves is swept at the next start."""
    folder = Path(tempfile.mkdtemp(prefix="job-", dir=runtime.settings.scratch_dir))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
