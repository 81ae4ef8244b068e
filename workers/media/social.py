"""A finished rendition becomes a clip for social networks: cropped, captioned, in the brand's colors. ONE ffmpeg run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import ffmpeg

from testimonials.domain.social import SocialClip, crop, fit, fits_on_background
from testimonials.errors import ConfigurationError, MediaError
from workers.media.ass import Cue, Timeline, overlay, timeline
from workers.media.ffmpeg import run
from workers.media.lettering import font_folders
from workers.media.probe import input_options, probe
from workers.media.sandbox import Limits, Sandbox
from workers.media.verify import starts_fast

OUTPUT_NAME, OVERLAY_NAME, FONTS_NAME = "social.mp4", "overlay.ass", "fonts.conf"
FRAMES_PER_SECOND = 30
KEYFRAME_INTERVAL = 60
THREADS = 2
CRF, MAX_KBPS = 21, 6000
SLACK_SECONDS = 1.0  # by which the pictures of a recording may end before its sound: the last one stays
TOLERANCE_SECONDS = 0.1
BLUR_SHRINK = 8  # the background is blurred at an eighth of its size: 64 times less work, and nobody can tell


@dataclass(frozen=True)
class Facts:
    """What is known of the source: its picture in pixels as shown, its length, whether it has sound, and whether all of it has
    to be seen whatever the shape."""

    width: int
    height: int
    duration_seconds: float
    has_audio: bool
    whole: bool = False


def render_social(
    sandbox: Sandbox,
    source: Path,
    folder: Path,
    clip: SocialClip,
    *,
    facts: Facts,
    author_lines: Sequence[str],
    brand_color: str,
    brand_name: str,
    cues: Sequence[Cue],
    language: str,
    on_time: Callable[[float], None] | None = None,
) -> Path:
    """Write `social.mp4` into the scratch folder and return its path: H.264 and AAC, 30 frames per second, BT.709.

    `source` is an MP4 that the pipeline made. `on_time` gets the seconds written, of `timeline(...).total`.
    Raises MediaError `corrupt`, `timed_out` or `stalled`; ConfigurationError without libass or a font; Invalid
    `bad_social` for a brand color that is none.
    """
    words = overlay(
        clip,
        duration_seconds=facts.duration_seconds,
        author_lines=author_lines,
        brand_color=brand_color,
        brand_name=brand_name,
        cues=cues,
        language=language,
    )
    (folder / OVERLAY_NAME).write_text(words, encoding="utf-8")
    (folder / FONTS_NAME).write_text(_fonts_conf(folder), encoding="utf-8")
    times = timeline(clip, facts.duration_seconds)
    # Slow machines need up to ten seconds for one of 1080p, as in the pipeline.
    budget = int(120 + 10 * times.total)
    command = social_command(source, folder, clip, facts)
    wrapped = sandbox.wrap(command, reads=[source], writes=folder, limits=Limits(cpu_seconds=budget * 2))
    try:
        run(wrapped, timeout=budget, on_time=on_time)
    except MediaError as error:
        if "No such filter" in error.detail:
            raise ConfigurationError("This ffmpeg cannot burn captions in. Install one with libass.") from error
        raise
    _verify(sandbox, folder / OUTPUT_NAME, clip, times)
    return folder / OUTPUT_NAME


def social_command(source: Path, folder: Path, clip: SocialClip, facts: Facts) -> list[str]:
    """The command line. No word of a person is in it: the graph names the overlay's file. Progress comes on stdout."""
    times = timeline(clip, facts.duration_seconds)
    media = ffmpeg.input(f"file:{source}", threads=THREADS, **input_options("mov"))
    sound = media.audio if facts.has_audio else ffmpeg.input("anullsrc=r=48000:cl=stereo", f="lavfi").audio
    output = ffmpeg.output(
        _picture(media.video, folder, clip, facts, times),
        _sound(sound, times),
        f"file:{folder / OUTPUT_NAME}",
        **_encoding(),
        t=f"{times.total:.3f}",
        map_metadata=-1,
        map_chapters=-1,
    )
    quiet = ("-nostdin", "-nostats", "-v", "error", "-filter_complex_threads", str(THREADS), "-progress", "pipe:1")
    arguments = output.global_args(*quiet).overwrite_output().get_args()
    # The sandbox clears the environment; without a place to keep its cache, fontconfig complains and reads all fonts.
    return ["env", f"FONTCONFIG_FILE={folder / FONTS_NAME}", "ffmpeg", *arguments]


