"""`testimonials demo`: a small business with a few customers, and its web site on another origin."""

from __future__ import annotations

import logging
import subprocess
import tempfile
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import click

from testimonials.demo.portraits import SITTERS, Sitter, make_clip
from testimonials.domain.widget_config import embed_snippet
from testimonials.errors import AppError, NotFound
from testimonials.runtime import Runtime, open_runtime
from testimonials.serve import serve
from testimonials.services import accounts, campaigns, moderation, review, submissions, widgets
from testimonials.services.moderation import Act, Change
from testimonials.services.review import Filter
from testimonials.services.submissions import Details

log = logging.getLogger(__name__)

WORKSPACE = "Copper Spoke"
SLUG = "spring"
QUESTIONS = [
    {"text": "What was your bike like before you brought it in?", "hint": "The rattle, the brakes, the dust"},
    {"text": "What happened in the workshop?", "hint": "One moment you remember"},
    {"text": "Who should come to us?", "hint": ""},
]
GERMAN = {
    "greeting": "Wie fährt das Rad?",
    "questions": [
        {"text": "Wie war Ihr Rad, bevor Sie zu uns kamen?", "hint": "Das Klappern, die Bremsen, der Staub"},
        {"text": "Was geschah in der Werkstatt?", "hint": "Ein Moment, an den Sie sich erinnern"},
        {"text": "Wer sollte zu uns kommen?", "hint": ""},
    ],
}
DEFAULT_DATA = Path("data/demo")


def demo(data_dir: Path | None, *, host: str, port: int) -> int:
    """Serve a furnished house. The clips are made and prepared while the pages are already there."""
    return serve(
        data_dir or DEFAULT_DATA,
        host=host,
        port=port,
        workspace=WORKSPACE,
        prepared=partial(_furnish, host=host, port=port),
    )


def _furnish(runtime: Runtime, link: str, *, host: str, port: int) -> None:
    workspace_id = accounts.first_workspace(runtime) or ""
    try:
        campaigns.by_slug(runtime, SLUG)
    except NotFound:
        campaigns.create(
            runtime,
            workspace_id,
            slug=SLUG,
            name="Spring tune-up",
            greeting="How is the bike riding?",
            questions=QUESTIONS,
            translations={"de": GERMAN},
        )
        widgets.create(runtime, workspace_id, name="Home page")
    threading.Thread(target=_collect, args=(runtime.settings.data_dir, workspace_id), daemon=True).start()
    widget = widgets.listing(runtime, workspace_id)[0]
    base, feed_url = runtime.settings.base_url, runtime.settings.feed_url
    snippet = embed_snippet(base, widget.token, widget.layout, feed_url=feed_url)
    site = _host_site(host, port + 1, snippet, f"{base}/c/{SLUG}")
    click.echo(
        f"\nTestimonials, with a sample business:\n\n"
        f"  Record one    {base}/c/{SLUG}\n"
        f"  Console       {link}\n"
        f"  Sample site   {site}   (another origin, with the widget)\n\n"
        f"Sample clips arrive in the console while they are prepared. Ctrl-C ends it.\n"
    )


def _collect(data_dir: Path, workspace_id: str) -> None:
    """What the sample customers did: hand in a clip; all but the last one are approved. Goes on where it was stopped."""
    from testimonials.settings import load

    runtime = open_runtime(load(data_dir=data_dir))
    try:
        here = {each.name for each in review.listing(runtime, workspace_id, Filter()).testimonials}
        for number, sitter in enumerate(SITTERS):
            if sitter.name in here:
                continue
            token = _submit(runtime, sitter)
            if number < len(SITTERS) - 1:
                moderation.one(runtime, workspace_id, token, Change(act=Act.APPROVE))
    except (OSError, subprocess.CalledProcessError, AppError) as error:
        log.warning("the sample clips could not be made, everything else works: %s", str(error)[:200])
    finally:
        runtime.db.close()


def _submit(runtime: Runtime, sitter: Sitter) -> str:
    with tempfile.TemporaryDirectory() as folder:
        clip = make_clip(sitter, Path(folder))
        details = Details(
            name=sitter.name,
            email="sample@example.org",
            title=sitter.title,
            rating=sitter.rating,
            text=sitter.quote,
            scopes=("website", "social"),
            kind=sitter.kind,
        )
        body = clip.read_bytes() if clip else b""
        submitted = submissions.submit_file(
            runtime,
            slug=SLUG,
            stream=BytesIO(body),
            size=len(body),
            details=details,
            address="127.0.0.1",
        )
    return submitted.token


def _host_site(host: str, port: int, snippet: str, collect: str) -> str:
    """The sample business's own page, served from another port and so from another origin."""
    template = Path(__file__).with_name("host.html").read_text()
    page = template.replace("<!-- snippet -->", snippet).replace("{{ collect }}", collect).encode()

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path.partition("?")[0] == "/"
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page) if found else 0))
            self.end_headers()
            if found:
                self.wfile.write(page)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the name is the base class's
            pass

    try:
        server = ThreadingHTTPServer((host, port), Site)
    except OSError:
        server = ThreadingHTTPServer((host, 0), Site)
    threading.Thread(target=server.serve_forever, name="sample-site", daemon=True).start()
    return f"http://{host}:{server.server_address[1]}/"
