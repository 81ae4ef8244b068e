"""Photos: what becomes of them, how they stand, and which files are none."""

from __future__ import annotations

import io
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageOps

from testimonials.domain.failures import FAILURES
from tests import clips
from tests.media.conftest import Given, Outputs, Processed, color, sizes

pytestmark = pytest.mark.media


def photo(kind: str = "JPEG", size: tuple[int, int] = (1600, 1000), orientation: int = 1, **more: Any) -> bytes:
    """Blue above on the left, red elsewhere, with what cameras write beside it."""
    picture = Image.new(more.pop("mode", "RGB"), size, "red")
    ImageDraw.Draw(picture).rectangle((0, 0, size[0] // 2, size[1] // 2), fill="blue")
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "secret-camera"
    exif.get_ifd(0x8825)[1] = "N"
    file = io.BytesIO()
    picture.save(file, kind, exif=exif, **more)
    return file.getvalue()


def test_a_photo_becomes_posters_and_nothing_to_play(given: Given, outputs: Outputs) -> None:
    made = given(photo(), kind="photo")
    assert (made["media"], made["kind"], made["failure"]) == ("ready", "photo", None)
    assert (made["duration_seconds"], made["renditions"], made["candidates"]) == (None, [], [])
    assert (made["poster"]["width"], made["poster"]["height"]) == (1280, 800)
    assert (made["share_image"]["width"], made["share_image"]["height"]) == (1200, 630)
    files = outputs.all()
    assert len(files) == 7, "three widths as JPEG and WebP, and the card"
    for path in files:
        for secret in (b"secret", b"Exif", b"ICC"):
            assert secret not in path.read_bytes(), path.name


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_stands_upright(orientation: int, given: Given, outputs: Outputs, tmp_path: Path) -> None:
    made = given(photo(size=(800, 500), orientation=orientation), kind="photo")
    (tmp_path / "as.jpg").write_bytes(photo(size=(800, 500), orientation=orientation))
    with Image.open(tmp_path / "as.jpg") as camera, Image.open(outputs.file(made["poster"]["url"])) as shown:
        right = ImageOps.exif_transpose(camera).convert("RGB")
        assert shown.size == right.size
        for x, y in ((0.2, 0.2), (0.8, 0.2), (0.2, 0.8), (0.8, 0.8)):
            place = int(x * right.width), int(y * right.height)
            assert shown.getpixel(place) == pytest.approx(right.getpixel(place), abs=12)


@pytest.mark.parametrize(
    "body",
    [
        photo("PNG"),
        photo("PNG", mode="RGBA"),
        photo("PNG", mode="P"),
        photo("WEBP"),
        photo("JPEG", mode="CMYK"),
        photo("JPEG", progressive=True),
        photo("JPEG") + b"\0" * 5000,
    ],
    ids=["png", "rgba", "palette", "webp", "cmyk", "progressive", "trailing"],
)
def test_it_takes_what_phones_and_screens_save(body: bytes, given: Given) -> None:
    assert given(body, kind="photo")["media"] == "ready"


def test_what_is_transparent_lies_on_white(given: Given, outputs: Outputs) -> None:
    file = io.BytesIO()
    Image.new("RGBA", (400, 300), (0, 0, 0, 0)).save(file, "PNG")
    made = given(file.getvalue(), kind="photo")
    assert min(color(outputs.file(made["poster"]["url"]), 0)) > 250


def heic(brand: bytes) -> bytes:
    return b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1" + bytes(4000)


def gif_bomb() -> bytes:
    file = io.BytesIO()
    Image.new("P", (2000, 2000)).save(file, "GIF", save_all=True, append_images=[Image.new("P", (2000, 2000))] * 20)
    return file.getvalue()


def png_bomb(side: int) -> bytes:
    """A few bytes that say they are as many pixels as they like."""
    file = io.BytesIO()
    Image.new("1", (16, 16)).save(file, "PNG")
    body = bytearray(file.getvalue())
    body[16:24] = side.to_bytes(4, "big") * 2
    body[29:33] = zlib.crc32(body[12:29]).to_bytes(4, "big")
    return bytes(body)


def tiff() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (400, 400)).save(file, "TIFF")
    return file.getvalue()


REFUSED = {
    "heic": (heic(b"heic"), "photo_heic"),
    "avif": (heic(b"avif"), "photo_heic"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>', "not_a_photo"),
    "html": (b"<!doctype html><script>alert(1)</script>", "not_a_photo"),
    "gif": (gif_bomb(), "not_a_photo"),
    "tiff": (tiff(), "not_a_photo"),
    "words": (b"This is no photo.", "not_a_photo"),
    "sixty gigapixels": (png_bomb(250_000), "photo_unreadable"),
    "100 megapixels": (png_bomb(10_000), "photo_too_large"),
    "stamp": (photo(size=(90, 700)), "photo_too_small"),
    "png and noise": (b"\x89PNG\r\n\x1a\n" + b"\x5a" * 4000, "photo_unreadable"),
    "jpeg and noise": (b"\xff\xd8\xff\xe0" + b"\x5a" * 4000, "photo_unreadable"),
    "webp and noise": (b"RIFF\0\0\1\0WEBP" + b"\x5a" * 4000, "photo_unreadable"),
    "moving webp": (photo("WEBP", save_all=True, append_images=[Image.new("RGB", (1600, 1000))]), "photo_unreadable"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_photo_that_we_take(name: str, given: Given) -> None:
    body, code = REFUSED[name]
    made = given(body, kind="photo")
    assert made["media"] == "failed"
    assert made["failure"] == {"code": code, "detail": FAILURES[code].business, "retry": False}


def test_a_video_that_was_called_a_photo_is_a_video(given: Given) -> None:
    made = given(clips.webm(1), kind="photo")
    assert (made["media"], made["kind"], sizes(made)) == ("ready", "video", [(640, 360)])


def test_a_picture_that_was_called_a_video_is_refused(processed: Processed) -> None:
    """Only the way of a photo asks for the words without which it says nothing."""
    assert processed(photo())["failure"]["code"] == "not_a_video"
