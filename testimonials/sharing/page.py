"""The share page: one testimonial with its words, the ways to pass it on, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import render_template, url_for

from testimonials.domain.captions import Cue
from testimonials.domain.transcript import sentences
from testimonials.http import runtime
from testimonials.models import Campaign, Captions, Testimonial
from testimonials.models.asset import AssetKind
from testimonials.services import actions, playback, showing, visits
from testimonials.services.captions import stored_cues
from testimonials.services.playback import Player, media_url
from testimonials.sharing.offer import offer
from testimonials.sharing.structured import json_ld


@dataclass(frozen=True)
class Transcript:
    """What is said, in the language that was asked for; `languages` are all that there are."""

    language: str
    sentences: list[Cue]
    languages: list[str]


def share_page(testimonial: Testimonial, *, via: str | None, words: str) -> str:
    """The page as HTML. `via` is the code of the share that brought the visitor, `words` the language of the transcript."""
    base, token = runtime().settings.base_url, testimonial.token
    shown = showing.describe(runtime(), testimonial)
    said = _transcript(testimonial, words)
    player = playback.player(runtime(), testimonial)
    share_image = testimonial.asset_of(AssetKind.SHARE_IMAGE)
    return render_template(
        "sharing/page.html",
        testimonial=testimonial,
        shown=shown,
        **business(testimonial.campaign),
        canonical=shown.url,
        oembed_url=f"{base}{url_for('sharing.oembed', url=shown.url)}",
        json_ld=json_ld(shown),
        poster=_picture(testimonial),
        share_image=share_image and {"asset": share_image, "url": media_url(runtime(), testimonial, share_image)},
        player=_speaking(player, said.language) if said else player,
        transcript=said,
        offer=offer(testimonial, shown),
        via=via,
        nonce=visits.page_nonce(runtime(), token, via or ""),
        next=showing.next_to(runtime(), testimonial),
    )


def way_out(token: str) -> str:
    """The page for what is not on show any more, or never was. It names nobody."""
    found = showing.instead(runtime(), token) if token else None
    around = {**business(found[0].campaign), "next": found[1]} if found else {"next": []}
    return render_template("sharing/gone.html", token="", **around)


def business(campaign: Campaign) -> dict[str, Any]:
    """Whose page it is: name, color, logo, and the button that leads to them."""
    logo = url_for("collect.logo", slug=campaign.slug, v=campaign.logo_key[-12:]) if campaign.logo_key else None
    return {
        "workspace_name": campaign.workspace.name,
        "brand_color": campaign.brand_color,
        "logo_url": logo,
        "action": campaign.action_label if actions.is_web(campaign.action_url) else "",
        "action_url": campaign.action_url,
    }


def _picture(testimonial: Testimonial) -> dict[str, Any] | None:
    poster = testimonial.poster
    return {"asset": poster, "url": media_url(runtime(), testimonial, poster)} if poster else None


def _transcript(testimonial: Testimonial, wanted: str) -> Transcript | None:
    """In the language that was asked for, else the one that was spoken, else whatever there is."""
    by_language: dict[str, Captions] = {each.language: each for each in testimonial.captions}
    chosen = by_language.get(wanted) or by_language.get(testimonial.language) or next(iter(by_language.values()), None)
    said = sentences(stored_cues(chosen)) if chosen else []
    return Transcript(chosen.language, said, list(by_language)) if chosen and said else None


def _speaking(player: Player, language: str) -> Player:
    """With the captions of this language first: the first are on from the start."""
    return replace(player, tracks=sorted(player.tracks, key=lambda track: track.language != language))
