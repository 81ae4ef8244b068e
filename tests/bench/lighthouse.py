"""What Lighthouse says of the share page of a demo, and of the sample host page with and without the wall.

Its default: a phone of the middle class on a slow connection, simulated. The program comes from the npm registry in an
exact version, lands in build/, and drives the system's Chromium. Loopback counts as a secure origin, so plain HTTP costs
nothing here; what TLS would add is not measured.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import testimonials.demo
from testimonials.domain.widget_config import embed_snippet
from tests.bench.measure import Result, alternating
from tests.browsers import CHROMIUM
from tests.installation import Installation, wait_for, wait_until_ready
from tests.servers.ports import free_ports
from widgets import npm

LIGHTHOUSE = "13.5.0"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
BAR, MAX_LOSS, ROUNDS = 98, 1, 3
CLIPS = 4  # of the demo's samples: two that lie, one upright, one voice
Scores = dict[str, int]


def measure() -> Result:
    with tempfile.TemporaryDirectory() as folder, _demo(Path(folder)) as installation:
        token, widget = _shown(installation)
        page = _scores(f"{installation.base}/t/{token}", CATEGORIES)
        with _host_pages(embed_snippet(installation.base, widget, "wall")) as host:
            bare, walled = alternating(
                lambda: _performance(f"{host}/without"), lambda: _performance(f"{host}/with"), ROUNDS
            )
    worst = min(page.values())
    loss = statistics.median(bare) - statistics.median(walled)
    return Result(
        "lighthouse",
        max(BAR / max(worst, 1), loss / MAX_LOSS),
        1,
        f"share page {', '.join(f'{name} {score}' for name, score in page.items())}, the worst over {BAR}: {worst / BAR:.3f};"
        f" host page without the wall {statistics.median(bare):g}, with it {statistics.median(walled):g}, {loss:g} less of"
        f" {MAX_LOSS}; median of {ROUNDS}; Lighthouse {LIGHTHOUSE}, phone, simulated throttling",
    )


def _performance(url: str) -> float:
    return _scores(url, ("performance",))["performance"]


def _scores(url: str, categories: tuple[str, ...]) -> Scores:
    """Points of 100 by category."""
    program = npm.install(f"lighthouse-{LIGHTHOUSE}", f"lighthouse@{LIGHTHOUSE}") / "lighthouse" / "cli" / "index.js"
    flags = "--headless=new --no-sandbox --disable-background-networking --disable-component-update --disable-sync"
    options = [f"--only-categories={','.join(categories)}", "--output=json", "--quiet", f"--chrome-flags={flags}"]
    done = subprocess.run(
        [npm.node(), str(program), url, *options],
        capture_output=True,
        check=False,
        env={**os.environ, "CHROME_PATH": CHROMIUM},
        timeout=240,
    )
    if done.returncode:
        raise AssertionError(f"Lighthouse failed for {url}:\n{done.stderr.decode()[-2000:]}")
    found = json.loads(done.stdout)
    if found.get("runtimeError"):
        raise AssertionError(f"Lighthouse could not read {url}: {found['runtimeError']}")
    return {name: round(100 * found["categories"][name]["score"]) for name in categories}


@contextmanager
def _demo(folder: Path) -> Iterator[Installation]:
    """`testimonials demo`, as somebody who looks at the product starts it."""
    port = free_ports()
    base = f"http://127.0.0.1:{port}"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TESTIMONIALS_")}
    own = {"TESTIMONIALS_DATA_DIR": str(folder), "TESTIMONIALS_BASE_URL": base}
    installation = Installation(base, folder, clean | own)
    installation.start("demo", "--data", str(folder), "--port", str(port))
    try:
        wait_until_ready(installation)
        yield installation
    finally:
        installation.stop()


def _shown(installation: Installation) -> tuple[str, str]:
    """The token of a clip that lies, once all are there with everything that is made of them; and that of a widget."""
    with installation.api() as api:

        def finished() -> list[dict[str, object]]:
            found = api.get("/testimonials?media=ready&review=approved").json()["items"]
            done = [each for each in found if all(job["state"] == "done" for job in _one(each["token"])["jobs"])]
            return done if len(done) >= CLIPS else []

        def _one(token: str) -> dict[str, list[dict[str, str]]]:
            read: dict[str, list[dict[str, str]]] = api.get(f"/testimonials/{token}").json()
            return read

        items = wait_for(finished, 240, lambda: installation.log()[-3000:])
        lying = [each for each in items if each["poster"] and each["poster"]["width"] > each["poster"]["height"]]
        return str(lying[-1]["token"]), str(api.post("/widgets", json={"name": "Home"}).json()["token"])


@contextmanager
def _host_pages(snippet: str) -> Iterator[str]:
    """The sample business's own page on an origin of its own: `/with` the wall and `/without`."""
    template = Path(testimonials.demo.__file__).with_name("host.html").read_text()
    pages = {
        f"/{name}": template.replace("<!-- snippet -->", words).replace("{{ collect }}", "#").encode()
        for name, words in (("with", snippet), ("without", ""))
    }

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = pages.get(self.path.partition("?")[0])
            self.send_response(200 if page else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page or b"")))
            self.end_headers()
            self.wfile.write(page or b"")

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
