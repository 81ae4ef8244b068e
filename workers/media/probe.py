"""What a file really is, by ffprobe behind whitelists: names and types that a client gave play no part."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from testimonials.errors import MediaError
from workers.media.containers import sniff
from workers.media.ffmpeg import run
from workers.media.sandbox import Limits, Sandbox

# Decoder names, not codec names: av1 is decoded by libdav1d, mp3 by mp3float.
VIDEO_DECODERS = ("h264", "hevc", "vp8", "vp9", "libdav1d")
AUDIO_DECODERS = ("aac", "opus", "vorbis", "mp3float", "pcm_s16le")
VIDEO_CODECS = ("h264", "hevc", "vp8", "vp9", "av1")
COVER_DECODERS = ("mjpeg", "png")
AUDIO_CODECS = ("aac", "opus", "vorbis", "mp3", "pcm_s16le")
HDR_TRANSFERS = ("smpte2084", "arib-std-b67")  # PQ and HLG
MAX_PIXELS = 9_437_184  # 4096 x 2304: everything a phone records, and no bomb
MAX_STREAMS = 16
# Hz. Of a billion, the resampler's filter alone takes gigabytes; AAC begins at 7350, and studios end at 192,000.
MIN_SOUND_RATE, MAX_SOUND_RATE = 4_000, 192_000
PROBE_SECONDS = 30
MIN_SECONDS = 0.3
# Cameras write averages such as 29.41 for what is meant to be 30; within 4 % the usual rate is meant.
USUAL_RATES = tuple(Fraction(n, d) for n, d in ((24, 1), (25, 1), (30, 1), (48, 1), (50, 1), (60, 1)))


@dataclass(frozen=True)
class Probe:
    """Facts about a clip. `width` and `height` are as shown: turned upright and with square pixels.

    `pixel_format`, `transfer`, `matrix` and `profile` are ffprobe's words, empty where the file says nothing.
    """

    demuxer: str
    duration_seconds: float
    width: int
    height: int
    frames_per_second: Fraction
    rotation: int
    square_pixels: bool
    video_index: int
    video_codec: str
    codec_tag: str
    profile: str
    pixel_format: str
    transfer: str
    matrix: str
    audio_codec: str | None
    audio_index: int | None
    size_bytes: int

    def to_json(self) -> dict[str, Any]:
        """As one job hands it to the next."""
        return asdict(self) | {"frames_per_second": str(self.frames_per_second)}

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Probe:
        return cls(**raw | {"frames_per_second": Fraction(raw["frames_per_second"])})

    @property
    def hdr(self) -> bool:
        return self.transfer in HDR_TRANSFERS

    @property
    def kilobits_per_second(self) -> float:
        """Of the whole file, sound included."""
        return self.size_bytes * 8 / 1000 / self.duration_seconds


@dataclass(frozen=True)
class Sound:
    """Facts about a file that holds sound and no picture; `index` is that of its stream."""

    demuxer: str
    duration_seconds: float
    index: int


def input_options(demuxer: str) -> dict[str, str]:
    """Options before `-i` that keep a hostile file inside: one demuxer, files only, known decoders, bounded frames."""
    return {
        "protocol_whitelist": "file",
        "format_whitelist": demuxer,
        "codec_whitelist": ",".join((*VIDEO_DECODERS, *AUDIO_DECODERS)),
        "max_pixels": str(MAX_PIXELS),
        "max_streams": str(MAX_STREAMS),
        "f": demuxer,
    }


def probe(sandbox: Sandbox, path: Path, *, max_seconds: float) -> Probe:
    """Look at a clip. Raises MediaError with a named code where it cannot become a testimonial, `no_video` for sound alone."""
    found = examine(sandbox, path, max_seconds=max_seconds)
    if isinstance(found, Sound):
        raise MediaError("no_video")
    return found


def examine(sandbox: Sandbox, path: Path, *, max_seconds: float) -> Probe | Sound:
    """Look at a file that may hold a picture with or without sound, or sound alone. Raises as `probe` does."""
    demuxer = sniff(path)
    # A recording in Matroska does not say how long it is: its packets are asked for at once, a second start costs more.
    packets = ["-show_entries", "packet=pts_time,duration_time,stream_index"] if demuxer == "matroska" else []
    facts = look(sandbox, path, demuxer, ["-show_format", "-show_streams", *packets])
    video, audio = _best(facts, "video", VIDEO_CODECS), _best(facts, "audio", AUDIO_CODECS)
    lead = video or audio
    if lead is None or (video is None and _has_pictures(facts)):
        raise MediaError("codec_not_supported" if _has_tracks(facts) else "no_video")
    duration = _duration(facts, lead) or _last_packet(facts, lead)
    if duration > max_seconds:
        raise MediaError("too_long", f"{duration:.0f} s of at most {max_seconds:.0f} s")
    if duration < MIN_SECONDS:
        raise MediaError("too_short", f"{duration:.2f} s")
    if video is None:
        return Sound(demuxer, duration, _whole(lead.get("index")))
    return _facts(demuxer, duration, video, audio, path.stat().st_size)


def _has_pictures(facts: dict[str, Any]) -> bool:
    """Whether there is a picture that moves, in a codec that we do not take. A cover is none."""
    return any(
        stream.get("codec_type") == "video" and not stream.get("disposition", {}).get("attached_pic")
        for stream in facts.get("streams", [])
    )


def _has_tracks(facts: dict[str, Any]) -> bool:
    return any(stream.get("codec_type") in ("video", "audio") for stream in facts.get("streams", []))


def _facts(
    demuxer: str, duration: float, video: dict[str, Any], audio: dict[str, Any] | None, size_bytes: int
) -> Probe:
    rotation, aspect = _rotation(video), _aspect(video)
    width, height = _whole(video.get("width")), _whole(video.get("height"))
    if width * height > MAX_PIXELS:
        raise MediaError("too_many_pixels", f"{width}x{height}")
    width = round(width * aspect)
    if width < 2 or height < 2:
        raise MediaError("corrupt", "the video track has no picture size")
    return Probe(
        demuxer=demuxer,
        duration_seconds=duration,
        width=height if rotation % 180 == 90 else width,
        height=width if rotation % 180 == 90 else height,
        frames_per_second=_rate(video),
        rotation=rotation,
        square_pixels=aspect == 1,
        video_index=_whole(video.get("index")),
        video_codec=str(video["codec_name"]),
        codec_tag=str(video.get("codec_tag_string", "")),
        profile=str(video.get("profile", "")),
        pixel_format=str(video.get("pix_fmt", "")),
        transfer=str(video.get("color_transfer", "")),
        matrix=str(video.get("color_space", "")),
        audio_codec=str(audio["codec_name"]) if audio else None,
        audio_index=_whole(audio.get("index")) if audio else None,
        size_bytes=size_bytes,
    )


def look(sandbox: Sandbox, path: Path, demuxer: str, show: list[str]) -> dict[str, Any]:
    """What ffprobe says with these `-show_…` options, as JSON."""
    try:
        return _ask(sandbox, path, input_options(demuxer), show)
    except MediaError as error:
        if not any(f"({cover})" in error.detail for cover in COVER_DECODERS):
            raise
    # ffprobe opens every stream and ends at the first that it may not: the cover of a recording, which nothing else opens.
    options = input_options(demuxer)
    return _ask(
        sandbox, path, options | {"codec_whitelist": ",".join((options["codec_whitelist"], *COVER_DECODERS))}, show
    )


def _ask(sandbox: Sandbox, path: Path, given: dict[str, str], show: list[str]) -> dict[str, Any]:
    options = [word for name, value in given.items() for word in (f"-{name}", value)]
    command = ["ffprobe", "-v", "error", "-of", "json=compact=1", *show, *options, "-i", f"file:{path}"]
    limits = Limits(cpu_seconds=PROBE_SECONDS)
    wrapped = sandbox.wrap(command, reads=[path], writes=None, limits=limits)
    try:
        found: dict[str, Any] = json.loads(run(wrapped, timeout=PROBE_SECONDS * 2))
    except MediaError as error:
        if "not on whitelist" in error.detail and "Codec" in error.detail:
            raise MediaError("codec_not_supported", error.detail) from error
        if "max_pixels" in error.detail or "Picture size" in error.detail:
            raise MediaError("too_many_pixels", error.detail) from error
        raise
    return found


def _best(facts: dict[str, Any], kind: str, codecs: tuple[str, ...]) -> dict[str, Any] | None:
    """The stream of a kind that a player would choose: the default one, else the first. Cover pictures
    are left aside, and sound at a rate that nobody records."""
    found = [
        dict(stream)
        for stream in facts.get("streams", [])
        if stream.get("codec_type") == kind
        and stream.get("codec_name") in codecs
        and not stream.get("disposition", {}).get("attached_pic")
        and (kind != "audio" or MIN_SOUND_RATE <= _whole(stream.get("sample_rate")) <= MAX_SOUND_RATE)
    ]
    return next(
        (stream for stream in found if stream.get("disposition", {}).get("default")), found[0] if found else None
    )


def _aspect(video: dict[str, Any]) -> Fraction:
    """Width of a pixel over its height; what nobody's camera makes counts as square."""
    aspect = _fraction(str(video.get("sample_aspect_ratio", "1:1")).replace(":", "/"))
    return aspect if aspect and Fraction(1, 4) <= aspect <= 4 else Fraction(1)


