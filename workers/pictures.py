"""Posters of a testimonial: the sizes of the chosen frame, the image that networks show, and the frames to choose from."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from testimonials import jobs
from testimonials.domain.collecting import Kind
from testimonials.domain.color import brand_pair
from testimonials.errors import MediaError
from testimonials.models import Asset
from testimonials.models.asset import AssetKind
from testimonials.runtime import Runtime
from workers.brief import Brief, read_brief
from workers.lease import Lease
from workers.media.card import Words, words_of
from workers.media.pictures import Candidate, Picture, share_image, suggest, write_card, write_sizes
from workers.media.plate import draw_quote, draw_sound_card
from workers.media.sandbox import Sandbox
from workers.sources import assets_of, fetch_asset, scratch
from workers.storing import Output, output, store

CHOSEN = "chosen"
"""The label of the candidate whose moment the customer chose."""


def make_pictures(runtime: Runtime, _sandbox: Sandbox, held: jobs.Claim, lease: Lease) -> None:
    """Somebody chose another frame, by the label in the job's arguments. Of words alone, the card that networks show."""
    brief = read_brief(runtime, held.testimonial_id)
    if brief.kind is Kind.TEXT:
        _make_quote(runtime, held, lease, brief)
        return
    candidates = assets_of(runtime, held, AssetKind.CANDIDATE)
    chosen = next((each for each in candidates if each.label == held.arguments.get("candidate")), None)
    if chosen is None:
        raise MediaError("source_missing", "the frame that was chosen is not there any more")
    with scratch(runtime) as folder:
        lease.enter("fetching")
        frame = fetch_asset(runtime, chosen, folder, lease)
        lease.enter("picturing")
        outputs = frame_outputs(held, frame, brief, folder)
        store(runtime, held, lease, outputs, replaces=_is_of_frame, change=lambda *_: None)


def poster_outputs(
    held: jobs.Claim, ranked: list[Candidate], chosen: Candidate | None, brief: Brief, folder: Path
) -> list[Output]:
    """Everything that the chosen frame or else the best candidate becomes, and the few that differ enough to be offered
    instead of it."""
    if not ranked:
        raise MediaError("corrupt", "no frame could be decoded for the poster")
    offered = [
        _picture(held, AssetKind.CANDIDATE, candidate.path, label=str(number))
        for number, candidate in enumerate(suggest(ranked), start=1)
    ]
    if chosen is not None:
        offered.insert(0, _picture(held, AssetKind.CANDIDATE, chosen.path, label=CHOSEN))
    return [*frame_outputs(held, (chosen or ranked[0]).path, brief, folder), *offered]


def frame_outputs(held: jobs.Claim, frame: Path, brief: Brief, folder: Path) -> list[Output]:
    """The sizes of a picture that stands for a testimonial, and the card that networks show."""
    sizes = [_size(held, picture) for picture in write_sizes(frame, folder, stem="poster")]
    return [*sizes, _picture(held, AssetKind.SHARE_IMAGE, _card(frame, brief, folder / "share.jpg"))]


def _card(frame: Path, brief: Brief, target: Path) -> Path:
    """An audiogram's frame has the words on it already: its card is drawn anew."""
    if brief.kind is Kind.AUDIO:
        return write_card(draw_sound_card(_words(brief), brand_pair(brief.brand_color)), target)
    return share_image(
        frame,
        target,
        name=brief.name,
        detail=brief.detail,
        brand=brief.brand,
        brand_color=brief.brand_color,
        rating=brief.rating,
        language=brief.language,
        plays=brief.kind is not Kind.PHOTO,
    )


def _make_quote(runtime: Runtime, held: jobs.Claim, lease: Lease, brief: Brief) -> None:
    lease.enter("picturing")
    with scratch(runtime) as folder:
        card = draw_quote(brief.text, _words(brief), brand_pair(brief.brand_color))
        image = _picture(held, AssetKind.SHARE_IMAGE, write_card(card, folder / "share.jpg"))
        store(runtime, held, lease, [image], replaces=_is_of_frame, change=lambda *_: None)


def _words(brief: Brief) -> Words:
    return words_of(brief.name, brief.detail, brief.brand, brief.rating, brief.language)


def _is_of_frame(asset: Asset) -> bool:
    return asset.kind in (AssetKind.POSTER, AssetKind.SHARE_IMAGE)


def _size(held: jobs.Claim, picture: Picture) -> Output:
    name, width, height = f"poster-{picture.width}", picture.width, picture.height
    return output(held, picture.path, AssetKind.POSTER, picture.content_type, name=name, width=width, height=height)


def _picture(held: jobs.Claim, kind: AssetKind, path: Path, label: str = "") -> Output:
    with Image.open(path) as image:
        width, height = image.size
    return output(held, path, kind, "image/jpeg", name=kind.replace("_", "-"), label=label, width=width, height=height)
