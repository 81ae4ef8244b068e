"""The product's own pages for widgets, behind a real port: a wall of real rows with real pictures."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from sqlalchemy import select

from testimonials.models import Asset, Testimonial, Widget
from testimonials.models.base import now
from testimonials.runtime import Runtime
from testimonials.services import publishing
from tests.acts import a_campaign
from tests.served import served

HOSTILE = '<img src=x onerror="window.hit=1"></template></testimonial-widget><script>window.hit=1</script>'
PEOPLE = [
    ("Maya Rahman", "Nobody noticed that we were one short. That says it all.", (1280, 720)),
    ("نور الهدى", "أفضل قرار اتخذناه هذا العام.", (720, 1280)),
    (HOSTILE, f"{HOSTILE} {{{{ 7*7 }}}} ]]> --> \u2028 '\"", (960, 960)),
    ("Bo", "Words alone. They were there when the roof leaked, and they were there the week after.", None),
]


@dataclass
class House:
    runtime: Runtime
    widget: Widget
    base: str

    @property
    def address(self) -> str:
        return f"{self.base}/widget/{self.widget.token}"


@contextmanager
def own_house(runtime: Runtime, layout: str = "wall") -> Iterator[House]:
    """Serve it until the end of the block."""
    with runtime.db.transaction() as transaction:
        campaign = a_campaign(transaction)
        theme = {"accent": "#1f6b52", "bad": "red;}</style>"}
        widget = Widget(
            workspace_id=campaign.workspace_id, name="Home", layout=layout, theme=theme, share=["native", "x", "email"]
        )
        transaction.add(widget)
        for number, (name, text, size) in enumerate(PEOPLE):
            person = Testimonial(workspace_id=campaign.workspace_id, campaign_id=campaign.id, name=name, text=text)
            person.media, person.review, person.consent_status = "ready", "approved", "granted"  # type: ignore[assignment]
            person.consent_scopes, person.allows_website, person.submitted_at = ["website", "social"], True, now()
            person.rating, person.title, person.company = (5, "Owner", "Copper Spoke") if number else (4, "", "")
            if size:
                _film(runtime, person, number, size)
            else:
                person.kind = "text"  # type: ignore[assignment]
            transaction.add(person)
        publishing.changed(transaction, campaign.workspace_id)
    with served(runtime) as here:
        yield House(here, widget, here.settings.base_url)


def change(house: House, name: str, **values: object) -> None:
    with house.runtime.db.transaction() as transaction:
        person = transaction.scalars(select(Testimonial).where(Testimonial.name == name)).one()
        for key, value in values.items():
            setattr(person, key, value)
        publishing.changed(transaction, person.workspace_id)


def _film(runtime: Runtime, person: Testimonial, number: int, size: tuple[int, int]) -> None:
    drawn = io.BytesIO()
    Image.new("RGB", size, ("#8a5a44", "#2d4a5e", "#55704c")[number]).save(drawn, "JPEG")
    files = [("poster", "image/jpeg", "jpg", drawn.getvalue()), ("video", "video/mp4", "mp4", b"no clip")]
    files.append(("captions", "text/vtt", "vtt", b"WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n"))
    for kind, content_type, ending, body in files:
        key = f"testimonials/{number}/{kind}.{ending}"
        path = Path(runtime.settings.scratch_dir, f"{number}.{ending}")
        path.write_bytes(body)
        runtime.storage.save(key, path, content_type)
        label = "en" if kind == "captions" else ""
        asset = Asset(kind=kind, label=label, file=f"{number}.{ending}", key=key, content_type=content_type)  # type: ignore[arg-type]
        asset.width, asset.height, asset.size_bytes = *size, len(body)
        person.assets.append(asset)
