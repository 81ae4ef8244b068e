"""The review page: what waits, playable in place, with filters and search; the acts, and taking them back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from testimonials.console import view
from testimonials.console.blueprint import blueprint
from testimonials.console.filters import KINDS, STATUSES, Asked, asked
from testimonials.domain.reasons import REASONS
from testimonials.domain.roles import EDIT, LOOK, MODERATE
from testimonials.errors import Invalid, NotFound
from testimonials.http import runtime, wants_json
from testimonials.i18n import LANGUAGES
from testimonials.models import Testimonial
from testimonials.services import campaigns, moderation, outbox, remarks, review, review_rules, tags
from testimonials.services.accounts import Person
from testimonials.services.moderation import BULK_ACTS, Act, By, Change, Outcome
from testimonials.sessions import confirm, may, requires

SAID = {
    Act.APPROVE: "Approved",
    Act.REJECT: "Rejected",
    Act.REOPEN: "Back in the queue:",
    Act.ARCHIVE: "Archived",
    Act.RESTORE: "Back from the archive:",
    Act.TAG: "Tagged",
    Act.UNTAG: "Tag taken off",
    Act.RETAG: "Tags changed of",
    Act.FEATURE: "Featured",
    Act.UNFEATURE: "No longer featured:",
    Act.ASSIGN: "Assignment changed of",
    Act.QUOTE: "Quote changed of",
}
_EDITING = (Act.QUOTE,)
ROWS = 30


@blueprint.get("/")
@requires(LOOK)
def review_page(person: Person) -> str:
    wanted = asked(person)
    page, trouble = _listed(person, wanted)
    found = page.testimonials if page else []
    chosen = _chosen(person, found)
    return render_template(
        "console/review.html",
        person=person,
        asked=wanted,
        status=wanted.status,
        statuses=STATUSES,
        trouble=trouble,
        counts=review.counts(runtime(), person.workspace_id),
        testimonials=[view.row(runtime(), each, page.terms) for each in found] if page else [],
        chosen=chosen and view.detail(runtime(), person, chosen),
        next_cursor=page and page.next_cursor,
        campaigns=campaigns.listing(runtime(), person.workspace_id),
        kinds=KINDS,
        languages=LANGUAGES,
        tags=tags.offered(runtime(), person.workspace_id),
        reviewers=review_rules.reviewers(runtime(), person.workspace_id),
        two=review_rules.read(runtime(), person.workspace_id),
        may_edit=may(person, EDIT),
        may_moderate=may(person, MODERATE),
        reasons=REASONS,
        mail_is_on=outbox.is_on(runtime()),
        acted=request.args.get("acted"),
    )


def _listed(person: Person, wanted: Asked) -> tuple[review.Page | None, str]:
    """The page, or a sentence about why there is none. A cursor that is gone means the beginning."""
    try:
        return review.listing(runtime(), person.workspace_id, wanted.filter, limit=ROWS), ""
    except Invalid as error:
        if error.code == "bad_cursor":
            return review.listing(runtime(), person.workspace_id, replace(wanted.filter, cursor=None), limit=ROWS), ""
        return None, error.detail


def _chosen(person: Person, found: list[Testimonial]) -> Testimonial | None:
    """Whom the address names, wherever they stand in the list; else the first."""
    token = request.args.get("id")
    here = next((each for each in found if each.token == token), None)
    if here is None and token:
        try:
            return review.read(runtime(), person.workspace_id, token).testimonial
        except NotFound:
            here = None
    return here or next(iter(found), None)


def _acting(act: Act) -> Callable[..., AnyResponse]:
    def acts(person: Person, token: str) -> AnyResponse:
        confirm()
        outcome = moderation.one(runtime(), person.workspace_id, token, _change(act, person), by(person))
        return _done(act, outcome)

    return requires(EDIT if act in _EDITING else MODERATE)(acts)


for _act in Act:
    blueprint.add_url_rule(f"/testimonials/<token>/{_act}", _act, _acting(_act), methods=["POST"])


@blueprint.post("/testimonials/bulk")
@requires(MODERATE)
def bulk(person: Person) -> AnyResponse:
    """One act on all that are ticked."""
    confirm()
    name = request.form.get("act", "")
    if name not in BULK_ACTS:
        raise Invalid("This cannot be done to several at once.", code="unknown_act")
    act = Act(name)
    tokens = list(dict.fromkeys(request.form.getlist("token")))
    outcome = moderation.perform(runtime(), person.workspace_id, tokens, _change(act, person), by(person))
    return _done(act, outcome)


@blueprint.post("/acts/<act_id>/undo")
@requires(MODERATE)
def undo(person: Person, act_id: str) -> AnyResponse:
    confirm()
    outcome = moderation.undo(runtime(), person.workspace_id, act_id, by(person))
    said = _sentence(f"Undone: {_named(outcome.done)}") if outcome.done else "Nothing was undone."
    if outcome.refused:
        said += f" {next(iter(outcome.refused.values())).detail}"
    return _answer(said, None, outcome.done)


@blueprint.post("/testimonials/<token>/notes")
@requires(MODERATE)
def add_note(person: Person, token: str) -> AnyResponse:
    confirm()
    remarks.add_note(runtime(), person.workspace_id, token, request.form.get("text", ""), by(person))
    return _to_part(token, "notes")


@blueprint.post("/testimonials/<token>/notes/<note_id>/delete")
@requires(MODERATE)
def remove_note(person: Person, token: str, note_id: str) -> AnyResponse:
    confirm()
    remarks.remove_note(runtime(), person.workspace_id, token, note_id, by(person))
    return _to_part(token, "notes")


@blueprint.post("/testimonials/<token>/retry")
@requires(MODERATE)
def retry(person: Person, token: str) -> AnyResponse:
    confirm()
    review.retry(runtime(), person.workspace_id, token)
    return _to_part(token, "work")


@blueprint.get("/testimonials/<token>/state.json")
@requires(LOOK)
def state(person: Person, token: str) -> Response:
    found = review.read(runtime(), person.workspace_id, token)
    job = found.job
    return jsonify(
        media=found.testimonial.media,
        stage=job.stage if job else "",
        percent=job.percent if job else 0,
        working=view.working(found.standing),
    )


def by(person: Person) -> By:
    """The member as one who acts."""
    return By(member_id=person.member_id, name=person.name)


def _change(act: Act, person: Person) -> Change:
    form = request.form
    reason = form.get("own_reason", "") if form.get("reason") == "own" else form.get("reason", "")
    assignee = form.get("assignee", "")
    return Change(
        act=act,
        reason=reason,
        message=form.get("message", "") if "tell" in form else "",
        tags=tuple(form.get("tags", "").split(",")),
        assignee=person.member_id if assignee == "me" else assignee,
        words=form.get("words", ""),
    )


def _done(act: Act, outcome: Outcome) -> AnyResponse:
    said = _sentence(f"{SAID[act]} {_named(outcome.done)}")
    if act is Act.APPROVE and any(each.review != "approved" for each in outcome.done):
        said = f"Your approval of {_named(outcome.done)} is in. One more is needed."
    if outcome.refused:
        refusal = f"{len(outcome.refused)} left out: {next(iter(outcome.refused.values())).detail}"
        said = f"{said} {refusal}" if outcome.done else f"Nothing was done. {refusal}"
    return _answer(said, outcome.act_id, outcome.done)


def _answer(said: str, act_id: str | None, done: list[Testimonial]) -> AnyResponse:
    if wants_json():
        about: dict[str, Any] = {"token": done[0].token, "review": done[0].review} if done else {}
        return jsonify(**about, said=said, act=act_id, done=[each.token for each in done])
    given = {name: value for name, value in request.args.items() if name != "acted"}
    if given.get("at") == "edit" and done:
        return redirect(url_for("console.edit_page", token=done[0].token), 303)
    return redirect(url_for("console.review_page", **given, acted=act_id), 303)  # type: ignore[arg-type]


def _sentence(words: str) -> str:
    """Ended by one dot, also where a name ends in one."""
    return words.removesuffix(".") + "."


def _named(done: list[Testimonial]) -> str:
    return done[0].name if len(done) == 1 else f"{len(done)} testimonials"


def _to_part(token: str, part: str) -> AnyResponse:
    given = {name: value for name, value in request.args.items() if name not in ("acted", "id")}
    return redirect(f"{url_for('console.review_page', **given, id=token)}#{part}", 303)  # type: ignore[arg-type]
