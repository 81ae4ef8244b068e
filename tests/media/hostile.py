"""Files that mean harm, made by hand after known attacks on ffmpeg. The same ones every time."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests import clips
from tests.media.containers import (
    HEAD,
    UNKNOWN_SIZE,
    Bits,
    block,
    box,
    cluster,
    config_of,
    edited,
    element,
    entry,
    fragmented,
    frames,
    full,
    info,
    matroska,
    number,
    phone,
    silent,
    sound_track,
    steps,
    video_track,
    vp8_frame,
    words,
)

YEAR_SECONDS = 31_536_000
FTYP = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2"
H264, AAC = clips.QUICK_H264, ("-c:a", "aac")


@dataclass(frozen=True)
class Hostile:
    """`name` is kind/what; `lures` says that it names a file or address that must never be touched."""

    name: str
    body: bytes
    lures: bool = False

    @property
    def kind(self) -> str:
        return self.name.partition("/")[0]


@dataclass(frozen=True)
class Targets:
    """What hostile files try to reach: files outside of the job, one beside its folder, an address."""

    text: Path
    clip: Path
    port: int

    @property
    def names(self) -> dict[str, str]:
        return {
            "file": f"file://{self.text}",
            "clip": str(self.clip),
            "relative": f"../{self.clip.name}",
            "http": f"http://127.0.0.1:{self.port}/inside.mp4",
        }


def handmade(targets: Targets) -> Iterator[Hostile]:
    yield from _texts(targets)
    yield from _references(targets)
    for make in (_pictures, _boxes, _tables, _clocks, _shapes, _matroska_oddities, _matroska_floods):
        for name, body in make():
            yield Hostile(f"{make.__name__.strip('_')}/{name}", body)


def _texts(targets: Targets) -> Iterator[Hostile]:
    """Playlists, lists and documents that name another file, bare and behind the first bytes of a video."""
    disguises = {
        "bare": b"",
        "ftyp": FTYP,
        "ebml": HEAD,
        "riff": b"RIFF\xff\xff\0\0AVI LIST",
        "mdat": b"\0\0\xff\xffmdat",
        "free": b"\0\0\0\x08free",
        "mp4": phone(),
        "webm": matroska(),
        "wide": b"\0\0\0\x08wide\n",
    }
    order = [name for name in disguises if name != "bare"]
    for number_, (way, target) in enumerate(targets.names.items()):
        for shift, (name, text) in enumerate(_documents(target).items()):
            for disguise in ("bare", order[(number_ * 3 + shift) % len(order)]):
                yield Hostile(f"text/{name}-{way}-{disguise}", disguises[disguise] + text, lures=True)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("../../escape.mp4", phone())
    yield Hostile("text/zip", archive.getvalue())
    yield Hostile("text/zip-in-mp4", phone() + archive.getvalue())
    yield Hostile("text/empty", b"")
    yield Hostile("text/one-byte", b"\0")


def _documents(target: str) -> dict[str, bytes]:
    found = {
        "hls": f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{target}\n#EXT-X-ENDLIST\n",
        "hls-key": f'#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="{target}"\n#EXT-X-MAP:URI="{target}"\n#EXTINF:1,\n{target}\n',
        "hls-master": f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{target}\n",
        "hls-chain": f"#EXTM3U\n#EXTINF:1,\nconcat:{target}|subfile,,start,0,end,64,,:{target}\n#EXT-X-ENDLIST\n",
        "dash": '<?xml version="1.0"?><MPD type="static" mediaPresentationDuration="PT1S"><Period><AdaptationSet>'
        f'<Representation id="1" bandwidth="1"><BaseURL>{target}</BaseURL></Representation></AdaptationSet></Period></MPD>',
        "ffconcat": f"ffconcat version 1.0\nfile '{target}'\nduration 1\n",
        "sdp": f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\na=control:{target}\nm=video 9 RTP/AVP 96\n",
        "smil": f'<smil><body><video src="{target}"/></body></smil>',
        "svg": f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="160" height="120">'
        f'<image xlink:href="{target}" width="160" height="120"/></svg>',
        "xml": f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "{target}">]><a>&b;</a>',
        "vtt": f"WEBVTT\n\n00:00.000 --> 00:01.000\n{target}\n",
        "srt": f"1\n00:00:00,000 --> 00:00:01,000\n<img src='{target}'>\n",
        "ass": f"[Script Info]\nScriptType: v4.00+\n[Events]\nDialogue: 0,0:00:00.00,0:00:01.00,,,,,,,{target}\n",
        "tty": f"movie={target}\n" * 30,
    }
    return {name: text.encode() for name, text in found.items()}


def _references(targets: Targets) -> Iterator[Hostile]:
    """Files whose own tables say that the data lies elsewhere."""
    for way, target in targets.names.items():
        place = target.removeprefix("file://").encode()
        alias = b"\0" * 10 + b"\x04disk".ljust(28, b"\0") + b"\0" * 12 + b"\x05clips".ljust(64, b"\0") + b"\0" * 16
        alias += (
            struct.pack(">HH", 2, 1) + b"\0" * 16 + struct.pack(">HH", 2, len(place)) + place + b"\0" * (len(place) % 2)
        )
        entries = {
            "url": full(b"url ", target.encode() + b"\0"),
            "alis": full(b"alis", alias + b"\xff\xff\0\0"),
            "rsrc": full(b"rsrc", alias),
        }
        for name, address in entries.items():
            body = edited(phone(), b"dref", lambda _, address=address: words(0, 1) + address)
            yield Hostile(f"references/dref-{name}-{way}", body, lures=True)
        rmra = box(b"rmra", box(b"rmda", full(b"rdrf", b"url ", words(len(target)), target.encode() + b"\0")))
        yield Hostile(f"references/rmra-{way}", FTYP + box(b"moov", rmra), lures=True)
        linked = info(500, 1_000_000, element("3e83bb", target.encode()), element("3c83ab", target.encode()))
        yield Hostile(f"references/linked-{way}", matroska(header=linked), lures=True)
        attached = element("61a7", element("466e", target.encode()), element("4660", b"application/x-mpegurl"))
        lists = element("1941a469", attached + element("465c", _documents(target)["hls"]))
        yield Hostile(f"references/attached-{way}", matroska(lists) + matroska(), lures=True)


def _pictures() -> Iterator[tuple[str, bytes]]:
    """Pictures that would fill gigabytes: bare, and as the cover of a real clip."""
    chunk = lambda kind, data: words(len(data)) + kind + data + words(zlib.crc32(kind + data))  # noqa: E731
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", words(60000, 60000) + b"\x08\x06\0\0\0")
    png += chunk(b"IDAT", zlib.compress(bytes(4_000_000))) + chunk(b"IEND", b"")
    gif = (
        b"GIF89a\xff\xff\xff\xff\xf0\0\0\0\0\0\xff\xff\xff" + b"\x2c\0\0\0\0\xff\xff\xff\xff\0\x02\x02\x4c\x01\0" * 500
    )
    jpeg = b"\xff\xd8\xff\xc0\0\x11\x08\xff\xdc\xff\xdc\x03\1\x22\0\2\x11\1\3\x11\1\xff\xda\0\x0c\3\1\0\2\x11\3\x11\0\x3f\0"
    webp = (
        b"RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0" + b"\xff\x3f\0" * 2 + b"VP8L\x08\0\0\0\x2f\xff\xff\xff\x0f\0\0\0"
    )
    for name, picture in {"png": png, "gif": gif + b";", "jpeg": jpeg + bytes(999), "webp": webp}.items():
        yield name, picture
        yield f"{name}-ftyp", FTYP + picture
        cover = box(b"covr", box(b"data", words({"jpeg": 13, "png": 14}.get(name, 27), 0), picture))
        tags = full(b"meta", full(b"hdlr", b"\0\0\0\0mdirappl", bytes(9)), box(b"ilst", cover))
        at = phone().index(b"moov") - 4
        yield f"{name}-cover", phone()[:at] + box(b"moov", phone()[at + 8 :], box(b"udta", tags))
        attached = element("466e", b"cover"), element("4660", f"image/{name}".encode()), element("465c", picture)
        yield f"{name}-attached", matroska(element("1941a469", element("61a7", *attached)), frames())


def _boxes() -> Iterator[tuple[str, bytes]]:
    """Boxes that lie about their size, or hold each other for ever."""
    for size in (0, 1, 2, 7, 9, 0x7FFFFFFF, 0xFFFFFFFF):
        for kind in (b"moov", b"mdat", b"free"):
            yield f"{kind.decode()}-size-{size}", FTYP + box(kind, bytes(64), size=size) + phone()
        yield f"long-size-{size}", FTYP + box(b"moov", struct.pack(">Q", size << 31), phone(), size=1)
        yield f"stsd-entry-size-{size}", edited(silent(), b"stsd", lambda b, n=size: b[:8] + words(n) + b[12:])
    for kind in (b"moov", b"udta", b"trak", b"meta", b"wave", b"moof"):
        nested = b""
        for _ in range(2000):
            nested = box(kind, nested)
        yield f"nested-{kind.decode()}", FTYP + box(b"moov", nested) + phone()
    yield "floods-of-empty-boxes", FTYP + box(b"free") * 200_000 + phone()
    yield "moov-500-times", FTYP + box(b"moov") * 500 + phone()
    yield "ftyp-alone", FTYP
    at = phone().index(b"moov") - 4
    for count in (17, 3000):
        yield f"streams-{count}", phone()[:at] + box(b"moov", phone()[at + 8 :] * count)
    packed = words(0x7FFFFFFF) + zlib.compress(bytes(50_000_000))
    yield "packed-index", FTYP + box(b"moov", box(b"cmov", box(b"dcom", b"zlib"), box(b"cmvd", packed)))


def _tables() -> Iterator[tuple[str, bytes]]:
    """A few bytes that stand for millions of frames, sizes, edits or fragments."""
    for count in (100_000_000, 0x7FFFFFFF, 0xFFFFFFFF):
        for kind in (b"stts", b"ctts", b"stsc", b"stco", b"stss", b"elst", b"sdtp"):
            yield f"{kind.decode()}-{count}", edited(phone(), kind, lambda b, n=count: b[:4] + words(n) + b[8:])
        one_size = edited(silent(), b"stsz", lambda _, n=count: words(0, 1, n))
        yield f"stsz-{count}", one_size
        chunk = edited(one_size, b"stsc", lambda _, n=count: words(0, 1, 1, n, 1))
        yield f"stsz-stsc-{count}", chunk
        yield f"stsz-stsc-stts-{count}", edited(chunk, b"stts", lambda _, n=count: words(0, 1, n, 1))
        for flags in (0, 1):
            run = lambda _, n=count, f=flags: words(f, n, 0)  # noqa: E731 - no bytes for each sample: their number is free
            yield f"trun-{flags}-{count}", edited(fragmented(), b"trun", run)
    for name, entries in {
        "loop": [(100, 0, 1 << 16)] * 5000,
        "negative": [(500, -5000, 1 << 16)],
        "empty-for-a-year": [(0x7FFFFFFF, -1, 1 << 16), (500, 0, 1 << 16)],
        "huge": [(0x7FFFFFFF, 0x7FFFFFFF, 1 << 16)],
        "still": [(500, 0, 0)],
        "backwards": [(100, at, 1 << 16) for at in range(5000, 0, -10)],
    }.items():
        table = words(0, len(entries), *(value for entry in entries for value in entry))
        yield f"edits-{name}", edited(phone(), b"elst", lambda _, t=table: t)


def _clocks() -> Iterator[tuple[str, bytes]]:
    """Lengths and times that no recording has."""
    for seconds in (0, 60, 20_000, YEAR_SECONDS, -1):
        for kind, at in ((b"mvhd", 16), (b"mdhd", 16), (b"tkhd", 20)):
            change = lambda b, a=at, s=seconds: b[:a] + words(s * 1000) + b[a + 4 :]  # noqa: E731
            yield f"{kind.decode()}-{seconds}", edited(phone(), kind, change)
        for delta in (1, 0x7FFFFFFF):
            held = edited(phone(), b"stts", lambda _, s=seconds, d=delta: words(0, 2, 2, s * 12800, 900, d))
            yield f"frames-held-{seconds}-{delta}", held
        yield f"fragment-at-{seconds}", edited(fragmented(), b"tfdt", lambda b, s=seconds: b[:4] + number(s << 13))
        for track in (1, 2):
            parts = cluster(0, *steps(1), *steps(2)), cluster(seconds * 1000, *steps(track))
            yield f"gap-in-{track}-{seconds}", matroska(*parts, tracks=(video_track(), sound_track()))
    for scale in (0, 1, 2**31, 2**63):
        yield f"mvhd-scale-{scale}", edited(phone(), b"mvhd", lambda b, n=scale: b[:12] + words(n) + b[16:])
        yield f"mdhd-scale-{scale}", edited(phone(), b"mdhd", lambda b, n=scale: b[:12] + words(n) + b[16:])
        yield f"timestamp-scale-{scale}", matroska(header=info(500, scale))
    for length in (float("nan"), float("inf"), -1.0, 1e300, 1e-300):
        yield f"duration-{length}", matroska(header=info(length))
    for moment in (2**63 - 1, 2**40, -(2**40)):
        yield f"cluster-at-{moment}", matroska(cluster(moment, *steps(1)))
    for nanoseconds in (0, 1, 1000, 2**40, 2**63):
        yield f"frame-lasts-{nanoseconds}", matroska(tracks=(video_track(element("23e383", number(nanoseconds))),))


def _shapes() -> Iterator[tuple[str, bytes]]:
    """Sizes, pixels, turns and voices that nobody's camera has."""
    sps = (
        Bits().put(66, 8).put(0, 8).put(51, 8).golomb(0, 0, 2, 1).put(0, 1).golomb(1023, 1023).put(0b110001, 6).bytes()
    )
    config = b"\x01\x42\0\x33\xff\xe1" + struct.pack(">H", len(sps) + 1) + b"\x67" + sps + b"\x01\0\x04\x68\xce\x3c\x80"
    yield "h264-16384", edited(silent(), b"stsd", lambda b: entry(b, 160, 120, box(b"avcC", config)))
    for width, height in ((16384, 16384), (65535, 65535), (0, 0), (1, 1), (65535, 2)):
        yield f"mp4-{width}x{height}", edited(silent(), b"stsd", lambda b, w=width, h=height: entry(b, w, h))
        yield f"mkv-{width}x{height}", matroska(tracks=(video_track(width=width, height=height),))
    for wide, high in ((65535, 1), (1, 65535), (4, 1), (1, 4), (0, 1), (0xFFFFFFFF, 0xFFFFFFFF)):
        pixels = box(b"pasp", words(wide, high))
        yield f"pasp-{wide}-{high}", edited(silent(), b"stsd", lambda b, p=pixels: entry(b, 160, 120, config_of(b) + p))
        shape = element("54b0", number(wide)) + element("54ba", number(high))
        yield f"shown-as-{wide}-{high}", matroska(tracks=(video_track(shape=shape),))
    thin = [*clips.picture("16384x560", 0.4, "5"), *H264]
    for aspect in ("1/1", "4/1"):
        yield f"thin-{aspect}", clips.make("hostile-thin.mp4", *thin, "-vf", f"setsar={aspect}").read_bytes()
    for codec in (("libvpx-vp9", "-cpu-used", "8"), ("libaom-av1", "-cpu-used", "8", "-usage", "realtime")):
        large = [*clips.picture("8192x8192", 0.5, "2"), "-pix_fmt", "yuv420p", "-c:v", *codec]
        yield f"{codec[0]}-8192", clips.make("hostile-large.mkv", *large).read_bytes()
    for name, turn in {"zero": [0] * 9, "max": [0x7FFFFFFF] * 9, "min": [1 << 31] * 9, "skew": [*range(9)]}.items():
        yield f"turned-{name}", edited(phone(), b"tkhd", lambda b, t=turn: b[:40] + words(*t) + b[76:])
    for hertz in (0.0, -1.0, 1.0, 192_000.0, 1e9, 1e300, float("nan")):
        yield f"mkv-{hertz}-hz", matroska(cluster(0, *steps(1), *steps(2)), tracks=(video_track(), sound_track(hertz)))
    for channels in (0, 64, 255, 65535, 2**31):
        tracks = video_track(), sound_track(48000, channels)
        yield f"mkv-{channels}-channels", matroska(cluster(0, *steps(1), *steps(2)), tracks=tracks)
        sound = lambda b, c=channels & 0xFFFF: b if b"mp4a" not in b else b[:32] + struct.pack(">H", c) + b[34:]  # noqa: E731
        yield f"mp4-{channels}-channels", edited(phone(), b"stsd", sound)
    for rate in (0, 1, 192_000 << 16, 0xFFFFFFFF):
        pace = lambda b, r=rate: b if b"mp4a" not in b else b[:40] + words(r) + b[44:]  # noqa: E731
        yield f"mp4-{rate}-hz", edited(phone(), b"stsd", pace)


