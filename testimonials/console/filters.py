"""What the address of the review page asks for, and addresses that ask for something else. Whoever has one can share it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from testimonials.domain.collecting import Kind
from testimonials.domain.lifecycle import ReviewStatus
from testimonials.services.accounts import Person
from testimonials.services.review import Filter

STATUSES = {"pending": "Waiting", "approved": "Approved", "rejected": "Rejected", "archived": "Archived", "all": "All"}
KINDS = {"video": "Videos", "audio": "Voices", "photo": "Photos", "text": "Words"}
NARROWING = ("q", "campaign", "kind", "rating", "language", "tag", "mine", "trouble")


@dataclass(frozen=True)
class Asked:
    """`given` are the parameters that were understood, with `status` among them."""

    given: dict[str, str]
    filter: Filter

    @property
    def status(self) -> str:
        return self.given["status"]

    @property
    def narrow(self) -> dict[str, str]:
        """Without the verdict: what else it is narrowed to."""
        return {name: value for name, value in self.given.items() if name in NARROWING}

    def url(self, **changes: Any) -> str:
        """The page with these changes; None takes something away."""
        wanted = {**self.given, **changes}
        return url_for("console.review_page", **{name: value for name, value in wanted.items() if value})


def asked(person: Person) -> Asked:
    """What nobody can mean (a status that does not exist, six stars) is left out: an old link still shows something."""
    given = {name: request.args.get(name, "").strip() for name in ("status", *NARROWING)}
    given["status"] = given["status"] if given["status"] in STATUSES else ReviewStatus.PENDING.value
    given["kind"] = given["kind"] if given["kind"] in list(Kind) else ""
    given["rating"] = given["rating"] if given["rating"] in ("1", "2", "3", "4", "5") else ""
    given = {name: value for name, value in given.items() if value}
    wanted = Filter(
        review=None if given["status"] == "all" else given["status"],
        campaign=given.get("campaign"),
        kind=given.get("kind"),
        rating=int(given["rating"]) if "rating" in given else None,
        language=given.get("language"),
        tag=given.get("tag"),
        assignee=person.member_id if "mine" in given else None,
        trouble="trouble" in given,
        query=given.get("q"),
        cursor=request.args.get("cursor") or None,
    )
    return Asked(given, wanted)
