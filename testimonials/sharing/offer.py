"""What a row of networks needs to know of a testimonial: the same on the share page, the customer's own page and the console.

Templates write it by `network_row` of `sharing/_networks.html`, from what `sharing_of(token)` gives them.
"""

from __future__ import annotations

from dataclasses import dataclass

from testimonials.errors import NotFound
from testimonials.http import runtime
from testimonials.models import Testimonial
from testimonials.services import shares, showing
from testimonials.services.playback import media_url
from testimonials.services.shares import Way
from testimonials.services.showing import Showing
from testimonials.sharing.oembed import embed_code

CODE = "CODE"
"""Stands in `embed` for the code of the share that is yet to be minted."""


@dataclass(frozen=True)
class Offer:
    """`url` is the plain address of the share page, `embed` HTML with `CODE` in it, `vertical` the file that phones share.
    `worded`: the business has written what it would like people to say."""

    ways: list[Way]
    url: str
    title: str
    embed: str
    vertical: str
    worded: bool


def sharing_of(token: str) -> Offer | None:
    """None for what is not on show: there is nothing to share then."""
    try:
        testimonial = showing.public_testimonial(runtime(), token)
    except NotFound:
        return None
    return offer(testimonial, showing.describe(runtime(), testimonial))


def offer(testimonial: Testimonial, shown: Showing) -> Offer:
    file = shares.vertical(testimonial) if testimonial.allows_social else None
    return Offer(
        ways=shares.ways(testimonial),
        url=shown.url,
        title=shown.title,
        embed=embed_code(shown, CODE),
        vertical=media_url(runtime(), testimonial, file) if file else "",
        worded=bool(testimonial.campaign.share_texts),
    )
