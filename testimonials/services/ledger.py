"""What sharing brought: the tree of shares of a testimonial, and what each network did."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select

from testimonials.errors import NotFound
from testimonials.models import Conversion, Share, Testimonial
from testimonials.models.ledger import ConversionState
from testimonials.runtime import Runtime

MAX_NODES = 5000
MAX_DEPTH = 50


@dataclass
class Branch:
    """One share, what it brought itself, and the shares of those whom it brought."""

    code: str
    network: str
    place: str
    sharer: str
    created_at: datetime
    hits: int
    visits: int
    plays: int
    clicks: int
    conversions: int
    reach: int
    """Visits of the whole branch."""
    branches: list[Branch] = field(default_factory=list)


@dataclass(frozen=True)
class NetworkTotals:
    """What all shares through a network brought."""

    network: str
    shares: int
    hits: int
    visits: int
    plays: int
    clicks: int
    conversions: int


def tree(runtime: Runtime, workspace_id: str, token: str) -> list[Branch]:
    """Who brought whom, oldest first. At most the newest `MAX_NODES` shares; one whose parent is not among them is a root.

    Raises NotFound for another workspace's testimonial.
    """
    with runtime.db.read() as session:
        query = select(Testimonial.id).where(Testimonial.token == token, Testimonial.workspace_id == workspace_id)
        testimonial_id = session.scalar(query)
        if testimonial_id is None:
            raise NotFound("There is no such testimonial.", code="unknown_testimonial")
        newest = select(Share).where(Share.testimonial_id == testimonial_id).order_by(Share.id.desc()).limit(MAX_NODES)
        shares = list(session.scalars(newest))[::-1]
        led = (
            select(Conversion.last_share_id, func.count())
            .join(Share, Share.id == Conversion.last_share_id)
            .where(Share.testimonial_id == testimonial_id, Conversion.state == ConversionState.APPROVED)
            .group_by(Conversion.last_share_id)
        )
        conversions = {share_id: count for share_id, count in session.execute(led) if share_id}
    return _grown([(share, _branch(share, conversions.get(share.id, 0))) for share in shares])


def name_of(runtime: Runtime, workspace_id: str, token: str) -> str:
    """Whose testimonial this is. Raises NotFound for another workspace's."""
    with runtime.db.read() as session:
        query = select(Testimonial.name).where(Testimonial.token == token, Testimonial.workspace_id == workspace_id)
        name = session.scalar(query)
    if name is None:
        raise NotFound("There is no such testimonial.", code="unknown_testimonial")
    return name


def _grown(shares: list[tuple[Share, Branch]]) -> list[Branch]:
    """The branches below each other, from a list with the oldest first; a parent is older than its children, so there is no
    circle. Below `MAX_DEPTH` a new tree begins: somebody who shares to themselves a thousand times must break nothing."""
    found = {share.id: branch for share, branch in shares}
    depth: dict[str, int] = {}
    above: dict[str, Branch] = {}
    roots: list[Branch] = []
    for share, branch in shares:
        parent = found.get(share.parent_id or "")
        depth[share.id] = depth.get(share.parent_id or "", 0) + 1 if parent else 0
        if parent is None or depth[share.id] > MAX_DEPTH:
            depth[share.id] = 0
            roots.append(branch)
        else:
            above[share.id] = parent
            parent.branches.append(branch)
    for share, branch in reversed(shares):
        if share.id in above:
            above[share.id].reach += branch.reach
    return roots


def by_network(runtime: Runtime, workspace_id: str) -> list[NetworkTotals]:
    """All networks of a workspace that were used, the most visited first."""
    led = (
        select(Conversion.last_share_id.label("share_id"), func.count().label("number"))
        .where(Conversion.workspace_id == workspace_id, Conversion.state == ConversionState.APPROVED)
        .group_by(Conversion.last_share_id)
        .subquery()
    )
    sums = [func.sum(column) for column in (Share.hits, Share.visits, Share.plays, Share.clicks)]
    query = (
        select(Share.network, func.count(), *sums, func.coalesce(func.sum(led.c.number), 0))
        .join(Testimonial, Testimonial.id == Share.testimonial_id)
        .outerjoin(led, led.c.share_id == Share.id)
        .where(Testimonial.workspace_id == workspace_id)
        .group_by(Share.network)
    )
    with runtime.db.read() as session:
        found = [NetworkTotals(network, *(int(number) for number in rest)) for network, *rest in session.execute(query)]
    return sorted(found, key=lambda each: (-each.visits, -each.shares, each.network))


def _branch(share: Share, conversions: int) -> Branch:
    return Branch(
        code=share.code,
        network=share.network,
        place=share.place,
        sharer=share.sharer,
        created_at=share.created_at,
        hits=share.hits,
        visits=share.visits,
        plays=share.plays,
        clicks=share.clicks,
        conversions=conversions,
        reach=share.visits,
    )
