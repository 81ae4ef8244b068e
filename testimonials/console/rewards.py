"""Rewards: what a campaign promises, the codes that it gives, and what waits for approval with its doubts."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from testimonials.console.blueprint import blueprint
from testimonials.console.sharing import sharing_tabs
from testimonials.domain.rewards import CAUSES, DOUBTS, MAX_CODE, Codes, read_codes
from testimonials.domain.roles import EDIT, LOOK
from testimonials.errors import AppError, Invalid
from testimonials.http import runtime
from testimonials.models import RewardRule
from testimonials.services import campaigns, outbox, rewards
from testimonials.services.accounts import Person
from testimonials.services.rewards import MAX_COUPONS, Standing
from testimonials.sessions import confirm, may, requires

LOW = 5
MAX_FILE = 400_000
NUMBERS = ("threshold", "each_at_most", "all_at_most")
WORDS = {
    "testimonial": ("For a testimonial", "Whatever it says: as soon as you have looked at it, liked or not."),
    "visits": ("For visits", "For people who came by a link that the customer shared, once a day each."),
    "conversions": ("For conversions", "For what you counted as success and a link of theirs led to."),
}
SAID = {
    "rejected": "Not given.",
    "pending": "Back in the queue.",
    "rule": "Saved.",
    "codes": "The codes are in the pool.",
}


@blueprint.get("/rewards")
@requires(LOOK)
def rewards_page(person: Person) -> str:
    return _page(person)


@blueprint.post("/rewards/<reward_id>/approve")
@requires(EDIT)
def approve_reward(person: Person, reward_id: str) -> AnyResponse | tuple[str, int]:
    """Takes a code and mails it. That cannot be undone, so the page asks before."""
    confirm()
    try:
        code = rewards.approve(runtime(), person.workspace_id, reward_id)
    except AppError as error:
        if error.status == 404:
            raise
        return _page(person, error=error.detail), error.status
    return _page(person, given=code), 200


@blueprint.post("/rewards/<reward_id>/reject")
@requires(EDIT)
def reject_reward(person: Person, reward_id: str) -> AnyResponse:
    confirm()
    rewards.reject(runtime(), person.workspace_id, reward_id)
    return redirect(url_for("console.rewards_page", done="rejected", id=reward_id, campaign=_slug()), 303)


@blueprint.post("/rewards/<reward_id>/reopen")
@requires(EDIT)
def reopen_reward(person: Person, reward_id: str) -> AnyResponse:
    confirm()
    rewards.reopen(runtime(), person.workspace_id, reward_id)
    return redirect(url_for("console.rewards_page", done="pending", campaign=_slug()), 303)


@blueprint.post("/campaigns/<slug>/rewards/<cause>")
@requires(EDIT)
def set_rule(person: Person, slug: str, cause: str) -> AnyResponse | tuple[str, int]:
    confirm()
    campaigns.read(runtime(), person.workspace_id, slug)  # somebody else's does not exist, whatever the form says
    form = request.form
    numbers = {name: _whole(form[name]) for name in NUMBERS if form.get(name, "").strip()}
    try:
        rewards.set_rule(
            runtime(),
            person.workspace_id,
            slug,
            cause=cause,
            promise=form.get("promise", ""),
            active="active" in form,
            **numbers,
        )
    except Invalid as error:
        return _page(person, slug=slug, faulty=cause, error=error.detail), error.status
    return redirect(url_for("console.rewards_page", campaign=slug, done="rule", _anchor=cause), 303)


@blueprint.post("/rewards/rules/<rule_id>/codes")
@requires(EDIT)
def look_over_codes(person: Person, rule_id: str) -> AnyResponse | tuple[str, int]:
    """What a file holds, before anything is written."""
    try:
        confirm()
        file = request.files.get("codes")
        body = file.stream.read(MAX_FILE + 1) if file and file.filename else b""
    finally:
        request.close()
    if not body:
        return _page(person, error="Choose a file first."), 422
    if len(body) > MAX_FILE:
        return _page(person, error="A file has at most 400 KB. Split it in two."), 413
    try:
        codes = read_codes(body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return _page(person, error="This file is no text. Save it as CSV, in UTF-8."), 422
    fresh, known = rewards.looked_over(runtime(), person.workspace_id, rule_id, codes)
    return _page(person, preview=_preview(rule_id, codes, fresh, known)), 200


@blueprint.post("/rewards/rules/<rule_id>/coupons")
@requires(EDIT)
def add_codes(person: Person, rule_id: str) -> AnyResponse:
    confirm()
    codes = request.form.get("codes", "").splitlines()
    rewards.add_coupons(runtime(), person.workspace_id, rule_id, codes)
    return redirect(url_for("console.rewards_page", campaign=_slug(), done="codes"), 303)


def _preview(rule_id: str, codes: Codes, fresh: list[str], known: int) -> dict[str, Any]:
    return {
        "rule": rule_id,
        "fresh": fresh[:MAX_COUPONS],
        "too_many": max(0, len(fresh) - MAX_COUPONS),
        "known": known,
        "repeated": codes.repeated,
        "bad": codes.bad[:50],
        "more_bad": max(0, len(codes.bad) - 50),
    }


def _page(person: Person, *, slug: str = "", faulty: str = "", **more: Any) -> str:
    listed = campaigns.listing(runtime(), person.workspace_id)
    queue = rewards.waiting(runtime(), person.workspace_id)
    wanted, earliest = slug or _slug(), next((rule.campaign_id for _, rule in queue), "")
    chosen = next((each for each in listed if (each.slug == wanted if wanted else each.id == earliest)), None)
    chosen = chosen or (listed[0] if listed else None)
    found = rewards.rules(runtime(), person.workspace_id, chosen.slug) if chosen else []
    standing = {each.rule.cause: each for each in found}
    return render_template(
        "console/rewards.html",
        **sharing_tabs(person),
        campaigns=listed,
        campaign=chosen,
        rules=[
            (cause, *WORDS[cause], standing.get(cause), _drawn(cause, standing.get(cause), faulty)) for cause in CAUSES
        ],
        queue=queue,
        doubts=DOUBTS,
        low=[each for each in found if each.rule.active and each.coupons_left < LOW],
        faulty=faulty,
        said=SAID.get(request.args.get("done", "")),
        undo=request.args.get("id") if request.args.get("done") == "rejected" else None,
        may_edit=may(person, EDIT),
        max_code=MAX_CODE,
        mail_on=outbox.is_on(runtime()),
        **{"error": "", "given": "", "preview": None, **more},
    )


def _drawn(cause: str, standing: Standing | None, faulty: str) -> dict[str, Any]:
    """What the fields of a rule hold: what was sent where it was refused, else what is saved."""
    if faulty == cause:
        return {
            **{name: request.form.get(name, "") for name in ("promise", *NUMBERS)},
            "active": "active" in request.form,
        }
    rule = (
        standing.rule
        if standing
        else RewardRule(
            promise="", active=False, threshold=10 if cause == "visits" else 1, each_at_most=1, all_at_most=0
        )
    )
    return {name: getattr(rule, name) for name in ("promise", "active", *NUMBERS)}


def _slug() -> str:
    return request.args.get("campaign", "")


def _whole(text: str) -> int:
    """A number as it was typed; what is none is out of every range."""
    text = text.strip()
    return int(text) if text.isdecimal() and len(text) < 8 else -1
