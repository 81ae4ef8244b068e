"""Every page of the console with 1,000 testimonials: what it costs the server, and what it weighs without media."""

from __future__ import annotations

import re
import statistics
import time
from urllib.parse import urljoin, urlsplit

import brotli
from flask.testing import FlaskClient
from sqlalchemy import select

from testimonials.models import Campaign, Testimonial, Widget
from testimonials.services import accounts, widgets
from tests.bench.list_scale import SMALL, House, house
from tests.bench.measure import Result

ROUNDS = 30
BAR_MS, BAR_BYTES = 50, 150_000
NEEDED = re.compile(
    rb"""(?:(?:href|src)=["']|from\s*["']|import\s*\(?["']|url\(["']?)([^"')#\s]+\.(?:css|js|svg|woff2))(?=["')#?])"""
)


def measure() -> Result:
    with house(SMALL, None) as filled:
        client = _owner(filled)
        pages = _pages(filled, client)
        slow = {path: _p95(client, path) for path in pages}
        heavy = {path: _weight(client, path) for path in pages}
    slowest, heaviest = max(slow, key=lambda path: slow[path]), max(heavy, key=lambda path: heavy[path])
    return Result(
        "console-pages",
        max(slow[slowest] / BAR_MS, heavy[heaviest] / BAR_BYTES),
        1,
        f"{len(pages)} pages with {SMALL} testimonials: slowest {slowest} p95 {slow[slowest]:.0f} ms of {BAR_MS}, median of all"
        f" {statistics.median(slow.values()):.0f} ms; heaviest {heaviest} {heavy[heaviest]:,} B brotli of {BAR_BYTES:,}",
    )


def _owner(filled: House) -> FlaskClient:
    client = filled.client.application.test_client()
    with filled.runtime.db.read() as session:
        workspace = session.scalars(select(Campaign.workspace_id)).one()
    member = accounts.add_member(filled.runtime, workspace, email="owner@shop.example", role="owner")
    accounts.set_password(filled.runtime, member, "correct horse battery")
    client.post(accounts.sign_in_link(filled.runtime, member).removeprefix(filled.runtime.settings.base_url))
    widgets.create(filled.runtime, workspace, name="Home")
    return client


def _pages(filled: House, client: FlaskClient) -> list[str]:
    """Every address of the console and the accounts that answers an owner with a page."""
    with filled.runtime.db.read() as session:
        testimonial = session.scalars(select(Testimonial.token).where(Testimonial.review == "approved").limit(1)).one()
        widget = session.scalars(select(Widget.token)).one()
    app, found = client.application, set()
    for rule in app.url_map.iter_rules():
        room = rule.endpoint.partition(".")[0]
        if room not in ("console", "accounts") or "GET" not in (rule.methods or set()):
            continue
        for token in (testimonial, widget) if "token" in rule.arguments else (testimonial,):
            known = {"token": token, "slug": "spring", "language": "en"}
            values = {name: known.get(name, "none") for name in rule.arguments}
            with app.test_request_context():
                path = app.url_map.bind("localhost").build(rule.endpoint, values)
            answer = client.get(path)
            if answer.status_code == 200 and answer.mimetype == "text/html":
                found.add(path)
    return sorted(found)


def _p95(client: FlaskClient, path: str) -> float:
    """Milliseconds. What is compiled and cached once for all is no page's own."""
    client.get(path)
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        assert client.get(path).status_code == 200
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.quantiles(taken, n=20)[-1]


def _weight(client: FlaskClient, path: str) -> int:
    """Bytes as brotli of the page and of all styles, scripts, icons and fonts that it leads to."""
    body = client.get(path).data
    seen, total, waiting = {path}, len(brotli.compress(body)), [(path, body)]
    while waiting:
        base, body = waiting.pop()
        for match in NEEDED.finditer(body):
            address = urlsplit(urljoin(f"http://localhost{base}", match[1].decode())).path
            if address in seen:
                continue
            seen.add(address)
            answer = client.get(address)
            assert answer.status_code == 200, f"{address}, which {base} needs"
            total += len(brotli.compress(answer.data))
            waiting.append((address, answer.data))
    return total
