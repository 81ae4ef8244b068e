"""Widgets: what there are, and the builder of one: its settings beside a preview, and the lines that put it on a page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Response, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from testimonials.console.blueprint import blueprint
from testimonials.console.forms import WidgetForm
from testimonials.domain.lifecycle import ReviewStatus
from testimonials.domain.roles import EDIT, LOOK
from testimonials.domain.sharing import NETWORKS
from testimonials.domain.snippets import ways
from testimonials.domain.widget_config import FEATURED, LAYOUTS, MAX_PINS, MAX_RATING, SORTS, UTM, embed_snippet
from testimonials.errors import AppError, Forbidden, Invalid
from testimonials.http import runtime, wants_json
from testimonials.i18n import LANGUAGES
from testimonials.models import Campaign, Testimonial, Widget
from testimonials.models.base import now
from testimonials.services import campaigns, experiments, review, tags, widgets
from testimonials.services.accounts import Person
from testimonials.services.review import Filter
from testimonials.services.widgets import MAX_RADIUS, Placed
from testimonials.sessions import confirm, may, requires

SCHEMES = ("light", "dark")
DEFAULT_RADIUS = 14
CHOICES = 20
CHOICE_CHARACTERS = 90


@blueprint.route("/widgets", methods=["GET", "POST"])
@requires(LOOK, sending=EDIT)
def widgets_page(person: Person) -> str | AnyResponse:
    form, error = WidgetForm(), None
    if form.validate_on_submit():
        if not may(person, EDIT):
            raise Forbidden("Your role does not include this. Ask an owner of the workspace.")
        try:
            made = widgets.create(runtime(), person.workspace_id, name=form.name.data, layout=form.layout.data)
            return redirect(url_for("console.widget_page", token=made.token, saved="new"), 303)
        except AppError as refused:
            error = refused.detail
    found = [
        {
            "widget": each.widget,
            "snippet": _snippet(each.widget),
            "seen": each.seen_at,
            "layout": LAYOUTS.get(each.widget.layout, each.widget.layout),
        }
        for each in widgets.placed(runtime(), person.workspace_id)
    ]
    return render_template(
        "console/widgets.html", widgets=found, form=form, error=error, layouts=LAYOUTS, may_edit=may(person, EDIT)
    )


@blueprint.get("/widgets/<token>")
@requires(LOOK)
def widget_page(person: Person, token: str) -> Response:
    return _page(person, widgets.read(runtime(), person.workspace_id, token))


@blueprint.post("/widgets/<token>")
@requires(EDIT)
def save_widget(person: Person, token: str) -> AnyResponse:
    confirm()
    changes = _sent()
    try:
        widgets.edit(runtime(), person.workspace_id, token, changes)
    except Invalid as error:
        if wants_json():
            raise
        placed = widgets.read(runtime(), person.workspace_id, token)
        page = _page(
            person, placed, draft=changes, faults={name: " ".join(each) for name, each in error.fields.items()}
        )
        page.status_code = error.status
        return page
    if wants_json():
        return jsonify(saved=True)
    return redirect(url_for("console.widget_page", token=token, saved="widget"), 303)


@blueprint.post("/widgets/<token>/delete")
@requires(EDIT)
def delete_widget(person: Person, token: str) -> AnyResponse:
    confirm()
    widgets.remove(runtime(), person.workspace_id, token)
    return redirect(url_for("console.widgets_page", deleted="yes"), 303)


@blueprint.get("/widgets/<token>/preview")
@requires(LOOK)
def preview_widget(person: Person, token: str) -> Response:
    """The widget on a page of somebody's site, light or dark. Nothing that happens on it is counted: it may read feeds and
    not send beacons."""
    widget = widgets.read(runtime(), person.workspace_id, token).widget
    scheme = request.args.get("scheme")
    response = make_response(
        render_template(
            "console/preview.html",
            widget=widget,
            scheme=scheme if scheme in SCHEMES else "light",
            workspace_name=person.workspace_name,
        )
    )
    base = runtime().settings.base_url
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self';"
        f" connect-src {base}/widget/; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )
    return response


@blueprint.post("/widgets/<token>/draft")
@requires(EDIT)
def draft_widget(person: Person, token: str) -> Response:
    """Where the preview reads what it would show with the settings of the form. Nothing is kept."""
    confirm()
    changes = {name: value for name, value in _sent().items() if name != "name"}
    return jsonify(feed=widgets.draft_address(runtime(), person.workspace_id, token, changes))


@blueprint.get("/widgets/<token>/choices")
@requires(LOOK)
def widget_choices(person: Person, token: str) -> Response:
    """What can be pinned, newest first, by names and words: `q`. Only what the public may see."""
    widgets.read(runtime(), person.workspace_id, token)
    return jsonify(items=_choices(person, " ".join(request.args.get("q", "").split())))


def _choices(person: Person, words: str = "") -> list[dict[str, Any]]:
    wanted = Filter(review=str(ReviewStatus.APPROVED), query=words or None)
    found = review.listing(runtime(), person.workspace_id, wanted, limit=CHOICES).testimonials
    return [_choice(each) for each in found if each.public]


def _choice(each: Testimonial) -> dict[str, Any]:
    words = each.shown_words
    return {
        "token": each.token,
        "name": each.name,
        "rating": each.rating,
        "words": words if len(words) <= CHOICE_CHARACTERS else f"{words[:CHOICE_CHARACTERS].rstrip()}…",
        "public": each.public,
    }


def _page(
    person: Person, placed: Placed, *, draft: dict[str, Any] | None = None, faults: dict[str, str] | None = None
) -> Response:
    widget = placed.widget
    listed = campaigns.listing(runtime(), person.workspace_id)
    values = {**_kept(widget, listed), **(draft or {})}
    standing = widgets.standing(runtime(), person.workspace_id, widget.token, draft["pins"] if draft else None)
    settings = runtime().settings
    chosen = [name for name in values["share"] if name in NETWORKS]
    response = make_response(
        render_template(
            "console/widget.html",
            widget=widget,
            values=values,
            faults=faults or {},
            seen=placed.seen_at,
            lately=placed.seen_at is not None and (now() - placed.seen_at).days < 7,
            layouts=LAYOUTS,
            campaigns=listed,
            networks=[NETWORKS[name] for name in (*chosen, *(name for name in NETWORKS if name not in chosen))],
            chosen=chosen,
            radius=int(str(values["theme"].get("radius", f"{DEFAULT_RADIUS}px")).removesuffix("px") or DEFAULT_RADIUS),
            most_radius=MAX_RADIUS,
            variants=ways(settings.base_url, widget.token, widget.layout, feed_url=settings.feed_url),
            pinned=[_choice(each) for each in standing.pinned],
            choices=[each for each in _choices(person) if each["token"] not in {pin.token for pin in standing.pinned}],
            most_pins=MAX_PINS,
            sorts=SORTS,
            most_stars=MAX_RATING,
            tags=list(dict.fromkeys([*tags.offered(runtime(), person.workspace_id), *values["tags"]])),
            languages=LANGUAGES,
            utm=UTM,
            places=standing.places,
            own_host=urlsplit(settings.base_url).netloc,
            experiment=experiments.address_for(runtime(), widget),
            saved=request.args.get("saved"),
            may_edit=may(person, EDIT),
        )
    )
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:;"
        " connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return response


def _kept(widget: Widget, listed: list[Campaign]) -> dict[str, Any]:
    """The settings as they are kept, by the names that the form has for them."""
    names = ("name", "layout", "share", "theme", "sort", "tags", "min_rating", "languages", "call")
    slugs = [each.slug for each in listed if each.id in widget.campaign_ids]
    return {"campaigns": slugs, **{name: getattr(widget, name) for name in names}}


def _sent() -> dict[str, Any]:
    """The settings as the form has them. Networks come in the order of their places, which a script keeps as they stand."""
    form = request.form
    places = {name: form.get(f"place-{name}", "").strip() for name in form.getlist("share")}
    order = sorted(places, key=lambda name: float(places[name]) if places[name].isdecimal() else len(places))
    theme = {name: form.get(name, "") for name in ("accent", "surface") if f"own_{name}" in form}
    radius = form.get("radius", "").strip()
    if radius != str(DEFAULT_RADIUS):
        theme["radius"] = f"{radius}px"
    stars = form.get("min_rating", "")
    utm = {name: form.get(f"utm_{name}", "") for name in UTM}
    return {
        "sort": form.get("sort", FEATURED),
        "tags": form.getlist("tags"),
        "min_rating": int(stars) if stars.isascii() and stars.isdecimal() and len(stars) < 3 else (stars or None),
        "languages": form.getlist("languages"),
        "pins": _placed_pins(),
        "call": {"label": form.get("call_label", ""), "url": form.get("call_url", ""), "utm": utm},
        "name": form.get("name", ""),
        "layout": form.get("layout", ""),
        "campaigns": form.getlist("campaigns"),
        "share": order,
        "theme": theme,
    }


def _placed_pins() -> list[str]:
    """Tokens in the order of the page, or of the numbers beside them where there is no script."""
    tokens = request.form.getlist("pins")
    places = {token: request.form.get(f"pin-{token}", "").strip() for token in tokens}
    return sorted(places, key=lambda token: float(places[token]) if places[token].isdecimal() else len(places))


def _snippet(widget: Widget) -> str:
    settings = runtime().settings
    return embed_snippet(settings.base_url, widget.token, widget.layout, feed_url=settings.feed_url)
