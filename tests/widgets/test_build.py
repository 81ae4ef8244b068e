"""What hosts load is what the sources say, and small."""

from __future__ import annotations

import re
from pathlib import Path

import brotli
import pytest

from widgets.build import RELEASED, build

SCRIPT_BYTES, PART_BYTES = 7168, 3072
PARTS = sorted(path.name for path in RELEASED.glob("*-????????.js"))


def test_the_committed_files_are_built_from_these_sources(tmp_path: Path) -> None:
    build(tmp_path)
    fresh = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    committed = {path.name: path.read_bytes() for path in RELEASED.iterdir()}
    assert sorted(fresh) == sorted(committed), "run: python -m widgets.build"
    assert fresh == committed, "run: python -m widgets.build"


@pytest.mark.parametrize("name", ["v1.js", "v1.css", *PARTS])
def test_every_compressed_copy_is_its_file_and_within_the_budget(name: str) -> None:
    packed = (RELEASED / f"{name}.br").read_bytes()
    assert brotli.decompress(packed) == (RELEASED / name).read_bytes()
    assert len(packed) <= (SCRIPT_BYTES if name == "v1.js" else 4096 if name == "v1.css" else PART_BYTES)


@pytest.mark.parametrize("name", ["v1.js", *PARTS])
def test_no_script_can_run_text_or_keep_anything(name: str) -> None:
    script = (RELEASED / name).read_text()
    markup = [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "Function(",
        "setAttribute(`on",
    ]
    for word in [*markup, "cookie", "Storage", "indexedDB", "caches.", "googleapis", "@font-face"]:
        assert word not in script


def test_parts_import_nothing_and_only_the_script_imports_them() -> None:
    for name in PARTS:
        assert not re.search(r"\bimport[ ({\"']", (RELEASED / name).read_text()), name
    found = re.findall(r"\bimport\((.{0,12})", (RELEASED / "v1.js").read_text())
    assert len(found) == 1
    assert found[0].startswith("`${")
