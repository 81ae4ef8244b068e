"""The call to action below a shared video: the business's own page, told where the visitor comes from."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from sqlalchemy import select

from testimonials.errors import Invalid, NotFound
from testimonials.models import Campaign, Share, Testimonial
from testimonials.models.testimonial import PUBLIC
from testimonials.runtime import Runtime

PARAMETER = "tvia"
"""The parameter in which a business's page finds the code of the share; `conversion.js` keeps it."""
MAX_URL = 2000
MEDIA = {"whatsapp": "messaging", "telegram": "messaging", "line": "messaging", "sms": "messaging", "email": "email"}


def checked_url(url: str) -> str:
    """An address that people may be sent to. Raises Invalid for anything but http and https with a host and nothing before it."""
    url = url.strip()
    if len(url) > MAX_URL or not is_web(url):
        raise Invalid("An address begins with https://", code="bad_url", fields={"action_url": ["Begin with https://"]})
    return url


def is_web(url: str) -> bool:
    """Whether browsers read it as we do: no name before the host, no character that they drop or turn around."""
    if any(character <= " " or character in "\\\x7f" for character in url):
        return False
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
        )
    except ValueError:  # a port beyond all ports, half an IPv6 address
        return False


def address(runtime: Runtime, token: str, *, via: str | None) -> str:
    """Where the button leads: the campaign's address with UTM parameters and the share's code. What the address has of its
    own is kept. Raises NotFound where there is no button."""
    with runtime.db.read() as session:
        query = select(Testimonial.id, Campaign.action_url, Campaign.slug).join(Campaign)
        row = session.execute(query.where(Testimonial.token == token, PUBLIC)).one_or_none()
        if row is None or not is_web(row.action_url):  # asked again: the row may be older than the rule
            raise NotFound("This button leads nowhere any more.", code="unknown_action")
        shared = select(Share.code, Share.network).where(Share.code == via, Share.testimonial_id == row.id)
        share = session.execute(shared).one_or_none() if via else None
    network, code = (share.network, share.code) if share else ("", "")
    return with_source(row.action_url, network=network, campaign=row.slug, content=token, code=code)


def with_source(url: str, *, network: str, campaign: str, content: str, code: str = "") -> str:
    """UTM parameters in lower case, where the address has none of its own."""
    parts = urlsplit(url)
    given = parse_qsl(parts.query, keep_blank_values=True)
    theirs = {name for name, _ in given}
    ours = {
        "utm_source": network or "testimonials",
        "utm_medium": MEDIA.get(network, "social" if network else "referral"),
        "utm_campaign": campaign,
        "utm_content": content,
    }
    if code:
        ours[PARAMETER] = code
    query = urlencode([*given, *((name, value) for name, value in ours.items() if name not in theirs)])
    return urlunsplit(parts._replace(query=query))