def _matroska_oddities() -> Iterator[tuple[str, bytes]]:
    yield "unknown-sizes", HEAD + element("18538067", element("1f43b675", size=UNKNOWN_SIZE) * 3000, size=UNKNOWN_SIZE)
    yield "segment-larger-than-all", HEAD + element("18538067", info(), frames(), size=2**55)
    yield "head-of-heads", HEAD * 5000 + matroska()
    yield "id-of-eight-bytes", HEAD + b"\x01" + bytes(7) + matroska()
    yield "codec-of-a-megabyte", matroska(tracks=(video_track(codec=b"V_" + b"A" * 1_000_000),))
    yield "unknown-codec", matroska(tracks=(video_track(codec=b"V_UNCOMPRESSED"),))
    for method, packed in ((0, zlib.compress(bytes(60_000_000))), (2, b"\0" * 500), (3, b"A" * 70_000)):
        way = element("5034", element("4254", number(method)), element("4255", packed[:64]))
        track = video_track(element("6d80", element("6240", way)))
        yield (
            f"packed-{method}",
            matroska(cluster(0, *[block(1, at, packed) for at in range(0, 500, 40)]), tracks=(track,)),
        )
    for lacing in (0x82, 0x84, 0x86):
        laced = [block(2, at % 30_000, b"\xff" + bytes(600), lacing) for at in range(0, 500, 5)]
        yield f"laced-{lacing}", matroska(cluster(0, *steps(1), *laced), tracks=(video_track(), sound_track()))


