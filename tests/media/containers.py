"""Containers written by hand, and small real clips: what hostile files are made of."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import cache

from tests import clips

H264, AAC = clips.QUICK_H264, ("-c:a", "aac")
BOXES_WITH_BOXES = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"dinf", b"edts", b"udta", b"moof", b"traf", b"mvex")


def box(kind: bytes, *parts: bytes, size: int | None = None) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8 if size is None else size, kind) + body


def full(kind: bytes, *parts: bytes, flags: int = 0) -> bytes:
    return box(kind, struct.pack(">I", flags), *parts)


def words(*values: int) -> bytes:
    return struct.pack(f">{len(values)}I", *(value & 0xFFFFFFFF for value in values))


def edited(data: bytes, kind: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Every box of a kind with another body. The clips have their data first, so that no offset moves."""
    made, at = b"", 0
    while at + 8 <= len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + size]
        if name == kind:
            body = change(body)
        elif name in BOXES_WITH_BOXES:
            body = edited(body, kind, change)
        made, at = made + box(name, body), at + max(size, 8)
    return made


def _short(name: str, *arguments: str, sound: bool = True, rate: str = "25") -> bytes:
    inputs = [*clips.picture("160x120", 0.5, rate), *(clips.tone(0.5) if sound else [])]
    return clips.make(name, *inputs, *arguments).read_bytes()


@cache
def silent() -> bytes:
    return _short("hostile-silent.mp4", *H264, sound=False)


@cache
def phone() -> bytes:
    return _short("hostile-phone.mp4", *H264, *AAC)


@cache
def fragmented() -> bytes:
    return _short("hostile-fragmented.mp4", *H264, *AAC, "-movflags", "+frag_keyframe+empty_moov")


def bases() -> dict[str, bytes]:
    """Real clips to be mutated: every container and codec that is let in."""
    vp9, x265 = ("-c:v", "libvpx-vp9", "-cpu-used", "8", "-deadline", "realtime"), ("-x265-params", "log-level=error")
    return {
        "h264": phone(),
        "kept": _short("hostile-kept.mp4", "-c:v", "libx264", "-pix_fmt", "yuv420p", *AAC, "-movflags", "+faststart"),
        "fragmented": fragmented(),
        "vp8": _short("hostile-vp8.webm", "-c:v", "libvpx", "-c:a", "libopus", "-f", "webm", "-live", "1"),
        "vp9": _short("hostile-vp9.webm", *vp9, "-c:a", "libvorbis"),
        "hevc": _short("hostile-hevc.mov", "-c:v", "libx265", *x265, "-tag:v", "hvc1", "-c:a", "pcm_s16le"),
        "av1": _short("hostile-av1.mp4", "-c:v", "libsvtav1", "-preset", "12", "-pix_fmt", "yuv420p", *AAC),
        "mkv": _short("hostile-h264.mkv", *H264, "-c:a", "libmp3lame"),
    }


def element(identifier: str, *parts: bytes, size: int | None = None) -> bytes:
    body = b"".join(parts)
    return bytes.fromhex(identifier) + struct.pack(">Q", (1 << 56) | (len(body) if size is None else size)) + body


def number(value: int) -> bytes:
    return struct.pack(">Q", value & (2**64 - 1))


def real(value: float) -> bytes:
    return struct.pack(">d", value)


HEAD = element("1a45dfa3", element("4282", b"matroska"), element("4287", number(4)), element("4285", number(2)))
UNKNOWN_SIZE = (1 << 56) - 1


def info(milliseconds: float = 500, scale: int = 1_000_000, *more: bytes) -> bytes:
    return element("1549a966", element("2ad7b1", number(scale)), element("4489", real(milliseconds)), *more)


def video_track(*more: bytes, width: int = 64, height: int = 64, shape: bytes = b"", codec: bytes = b"V_VP8") -> bytes:
    numbers = element("d7", number(1)), element("73c5", number(1)), element("83", number(1)), element("86", codec)
    return element(
        "ae", *numbers, element("e0", element("b0", number(width)), element("ba", number(height)), shape), *more
    )


def sound_track(hertz: float = 48000, channels: int = 1, *more: bytes, codec: bytes = b"A_PCM/INT/LIT") -> bytes:
    kind = element("b5", real(hertz)), element("9f", number(channels)), element("6264", number(16))
    numbers = element("d7", number(2)), element("73c5", number(2)), element("83", number(2)), element("86", codec)
    return element("ae", *numbers, element("e1", *kind), *more)


def cluster(milliseconds: int, *blocks: bytes) -> bytes:
    return element("1f43b675", element("e7", number(milliseconds)), *blocks)


def block(track: int, milliseconds: int, frame: bytes, flags: int = 0x80) -> bytes:
    return element("a3", bytes([0x80 | track]), struct.pack(">hB", milliseconds, flags), frame)


@cache
def vp8_frame() -> bytes:
    """One keyframe of 64x64, out of an IVF file: 32 bytes of header, 12 before each frame."""
    made = clips.make(
        "hostile-frame.ivf", "-f", "lavfi", "-i", "color=gray:s=64x64:d=0.04", "-c:v", "libvpx"
    ).read_bytes()
    return made[44 : 44 + struct.unpack_from("<I", made, 32)[0]]


def matroska(*children: bytes, tracks: tuple[bytes, ...] = (), header: bytes = b"") -> bytes:
    """A file of these clusters or whatever is given; half a second of pictures where nothing is."""
    listed = element("1654ae6b", *(tracks or (video_track(),)))
    return HEAD + element("18538067", header or info(), listed, *(children or (frames(),)))


def steps(track: int) -> list[bytes]:
    """Half a second of pictures, or of noise."""
    noise = bytes(range(256)) * 15
    return [block(track, at, vp8_frame() if track == 1 else noise) for at in range(0, 500, 40)]


def frames() -> bytes:
    return cluster(0, *steps(1))


class Bits:
    """A bit stream as H.264 writes it (ITU-T H.264, 9.1)."""

    def __init__(self) -> None:
        self._said = ""

    def put(self, value: int, length: int) -> Bits:
        self._said += f"{value:0{length}b}"
        return self

    def golomb(self, *values: int) -> Bits:
        for value in values:
            self.put(value + 1, 2 * (value + 1).bit_length() - 1)
        return self

    def bytes(self) -> bytes:
        padded = self._said.ljust(-(-len(self._said) // 8) * 8, "0")
        return int(padded, 2).to_bytes(len(padded) // 8, "big")


def config_of(stsd: bytes) -> bytes:
    at = stsd.index(b"avcC") - 4
    return stsd[at : at + struct.unpack_from(">I", stsd, at)[0]]


def entry(stsd: bytes, width: int, height: int, config: bytes = b"") -> bytes:
    """A sample description of another size and with other boxes."""
    return stsd[:8] + box(
        b"avc1", stsd[16:40], struct.pack(">HH", width, height), stsd[44:94], config or config_of(stsd)
    )
