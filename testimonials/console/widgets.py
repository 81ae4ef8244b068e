"""Widgets: what there are, and the builder of one: its settings beside a preview, and the lines that put it on a page."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from testimonials.console.blueprint import blueprint
from testimonials.console.forms import WidgetForm
from testimonials.domain.roles import EDIT, LOOK
from testimonials.domain.sharing import NETWORKS
from testimonials.domain.widget_config import LAYOUTS, RESERVED_HEIGHT, embed_snippet
from testimonials.errors import AppError, Forbidden, Invalid
from testimonials.http import runtime, wants_json
from testimonials.models import Widget
from testimonials.models.base import now
from testimonials.services import campaigns, experiments, widgets
from testimonials.services.accounts import Person
from testimonials.services.widgets import MAX_RADIUS, Placed
from testimonials.sessions import confirm, may, requires

SCHEMES = ("light", "dark")
DEFAULT_RADIUS = 14


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


def _page(
    person: Person, placed: Placed, *, draft: dict[str, Any] | None = None, faults: dict[str, str] | None = None
) -> Response:
    widget = placed.widget
    listed = [campaign for campaign, _ in campaigns.listing(runtime(), person.workspace_id)]
    saved = {
        "name": widget.name,
        "layout": widget.layout,
        "campaigns": [each.slug for each in listed if each.id in widget.campaign_ids],
        "share": widget.share,
        "theme": widget.theme,
    }
    values = {**saved, **(draft or {})}
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
            variants=_variants(widget),
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


def _sent() -> dict[str, Any]:
    """The settings as the form has them. Networks come in the order of their places, which a script keeps as they stand."""
    form = request.form
    places = {name: form.get(f"place-{name}", "").strip() for name in form.getlist("share")}
    order = sorted(places, key=lambda name: float(places[name]) if places[name].isdecimal() else len(places))
    theme = {name: form.get(name, "") for name in ("accent", "surface") if f"own_{name}" in form}
    radius = form.get("radius", "").strip()
    if radius != str(DEFAULT_RADIUS):
        theme["radius"] = f"{radius}px"
    return {
        "name": form.get("name", ""),
        "layout": form.get("layout", ""),
        "campaigns": form.getlist("campaigns"),
        "share": order,
        "theme": theme,
    }


def _snippet(widget: Widget) -> str:
    settings = runtime().settings
    return embed_snippet(settings.base_url, widget.token, widget.layout, feed_url=settings.feed_url)


def _variants(widget: Widget) -> list[tuple[str, str, str, str]]:
    """Ways onto a page: a key, how it is called, the lines, and when it is the right one."""
    base, token = runtime().settings.base_url, widget.token
    address, height = f"{base}/widget/{token}", RESERVED_HEIGHT.get(widget.layout, 640)
    return [
        (
            "script",
            "Script",
            _snippet(widget),
            "For most sites: HTML, WordPress (Custom HTML block), Shopify (Custom Liquid), Webflow (Embed).",
        ),
        (
            "react",
            "React",
            f'import {{ useEffect }} from "react";\n\nexport function Stories() {{\n  useEffect(() => {{\n'
            f"    if (document.querySelector('script[src=\"{base}/widget/v1.js\"]')) return;\n"
            f'    document.head.append(Object.assign(document.createElement("script"), {{ src: "{base}/widget/v1.js",'
            " async: true }));\n  }, []);\n"
            f'  return <testimonial-widget src="{address}" style={{{{ display: "block", minHeight: {height} }}}} />;\n}}',
            "React, Next.js and the like. The script is loaded once, however often the component is shown.",
        ),
        (
            "iframe",
            "Iframe",
            f'<iframe src="{address}" title="What our customers say" width="100%" height="{height}" loading="lazy"'
            ' allow="web-share; fullscreen" style="border:0"></iframe>',
            "Where a page takes no scripts. Font and colors are not those of your page then.",
        ),
        (
            "include",
            "Server",
            f"curl -fsS {address}.html",
            "Your server fetches this fragment and puts it into its page: it is there without JavaScript, for search engines"
            " too. Keep a copy for a minute, not longer: what a customer takes back must go.",
        ),
        (
            "link",
            "Link",
            f'<a href="{address}">What our customers say</a>',
            "For mails, and places that take nothing else.",
        ),
    ]
