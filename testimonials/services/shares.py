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
from testimonials.models import Share, Testimonial
from testimonials.models.asset import AssetKind
from testimonials.models.base import new_token
from testimonials.models.testimonial import PUBLIC
from testimonials.runtime import Runtime
from testimonials.services.playback import media_url
from testimonials.services.showing import public_testimonial
from testimonials.services.visitors import Visitor, visitor_hash


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
    """Mint a share and build the address of the network's own composer. For who does not count, the plain share page."""
    network = _network(act.network)
    if network.target is None:
        raise NotFound("There is no such network.", code="unknown_network")
    testimonial = public_testimonial(runtime, token)
    if not visitor.counted:
        return f"{runtime.settings.base_url}/t/{token}"
    post = _post(runtime, testimonial, network, act, url="")
    network.target(post)  # whatever is wrong with it is found before a share is counted
    link = mint(runtime, token, act, visitor, known=known)
    return network.target(_post(runtime, testimonial, network, act, url=link))


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
    """Where a short link leads. A hit is not a visit: bots and previews come this way too."""
    with runtime.db.transaction() as transaction:
        query = select(Share.id, Testimonial.token).join(Testimonial, Testimonial.id == Share.testimonial_id)
        row = transaction.execute(query.where(Share.code == code, PUBLIC)).one_or_none()
        if row is None:
            raise NotFound("This link leads to nothing that is on show any more.", code="unknown_share")
        if counts:
            transaction.execute(update(Share).where(Share.id == row.id).values(hits=Share.hits + 1))
    return f"{runtime.settings.base_url}/t/{row.token}?via={code}"


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
