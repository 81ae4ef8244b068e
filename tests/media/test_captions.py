"""Speech to captions with real engines and human speech: one suite for every recognizer, and what the house adds."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from testimonials.domain.captions import Word, cues_from_words
from testimonials.errors import ConfigurationError, LeaseLost, MediaError
from tests import clips, speech
from workers.media import captions
from workers.media.captions import parse_result, write_captions
from workers.media.sandbox import Sandbox, choose
from workers.media.speech import PACKAGED_SHA256, FasterWhisper, Recognizer, Transcript, open_recognizer, read_wav

pytestmark = pytest.mark.media

NO_SPEECH = {
    "silence": "anullsrc=r=16000:cl=mono:d=8",
    "room": "anoisesrc=r=16000:c=pink:a=0.003:d=8",
    "tone": "sine=f=440:r=16000:d=8",
    "white": "anoisesrc=r=16000:c=white:a=0.3:d=8",
    "wind": "anoisesrc=r=16000:c=brown:a=0.8:d=8,tremolo=f=0.3:d=0.9",
    "claps": "aevalsrc='0.9*(random(0)-0.5)*exp(-25*mod(t\\,0.31))*gt(mod(t\\,3)\\,1)':s=16000:d=8",
    "music": "aevalsrc='0.3*(sin(1382*t)+sin(1740*t)+sin(2073*t*(1+floor(mod(t\\,4))/4)))*exp(-2*mod(t\\,0.5))':s=16000:d=8",
}


@pytest.fixture(scope="module", params=["default", "moonshine"])
def recognizer(request: pytest.FixtureRequest) -> Recognizer:
    opened = open_recognizer(request.param)
    assert opened is not None
    return opened


@pytest.fixture(scope="module")
def transcribed(recognizer: Recognizer) -> tuple[Transcript, list[float]]:
    """What a recognizer makes of five recordings of human speech, and the progress that it told meanwhile."""
    reached: list[float] = []
    return recognizer.transcribe(speech.joined(5)[0], "en-US", reached.append), reached


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return choose()


# ---- the suite of every recognizer -------------------------------------------------------------------------------------


def test_speech_is_understood(recognizer: Recognizer, transcribed: tuple[Transcript, list[float]]) -> None:
    heard, _ = transcribed
    text = " ".join(word.text for word in heard.words)
    assert speech.word_error_rate(speech.joined(5)[1], text) < 0.25
    for key in ("Dashwood", "leisure", "selfish", "amiable"):
        assert key in text
    assert (heard.language, heard.engine) == ("en", recognizer.name)
    assert 0.4 < heard.confidence <= 1


def test_words_lie_in_order_inside_the_file(transcribed: tuple[Transcript, list[float]]) -> None:
    words = transcribed[0].words
    for word in words:
        assert 0 <= word.start_seconds <= word.end_seconds <= speech.duration_of(speech.joined(5)[0])
        assert word.text == word.text.strip() != "" and word.text[0].isalnum(), "`cold-hearted` is one word"
    assert all(before.start_seconds <= word.start_seconds for before, word in pairwise(words))
    starts = {word.text.strip(",."): word.start_seconds for word in words}
    assert 10.8 < starts["Unless"] < 11.9, "the third recording starts at 10.9 s"


def test_progress_is_told(transcribed: tuple[Transcript, list[float]]) -> None:
    duration = speech.duration_of(speech.joined(5)[0])
    assert duration - 2 < max(transcribed[1]) <= duration + 0.1


@pytest.mark.parametrize("name", NO_SPEECH)
def test_where_nobody_speaks_there_are_no_words(recognizer: Recognizer, name: str) -> None:
    heard = recognizer.transcribe(speech.sound(name, NO_SPEECH[name]), "")
    assert (heard.words, heard.confidence) == ((), 0.0)


def test_words_do_not_appear_in_the_noise_between_words(recognizer: Recognizer) -> None:
    words = recognizer.transcribe(noise_between(), "").words
    middle = [word for word in words if 8.2 < word.start_seconds < 16.5]
    assert middle == []
    assert {"leisure", "young"} <= {word.text for word in words}, "what was said around it is there"


def test_a_language_that_the_engine_does_not_know_makes_no_captions(recognizer: Recognizer) -> None:
    # The words would be found, but whoever says that this is German would get them as German.
    heard = recognizer.transcribe(speech.sentences()[0][0], "de-AT")
    assert (heard.words, heard.language) == ((), "de")


def test_unannounced_german_does_no_harm(recognizer: Recognizer) -> None:
    heard = recognizer.transcribe(german(), "")
    assert all(0 <= word.probability <= 1 for word in heard.words)
    if recognizer.name.startswith("whisper"):  # Moonshine does not say how sure it is
        assert heard.words == ()


def german() -> Path:
    path = clips.FOLDER / "german.wav"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        text = "Guten Tag. Wir sind mit dem neuen Programm sehr zufrieden. Es spart uns jeden Tag eine Stunde Arbeit."
        subprocess.run(["espeak-ng", "-v", "de", "-w", str(path), text], check=True)
    return clips.make("german-16k.wav", "-i", str(path), "-ar", "16000", "-ac", "1", "-c:a", "pcm_s16le")


def noise_between() -> Path:
    """7.1 s of speech, 10 s of white noise, and speech again."""
    first, second = (str(path) for path, _ in speech.sentences()[:2])
    noise = ["-f", "lavfi", "-i", "anoisesrc=r=16000:c=white:a=0.1:d=10"]
    graph = "[0:a][1:a][2:a]concat=n=3:v=0:a=1"
    return clips.make("between.wav", "-i", first, *noise, "-i", second, "-filter_complex", graph, "-c:a", "pcm_s16le")


# ---- which engine ------------------------------------------------------------------------------------------------------


def test_a_tampered_model_is_refused(tmp_path: Path) -> None:
    packaged = FasterWhisper()._folder
    folder = tmp_path / "model"
    folder.mkdir()
    for path in packaged.iterdir():
        (folder / path.name).symlink_to(path)
    (folder / "model.bin").unlink()
    body = bytearray((packaged / "model.bin").read_bytes())
    body[len(body) // 2] ^= 1
    (folder / "model.bin").write_bytes(body)
    wav, _ = speech.joined(5)
    with pytest.raises(ConfigurationError, match="not the file that was reviewed"):
        FasterWhisper(folder, sha256=PACKAGED_SHA256).transcribe(wav, "en")
    assert FasterWhisper(folder).name == "whisper:model", "an operator's own model has no hash that we could know"


def test_a_folder_that_holds_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"lacks model\.bin, config\.json, tokenizer\.json"):
        open_recognizer(str(tmp_path))
    for name in ("model.bin", "config.json", "tokenizer.json"):
        (tmp_path / name).write_text("{}")
    broken = open_recognizer(str(tmp_path))
    assert broken is not None
    with pytest.raises(ConfigurationError, match="cannot be loaded"):
        broken.transcribe(speech.joined(5)[0], "en")


def test_a_setting_names_an_engine() -> None:
    assert open_recognizer("off") is None
    assert [opened and opened.name for opened in map(open_recognizer, ("", "default", "moonshine"))] == [
        "whisper-tiny.en",
        "whisper-tiny.en",
        "moonshine-tiny-en",
    ]
    with pytest.raises(ConfigurationError, match="default, moonshine, off, or the folder"):
        open_recognizer("cloud")


def test_another_kind_of_wav_is_refused() -> None:
    with pytest.raises(ValueError, match="16 kHz"):
        read_wav(clips.make("stereo.wav", *clips.tone(1), "-ac", "2", "-ar", "48000"))


# ---- in a child of its own ---------------------------------------------------------------------------------------------


def test_a_clip_gets_its_captions(sandbox: Sandbox, tmp_path: Path) -> None:
    reached: list[float] = []
    made = write_captions(
        sandbox,
        speech.talking_clip(26),
        tmp_path,
        recognizer="default",
        language="",
        duration_seconds=26,
        on_time=reached.append,
    )
    assert made is not None and made.language == "en"
    text = " ".join(cue.text for cue in cues_from_words(made.words, duration_seconds=26))
    assert speech.word_error_rate(speech.joined(5)[1], text) < 0.25
    assert reached[0] == 0.0 and reached == sorted(reached)
    assert list(tmp_path.iterdir()) == [], "nothing is left behind"


def test_without_sound_or_recognizer_there_is_nothing_to_write(sandbox: Sandbox, tmp_path: Path) -> None:
    silent = clips.silent_mp4()
    assert write_captions(sandbox, silent, tmp_path, recognizer="default", language="", duration_seconds=2) is None
    talking = speech.talking_clip(26)
    assert write_captions(sandbox, talking, tmp_path, recognizer="off", language="", duration_seconds=26) is None


def test_who_lost_the_lease_stops_at_once(sandbox: Sandbox, tmp_path: Path) -> None:
    def lost(_: float) -> None:
        if (tmp_path / "speech.wav").exists() and recognizers(tmp_path):
            raise LeaseLost

    video, _, seconds = speech.talking_minute()
    with pytest.raises(LeaseLost):
        write_captions(
            sandbox, video, tmp_path, recognizer="default", language="en", duration_seconds=seconds, on_time=lost
        )
    assert recognizers(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_a_killed_worker_leaves_no_recognizer(tmp_path: Path) -> None:
    video, _, seconds = speech.talking_minute()
    program = (
        "import sys; from pathlib import Path; from workers.media.captions import write_captions;"
        "from workers.media.sandbox import choose; write_captions(choose(), Path(sys.argv[1]), Path(sys.argv[2]),"
        f" recognizer='default', language='en', duration_seconds={seconds})"
    )
    worker = subprocess.Popen([sys.executable, "-c", program, str(video), str(tmp_path)])
    try:
        wait_until(lambda: bool(recognizers(tmp_path)), 60)
    finally:
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
    wait_until(lambda: not recognizers(tmp_path), 1.5)


def test_a_recognizer_that_breaks_is_no_fault_of_the_clip(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(captions, "MEMORY_BYTES", 200 * 1024**2)
    video, _, seconds = speech.talking_minute()
    with pytest.raises(MediaError) as broken:
        write_captions(sandbox, video, tmp_path, recognizer="default", language="en", duration_seconds=seconds)
    assert (broken.value.code, broken.value.permanent) == ("internal", False)


def test_what_is_wrong_with_the_set_up_is_told_by_the_child(sandbox: Sandbox, tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    for name in ("model.bin", "config.json", "tokenizer.json"):
        (model / name).write_text("{}")
    with pytest.raises(ConfigurationError, match="cannot be loaded"):
        write_captions(
            sandbox, speech.talking_clip(26), tmp_path, recognizer=str(model), language="en", duration_seconds=26
        )


GOOD = {"language": "en", "engine": "e", "confidence": 0.9, "words": [[0.0, 0.5, "Yes.", 0.8]]}


def test_a_good_answer_is_taken() -> None:
    assert parse_result(json.dumps(GOOD).encode()).words == (Word(0.0, 0.5, "Yes.", 0.8),)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"[]",
        b'{"words": []}',
        json.dumps(GOOD | {"more": 1}).encode(),
        json.dumps(GOOD | {"words": [[0, 1, "a"]]}).encode(),
        json.dumps(GOOD | {"words": [[1, 0, "a", 0.5]]}).encode(),
        json.dumps(GOOD | {"words": [[0, float("nan"), "a", 0.5]]}).encode(),
        json.dumps(GOOD | {"words": [[0, 1, "a\u0000", 0.5]]}).encode(),
        json.dumps(GOOD | {"words": [[0, 1, "a", True]]}).encode(),
        json.dumps(GOOD | {"words": ["abcd"]}).encode(),
        json.dumps(GOOD | {"confidence": 2}).encode(),
        json.dumps(GOOD | {"language": None}).encode(),
    ],
)
def test_an_answer_that_is_nonsense_is_refused(answer: bytes) -> None:
    with pytest.raises(MediaError) as refused:
        parse_result(answer)
    assert refused.value.code == "internal"


def recognizers(folder: Path) -> list[int]:
    """The processes that recognize for this folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            arguments = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"workers.media.recognize" in arguments and any(str(folder).encode() in each for each in arguments):
            found.append(int(path.parent.name))
    return found


def wait_until(condition: object, seconds: float) -> None:
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "that did not happen in time"
        time.sleep(0.02)
