"""What each role may do: one table. Doors ask it, the Team page shows it, and a test walks every route by it."""

from __future__ import annotations

LOOK, MODERATE, EDIT, INVITE, MANAGE = "look", "moderate", "edit", "invite", "manage"

ROLES: dict[str, frozenset[str]] = {
    "owner": frozenset({LOOK, MODERATE, EDIT, INVITE, MANAGE}),
    "editor": frozenset({LOOK, MODERATE, EDIT, INVITE}),
    "moderator": frozenset({LOOK, MODERATE}),
    "viewer": frozenset({LOOK}),
}
ACTS: dict[str, str] = {
    LOOK: "See testimonials, campaigns, widgets and reports",
    MODERATE: "Approve, reject, tag and answer testimonials",
    EDIT: "Change campaigns, widgets, captions and clips",
    INVITE: "Invite people to the workspace",
    MANAGE: "Change roles, remove people, make API tokens, erase testimonials",
}
"""Each act in words, in the order of the Team page."""

MAY_GIVE: dict[str, tuple[str, ...]] = {
    "owner": ("owner", "editor", "moderator", "viewer"),
    "editor": ("moderator", "viewer"),
    "moderator": (),
    "viewer": (),
}
"""Whom one may invite, and so whose invitation one may send again or withdraw."""

_API = {
    LOOK: """
        openapi list_widgets list_campaigns read_campaign list_consent_texts list_invitations list_testimonials
        read_testimonial list_notes list_tags read_captions share_tree network_totals list_conversions list_rules
        list_rewards list_experiments read_experiment read_widget
    """,
    MODERATE: """
        change_testimonial approve reject reopen archive restore retry bulk undo_act add_note
    """,
    EDIT: """
        create_widget create_campaign edit_campaign set_logo remove_logo add_consent_text choose_poster set_focus
        edit_captions request_social invite delete_invitation report_conversion approve_conversion reject_conversion
        put_rule add_coupons approve_reward reject_reward edit_widget delete_widget create_experiment start_experiment
        stop_experiment delete_experiment
    """,
    MANAGE: "erase_testimonial",
}
API_ACTS: dict[str, str] = {f"api.{name}": act for act, names in _API.items() for name in names.split()}
"""What the role of a token must include for each route of the API, by its endpoint. A test finds routes that are missing."""


def may(role: str, act: str) -> bool:
    """Whether a role includes an act. An unknown role includes none."""
    return act in ROLES.get(role, frozenset())


def api_act(endpoint: str) -> str:
    """The act that a route of the API asks for, by its endpoint. Routes that nobody declared are for owners alone."""
    return API_ACTS.get(endpoint, MANAGE)
