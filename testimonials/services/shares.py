"""The share ledger: each act of sharing mints a short link, and the link knows what it stands for."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload, selectinload

from testimonials.domain.sharing import NETWORKS, PLACES, suggested_text
from testimonials.errors import Invalid, NotFound
from testimonials.models import Campaign, Share, Testimonial
from testimonials.models.base import new_token
from testimonials.models.testimonial import PUBLIC
from testimonials.runtime import Runtime


def public_testimonial(runtime: Runtime, token: str) -> Testimonial:
    """A testimonial that the world may see, with all its share page needs. Anything else is NotFound."""
    with runtime.db.read() as session:
        query = select(Testimonial).where(Testimonial.token == token, PUBLIC)
        query = query.options(
            selectinload(Testimonial.assets),
            selectinload(Testimonial.captions),
            joinedload(Testimonial.campaign).joinedload(Campaign.workspace),
        )
        testimonial = session.scalar(query)
    if testimonial is None:
        raise NotFound("This testimonial is not on show.", code="unknown_testimonial")
    return testimonial


def mint(runtime: Runtime, token: str, *, network: str, place: str, via: str | None = None) -> str:
    """One act of sharing. Returns its short link; `via` is the code that had brought the sharer here."""
    if network not in NETWORKS:
        raise Invalid(f"Networks are {', '.join(NETWORKS)}.", code="unknown_network")
    if place not in PLACES:
        raise Invalid(f"Places are {', '.join(PLACES)}.", code="unknown_place")
    code = new_token()
    with runtime.db.transaction() as transaction:
        query = select(Testimonial.id, Testimonial.consent_scopes).where(Testimonial.token == token, PUBLIC)
        row = transaction.execute(query).one_or_none()
        if row is None:
            raise NotFound("This testimonial is not on show.", code="unknown_testimonial")
        if NETWORKS[network].target and "social" not in row.consent_scopes:
            raise NotFound("The customer does not want it on social networks.", code="no_social_consent")
        testimonial_id, parent = row.id, None
        if via:
            parent = transaction.scalar(
                select(Share.id).where(Share.code == via, Share.testimonial_id == testimonial_id)
            )
        transaction.add(Share(code=code, testimonial_id=testimonial_id, parent_id=parent, network=network, place=place))
    return f"{runtime.settings.base_url}/s/{code}"


def network_address(runtime: Runtime, token: str, *, network: str, place: str, via: str | None = None) -> str:
    """Mint a share and build the address of the network's own composer."""
    target = NETWORKS[network].target if network in NETWORKS else None
    if target is None:
        raise NotFound("There is no such network.", code="unknown_network")
    testimonial = public_testimonial(runtime, token)
    link = mint(runtime, token, network=network, place=place, via=via)
    return target(link, suggested_text(testimonial.name, testimonial.campaign.workspace.name))


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
