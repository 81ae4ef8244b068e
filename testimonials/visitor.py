"""Who asks: a person, or a program that looks at links before people do; and what they want to share where."""

from __future__ import annotations

from functools import lru_cache

from crawleruseragents import is_crawler
from flask import Response, jsonify, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from testimonials.http import client_address, runtime
from testimonials.services import shares
from testimonials.services.shares import Act
from testimonials.services.visitors import Visitor

MAX_AGENT = 400
# What the kept list of crawlers leaves out: link previews of messengers and networks, and tools.
PREVIEWS = (
    "facebookexternalhit", "facebookcatalog", "meta-externalagent", "meta-externalfetcher", "slackbot", "slack-imgproxy",
    "discordbot", "linkedinbot", "telegrambot", "whatsapp/", "skypeuripreview", "applebot", "twitterbot", "redditbot",
    "pinterestbot", "embedly", "iframely", "vkshare", "viber", "mastodon/", "bluesky", "cardyb", "snapchat url preview",
    "bitlybot", "google-read-aloud", "googleother", "headlesschrome", "python-requests", "python-httpx", "curl/", "wget/",
    "go-http-client", "okhttp", "axios/", "node-fetch", "java/", "libwww", "scrapy", "phantomjs",
)  # fmt: skip


def visitor() -> Visitor:
    """Who sent this request. Preview bots, prefetches, HEAD and empty agents are not counted."""
    agent = request.headers.get("User-Agent", "")[:MAX_AGENT]
    purpose = " ".join(
        request.headers.get(name, "") for name in ("Purpose", "Sec-Purpose", "X-Purpose", "X-Moz")
    ).lower()
    early = any(word in purpose for word in ("prefetch", "preview", "prerender"))
    counted = request.method != "HEAD" and not early and not is_program(agent)
    return Visitor(client_address(), agent, counted, private=request.headers.get("Sec-GPC") == "1")


@lru_cache(maxsize=4096)
def is_program(agent: str) -> bool:
    """Whether an agent is none of a person's browser. Remembered, as the list is long and agents repeat."""
    low = agent.lower()
    return not low.strip() or any(word in low for word in PREVIEWS) or bool(is_crawler(agent))


def shared_by_link(token: str, network: str, *, place: str, via: str | None = None, known: bool = False) -> AnyResponse:
    """The plain way, which needs no script: mint the short link of this act and go on to the network. `known`: the door has
    checked that it is the customer or the business who shares."""
    if request.method == "HEAD":  # a preview that only looks is no act of sharing
        return Response(status=204)
    # A server only from our own page: a link elsewhere must not lead to one of its choice by way of us.
    host = request.args.get("host", "") if request.headers.get("Sec-Fetch-Site") == "same-origin" else ""
    act = Act(network=network, place=place, via=via, text=request.args.get("text", ""), host=host)
    return sent_on(shares.network_address(runtime(), token, act, visitor(), known=known), 303)


def shared_by_script(token: str, network: str, *, place: str, via: str | None = None, known: bool = False) -> Response:
    """The short link of this act, to be copied, drawn, or handed to the device's own sheet."""
    act = Act(network=network, place=place, via=via)
    response = jsonify(url=shares.mint(runtime(), token, act, visitor(), known=known))
    response.status_code = 201
    return response


def sent_on(address: str, status: int) -> AnyResponse:
    """A redirect that nothing remembers and no other site learns the address of."""
    response = redirect(address, status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
