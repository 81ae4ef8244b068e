"""What a shared link leads to: the share page, the short links, and the way to each network."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from testimonials.domain.captions import transcript
from testimonials.domain.sharing import NETWORKS
from testimonials.errors import BadRequest
from testimonials.http import json_body, open_to_all_origins, runtime
from testimonials.models.asset import AssetKind
from testimonials.services import actions, playback, shares, showing, visits
from testimonials.services.captions import stored_cues
from testimonials.services.playback import media_url
from testimonials.services.shares import Act
from testimonials.sharing.structured import json_ld
from testimonials.visitor import visitor

blueprint = Blueprint("sharing", __name__)
MAX_BEACON, MAX_WORD = 4096, 200


@blueprint.get("/t/<token>")
def page(token: str) -> str:
    testimonial = showing.public_testimonial(runtime(), token)
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
        oembed_url=f"{base}{url_for('sharing.oembed', url=f'{base}/t/{token}')}",
        json_ld=json_ld(showing.describe(runtime(), testimonial)),
        poster={"asset": poster, "url": media_url(runtime(), testimonial, poster)} if poster else None,
        share_image=share_image and {"asset": share_image, "url": media_url(runtime(), testimonial, share_image)},
        player=player,
        video_url=player.largest and media_url(runtime(), testimonial, player.largest),
        transcript=spoken and {"language": spoken.language, "text": transcript(stored_cues(spoken))},
        networks=[each for each in NETWORKS.values() if each.target and (testimonial.allows_social or not each.social)],
        via=_via(),
        nonce=visits.page_nonce(runtime(), token, _via() or ""),
        action=testimonial.campaign.action_label if testimonial.campaign.action_url else "",
    )


@blueprint.get("/t/<token>/share/<network>")
def to_network(token: str, network: str) -> AnyResponse:
    """A plain link, so that sharing works without a script: mints the short link and goes on to the network."""
    if request.method == "HEAD":  # a preview that only looks is no act of sharing
        return Response(status=204)
    given = request.args
    act = Act(
        network=network,
        place=given.get("place", "page"),
        via=_via(),
        text=given.get("text", ""),
        # Only from our own page: a link elsewhere must not lead to a server of its choice by way of us.
        host=given.get("host", "") if request.headers.get("Sec-Fetch-Site") == "same-origin" else "",
    )
    return sent_on(shares.network_address(runtime(), token, act, visitor()), 303)


@blueprint.route("/t/<token>/shares", methods=["POST", "OPTIONS"], provide_automatic_options=False)
def mint(token: str) -> Response:
    """The script's way: `{"network": "copy"}` → the short link. Plain text, so that browsers ask no preflight."""
    if request.method == "OPTIONS":
        return open_to_all_origins(Response(status=204), methods="POST, OPTIONS", headers="Content-Type")
    body = json_body(force=True)
    act = Act(
        network=str(body.get("network", "")),
        place=str(body.get("place", "widget")),
        via=str(body["via"]) if body.get("via") else None,
    )
    response = jsonify(url=shares.mint(runtime(), token, act, visitor()))
    response.status_code = 201
    return open_to_all_origins(response)


@blueprint.post("/t/<token>/visits")
def visit(token: str) -> Response:
    """The beacon of a share page: `{"nonce", "via", "act"}`, act being visit, play or click. 204, whether it counts or not."""
    request.max_content_length = MAX_BEACON
    body = json_body(force=True)
    given = {name: body.get(name, "") for name in ("via", "nonce", "act")}
    if not all(isinstance(value, str) and len(value) <= MAX_WORD for value in given.values()):
        raise BadRequest("A beacon holds three short texts.", code="bad_beacon")
    visits.record(
        runtime(), token, code=given["via"], nonce=given["nonce"], act=given["act"] or "visit", visitor=visitor()
    )
    return Response(status=204)


@blueprint.get("/t/<token>/go")
def go(token: str) -> AnyResponse:
    """The button below a shared video: to the business's own page, which learns what brought the visitor."""
    return sent_on(actions.address(runtime(), token, via=_via()), 302)


@blueprint.get("/s/<code>")
def short_link(code: str) -> AnyResponse:
    return sent_on(shares.follow(runtime(), code, counts=visitor().counted), 302)


def sent_on(address: str, status: int) -> AnyResponse:
    """A redirect that nothing remembers and no other site learns the address of."""
    response = redirect(address, status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _via() -> str | None:
    """The code of the share that brought this visitor, kept in the address only."""
    return request.args.get("via") or None
