"""The Flask app: the only place that wires the doors to the house."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from datetime import timedelta

from flask import Flask, Response, jsonify, redirect, request, url_for
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as AnyResponse

from testimonials import http, limits, presentation, static_files
from testimonials.accounts import account, company_routes, joining, mails, passkey_routes, team, tokens
from testimonials.accounts import routes as account_routes
from testimonials.accounts.blueprint import blueprint as accounts
from testimonials.analytics import conversions, experiments, steps
from testimonials.analytics.routes import blueprint as analytics
from testimonials.api import campaigns as api_campaigns
from testimonials.api import editing as api_editing
from testimonials.api import experiments as api_experiments
from testimonials.api import invitations as api_invitations
from testimonials.api import ledger as api_ledger
from testimonials.api import moderation as api_moderation
from testimonials.api import rewards as api_rewards
from testimonials.api import widgets as api_widgets
from testimonials.api.routes import blueprint as api
from testimonials.collect.invited import blueprint as invited
from testimonials.collect.mine import blueprint as mine
from testimonials.collect.routes import blueprint as collect
from testimonials.collect.tus import blueprint as tus
from testimonials.console import audit as console_audit
from testimonials.console import balance, campaign, editing, editor, invitations, moderation, setup
from testimonials.console import conversions as console_conversions
from testimonials.console import experiments as console_experiments
from testimonials.console import operations as console_operations
from testimonials.console import reports as console_reports
from testimonials.console import rewards as console_rewards
from testimonials.console import share as console_share
from testimonials.console import sharing as console_sharing
from testimonials.console import widgets as console_widgets
from testimonials.console.blueprint import blueprint as console
from testimonials.errors import AppError, NotFound
from testimonials.runtime import Runtime, open_runtime
from testimonials.security import derived_key
from testimonials.settings import Settings, load
from testimonials.sharing import discovery
from testimonials.sharing.media import blueprint as media
from testimonials.sharing.routes import blueprint as sharing
from testimonials.upkeep import metrics, operations
from testimonials.upkeep.operations import Check
from widgets import pages as widget_pages
from widgets.routes import blueprint as widgets

DOORS = (accounts, collect, invited, mine, tus, console, sharing, media, analytics, api, widgets)
# They put their routes on a blueprint when they are imported.
MORE_ROUTES = (
    account,
    account_routes,
    api_campaigns,
    api_editing,
    api_experiments,
    api_invitations,
    api_ledger,
    api_moderation,
    api_rewards,
    api_widgets,
    balance,
    campaign,
    company_routes,
    console_audit,
    console_conversions,
    console_experiments,
    console_operations,
    console_reports,
    console_rewards,
    console_share,
    console_sharing,
    console_widgets,
    conversions,
    discovery,
    editing,
    editor,
    experiments,
    invitations,
    joining,
    moderation,
    mails,
    passkey_routes,
    setup,
    steps,
    team,
    tokens,
    widget_pages,
)
READY_SECONDS = 2
FORM_BYTES = 1_000_000  # what a form may bring; uploads and the API set their own bound


def create_app(settings: Settings | None = None, runtime: Runtime | None = None) -> Flask:
    """An app for these settings; without any, as the environment says (which is how the server starts it)."""
    runtime = runtime or open_runtime(settings or load())
    settings = runtime.settings
    app = Flask(__name__, static_folder=None)
    secure = settings.base_url.startswith("https://")
    app.config.update(
        SECRET_KEY=derived_key(settings.secret_key, "session"),
        SESSION_COOKIE_NAME="__Host-session" if secure else "session",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=14),
        MAX_CONTENT_LENGTH=FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=FORM_BYTES,
        WTF_CSRF_TIME_LIMIT=12 * 3600,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["testimonials"] = runtime
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    # Werkzeug would redirect `/console` to `/console/` at whatever Host the request claims.
    app.url_map.strict_slashes = app.url_map.merge_slashes = False
    http.install(app)
    limits.install(app, settings)
    static_files.install(app)
    app.jinja_env.filters.update(
        clock=presentation.clock, ago=presentation.ago, language_name=presentation.language_name
    )
    for door in DOORS:
        app.register_blueprint(door)
    _register_health(app, runtime)
    return app


def _kept_for(seconds: float, look: Callable[[], list[Check]]) -> Callable[[], list[Check]]:
    """The last finding for so long: a check writes to the storage, and anybody may ask."""
    found: list[Check] = []
    until = 0.0

    def kept() -> list[Check]:
        nonlocal found, until
        if time.monotonic() >= until:
            found = look()
            until = time.monotonic() + seconds
        return found

    return kept


def _register_health(app: Flask, runtime: Runtime) -> None:
    readiness = _kept_for(READY_SECONDS, lambda: operations.readiness(runtime))

    @app.get("/")
    def home() -> AnyResponse:
        return redirect(url_for("console.review_page"))

    @app.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="alive", version=operations.VERSION)

    @app.get("/readyz")
    def readyz() -> Response:
        checks = readiness()
        response = jsonify(ready=all(check.ok for check in checks), checks={c.name: c.ok for c in checks})
        response.status_code = 200 if all(check.ok for check in checks) else 503
        return response

    @app.get("/metrics")
    def exposition() -> Response:
        # Not for everybody: without a token there is no such page.
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        wanted = runtime.settings.metrics_token
        if not wanted or not hmac.compare_digest(given.encode(), wanted.encode()):
            raise NotFound("There is nothing here.")
        return Response(metrics.exposition(runtime), content_type="text/plain; version=0.0.4; charset=utf-8")

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        app.logger.exception("unexpected error", exc_info=error)
        return http.on_app_error(AppError("Something on our side went wrong. Please try again in a minute."))
