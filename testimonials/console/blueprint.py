"""The console's blueprint, and what all its pages show: who is in, what waits, whether a worker is there."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from testimonials.http import runtime
from testimonials.services import review
from testimonials.sessions import ConfirmForm, current_person
from testimonials.upkeep import operations

blueprint = Blueprint("console", __name__, url_prefix="/console")


@blueprint.context_processor
def _frame() -> dict[str, Any]:
    person = current_person()
    if person is None:
        return {}
    return {
        "person": person,
        "waiting": review.counts(runtime(), person.workspace_id)["pending"],
        "worker": operations.worker_state(runtime()),
        "confirm_form": ConfirmForm(),
    }