def _picture(video: Any, folder: Path, clip: SocialClip, facts: Facts, times: Timeline) -> Any:
    frames = video.filter("fps", fps=FRAMES_PER_SECOND, start_time=0)
    frames = (
        _on_background(frames, clip, facts)
        if facts.whole or fits_on_background(facts.width, facts.height, clip.shape)
        else _cropped(frames, clip, facts, clip.shape.width, clip.shape.height)
    )
    # The first and the last picture stand still below the cards. A source that ends too early is not filled up: the
    # clip becomes short, and that is seen at the end.
    after = times.total - times.end + SLACK_SECONDS
    pad = {"start_mode": "clone", "start_duration": times.begin, "stop_mode": "clone", "stop_duration": f"{after:.3f}"}
    frames = frames.filter("tpad", **pad)
    # ffmpeg 5.1 draws words in BT.601 whatever the picture is in: in BT.709 the brand's color would come out as another.
    frames = frames.filter("setparams", colorspace="smpte170m", range="tv")
    frames = frames.filter("ass", filename=str(folder / OVERLAY_NAME), shaping="complex")
    return frames.filter("colormatrix", src="bt601", dst="bt709").filter("setsar", "1")


def _cropped(frames: Any, clip: SocialClip, facts: Facts, width: int, height: int) -> Any:
    part = crop(facts.width, facts.height, clip.shape, (clip.focus_x, clip.focus_y))
    return _scaled(frames.filter("crop", part.width, part.height, part.x, part.y), width, height)


def _on_background(frames: Any, clip: SocialClip, facts: Facts) -> Any:
    """The whole picture, before a dark and blurred enlargement of itself."""
    both = frames.filter_multi_output("split", 2)
    pale = "128+(val-128)*0.55"
    small = clip.shape.width // BLUR_SHRINK // 2 * 2, clip.shape.height // BLUR_SHRINK // 2 * 2
    ground = (
        _cropped(both[0], clip, facts, *small)
        .filter("gblur", sigma=5)
        .filter("lutyuv", y="16+(val-16)*0.55", u=pale, v=pale)
    )
    ground = ground.filter("scale", clip.shape.width, clip.shape.height, flags="bilinear")
    place = fit(facts.width, facts.height, clip.shape)
    return ffmpeg.overlay(ground, _scaled(both[1], place.width, place.height), x=place.x, y=place.y)


def _scaled(frames: Any, width: int, height: int) -> Any:
    scaled = frames.filter("scale", width, height, flags="bicubic", out_color_matrix="bt601", out_range="tv")
    return scaled.filter("format", "yuv420p").filter("setsar", "1")


def _sound(sound: Any, times: Timeline) -> Any:
    """Stereo from the first to the last picture: silence below the cards, and where the sound begins late or ends early."""
    sound = sound.filter("aresample", "48000", **{"async": 1, "first_pts": 0})
    sound = sound.filter("aformat", sample_fmts="fltp", sample_rates=48000, channel_layouts="stereo")
    return sound.filter("adelay", delays=round(times.begin * 1000), all=1).filter("apad")


def _encoding() -> dict[str, Any]:
    return {
        "c:v": "libx264",
        "preset": "veryfast",
        "profile:v": "high",
        "crf": CRF,
        "maxrate": f"{MAX_KBPS}k",
        "bufsize": f"{MAX_KBPS * 2}k",
        "g": KEYFRAME_INTERVAL,
        "threads": THREADS,
        "pix_fmt": "yuv420p",
        "colorspace": "bt709",
        "color_primaries": "bt709",
        "color_trc": "bt709",
        "color_range": "tv",
        "c:a": "aac",
        "b:a": "128k",
        "ar": 48000,
        "ac": 2,
        "movflags": "+faststart",
        "f": "mp4",
    }


def _fonts_conf(folder: Path) -> str:
    """Only the folders with Noto, so that every machine picks the same letters, and a cache where it may be written."""
    folders = "".join(f"<dir>{escape(str(path))}</dir>" for path in font_folders())
    cache = f"<cachedir>{escape(str(folder / 'fonts'))}</cachedir>"
    return f'<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>{folders}{cache}</fontconfig>\n'


def _verify(sandbox: Sandbox, path: Path, clip: SocialClip, times: Timeline) -> None:
    """Nothing is handed over that was not looked at."""
    facts = probe(sandbox, path, max_seconds=times.total * 1.02 + 1)
    found = (facts.width, facts.height, facts.video_codec, facts.audio_codec)
    if found != (clip.shape.width, clip.shape.height, "h264", "aac"):
        raise MediaError("corrupt", f"the social clip came out as {found}")
    for seconds in _stream_seconds(sandbox, path):
        if abs(seconds - times.total) > max(TOLERANCE_SECONDS, times.total * 0.02):
            raise MediaError("corrupt", f"the social clip lasts {seconds:.2f} s instead of {times.total:.2f} s")
    if not starts_fast(path):
        raise MediaError("corrupt", "the social clip has its index at the end")


def _stream_seconds(sandbox: Sandbox, path: Path) -> list[float]:
    """How long picture and sound last, each by itself: the file lasts as long as the longer one."""
    command = ["ffprobe", "-v", "error", "-show_entries", "stream=duration", "-of", "csv=p=0", "-i", f"file:{path}"]
    wrapped = sandbox.wrap(command, reads=[path], writes=None, limits=Limits(cpu_seconds=30))
    return [float(seconds) for seconds in run(wrapped, timeout=60).split()]
