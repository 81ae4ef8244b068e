"""Logos: what is taken, what comes out, and files that are not what they say they are."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image, PngImagePlugin
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from testimonials.runtime import Runtime
from testimonials.services import branding
from testimonials.storage import keys
from tests.conftest import Someone

SCRIPT = b"<script>alert(document.domain)</script>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">' + SCRIPT + b"</svg>"


def picture(kind: str = "PNG", size: tuple[int, int] = (900, 300), mode: str = "RGB", **options: Any) -> bytes:
    drawn = io.BytesIO()
    Image.new(mode, size, "red" if mode == "RGB" else 0).save(drawn, kind, **options)
    return drawn.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A small PNG whose header promises a picture of any size."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(1_000_000)))
        + chunk(b"IEND", b"")
    )


def put(who: Someone, body: bytes, kind: str = "image/png") -> Any:
    return who.client.put("/api/v1/campaigns/spring/logo", data=body, headers={**who.bearer, "Content-Type": kind})


def shown(customer: FlaskClient) -> Image.Image:
    answer = customer.get("/c/spring/logo")
    assert (answer.status_code, answer.content_type) == (200, "image/png")
    return Image.open(io.BytesIO(answer.data))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_logo_is_shown_as_a_small_png(runtime: Runtime, owner: Someone, customer: FlaskClient, kind: str) -> None:
    answer = put(owner, picture(kind))
    assert answer.status_code == 200
    image = shown(customer)
    assert (image.format, image.size) == ("PNG", (640, 213))
    assert answer.json["logo_url"].removeprefix(runtime.settings.base_url) in customer.get("/c/spring").text
    assert list(runtime.settings.scratch_dir.iterdir()) == []


def test_a_new_logo_replaces_the_old_object_and_removing_leaves_none(
    runtime: Runtime, owner: Someone, customer: FlaskClient
) -> None:
    put(owner, picture())
    (first,) = runtime.storage.keys("campaigns/")
    put(owner, picture(size=(20, 20)))
    (second,) = runtime.storage.keys("campaigns/")
    assert first != second
    for _ in range(2):
        removed = owner.client.delete("/api/v1/campaigns/spring/logo", headers=owner.bearer)
        assert (removed.status_code, removed.json["logo_url"]) == (200, None)
    assert list(runtime.storage.keys("campaigns/")) == []
    assert customer.get("/c/spring/logo").status_code == 404


def test_transparency_stays_and_everything_but_pixels_goes(owner: Someone, customer: FlaskClient) -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "taken at home " + SCRIPT.decode())
    notes.add_itxt("XML:com.adobe.xmp", "GPS here")
    put(owner, picture(mode="RGBA", size=(64, 32), pnginfo=notes, icc_profile=b"profile of ours") + SCRIPT)
    body = customer.get("/c/spring/logo").data
    assert b"script" not in body
    assert b"home" not in body
    assert b"GPS" not in body
    image = shown(customer)
    assert (image.mode, image.size, image.info) == ("RGBA", (64, 32), {})


def test_exif_turns_the_picture_and_is_gone(owner: Someone, customer: FlaskClient) -> None:
    source = Image.new("RGB", (400, 200), "red")
    source.paste("blue", (0, 0, 200, 200))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by a quarter
    exif[0x010E] = "a secret place"
    drawn = io.BytesIO()
    source.save(drawn, "JPEG", exif=exif)
    put(owner, drawn.getvalue())
    image = shown(customer).convert("RGB")
    assert image.size == (160, 320)
    assert image.getpixel((80, 20))[2] > 200, "what was left is on top now"
    assert dict(image.getexif()) == {}
    assert b"secret" not in customer.get("/c/spring/logo").data


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "empty_file"),
        (SVG, 415, "logo_type"),
        (b"GIF89a" + SVG, 415, "logo_type"),
        (picture("GIF"), 415, "logo_type"),
        (picture("BMP"), 415, "logo_type"),
        (picture("TIFF"), 415, "logo_type"),
        (picture("ICO", size=(32, 32)), 415, "logo_type"),
        (b"<html>" + SCRIPT, 415, "logo_type"),
        (b"%PDF-1.7 " + picture(), 415, "logo_type"),
        (b"PK\x03\x04" + picture(), 415, "logo_type"),
        (picture()[:60], 422, "bad_logo"),
        (b"\x89PNG\r\n\x1a\n" + SVG, None, None),
        (bomb(30_000, 30_000), 413, "logo_too_large"),
        (bomb(10_000, 9_500), 413, "logo_too_large"),
        (bomb(5_000, 4_001), 413, "logo_too_large"),
        (bomb(3_000, 3_000), 422, "bad_logo"),
        (bomb(0, 10), None, None),
        (picture() + bytes(branding.MAX_BYTES), 413, None),
    ],
)  # fmt: skip
def test_what_is_no_logo_is_refused_with_a_sentence(
    runtime: Runtime, owner: Someone, customer: FlaskClient, body: bytes, status: int | None, code: str | None
) -> None:
    answer = put(owner, body)
    assert answer.status_code == status if status else answer.status_code in (415, 422)
    assert answer.json["detail"].endswith(".")
    if code:
        assert answer.json["code"] == code
    assert customer.get("/c/spring/logo").status_code == 404
    assert list(runtime.storage.keys("campaigns/")) == []
    assert list(runtime.settings.scratch_dir.iterdir()) == []


def test_a_lie_about_the_kind_changes_nothing(owner: Someone) -> None:
    assert put(owner, picture(), "text/html").status_code == 200
    assert put(owner, SVG, "image/png").status_code == 415


def test_the_console_takes_a_logo_and_says_why_not(owner: Someone, customer: FlaskClient) -> None:
    page = "/console/campaigns/spring/logo"
    refused = owner.client.post(page, data={"logo": (io.BytesIO(SVG), "logo.png")})
    assert refused.status_code == 415
    assert "A logo is a PNG, JPEG or WebP picture." in refused.text
    # Encoded here: the test client would spool so large a form into a file that it never closes.
    boundary, form = encode_multipart({"logo": FileStorage(io.BytesIO(bytes(branding.MAX_BYTES + 1)), "logo.png")})
    large = owner.client.post(page, data=form, content_type=f"multipart/form-data; boundary={boundary}")
    assert (large.status_code, "at most 2 MB" in large.text) == (413, True)
    assert owner.client.post(page, data={}).status_code == 422
    assert owner.client.post(page, data={"logo": (io.BytesIO(picture()), "x.svg")}).status_code == 303
    assert shown(customer).size == (640, 213)
    json = owner.client.post(f"{page}/remove", headers={"Accept": "application/json"})
    assert json.json == {"logo_url": None}


def test_a_stored_logo_is_taken_back_where_its_row_cannot_be_written(
    runtime: Runtime, owner: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_given: object) -> None:
        raise RuntimeError("the database is away")

    monkeypatch.setattr(branding, "_swap", failing)
    with pytest.raises(RuntimeError):
        branding.set_logo(runtime, owner.workspace_id, "spring", picture())
    assert list(runtime.storage.keys("campaigns/")) == []


def test_only_old_logos_that_nobody_names_are_swept(runtime: Runtime, owner: Someone) -> None:
    put(owner, picture())
    (named,) = runtime.storage.keys("campaigns/")
    fresh = keys.logo_key("0" * 32)
    old = f"campaigns/{'0' * 32}/logo-1700000000-00112233aabbccdd.png"
    for key in (fresh, old):
        path = runtime.settings.scratch_dir / "logo"
        path.write_bytes(b"x")
        runtime.storage.save(key, path, "image/png")
    assert branding.delete_orphans(runtime) == 1
    assert set(runtime.storage.keys("campaigns/")) == {named, fresh}
