"""What hosts load is what the sources say, and small."""

from __future__ import annotations

from pathlib import Path

import brotli

from widgets.build import RELEASED, build

MOST_BYTES = 8192


def test_the_committed_script_is_built_from_these_sources(tmp_path: Path) -> None:
    build(tmp_path)
    for name in ("v1.js", "v1.js.br"):
        assert (tmp_path / name).read_bytes() == (RELEASED / name).read_bytes(), "run: python -m widgets.build"


def test_the_compressed_copy_is_the_script_and_within_the_budget() -> None:
    packed = (RELEASED / "v1.js.br").read_bytes()
    assert brotli.decompress(packed) == (RELEASED / "v1.js").read_bytes()
    assert len(packed) <= MOST_BYTES


def test_the_script_has_no_way_to_run_text_or_to_keep_anything() -> None:
    script = (RELEASED / "v1.js").read_text()
    markup = ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "import("]
    for word in [*markup, "cookie", "Storage", "indexedDB"]:
        assert word not in script
