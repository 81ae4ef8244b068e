"""A campaign's logo: any PNG, JPEG or WebP comes in, a small PNG that only holds its pixels is kept.

Storage stays outside the transaction: new object first, then the row, then the old object goes.
"""

from __future__ import annotations

import io
import tempfile
import time
from pathlib import Path

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError
from sqlalchemy import select

from testimonials.errors import Invalid, TooLarge, UnsupportedType
from testimonials.models import Campaign
from testimonials.runtime import Runtime
from testimonials.services import campaigns
from testimonials.storage.keys import logo_key, logo_made_at, logo_prefix

MAX_BYTES = 2 * 1024 * 1024
MAX_PIXELS = 20_000_000
LARGEST = (640, 320)
"""Width and height in pixels of the largest logo that is kept."""
FORMATS = ("PNG", "JPEG", "WEBP")
_SIDEWAYS = 5  # from this EXIF orientation on, width and height change places
_ORPHAN_SECONDS = 24 * 3600


def set_logo(runtime: Runtime, workspace_id: str, slug: str, body: bytes) -> Campaign:
    """Take a picture as the logo. Raises NotFound, TooLarge, UnsupportedType or Invalid, each with a sentence."""
    campaign = campaigns.read(runtime, workspace_id, slug)
    picture = as_png(body)
    key = logo_key(campaign.id)
    with tempfile.NamedTemporaryFile(dir=runtime.settings.scratch_dir, suffix=".png", delete=False) as file:
        file.write(picture)
    path = Path(file.name)
    try:
        runtime.storage.save(key, path, "image/png")
    finally:
        path.unlink(missing_ok=True)
    try:
        return _swap(runtime, workspace_id, slug, key)
    except BaseException:
        runtime.storage.delete(key)
        raise


def remove_logo(runtime: Runtime, workspace_id: str, slug: str) -> Campaign:
    """Go back to the workspace's name alone. Doing it twice is no error."""
    return _swap(runtime, workspace_id, slug, "")


def delete_orphans(runtime: Runtime) -> int:
    """Remove logos that no campaign names, left where a process died between storing and naming; returns how many."""
    removed = 0
    for key in list(runtime.storage.keys(logo_prefix())):
        if time.time() - logo_made_at(key) > _ORPHAN_SECONDS and not _is_named(runtime, key):
            runtime.storage.delete(key)
            removed += 1
    return removed


def as_png(body: bytes) -> bytes:
    """The picture's pixels as a PNG of at most `LARGEST`; whatever else the file held is gone."""
    if not body:
        raise Invalid("The file is empty. Please choose the logo again.", code="empty_file")
    if len(body) > MAX_BYTES:
        raise TooLarge("A logo has at most 2 MB. Please choose a smaller file.", code="logo_too_large")
    try:
        # Only the header is read here; what it says is checked before anything is unpacked.
        image: Image.Image = Image.open(io.BytesIO(body), formats=FORMATS)
        _check_size(image)
        return _drawn(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except UnidentifiedImageError as error:
        sentence = "A logo is a PNG, JPEG or WebP picture. Other kinds, SVG and GIF among them, cannot be used."
        raise UnsupportedType(sentence, code="logo_type") from error
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError) as error:  # all that Pillow says of broken files
        raise Invalid(
            "This picture is damaged. Please save it again and choose it once more.", code="bad_logo"
        ) from error


def _check_size(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise _too_many_pixels()


def _too_many_pixels() -> TooLarge:
    return TooLarge("A logo has at most 20 million pixels. Please make it smaller.", code="logo_too_large")


def _drawn(image: Image.Image) -> bytes:
    width, height = LARGEST
    sideways = image.getexif().get(ExifTags.Base.Orientation, 1) >= _SIDEWAYS
    box = (height, width) if sideways else (width, height)
    image.draft("RGB", (2 * box[0], 2 * box[1]))  # a JPEG is unpacked at a fraction of its size right away
    upright = image.convert("RGBA" if image.has_transparency_data else "RGB")
    upright.thumbnail(box)
    upright = ImageOps.exif_transpose(upright)
    # A new picture from the bare pixels: text, EXIF, profiles and later frames stay behind.
    bare = Image.frombytes(upright.mode, upright.size, upright.tobytes())
    drawn = io.BytesIO()
    bare.save(drawn, "PNG", optimize=True)
    return drawn.getvalue()


def _swap(runtime: Runtime, workspace_id: str, slug: str, key: str) -> Campaign:
    with runtime.db.transaction() as transaction:
        campaign = campaigns.owned(transaction, workspace_id, slug, for_update=True)
        left, campaign.logo_key = campaign.logo_key, key
    if left:
        runtime.storage.delete(left)
    return campaign


def _is_named(runtime: Runtime, key: str) -> bool:
    with runtime.db.read() as session:
        return session.scalar(select(Campaign.id).where(Campaign.logo_key == key)) is not None
