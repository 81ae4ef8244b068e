"""`python -m workers.media.recognize WAV RESULT SETTING LANGUAGE`: recognition in a process of its own.

`workers.media.captions` starts it, so that its memory is given back, a limit can be set and it can be killed. It reports
as ffmpeg does (`out_time_us=…` on stdout) once a second, and writes one JSON object into the file RESULT.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from dataclasses import astuple
from pathlib import Path

from testimonials.errors import ConfigurationError
from workers.media.speech import THREADS, Transcript, open_recognizer

HEARTBEAT_SECONDS = 1.0


class _Progress:
    """Says once a second how far recognition is, also while it is deep in the engine, and ends with its parent."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._parent = os.getppid()

    def reached(self, seconds: float) -> None:
        self.seconds = max(self.seconds, seconds)

    def report(self) -> None:
        while True:
            try:
                os.write(sys.stdout.fileno(), f"out_time_us={round(self.seconds * 1e6)}\n".encode())
            except OSError:
                os._exit(1)  # nobody reads any more
            if os.getppid() != self._parent:
                os._exit(1)  # where there is no setpriv, that is how the death of the worker is seen
            threading.Event().wait(HEARTBEAT_SECONDS)


def main(arguments: list[str]) -> int:
    wav, result, setting, language = arguments
    os.environ |= {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": str(THREADS), "TOKENIZERS_PARALLELISM": "false"}
    progress = _Progress()
    threading.Thread(target=progress.report, daemon=True).start()
    answer: dict[str, object]
    try:
        recognizer = open_recognizer(setting)
        if recognizer is None:
            raise ConfigurationError("The speech recognizer is off.")
        answer = _as_json(recognizer.transcribe(Path(wav), language, progress.reached))
    except ConfigurationError as error:
        answer = {"configuration_error": error.detail}
    Path(result).write_text(json.dumps(answer), encoding="utf-8")
    return 0


def _as_json(transcript: Transcript) -> dict[str, object]:
    return {
        "language": transcript.language,
        "engine": transcript.engine,
        "confidence": transcript.confidence,
        "words": [astuple(word) for word in transcript.words],
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
