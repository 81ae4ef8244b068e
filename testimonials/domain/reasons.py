"""Why a testimonial may not be shown: what the team keeps, and a draft of what the customer can be told."""

from __future__ import annotations

REASONS: dict[str, str] = {
    "Hard to hear or see": (
        "Thank you for taking the time. It is hard to hear or to see you in this one. Would you try again, somewhere"
        " quiet and facing the light?"
    ),
    "Shows something private": (
        "Thank you for taking the time. Something private can be seen or heard in this one, so we would rather not show"
        " it. Would you record it once more without that?"
    ),
    "Not about us": (
        "Thank you for taking the time. This one does not seem to be about us. If you sent the wrong one, you can put the"
        " right one in its place."
    ),
    "Promises what we cannot keep": (
        "Thank you for taking the time. This one says something that we may not promise to others. Would you tell it once"
        " more without that?"
    ),
}
"""None of them is about the rating: whoever is unhappy is shown as well (see the Balance page)."""
