"""What a stranger's browser is given of the element: the script, its parts and its style sheet."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from widgets.build import RELEASED

PART = next(path.name for path in RELEASED.glob("layout-grid-*.js"))


@pytest.mark.parametrize(
    ("path", "file", "kind", "kept"),
    [
        ("/widget/v1.js", "v1.js", "text/javascript", "public, max-age=3600"),
        ("/widget/v1.css", "v1.css", "text/css", "public, max-age=3600"),
        (f"/widget/v1/{PART}", PART, "text/javascript", "public, max-age=31536000, immutable"),
    ],
)
def test_files_come_packed_and_open_to_all(customer: FlaskClient, path: str, file: str, kind: str, kept: str) -> None:
    plain = customer.get(path)
    assert (plain.status_code, plain.mimetype, plain.data) == (200, kind, (RELEASED / file).read_bytes())
    assert plain.headers["Cache-Control"] == kept
    assert plain.headers["Access-Control-Allow-Origin"] == "*"
    assert plain.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    packed = customer.get(path, headers={"Accept-Encoding": "br"})
    assert packed.headers["Content-Encoding"] == "br"
    assert packed.data == (RELEASED / f"{file}.br").read_bytes()
    assert customer.get(path, headers={"If-None-Match": plain.headers["ETag"]}).status_code == 304


def test_a_script_of_an_earlier_release_gets_the_part_of_now_but_does_not_keep_it(customer: FlaskClient) -> None:
    answer = customer.get("/widget/v1/layout-grid-00000000.js")
    assert (answer.status_code, answer.data) == (200, (RELEASED / PART).read_bytes())
    assert answer.headers["Cache-Control"] == "public, max-age=3600"


@pytest.mark.parametrize(
    "name",
    ["layout-nothing-00000000.js", "v1.js", PART + ".br", "..%2fv1.js", "%2e%2e/%2e%2e/build.py", "layout-grid.js"],
)
def test_nothing_else_is_served(customer: FlaskClient, name: str) -> None:
    assert customer.get(f"/widget/v1/{name}").status_code == 404
