"""Who asks: a person, or a program that looks at links before people do."""

from __future__ import annotations

from functools import lru_cache

from crawleruseragents import is_crawler
from flask import request

from testimonials.http import client_address
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
