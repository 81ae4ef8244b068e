"""The rules of tus 1.0.0 that need no request and no database. Source: the tus resumable upload protocol 1.0.0."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from testimonials.errors import BadRequest, Conflict, TooLarge

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-defer-length,expiration,checksum,termination"
MAX_METADATA = 2000
CHECKSUMS = ("sha1", "sha256")
CROWD = 20
"""A campaign may take as much as so many networks before its guests are asked to come back later."""


@dataclass(frozen=True)
class UploadState:
    """Where an upload stands. `length_bytes` is None while the client has not said how long it will be."""

    offset_bytes: int
    length_bytes: int | None

    @property
    def complete(self) -> bool:
        return self.length_bytes is not None and self.offset_bytes == self.length_bytes


def parse_metadata(header: str) -> dict[str, str]:
    """`Upload-Metadata` → names and values. Values are base64; a name without a value has an empty one."""
    found: dict[str, str] = {}
    if len(header) > MAX_METADATA:
        raise BadRequest("Upload-Metadata is too long.", code="bad_metadata")
    for pair in filter(None, (part.strip() for part in header.split(","))):
        name, _, encoded = pair.partition(" ")
        try:
            value = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise BadRequest("Upload-Metadata is not valid base64 text.", code="bad_metadata") from error
        if "\0" in value:
            raise BadRequest("Upload-Metadata holds a character that is no text.", code="bad_metadata")
        if not name.isascii() or name in found:
            raise BadRequest("Upload-Metadata names a key twice, or one that is not ASCII.", code="bad_metadata")
        found[name] = value
    return found


def parse_size(text: str, name: str) -> int:
    """A header that counts bytes. Only plain digits: `int` alone would take '+5', ' 5' and '5_0' too."""
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise BadRequest(f"{name} must be a whole number of bytes.", code="bad_size")
    return int(text)


def parse_checksum(header: str) -> tuple[str, bytes] | None:
    """`Upload-Checksum: sha1 <base64>` → algorithm and digest; None where the client sent none."""
    if not header:
        return None
    algorithm, _, encoded = header.partition(" ")
    if algorithm not in CHECKSUMS:
        raise BadRequest(f"Checksums are understood as {' or '.join(CHECKSUMS)}.", code="bad_checksum")
    try:
        return algorithm, base64.b64decode(encoded, validate=True)
    except ValueError as error:  # binascii.Error is one, and so is text that is not ASCII
        raise BadRequest("Upload-Checksum is not valid base64.", code="bad_checksum") from error


def check_offset(state: UploadState, offset: int) -> None:
    """A PATCH must start exactly where the last one ended."""
    if offset != state.offset_bytes:
        raise Conflict(f"The next byte expected is {state.offset_bytes}, not {offset}.", code="wrong_offset")


def declare_length(state: UploadState, length: int, limit: int) -> UploadState:
    """Settle the length of an upload. It may be said once, may not lie below what has arrived, nor above the limit."""
    if length > limit:
        raise TooLarge(f"Videos may be up to {limit // 1_000_000} MB.", code="upload_too_large")
    if state.length_bytes is not None and state.length_bytes != length:
        raise BadRequest("Upload-Length was given before and cannot change.", code="length_changed")
    if length < state.offset_bytes:
        raise BadRequest("Upload-Length is less than what has arrived.", code="length_too_small")
    return UploadState(state.offset_bytes, length)


def room(state: UploadState, limit: int) -> int:
    """How many bytes the next PATCH may bring at most."""
    return (limit if state.length_bytes is None else state.length_bytes) - state.offset_bytes