def _matroska_floods() -> Iterator[tuple[str, bytes]]:
    """Much of everything: fillings, tracks, tags, chapters, tiny packets."""
    for name, part in {
        "void": element("ec"),
        "crc": element("bf", bytes(4)),
        "tags": element("1254c367", element("7373", element("67c8", element("45a3", b"A"), element("4487", b"B")))),
        "chapters": element("1043a770", element("45b9", element("b6", element("73c4", number(1))))),
        "seeks": element("114d9b74", element("4dbb", element("53ab", b"\x11\x4d\x9b\x74"), element("53ac", number(0)))),
        "cues": element("1c53bb6b", element("bb", element("b3", number(0)), element("b7", element("f7", number(1))))),
        "attachments": element("1941a469", element("61a7", element("466e", b"a"), element("465c", b"b"))),
    }.items():
        yield name, matroska(part * 20_000, frames())
    for count in (17, 5000):
        yield f"tracks-{count}", matroska(tracks=(video_track(),) * count)
    tiny = [block(1, at % 30_000, b"\0") for at in range(250_000)]
    yield "packets", matroska(cluster(0, *tiny))
    rush = [cluster(0, *[block(1, at // 40, vp8_frame()) for at in range(12_000)])]
    yield "pictures-in-a-blink", matroska(*rush)
    yield "keyframes-all-at-zero", matroska(cluster(0, *[block(1, 0, vp8_frame())] * 3000, block(1, 400, vp8_frame())))
