"""How others find and embed what is on show: oEmbed 1.0, a player of its own, a video sitemap, RSS, robots.txt."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass, field
from email.utils import format_datetime
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

from flask import Response, current_app, jsonify, render_template, request

from testimonials.errors import AppError, BadRequest, NotFound
from testimonials.http import cached, open_to_all_origins, runtime
from testimonials.services import playback, showing, visits
from testimonials.services.playback import media_url
from testimonials.services.showing import File, Showing
from testimonials.sharing.oembed import OEmbed, embed
from testimonials.sharing.routes import blueprint

SITEMAP_SECONDS = 600
SITEMAP_FRESH_SECONDS = 10  # what is withdrawn must be gone within seconds
FEED_SECONDS = 60
PLAYER_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors *"
)
# Characters that no XML document may hold. Source: XML 1.0, section 2.2.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
VIDEO = "http://www.google.com/schemas/sitemap-video/1.1"
MEDIA = "http://search.yahoo.com/mrss/"
ATOM = "http://www.w3.org/2005/Atom"


@dataclass
class KeptSitemap:
    """The bytes of the sitemap, until they are too old."""

    body: bytes = b""
    until: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


class NotImplementedFormat(AppError):
    status, code, title = 501, "unknown_format", "That format is not offered"


@blueprint.get("/oembed")
def oembed() -> Response:
    """`url` must be a share page of ours; nothing is fetched, and nothing of it is echoed."""
    wanted = request.args.get("format", "json")
    if wanted not in ("json", "xml"):
        raise NotImplementedFormat("Formats are json and xml.")
    shown = showing.showing(runtime(), _token_of(request.args.get("url", "")))
    found = embed(shown, _pixels("maxwidth"), _pixels("maxheight"))
    response = _oembed_xml(found) if wanted == "xml" else jsonify(found)
    response.headers["Cache-Control"] = f"public, max-age={FEED_SECONDS}"
    return open_to_all_origins(response)


@blueprint.get("/t/<token>/player")
def bare_player(token: str) -> Response:
    """The video alone, for frames on any site."""
    testimonial = showing.public_testimonial(runtime(), token)
    poster = media_url(runtime(), testimonial, testimonial.poster) if testimonial.poster else None
    via = request.args.get("via", "")
    page = render_template(
        "sharing/player.html",
        testimonial=testimonial,
        workspace_name=testimonial.campaign.workspace.name,
        player=playback.player(runtime(), testimonial),
        poster=poster,
        canonical=f"{runtime().settings.base_url}/t/{token}",
        via=via,
        nonce=visits.page_nonce(runtime(), token, via),
    )
    response = Response(page)
    response.headers["Content-Security-Policy"] = PLAYER_CSP
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    return cached(_kept_sitemap(), "application/xml; charset=utf-8", seconds=SITEMAP_SECONDS)


def _kept_sitemap() -> bytes:
    """Built once in a while and by one at a time: it names all that is on show, and anybody may ask for it."""
    kept: KeptSitemap = current_app.extensions.setdefault("sitemap", KeptSitemap())
    with kept.lock:
        if time.monotonic() >= kept.until:
            kept.body, kept.until = _sitemap(), time.monotonic() + SITEMAP_FRESH_SECONDS
        return kept.body


def _sitemap() -> bytes:
    root = Element("urlset", {"xmlns": SITEMAP, "xmlns:video": VIDEO})
    for shown in showing.all_showings(runtime()):
        entry = SubElement(root, "url")
        SubElement(entry, "loc").text = shown.url
        SubElement(entry, "lastmod").text = shown.published_at.isoformat(timespec="seconds")
        if shown.video and shown.image:
            _video_entry(SubElement(entry, "video:video"), shown, shown.video, shown.image)
    return _xml(root)


@blueprint.get("/feed/<token>.rss")
def rss(token: str) -> Response:
    name, shown = showing.on_widget(runtime(), token)
    root = Element("rss", {"version": "2.0", "xmlns:media": MEDIA, "xmlns:atom": ATOM})
    channel = SubElement(root, "channel")
    address = f"{runtime().settings.base_url}/feed/{token}.rss"
    SubElement(channel, "title").text = name
    SubElement(channel, "link").text = f"{runtime().settings.base_url}/widget/{token}"
    SubElement(channel, "description").text = f"What customers say: {name}"
    SubElement(channel, "atom:link", {"href": address, "rel": "self", "type": "application/rss+xml"})
    for each in shown:
        _rss_entry(SubElement(channel, "item"), each)
    return cached(_xml(root), "application/rss+xml; charset=utf-8", seconds=FEED_SECONDS)


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Share pages are for everybody; what is one person's, and what counts, is not."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in ("/my/", "/i/", "/s/", "/console/", "/api/"))]
    text = "\n".join([*lines, "", f"Sitemap: {runtime().settings.base_url}/sitemap.xml", ""])
    return cached(text.encode(), "text/plain; charset=utf-8", seconds=SITEMAP_SECONDS)


def _token_of(url: str) -> str:
    """Raises NotFound for every address that is not a share page of this very installation."""
    base = urlsplit(runtime().settings.base_url)
    try:
        given = urlsplit(url)
    except ValueError:  # half an IPv6 address
        given = urlsplit("")
    ours = (given.scheme, given.netloc.lower()) == (base.scheme, base.netloc.lower())
    if not ours or not given.path.startswith(base.path):
        raise NotFound("This address is not one of ours.", code="foreign_url")
    parts = given.path.removeprefix(base.path).strip("/").split("/")
    if len(parts) != 2 or parts[0] != "t":
        raise NotFound("This address is no share page.", code="foreign_url")
    return parts[1]


def _pixels(name: str) -> int | None:
    given = request.args.get(name)
    if given is None:
        return None
    if not (given.isascii() and given.isdigit() and len(given) <= 5 and int(given) > 0):
        raise BadRequest(f"{name} is a number of pixels.", code="bad_size")
    return int(given)


def _oembed_xml(found: OEmbed) -> Response:
    root = Element("oembed")
    for name, value in found.items():
        SubElement(root, name).text = str(value)
    return Response(_xml(root), content_type="text/xml; charset=utf-8")


def _video_entry(entry: Element, shown: Showing, video: File, image: File) -> None:
    for name, text in (
        ("thumbnail_loc", image.url),
        ("title", shown.title[:100]),
        ("description", shown.description[:2048]),
        ("content_loc", video.url),
        ("player_loc", shown.player_url),
        ("duration", str(max(1, round(shown.duration_seconds or 0)))),
        ("publication_date", shown.published_at.isoformat(timespec="seconds")),
        ("family_friendly", "yes"),
    ):
        SubElement(entry, f"video:{name}").text = text


def _rss_entry(entry: Element, shown: Showing) -> None:
    SubElement(entry, "title").text = shown.title
    SubElement(entry, "link").text = shown.url
    SubElement(entry, "guid", {"isPermaLink": "true"}).text = shown.url
    SubElement(entry, "description").text = shown.description
    SubElement(entry, "pubDate").text = format_datetime(shown.published_at)
    if shown.video:
        file = {"url": shown.video.url, "type": shown.video.content_type}
        SubElement(entry, "enclosure", file | {"length": str(shown.video.size_bytes)})
        size = {"width": str(shown.video.width), "height": str(shown.video.height)}
        content = SubElement(
            entry, "media:content", file | size | {"duration": str(round(shown.duration_seconds or 0))}
        )
        if shown.image:
            SubElement(content, "media:thumbnail", {"url": shown.image.url})


def _xml(root: Element) -> bytes:
    written = _NOT_XML.sub("", tostring(root, encoding="unicode"))
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + written.encode()
