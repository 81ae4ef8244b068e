"""Where a testimonial can be shared: one registry. Adding a network is one entry here and one icon `brand-<name>`.

Addresses are those that each network documents for plain links (looked up in November 2026).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

from testimonials.errors import Invalid


@dataclass(frozen=True)
class Post:
    """What is shared. `image` is the absolute address of a picture, `host` the server that a decentralized network asks for."""

    url: str
    text: str
    title: str = ""
    image: str = ""
    host: str = ""


@dataclass(frozen=True)
class Network:
    """`target` builds the address that opens the network's own composer. None: the act happens on the visitor's device.

    `longest` is how many characters of text its composer takes besides the link, None where it takes none at all.
    `social` ways are for those whose customer allowed it; a letter to a friend is not one, a file to post anywhere is.
    Pages show the ways in the order of the registry.
    """

    name: str
    label: str
    target: Callable[[Post], str] | None
    longest: int | None = 2000
    social: bool = True

    @property
    def icon(self) -> str:
        """Its symbol in `icons.svg`, or in `brands.svg`, whose names begin with `brand-`."""
        return DRAWN.get(self.name, f"brand-{self.name}")


def _with(address: str, **values: str) -> str:
    """Spaces as %20, which every network understands; a plus is text to some of them."""
    return address + urlencode({name: value for name, value in values.items() if value}, quote_via=quote)


def _mastodon(post: Post) -> str:
    text = f"{post.text} {post.url}"
    if post.host:
        return _with(f"https://{checked_host(post.host)}/share?", text=text)
    return _with("https://share.joinmastodon.org/#", text=text)


NETWORKS: dict[str, Network] = {
    network.name: network
    for network in (
        Network("native", "Share…", None, social=False),
        Network(
            "whatsapp", "WhatsApp", lambda post: _with("https://wa.me/?", text=f"{post.text} {post.url}"), social=False
        ),
        Network(
            "linkedin",
            "LinkedIn",
            lambda post: _with("https://www.linkedin.com/sharing/share-offsite/?", url=post.url),
            None,
        ),
        Network(
            "facebook", "Facebook", lambda post: _with("https://www.facebook.com/sharer/sharer.php?", u=post.url), None
        ),
        Network("x", "X", lambda post: _with("https://x.com/intent/post?", text=post.text, url=post.url), 256),
        Network(
            "email",
            "Email",
            lambda post: _with("mailto:?", subject=post.title, body=f"{post.text}\r\n\r\n{post.url}"),
            social=False,
        ),
        Network(
            "telegram",
            "Telegram",
            lambda post: _with("https://t.me/share/url?", url=post.url, text=post.text),
            social=False,
        ),
        Network(
            "bluesky",
            "Bluesky",
            lambda post: _with("https://bsky.app/intent/compose?", text=f"{post.text} {post.url}"),
            200,
        ),
        Network(
            "threads",
            "Threads",
            lambda post: _with("https://www.threads.com/intent/post?", text=post.text, url=post.url),
            460,
        ),
        Network("mastodon", "Mastodon", _mastodon, 400),
        Network(
            "reddit", "Reddit", lambda post: _with("https://www.reddit.com/submit?", url=post.url, title=post.text), 300
        ),
        Network(
            "pinterest",
            "Pinterest",
            lambda post: _with(
                "https://www.pinterest.com/pin/create/button/?", url=post.url, media=post.image, description=post.text
            ),
            500,
        ),
        Network(
            "tumblr",
            "Tumblr",
            lambda post: _with(
                "https://www.tumblr.com/widgets/share/tool?", canonicalUrl=post.url, title=post.title, caption=post.text
            ),
        ),
        Network("vk", "VK", lambda post: _with("https://vk.com/share.php?", url=post.url, title=post.text), 200),
        Network(
            "line",
            "LINE",
            lambda post: _with("https://social-plugins.line.me/lineit/share?", url=post.url, text=post.text),
            social=False,
        ),
        Network("xing", "XING", lambda post: _with("https://www.xing.com/spi/shares/new?", url=post.url), None),
        Network(
            "hackernews",
            "Hacker News",
            lambda post: _with("https://news.ycombinator.com/submitlink?", u=post.url, t=post.text),
            80,
        ),
        Network(
            "flipboard",
            "Flipboard",
            lambda post: _with("https://share.flipboard.com/bookmarklet/popout?", v="2", url=post.url, title=post.text),
            200,
        ),
        Network("sms", "SMS", lambda post: _with("sms:?&", body=f"{post.text} {post.url}"), 400, social=False),
        Network("qr", "QR code", None, None, social=False),
        Network("copy", "Copy link", None, None, social=False),
        Network("embed", "Embed code", None, None, social=False),
        Network("download", "Download", None, None),
    )
}
DRAWN = {
    "native": "share-2", "email": "mail", "sms": "smartphone", "qr": "layout-grid", "copy": "link", "embed": "code",
    "download": "download",
}  # fmt: skip
"""The icons of ways that are no brand."""
PUBLIC_PLACES = ("widget", "page")
"""Where strangers share. The others are known by who is signed in, or by who holds the customer's own page."""
SHARERS = {"my": "customer", "console": "business"}
MAX_TEXT = 500


def suggested_text(texts: dict[str, str], network: str, *, author: str, company: str, workspace: str) -> str:
    """The words put into the composer, for the sharer to change: the business's own for this network, else for all of them
    (under `all`), else ours. `{name}`, `{company}` and `{workspace}` are filled in."""
    chosen = texts.get(network) or texts.get("all") or "{name} about {workspace}"
    for place, value in (("{name}", author), ("{company}", company), ("{workspace}", workspace)):
        chosen = chosen.replace(place, value)
    return chosen


def shortened(text: str, longest: int | None) -> str:
    """Cut at a word, with an ellipsis, to what a composer takes."""
    if longest is None or len(text) <= longest:
        return text
    cut = text[: longest - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut) + "…"


def checked_host(host: str) -> str:
    """A server's name as in `mastodon.social`. Raises Invalid for anything that is more than a name: it goes into an address
    that we send people to."""
    host = host.strip().lower().removeprefix("https://").strip("/")
    parsed = urlsplit(f"https://{host}")
    letters = host.isascii() and all(c.isalnum() or c in ".-" for c in host)
    plain = parsed.hostname == host and "." in host and letters and len(host) < 254
    if not plain:
        raise Invalid("Give the name of your server, as in mastodon.social.", code="bad_host")
    return host
