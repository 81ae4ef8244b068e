"""The share ledger: each act of sharing mints a short link, and the link knows what it stands for."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update

from testimonials.domain.sharing import (
    MAX_TEXT,
    NETWORKS,
    PUBLIC_PLACES,
    SHARERS,
    Network,
    Post,
    shortened,
    suggested_text,
)
from testimonials.errors import Invalid, NotFound
from testimonials.models import Asset, Share, Testimonial
from testimonials.models.asset import AssetKind
from testimonials.models.base import new_token
from testimonials.models.testimonial import PUBLIC
from testimonials.runtime import Runtime
from testimonials.services.playback import media_url
from testimonials.services.showing import public_testimonial
from testimonials.services.visitors import Visitor, visitor_hash

VERTICAL = "9x16"
"""The social clip that phones' share sheets and networks' stories take."""


@dataclass(frozen=True)
class Way:
    """One way to share, as pages show it. `longest` is how many characters its composer takes, None where it takes none;
    `text` is what it opens with. `away`: it leads to a composer elsewhere, all others end on the visitor's device."""

    name: str
    label: str
    icon: str
    longest: int | None
    text: str
    away: bool


@dataclass(frozen=True, kw_only=True)
class Act:
    """One act of sharing. `via` is the code that had brought the sharer here; `text` replaces the suggested words; `host` is
    the server of a decentralized network. `place` is one of `PUBLIC_PLACES` unless the door knows who is asking."""

    network: str
    place: str = "page"
    via: str | None = None
    text: str = ""
    host: str = ""


def mint(runtime: Runtime, token: str, act: Act, visitor: Visitor, *, known: bool = False) -> str:
    """The short link of one act. `known`: the door has checked that it is the customer or the business who shares.

    Raises Invalid for unknown networks and places, NotFound for what is not public or not allowed on networks.
    """
    network = _network(act.network)
    if act.place not in PUBLIC_PLACES and not (known and act.place in SHARERS):
        raise Invalid(f"Places are {', '.join(PUBLIC_PLACES)}.", code="unknown_place")
    code = new_token()
    with runtime.db.transaction() as transaction:
        query = select(Testimonial.id, Testimonial.consent_scopes).where(Testimonial.token == token, PUBLIC)
        row = transaction.execute(query).one_or_none()
        if row is None:
            raise NotFound("This testimonial is not on show.", code="unknown_testimonial")
        if network.social and "social" not in row.consent_scopes:
            raise NotFound("The customer does not want it on social networks.", code="no_social_consent")
        parent = None
        if act.via:
            parent = transaction.scalar(select(Share.id).where(Share.code == act.via, Share.testimonial_id == row.id))
        transaction.add(
            Share(
                code=code,
                testimonial_id=row.id,
                parent_id=parent,
                network=network.name,
                place=act.place,
                sharer=SHARERS.get(act.place, "visitor"),
                sharer_hash="" if visitor.private else visitor_hash(transaction, visitor),
            )
        )
    return f"{runtime.settings.base_url}/s/{code}"


def network_address(runtime: Runtime, token: str, act: Act, visitor: Visitor, *, known: bool = False) -> str:
    """Mint a share and build the address that goes on from there: the network's own composer, the page of the link itself for
    what happens on the visitor's device, or the file to keep. For who does not count, the plain share page."""
    network = _network(act.network)
    testimonial = public_testimonial(runtime, token)
    if not visitor.counted:
        return f"{runtime.settings.base_url}/t/{token}"
    if network.name == "download":
        file = vertical(testimonial)
        if file is None:
            raise NotFound("There is no file of it to keep yet.", code="no_vertical")
        mint(runtime, token, act, visitor, known=known)
        return f"{media_url(runtime, testimonial, file)}?download=1"
    if network.target is None:
        return f"{mint(runtime, token, act, visitor, known=known)}/link"
    post = _post(runtime, testimonial, network, act, url="")
    network.target(post)  # whatever is wrong with it is found before a share is counted
    link = mint(runtime, token, act, visitor, known=known)
    return network.target(_post(runtime, testimonial, network, act, url=link))


def ways(testimonial: Testimonial) -> list[Way]:
    """All ways to share it, in the registry's order: those that the customer allowed, and a file only where there is one."""
    return [
        Way(
            network.name,
            network.label,
            network.icon,
            None if network.longest is None else min(network.longest, MAX_TEXT),
            suggestion(testimonial, network) if network.target and network.longest else "",
            network.target is not None,
        )
        for network in NETWORKS.values()
        if (testimonial.allows_social or not network.social)
        and (network.name != "download" or vertical(testimonial) is not None)
    ]


def vertical(testimonial: Testimonial) -> Asset | None:
    """The upright file for stories, where one was made."""
    return next((asset for asset in testimonial.assets_of(AssetKind.SOCIAL) if asset.label == VERTICAL), None)


def suggestion(testimonial: Testimonial, network: Network) -> str:
    """The words that the composer opens with."""
    text = suggested_text(
        testimonial.campaign.share_texts,
        network.name,
        author=testimonial.name,
        company=testimonial.company,
        workspace=testimonial.campaign.workspace.name,
    )
    return shortened(text, network.longest)


def follow(runtime: Runtime, code: str, *, counts: bool) -> str:
    """Where a short link leads. A hit is not a visit: bots and previews come this way too.

    Nothing is written for a code that names no share (NotFound), nor for what is not on show any more: its page says so.
    """
    with runtime.db.read() as session:
        query = select(Share.id, Testimonial.token, PUBLIC.label("public"))
        query = query.join(Testimonial, Testimonial.id == Share.testimonial_id)
        row = session.execute(query.where(Share.code == code)).one_or_none()
    if row is None:
        raise NotFound("This link leads to nothing that is on show.", code="unknown_share")
    page = f"{runtime.settings.base_url}/t/{row.token}"
    if not row.public:
        return page
    if counts:
        with runtime.db.transaction() as transaction:
            transaction.execute(update(Share).where(Share.id == row.id).values(hits=Share.hits + 1))
    return f"{page}?via={code}"


def shared(runtime: Runtime, code: str) -> str:
    """The token of what a short link leads to. Raises NotFound for a code of ours that is none, or of what is not public."""
    with runtime.db.read() as session:
        query = select(Testimonial.token).join(Share, Share.testimonial_id == Testimonial.id)
        token = session.scalar(query.where(Share.code == code, PUBLIC))
    if token is None:
        raise NotFound("This link leads to nothing that is on show.", code="unknown_share")
    return token


def _network(name: str) -> Network:
    if name not in NETWORKS:
        raise Invalid(f"Networks are {', '.join(NETWORKS)}.", code="unknown_network")
    return NETWORKS[name]


def _post(runtime: Runtime, testimonial: Testimonial, network: Network, act: Act, *, url: str) -> Post:
    picture = testimonial.asset_of(AssetKind.SHARE_IMAGE) or testimonial.poster
    return Post(
        url=url,
        text=shortened(act.text.strip()[:MAX_TEXT], network.longest) or suggestion(testimonial, network),
        title=f"{testimonial.name} about {testimonial.campaign.workspace.name}",
        image=media_url(runtime, testimonial, picture) if picture else "",
        host=act.host,
    )
