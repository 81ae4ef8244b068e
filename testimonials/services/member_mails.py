"""What members are mailed: invitations, links that sign in, and word of changes to how they sign in. In English."""

from __future__ import annotations

from testimonials import notifications
from testimonials.db import Transaction
from testimonials.models import Member
from testimonials.notifications import House, Letter
from testimonials.runtime import Runtime
from testimonials.services import outbox

COLOR = "#1f6b52"
PRODUCT = "Testimonials"


def put(runtime: Runtime, transaction: Transaction, member: Member, letter: Letter) -> bool:
    """Write a mail to a member in the caller's transaction. Says whether it was written."""
    return outbox.put(runtime, transaction, letter, workspace_id=member.workspace_id, recipient=member.email)


def sign_in_link(email: str, link: str, way: str) -> Letter:
    """To whoever reads this address; `way` is `mail`, or `password` to choose a new one."""
    new_password = way == "password"
    return notifications.to_member(
        House(name=PRODUCT, color=COLOR),
        subject="Choose a new password" if new_password else "Your link to sign in",
        headline="Choose a new password" if new_password else "Sign in",
        paragraphs=[f"Somebody, probably you, asked for this link for {email}."],
        action=("Choose a new password" if new_password else "Sign in", link),
        about_action="It works once, within the hour. If it was not you, there is nothing to do.",
        because="You get this because somebody gave your address on the sign-in page.",
    )


def invitation(workspace: str, *, by: str, role: str, link: str, days: int) -> Letter:
    """To somebody whom a member asks into the workspace."""
    return notifications.to_member(
        House(name=workspace, color=COLOR),
        subject=f"Join {workspace}",
        headline=f"Join {workspace}",
        paragraphs=[
            f"{by} asks you to join {workspace} as {role}. There, customer testimonials are reviewed and shown."
        ],
        action=("Join", link),
        about_action=f"This link is yours alone. It works once, within {days} days.",
        because=f"You get this because a member of {workspace} gave your address.",
    )


def changed(runtime: Runtime, what: str) -> Letter:
    """To a member, about a change to how they sign in."""
    return notifications.to_member(
        House(name=PRODUCT, color=COLOR),
        subject=what,
        headline=what,
        paragraphs=["This was changed in your account a moment ago. If it was you, there is nothing to do."],
        action=("Look at my account", f"{runtime.settings.base_url}/console/account"),
        about_action="If it was not you: sign out all other browsers there, and choose a new password.",
        because="You get this whenever the ways to sign in to your account change.",
    )
