"""What a moderator should know about a clip that works: one named code, one sentence."""

from __future__ import annotations

NOTICES: dict[str, str] = {
    "without_form": "It did not come through the form of your page. Look twice at who sent it.",
    "no_sound": "The clip has no sound. Signed and silent videos are welcome; check that this is one.",
    "silent": "The clip has a sound track, but nothing can be heard. The microphone may have been off.",
    "no_speech": "No speech was recognized, so there are no captions.",
    "damaged": "Parts of the original could not be read. Watch it once before you approve it.",
    "cut_short": "The file ends before it should. What arrived is here; the rest was never received.",
}


def noted(notices: list[str], code: str, holds: bool) -> list[str]:
    """The list with or without a code, in the order of NOTICES."""
    wanted = (set(notices) | {code}) if holds else (set(notices) - {code})
    return [each for each in NOTICES if each in wanted]
