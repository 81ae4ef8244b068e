"""How clips sound: as loud as each other, never clipped, and nothing made of nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import update

from testimonials.models import Campaign
from testimonials.runtime import Runtime
from tests import clips
from tests.conftest import Someone
from tests.media.conftest import Outputs, Processed, codes, loudness, samples, streams
from tests.speech import talking_clip
from workers.media.loudness import Loudness, gain_db

pytestmark = pytest.mark.media


def spoken(name: str, filters: str) -> Path:
    """Human speech, changed by a filter."""
    return clips.make(f"spoken-{name}.mp4", "-i", str(talking_clip(12)), "-c:v", "copy", "-af", filters, "-c:a", "aac")


@pytest.mark.parametrize(("name", "filters"), [("whisper", "volume=-14dB"), ("shout", "volume=14dB,alimiter=level=0")])
def test_speech_comes_out_at_the_same_loudness(name: str, filters: str, processed: Processed, outputs: Outputs) -> None:
    source = spoken(name, filters)
    assert abs(loudness(source) + 16) > 4, "the source must be off for this test to mean anything"
    made = processed(source)
    for number in range(len(made["renditions"])):
        path = outputs.rendition(made, number)
        assert loudness(path) == pytest.approx(-16, abs=1)
        assert max(map(abs, samples(path, 48000))) < 32700, "not clipped"
        assert streams(path)[1]["sample_rate"] == "48000"


def test_silence_stays_silence_and_is_said(processed: Processed, outputs: Outputs) -> None:
    silent = clips.make(
        "mute.mp4", *clips.picture("320x240", 3), "-f", "lavfi", "-i", "anullsrc=r=44100:cl=mono", "-shortest",
        *clips.QUICK_H264, "-c:a", "aac",
    )  # fmt: skip
    made = processed(silent)
    assert codes(made) == ["silent"]
    assert max(map(abs, samples(outputs.rendition(made)))) < 5
    assert made["captions"] == []


def test_a_clip_without_sound_is_welcome_and_said(processed: Processed) -> None:
    made = processed(clips.silent_mp4())
    assert (made["media"], codes(made)) == ("ready", ["no_sound"])


def test_all_renditions_share_one_sound(processed: Processed, outputs: Outputs) -> None:
    made = processed(clips.webm(3, "1280x720"))
    heard = [samples(outputs.rendition(made, number)) for number in range(3)]
    assert heard[0] == heard[1] == heard[2]


def test_noise_is_reduced_where_the_campaign_asks(
    runtime: Runtime, owner: Someone, processed: Processed, outputs: Outputs
) -> None:
    """Hiss below speech: what is left of it between the words is quieter by a good deal, and the words are not."""
    hissing = clips.make(
        "hiss.mp4", "-i", str(talking_clip(12)), "-f", "lavfi", "-i", "anoisesrc=a=0.02:c=white:r=48000:d=14",
        *["-filter_complex", "[0:a]adelay=2000:all=1[v];[v][1:a]amix=normalize=0:duration=longest[a]"],
        *["-map", "0:v", "-map", "[a]", "-c:v", "copy", "-c:a", "aac"],
    )  # fmt: skip
    levels = {}
    for reduce_noise in (False, True):
        with runtime.db.transaction() as transaction:
            transaction.execute(update(Campaign).values(reduce_noise=reduce_noise))
        heard = samples(outputs.rendition(processed(hissing)))
        pause = heard[8000 : 8000 + 6400]
        levels[reduce_noise] = sum(map(abs, pause)) / len(pause)
    assert levels[True] < levels[False] * 0.5


def test_speech_becomes_captions_with_files(processed: Processed, outputs: Outputs) -> None:
    made = processed(talking_clip(12))
    (captions,) = made["captions"]
    assert (captions["language"], captions["edited"]) == ("en", False)
    assert captions["confidence"] > 0.5
    vtt, srt = (outputs.file(captions[name]).read_text() for name in ("url", "srt_url"))
    assert vtt.startswith("WEBVTT\n")
    assert srt.startswith("1\n00:00:0")
    assert vtt.count("-->") == srt.count("-->") > 1
    assert codes(made) == []


def test_the_gain_has_its_guards() -> None:
    assert gain_db(None, 10) == 0
    assert gain_db(Loudness(-70), 10) == 0
    assert gain_db(Loudness(float("-inf")), 10) == 0
    assert gain_db(Loudness(-30), 0.5) == 0
    assert gain_db(Loudness(-30), 10) == pytest.approx(14)
    assert gain_db(Loudness(-55), 10) == 24
    assert gain_db(Loudness(-3), 10) == pytest.approx(-13)
