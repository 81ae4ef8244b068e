"""Where a testimonial can be shared: one registry. Adding a network is one entry here and one icon."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlencode


@dataclass(frozen=True)
class Network:
    """`target` builds the address that opens the network's own composer. None: the act happens on the visitor's device."""

    name: str
    label: str
    target: Callable[[str, str], str] | None


NETWORKS: dict[str, Network] = {
    network.name: network
    for network in (
        Network("native", "Share…", None),
        Network("x", "X", lambda url, text: "https://x.com/intent/post?" + urlencode({"text": text, "url": url})),
        Network(
            "linkedin",
            "LinkedIn",
            lambda url, _: "https://www.linkedin.com/sharing/share-offsite/?" + urlencode({"url": url}),
        ),
        Network("whatsapp", "WhatsApp", lambda url, text: "https://wa.me/?text=" + quote(f"{text} {url}")),
        Network("copy", "Copy link", None),
    )
}
PLACES = ("widget", "page", "my", "console")


def suggested_text(author: str, workspace: str) -> str:
    """The words put into the composer, for the sharer to change."""
    return f"{author} about {workspace}"
