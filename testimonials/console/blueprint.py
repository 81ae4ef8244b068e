"""The console's blueprint. What all its pages show is said by `sessions.frame`, which other doors' pages use too."""

from __future__ import annotations

from flask import Blueprint

from testimonials import sessions

blueprint = Blueprint("console", __name__, url_prefix="/console")
blueprint.context_processor(sessions.frame)
