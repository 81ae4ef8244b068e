"""Style sheets and scripts: small on the line, kept by browsers, and never of two versions on one page."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import urljoin

import brotli
import pytest
from flask.testing import FlaskClient

from testimonials import static_files
from testimonials.static_files import FOLDER, StaticFile, StaticFiles
from tests.conftest import Someone
from widgets import build

TEXTS = sorted(
    path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.suffix in {".js", ".css", ".svg"}
)


def address_of(customer: FlaskClient, name: str) -> str:
    found = re.search(r'href="(/static/[^"]+/)css/tokens\.css"', customer.get("/c/spring").text)
    assert found
    return found.group(1) + name


def test_texts_come_packed_and_are_kept(customer: FlaskClient, owner: Someone) -> None:
    assert len(TEXTS) > 20
    folder = address_of(customer, "")
    for name in TEXTS:
        body = StaticFile(FOLDER / name).body
        packed = customer.get(folder + name, headers={"Accept-Encoding": "gzip, br"})
        assert (packed.status_code, packed.headers["Vary"]) == (200, "Accept-Encoding")
        assert packed.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        if "Content-Encoding" in packed.headers:
            assert brotli.decompress(packed.data) == body and len(packed.data) < len(body)
        else:
            assert packed.data == body and len(body) < 300, "only the smallest grow by being packed"


def test_who_does_not_unpack_gets_it_plain(customer: FlaskClient, owner: Someone) -> None:
    address, body = address_of(customer, "css/tokens.css"), StaticFile(FOLDER / "css/tokens.css").body
    packed = customer.get(address, headers={"Accept-Encoding": "br"})
    for accepted in ("", "gzip", "br;q=0"):
        plain = customer.get(address, headers={"Accept-Encoding": accepted})
        assert plain.data == body and "Content-Encoding" not in plain.headers
        assert plain.headers["ETag"] != packed.headers["ETag"]
    again = customer.get(address, headers={"If-None-Match": plain.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert (customer.head(address).status_code, customer.head(address).data) == (200, b"")


def test_public_pages_come_packed_and_private_ones_do_not(customer: FlaskClient, owner: Someone) -> None:
    plain, packed = customer.get("/c/spring"), customer.get("/c/spring", headers={"Accept-Encoding": "br"})
    assert (packed.headers["Content-Encoding"], packed.headers["Vary"]) == ("br", "Accept-Encoding")
    assert "<h1" in brotli.decompress(packed.data).decode() and len(packed.data) < len(plain.data) / 3
    assert ("Content-Encoding" in plain.headers, plain.headers["Vary"]) == (False, "Accept-Encoding")
    missing = customer.get("/c/unknown", headers={"Accept-Encoding": "br", "Accept": "text/html"})
    assert missing.status_code == 404 and "<html" in brotli.decompress(missing.data).decode()
    console = owner.client.get("/console/", headers={"Accept-Encoding": "br"}, follow_redirects=True)
    assert "Content-Encoding" not in console.headers, (
        "what a cookie opens may hold a secret beside what a stranger wrote"
    )


def test_types_are_said(customer: FlaskClient, owner: Someone) -> None:
    for name, expected in (
        ("recorder/recorder.js", "text/javascript; charset=utf-8"),
        ("css/tokens.css", "text/css; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
    ):
        answer = customer.get(address_of(customer, name))
        assert answer.headers["Content-Type"] == expected
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_modules_find_each_other_in_one_version(customer: FlaskClient, owner: Someone) -> None:
    address = address_of(customer, "recorder/recorder.js")
    imported = re.findall(r'from "(\.[^"]+)"', customer.get(address).text)
    assert imported
    for path in imported:
        assert customer.get(urljoin(address, path)).headers["Cache-Control"].endswith("immutable")


@pytest.mark.parametrize("prefix", ["/static/", "/static/v-000000000000/"])
def test_another_version_is_not_kept(customer: FlaskClient, prefix: str) -> None:
    """While a new release is rolled out, the page of one server may ask another one for its files."""
    answer = customer.get(prefix + "css/tokens.css")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")


@pytest.mark.parametrize(
    "path",
    [
        "nothing.js",
        "css",
        "../app.py",
        "css/../../app.py",
        "%2e%2e/app.py",
        "v-000000000000/../../app.py",
        "/etc/passwd",
    ],
)
def test_nothing_else_is_served(customer: FlaskClient, stranger: Someone, path: str) -> None:
    for client in (customer, stranger.client):
        assert client.get("/static/" + path).status_code == 404


def test_an_edited_file_changes_the_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(static_files, "LOOK_SECONDS", 0.0)
    script = tmp_path / "a.js"
    script.write_text("let a = 1;")
    files = StaticFiles(tmp_path)
    before = files.version
    os.utime(script)
    assert files.version == before, "what counts is what it holds"
    script.write_text("let a = 2;")
    os.utime(script, ns=(1, 1))
    assert files.version != before
    assert files.find("a.js").body == b"let a = 2;"


def test_without_comments_a_script_says_the_same() -> None:
    """esbuild reads what we wrote and what we serve, and writes the same of both."""
    for name in TEXTS:
        kind = name.rsplit(".", 1)[1]
        if kind in ("js", "css"):
            written, served = (FOLDER / name).read_bytes(), StaticFile(FOLDER / name).body
            assert _parsed(kind, served) == _parsed(kind, written), name
            assert served.count(b"\n") == written.count(b"\n"), f"{name}: an error must name the line that it is in"
            if kind == "js":
                assert len(served) < 0.9 * len(written) or len(written) < 1500, f"{name} still carries its comments"


def _parsed(kind: str, source: bytes) -> bytes:
    return build.esbuild(f"--loader={kind}", "--minify-whitespace", "--legal-comments=none", stdin=source)
