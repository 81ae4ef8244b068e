"""A testimonial on show with its files as rows: nothing in these tests reads their bytes."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select, update

from testimonials.models import Asset, Captions, Testimonial
from testimonials.models.asset import AssetKind
from testimonials.models.base import now
from testimonials.runtime import Runtime
from tests.acts import hand_in

BASE = "http://127.0.0.1:8000"
NAME = 'Maya <b>"R"</b> & Söhne'


def show(customer: FlaskClient, runtime: Runtime, *, size: tuple[int, int] = (1280, 720), **details: Any) -> str:
    """Its token. An upright file for stories is among the files."""
    token = hand_in(customer, b"video", **{"name": NAME, **details})["token"]
    width, height = size
    kinds = [
        (AssetKind.VIDEO, "720.mp4", "video/mp4", width, height, ""),
        (AssetKind.POSTER, "poster.jpg", "image/jpeg", width, height, ""),
        (AssetKind.SHARE_IMAGE, "share.jpg", "image/jpeg", 1200, 630, ""),
        (AssetKind.SOCIAL, "social.mp4", "video/mp4", 1080, 1920, "9x16"),
    ]
    with runtime.db.transaction() as transaction:
        testimonial = transaction.scalars(select(Testimonial).where(Testimonial.token == token)).one()
        values = {"media": "ready", "review": "approved", "duration_seconds": 61.4, "reviewed_at": now()}
        transaction.execute(update(Testimonial).where(Testimonial.id == testimonial.id).values(**values))
        for kind, file, content_type, wide, high, label in kinds:
            row = {"kind": kind, "file": file, "key": f"{token}/{file}", "content_type": content_type, "label": label}
            transaction.add(
                Asset(testimonial_id=testimonial.id, width=wide, height=high, codec="h264", size_bytes=1000, **row)
            )
    return token


def speak(runtime: Runtime, token: str, language: str, *texts: str) -> None:
    """Captions with a cue of two seconds for each text."""
    cues = [{"start_seconds": 2.0 * n, "end_seconds": 2.0 * n + 1.9, "text": text} for n, text in enumerate(texts)]
    with runtime.db.transaction() as transaction:
        testimonial = transaction.scalars(select(Testimonial).where(Testimonial.token == token)).one()
        row = {
            "kind": AssetKind.CAPTIONS,
            "label": language,
            "file": f"{language}.vtt",
            "key": f"{token}/{language}.vtt",
        }
        size = {"width": 0, "height": 0, "size_bytes": 9}
        transaction.add(Asset(testimonial_id=testimonial.id, content_type="text/vtt", **row, **size))
        transaction.add(Captions(testimonial_id=testimonial.id, language=language, cues=cues, engine="people"))


def change(runtime: Runtime, token: str, **values: Any) -> None:
    """Whatever the testimonial is to be like."""
    with runtime.db.transaction() as transaction:
        transaction.execute(update(Testimonial).where(Testimonial.token == token).values(**values))
