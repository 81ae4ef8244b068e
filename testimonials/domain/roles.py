"""What each role may do: one table."""

from __future__ import annotations

LOOK, MODERATE, EDIT = "look", "moderate", "edit"

ROLES: dict[str, frozenset[str]] = {
    "owner": frozenset({LOOK, MODERATE, EDIT}),
    "editor": frozenset({LOOK, MODERATE, EDIT}),
    "moderator": frozenset({LOOK, MODERATE}),
    "viewer": frozenset({LOOK}),
}
