"""New objects under new keys first, then all rows at once, under the fence; what they replace goes last."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from testimonials import jobs
from testimonials.db import Transaction
from testimonials.errors import LeaseLost, StorageError
from testimonials.models import Asset, Testimonial
from testimonials.models.asset import AssetKind
from testimonials.runtime import Runtime
from testimonials.services import publishing
from testimonials.storage.keys import asset_file, asset_key
from workers.lease import Lease


@dataclass(frozen=True)
class Output:
    """A finished file and the row that will name it."""

    path: Path
    asset: Asset


Change = Callable[[Transaction, Testimonial], None]
"""What else becomes true together with the new files."""


def output(
    held: jobs.Claim,
    path: Path,
    kind: AssetKind,
    content_type: str,
    *,
    name: str,
    label: str = "",
    width: int = 0,
    height: int = 0,
    codec: str = "",
) -> Output:
    """`name` begins the public file name, whose end nobody can guess and no earlier attempt has used."""
    file = asset_file(name, path.suffix.removeprefix("."))
    asset = Asset(
        testimonial_id=held.testimonial_id,
        kind=kind,
        label=label,
        file=file,
        key=asset_key(held.testimonial_id, file),
        content_type=content_type,
        width=width,
        height=height,
        codec=codec,
        size_bytes=path.stat().st_size,
    )
    return Output(path, asset)


def store(
    runtime: Runtime,
    held: jobs.Claim,
    lease: Lease,
    outputs: list[Output],
    *,
    replaces: Callable[[Asset], bool],
    change: Change,
) -> None:
    """Store the outputs, then let the rows name them instead of the assets that `replaces` picks, and end the job."""
    lease.enter("storing")
    try:
        for each in outputs:
            lease.check()
            runtime.storage.save(each.asset.key, each.path, each.asset.content_type)
            if runtime.storage.size(each.asset.key) != each.asset.size_bytes:
                raise StorageError("The storage kept another number of bytes than it was given.")
        outdated = _swap_rows(runtime, held, lease, outputs, replaces, change)
    except DBAPIError:
        raise  # a commit whose answer got lost may have gone through: then rows name them, and deleting would lose them
    except BaseException:
        delete(runtime, [each.asset.key for each in outputs])  # nobody names them
        raise
    delete(runtime, outdated)


def _swap_rows(
    runtime: Runtime,
    held: jobs.Claim,
    lease: Lease,
    outputs: list[Output],
    replaces: Callable[[Asset], bool],
    change: Change,
) -> list[str]:
    """The moment at which the world sees the new files. Returns the keys of the ones they replace."""
    with runtime.db.transaction() as transaction:
        testimonial = transaction.get(Testimonial, held.testimonial_id, with_for_update=True)
        if testimonial is None:
            raise LeaseLost
        outdated = [asset for asset in testimonial.assets if replaces(asset)]
        testimonial.assets = [asset for asset in testimonial.assets if asset not in outdated]
        testimonial.assets += [each.asset for each in outputs]
        change(transaction, testimonial)
        publishing.changed(transaction, testimonial.workspace_id)
        jobs.finish(transaction, held, lease.timings())
        return [asset.key for asset in outdated]


def delete(runtime: Runtime, keys: list[str]) -> None:
    """As far as the storage lets us; `reconcile --storage` finds what is left."""
    for key in keys:
        with suppress(StorageError):
            runtime.storage.delete(key)
