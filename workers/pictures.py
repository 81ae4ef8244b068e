"""Posters of a testimonial: the sizes of the chosen frame, the image that networks show, and the frames to choose from."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from testimonials import jobs
from testimonials.errors import MediaError
from testimonials.models import Asset
from testimonials.models.asset import AssetKind
from testimonials.runtime import Runtime
from workers.brief import Brief, read_brief
from workers.lease import Lease
from workers.media.pictures import Candidate, Picture, share_image, suggest, write_sizes
from workers.media.sandbox import Sandbox
from workers.sources import assets_of, fetch_asset, scratch
from workers.storing import Output, output, store


def make_pictures(runtime: Runtime, _sandbox: Sandbox, held: jobs.Claim, lease: Lease) -> None:
    """Somebody chose another frame, by the label in the job's arguments."""
    brief = read_brief(runtime, held.testimonial_id)
    candidates = assets_of(runtime, held, AssetKind.CANDIDATE)
    chosen = next((each for each in candidates if each.label == held.arguments.get("candidate")), None)
    if chosen is None:
        raise MediaError("source_missing", "the frame that was chosen is not there any more")
    with scratch(runtime) as folder:
        lease.enter("fetching")
        frame = fetch_asset(runtime, chosen, folder, lease)
        lease.enter("picturing")
        outputs = _of_frame(held, frame, brief, folder)
        store(runtime, held, lease, outputs, replaces=_is_of_frame, change=lambda *_: None)


def poster_outputs(held: jobs.Claim, ranked: list[Candidate], brief: Brief, folder: Path) -> list[Output]:
    """Everything that the best candidate becomes, and the few that differ enough to be offered instead of it."""
    if not ranked:
        raise MediaError("corrupt", "no frame could be decoded for the poster")
    offered = [
        _picture(held, AssetKind.CANDIDATE, candidate.path, label=str(number))
        for number, candidate in enumerate(suggest(ranked), start=1)
    ]
    return [*_of_frame(held, ranked[0].path, brief, folder), *offered]


def _of_frame(held: jobs.Claim, frame: Path, brief: Brief, folder: Path) -> list[Output]:
    sizes = [_size(held, picture) for picture in write_sizes(frame, folder, stem="poster")]
    image = share_image(
        frame,
        folder / "share.jpg",
        name=brief.name,
        detail=brief.detail,
        brand=brief.brand,
        brand_color=brief.brand_color,
        rating=brief.rating,
        language=brief.language,
    )
    return [*sizes, _picture(held, AssetKind.SHARE_IMAGE, image)]


def _is_of_frame(asset: Asset) -> bool:
    return asset.kind in (AssetKind.POSTER, AssetKind.SHARE_IMAGE)


def _size(held: jobs.Claim, picture: Picture) -> Output:
    name, width, height = f"poster-{picture.width}", picture.width, picture.height
    return output(held, picture.path, AssetKind.POSTER, picture.content_type, name=name, width=width, height=height)


def _picture(held: jobs.Claim, kind: AssetKind, path: Path, label: str = "") -> Output:
    with Image.open(path) as image:
        width, height = image.size
    return output(held, path, kind, "image/jpeg", name=kind.replace("_", "-"), label=label, width=width, height=height)