def _rotation(video: dict[str, Any]) -> int:
    """Degrees, by the display matrix."""
    turns = [side["rotation"] for side in video.get("side_data_list", []) if "rotation" in side]
    return _whole(turns[0] if turns else 0) % 360


def _whole(value: Any) -> int:
    """What a file says of itself may be anything; what is no number counts as 0."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return 0


def _rate(video: dict[str, Any]) -> Fraction:
    """Average frames per second; 30 where the file says nothing sensible (0/0, 90000/1)."""
    average = _fraction(video.get("avg_frame_rate", "0/0"))
    if not average or not 1 <= average <= 240:
        return Fraction(30)
    usual = min(USUAL_RATES, key=lambda rate: abs(rate - average))
    return usual if abs(usual - average) <= usual * Fraction(4, 100) else average.limit_denominator(1001)


def _fraction(text: str) -> Fraction | None:
    try:
        value = Fraction(text)
    except (ValueError, ZeroDivisionError):
        return None
    return value if value > 0 else None


def _duration(facts: dict[str, Any], video: dict[str, Any]) -> float | None:
    for holder in (facts.get("format", {}), video):
        try:
            seconds = float(holder.get("duration", ""))
        except ValueError:
            continue
        if seconds > 0:
            return seconds
    return None


def _last_packet(facts: dict[str, Any], video: dict[str, Any]) -> float:
    """Where the file does not say how long it is (MediaRecorder's WebM), its last packet does."""
    mine = [packet for packet in facts.get("packets", []) if packet.get("stream_index") == video.get("index")]
    timed = [packet for packet in mine if "pts_time" in packet]
    ends = [float(packet["pts_time"]) + float(packet.get("duration_time", 0)) for packet in timed]
    return max(ends) - min(float(packet["pts_time"]) for packet in timed) if timed else 0.0
