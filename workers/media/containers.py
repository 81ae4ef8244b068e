"""What the first bytes of a file say it is. Anything that is not named here never reaches a demuxer."""

from __future__ import annotations

from pathlib import Path

from testimonials.errors import MediaError

MOV_ATOMS = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")
EBML = b"\x1a\x45\xdf\xa3"
# Brands of ISO files that hold a still picture: HEIC as phones write it, and AVIF.
STILL_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis")


def sniff(path: Path) -> str:
    """The demuxer for moving pictures and sound: `mov`, `matroska`, `mp3` or `wav` (not subtitles, playlists, SVG)."""
    head = _head(path)
    if head[4:8] in MOV_ATOMS:
        return "mov"
    if head[:4] == EBML:
        return "matroska"
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "wav"
    if head[:3] == b"ID3" or _is_mp3_frame(head):
        return "mp3"
    raise MediaError("not_a_video" if head else "empty_file")


def sniff_picture(path: Path) -> str | None:
    """The decoder for a still picture: `mjpeg`, `png` or `webp`. None for all else.

    Raises MediaError `photo_heic` for the pictures of phones that no browser but their own shows.
    """
    head = _head(path)
    if head[4:8] == b"ftyp" and head[8:12] in STILL_BRANDS:
        raise MediaError("photo_heic", head[8:12].decode())
    if head[:3] == b"\xff\xd8\xff":
        return "mjpeg"
    if head[:8] == b"\x89PNG\r\n\x1a\n":
        return "png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    return None


def _head(path: Path) -> bytes:
    with path.open("rb") as handle:
        return handle.read(12)


def _is_mp3_frame(head: bytes) -> bool:
    """MPEG audio, layer III, with a bit rate and a sampling rate that exist."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return False
    return head[2] >> 4 not in (0, 15) and head[2] & 0x0C != 0x0C
