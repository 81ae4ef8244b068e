"""What a shared link leads to: the share page, the short links, and the way to each network."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from testimonials.domain.captions import transcript
from testimonials.domain.sharing import NETWORKS
from testimonials.http import json_body, open_to_all_origins, runtime
from testimonials.models.asset import AssetKind
from testimonials.services import playback, shares
from testimonials.services.captions import stored_cues
from testimonials.services.playback import media_url

blueprint = Blueprint("sharing", __name__)


@blueprint.get("/t/<token>")
def page(token: str) -> str:
    testimonial = shares.public_testimonial(runtime(), token)
    base = runtime().settings.base_url
    poster, share_image = testimonial.poster, testimonial.asset_of(AssetKind.SHARE_IMAGE)
    player = playback.player(runtime(), testimonial)
    spoken = next(iter(testimonial.captions), None)
    return render_template(
        "sharing/page.html",
        testimonial=testimonial,
        workspace_name=testimonial.campaign.workspace.name,
        brand_color=testimonial.campaign.brand_color,
        canonical=f"{base}/t/{token}",
        poster={"asset": poster, "url": media_url(runtime(), testimonial, poster)} if poster else None,
        share_image=share_image and {"asset": share_image, "url": media_url(runtime(), testimonial, share_image)},
        player=player,
        video_url=player.largest and media_url(runtime(), testimonial, player.largest),
        transcript=spoken and {"language": spoken.language, "text": transcript(stored_cues(spoken))},
        networks=[network for network in NETWORKS.values() if network.target and testimonial.allows_social],
        via=_via(),
    )


@blueprint.get("/t/<token>/share/<network>")
def to_network(token: str, network: str) -> AnyResponse:
    """A plain link, so that sharing works without a script: mints the short link and goes on to the network."""
    if request.method == "HEAD":  # a preview that only looks is no act of sharing
        return Response(status=204)
    place = request.args.get("place", "page")
    address = shares.network_address(runtime(), token, network=network, place=place, via=_via())
    response = redirect(address, 303)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.route("/t/<token>/shares", methods=["POST", "OPTIONS"], provide_automatic_options=False)
def mint(token: str) -> Response:
    """The script's way: `{"network": "copy"}` → the short link. Plain text, so that browsers ask no preflight."""
    if request.method == "OPTIONS":
        return open_to_all_origins(Response(status=204), methods="POST, OPTIONS", headers="Content-Type")
    body = json_body(force=True)
    link = shares.mint(
        runtime(),
        token,
        network=str(body.get("network", "")),
        place=str(body.get("place", "widget")),
        via=str(body["via"]) if body.get("via") else None,
    )
    response = jsonify(url=link)
    response.status_code = 201
    return open_to_all_origins(response)


@blueprint.get("/s/<code>")
def short_link(code: str) -> AnyResponse:
    response = redirect(shares.follow(runtime(), code, counts=request.method == "GET"), 302)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _via() -> str | None:
    """The code of the share that brought this visitor, kept in the address only."""
    return request.args.get("via") or None
