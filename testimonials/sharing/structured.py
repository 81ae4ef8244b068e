"""What search engines read: a VideoObject as JSON-LD, and a Review only where it is one.

Source: schema.org, and the requirements of large search engines for video pages (name, thumbnailUrl, uploadDate).
"""

from __future__ import annotations

from typing import Any

from testimonials.services.showing import Showing


def json_ld(shown: Showing) -> dict[str, Any] | None:
    """The description of a video; None where there is no video: a page without one must not claim it.

    A business's own testimonials are no Review in the sense of search engines (they call it self-serving), so none is
    claimed, whatever stars the customer gave.
    """
    if shown.video is None or shown.image is None:
        return None
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "VideoObject",
        "name": shown.title,
        "description": shown.description,
        "thumbnailUrl": [picture.url for picture in (shown.image, shown.poster) if picture],
        "uploadDate": shown.published_at.isoformat(timespec="seconds"),
        "duration": iso_duration(shown.duration_seconds or 0),
        "contentUrl": shown.video.url,
        "embedUrl": shown.player_url,
        "url": shown.url,
        "inLanguage": shown.language,
        "width": _pixels(shown.video.width),
        "height": _pixels(shown.video.height),
        "author": {"@type": "Person", "name": shown.author},
        "publisher": {"@type": "Organization", "name": shown.workspace_name},
    }
    if shown.captions:
        found["caption"] = [
            {"@type": "MediaObject", "contentUrl": each.src, "encodingFormat": "text/vtt", "inLanguage": each.language}
            for each in shown.captions
        ]
    return found | ({"transcript": shown.transcript} if shown.transcript else {})


def _pixels(number: int) -> dict[str, Any]:
    """The vocabulary has no bare number for a size. E37 is a pixel. Source: UN/CEFACT recommendation 20."""
    return {"@type": "QuantitativeValue", "value": number, "unitCode": "E37"}


def iso_duration(seconds: float) -> str:
    """41.7 → `PT42S` (ISO 8601), never less than a second."""
    whole = max(1, round(seconds))
    minutes, rest = divmod(whole, 60)
    return f"PT{minutes}M{rest}S" if minutes else f"PT{rest}S"
