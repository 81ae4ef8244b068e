"""Conversions: those that wait for approval, those that count, and how a site reports them."""

from __future__ import annotations

from typing import Any

from babel.numbers import format_currency, get_currency_precision
from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from testimonials.console.blueprint import blueprint
from testimonials.console.sharing import network_label, sharing_tabs
from testimonials.domain.roles import EDIT, LOOK, MODERATE
from testimonials.errors import Invalid
from testimonials.http import runtime
from testimonials.models import Conversion
from testimonials.models.ledger import ConversionState
from testimonials.services import conversions
from testimonials.services.accounts import Person
from testimonials.sessions import confirm, may, requires

STATES = {"pending": "Waiting", "approved": "Counted", "rejected": "Not counted"}
SOURCES = {
    "server": "Your server",
    "snippet": "The snippet on your pages",
    "pixel": "The picture on your pages",
}
SAID = {"approved": "Counted", "rejected": "Not counted", "pending": "Back in the queue"}


@blueprint.get("/conversions")
@requires(LOOK)
def conversions_page(person: Person) -> str:
    return _page(person)


@blueprint.post("/conversions/<conversion_id>/approve")
@requires(MODERATE)
def approve_conversion(person: Person, conversion_id: str) -> AnyResponse:
    confirm()
    return _decided(conversions.decide(runtime(), person.workspace_id, conversion_id, approve=True))


@blueprint.post("/conversions/<conversion_id>/reject")
@requires(MODERATE)
def reject_conversion(person: Person, conversion_id: str) -> AnyResponse:
    confirm()
    return _decided(conversions.decide(runtime(), person.workspace_id, conversion_id, approve=False))


@blueprint.post("/conversions/<conversion_id>/reopen")
@requires(MODERATE)
def reopen_conversion(person: Person, conversion_id: str) -> AnyResponse:
    confirm()
    return _decided(conversions.decide(runtime(), person.workspace_id, conversion_id, approve=None))


@blueprint.post("/conversions/window")
@requires(EDIT)
def set_window(person: Person) -> AnyResponse | tuple[str, int]:
    confirm()
    days = request.form.get("days", "").strip()
    try:
        conversions.set_window(runtime(), person.workspace_id, int(days) if days.isdecimal() and len(days) < 5 else 0)
    except Invalid as error:
        return _page(person, fault=error.detail), error.status
    return redirect(url_for("console.conversions_page", saved="window", _anchor="settings"), 303)


@blueprint.post("/conversions/token")
@requires(EDIT)
def renew_token(person: Person) -> AnyResponse:
    confirm()
    conversions.renew_token(runtime(), person.workspace_id)
    return redirect(url_for("console.conversions_page", saved="token", _anchor="how"), 303)


def _page(person: Person, fault: str = "") -> str:
    state = request.args.get("state", ConversionState.PENDING)
    state = state if state in STATES else ConversionState.PENDING
    reporting = conversions.reporting(runtime(), person.workspace_id)
    return render_template(
        "console/conversions.html",
        **sharing_tabs(person),
        state=state,
        states=STATES,
        sources=SOURCES,
        found=conversions.told(runtime(), person.workspace_id, state=state),
        done=_done(),
        saved=request.args.get("saved"),
        fault=fault,
        money=money,
        network=network_label,
        days=reporting.attribution_days,
        most_days=conversions.MAX_WINDOW_DAYS,
        how=how_to(runtime().settings.base_url, reporting.token),
        may_edit=may(person, EDIT),
        may_decide=may(person, MODERATE),
    )


def money(conversion: Conversion) -> str:
    """Its value as people write it; empty where none was said."""
    if conversion.value_cents is None:
        return ""
    if not conversion.currency:
        return f"{conversion.value_cents / 100:,.2f}"
    value = conversion.value_cents / 10 ** get_currency_precision(conversion.currency)
    return str(format_currency(value, conversion.currency, locale="en"))


def how_to(base: str, token: str) -> dict[str, str]:
    """What a business pastes: into all pages, into the one that says thank you, or into its server."""
    return {
        "everywhere": f'<script src="{base}/widget/conversion.js" data-workspace="{token}" async></script>',
        "thanks": "<script>\n"
        "  addEventListener('load', () => testimonialsConversion({ key: 'order-4711', value: 4900, currency: 'EUR' }))\n"
        "</script>",
        "picture": f'<img src="{base}/conversions/{token}.gif?key=order-4711&amp;via=CODE&amp;value=4900&amp;currency=EUR"'
        ' alt="" width="1" height="1">',
        "server": f'curl -X POST {base}/api/v1/conversions -H "Authorization: Bearer TOKEN" \\\n'
        '  -H "Idempotency-Key: order-4711" -H "Content-Type: application/json" \\\n'
        '  -d \'{"last": "CODE", "value": 4900, "currency": "EUR"}\'',
    }


def _done() -> dict[str, str] | None:
    """The last verdict, with which it can be taken back."""
    said, conversion_id = request.args.get("done", ""), request.args.get("id", "")
    return {"said": SAID[said], "state": said, "id": conversion_id} if said in SAID and conversion_id else None


def _decided(conversion: Conversion) -> AnyResponse:
    query: dict[str, Any] = {"done": str(conversion.state), "id": conversion.id}
    if (state := request.args.get("state")) in STATES:
        query["state"] = state
    return redirect(url_for("console.conversions_page", **query), 303)
